# Coefficients of agreement from their definitions, their standard errors by the infinitesimal jackknife: every item
# has a weight, and the coefficient is differentiated numerically by each. No formula of a variance is used, so this
# checks those of core/numeric/agreement.cpp. Run in this directory: Rscript make_agreement.R -> agreement.json (R 4.2.2)
library(jsonlite)

coefficients <- function(m, q, w) {  # m: items x raters, 1..q or NA; w: item weights
  r <- rowSums(!is.na(m))
  x <- sapply(seq_len(q), function(k) rowSums(m == k, na.rm = TRUE))
  x <- matrix(x, ncol = q)
  seen <- r > 0; two <- r > 1
  share <- colSums(w[seen] * x[seen, , drop = FALSE] / r[seen]) / sum(w[seen])
  pairs <- rowSums(x * (x - 1)) / (r * (r - 1))
  pa <- sum((w * pairs)[two]) / sum(w[two])
  pe_fleiss <- sum(share^2)
  pe_ac1 <- sum(share * (1 - share)) / (q - 1)
  out <- c(percent = pa, fleiss = (pa - pe_fleiss) / (1 - pe_fleiss), ac1 = (pa - pe_ac1) / (1 - pe_ac1))
  if (ncol(m) == 2) {
    both <- two
    n <- sum(w[both])
    t <- matrix(0, q, q)
    for (i in which(both)) t[m[i, 1], m[i, 2]] <- t[m[i, 1], m[i, 2]] + w[i] / n
    pe <- sum(rowSums(t) * colSums(t))
    out <- c(out, cohen = (sum(diag(t)) - pe) / (1 - pe))
  }
  out
}

errors <- function(m, q, cluster) {
  n <- nrow(m); h <- 1e-4
  u <- sapply(seq_len(n), function(i) {
    up <- rep(1, n); down <- up
    up[i] <- 1 + h; down[i] <- 1 - h
    (coefficients(m, q, up) - coefficients(m, q, down)) / (2 * h)
  })
  g <- rowsum(t(u), cluster)
  k <- length(unique(cluster))
  by_item <- sqrt(rowSums(u^2) * n / (n - 1))
  by_cluster <- sqrt(colSums(g^2) * k / (k - 1))
  if (ncol(m) == 2) {  # Fleiss, Cohen & Everitt divide by n^2
    by_item["cohen"] <- by_item["cohen"] * sqrt((n - 1) / n)
    by_cluster["cohen"] <- by_cluster["cohen"] * sqrt((k - 1) / k)
  }
  list(se = as.list(by_item), cluster_se = as.list(by_cluster))
}

case <- function(name, m, q, cluster = seq_len(nrow(m))) {
  c(list(name = name, raters = ncol(m), categories = q, code = as.vector(t(ifelse(is.na(m), -1, m - 1))),
         cluster = cluster - 1, value = as.list(coefficients(m, q, rep(1, nrow(m))))), errors(m, q, cluster))
}

draw <- function(n, raters, q, prevalence, agree, missing) {
  truth <- sample(q, n, TRUE, prevalence)
  m <- sapply(seq_len(raters), function(r) ifelse(runif(n) < agree, truth, sample(q, n, TRUE, prevalence)))
  m[runif(n * raters) < missing] <- NA
  m[rowSums(!is.na(m)) > 0, , drop = FALSE]
}

set.seed(20)
people <- function(m, size) (seq_len(nrow(m)) - 1) %/% size + 1
a <- draw(60, 2, 3, c(.8, .15, .05), .8, 0)
b <- draw(80, 2, 3, c(.9, .06, .04), .7, .3)
c3 <- draw(50, 3, 3, c(.6, .3, .1), .6, .25)
d <- draw(40, 5, 4, c(.4, .3, .2, .1), .5, .4)
cases <- list(case("two raters", a, 3, people(a, 12)), case("two raters, some alone", b, 3, people(b, 4)),
              case("three raters", c3, 3, people(c3, 5)), case("five raters, many missing", d, 4))
writeLines(toJSON(cases, auto_unbox = TRUE, digits = NA), "agreement.json")
