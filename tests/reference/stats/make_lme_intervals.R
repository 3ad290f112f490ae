# Standard errors of the variance parameters of the lme cases here, in nlme's natural parameters (log sd, logit
# correlation, log sigma), from a central-difference Hessian of the full (restricted) likelihood written out with V
# inverted group by group, improved by one Richardson step. nlme's own intervals() take a one-sided quadratic fit with
# steps of 6e-6 times the parameter (fdHess), whose rounding error reaches 13 % of the standard error of a correlation.
# Run in this directory: Rscript make_lme_intervals.R    (R 4.2.2, nlme 3.1-162) -> lme_intervals.json
suppressPackageStartupMessages(library(nlme))
cases <- list(orthodont_int = list(distance ~ age * Sex, ~ 1, "Subject", "REML"),
              sleepstudy_int = list(Reaction ~ Days, ~ 1, "Subject", "REML"),
              sleepstudy_slope = list(Reaction ~ Days, ~ Days, "Subject", "REML"),
              sleepstudy_slope_ml = list(Reaction ~ Days, ~ Days, "Subject", "ML"),
              stroke_ipsi_put = list(volume_z ~ primary_score + age_z + icv_z + sex, ~ 1, "cohort", "REML"))
out <- c()
for (case in names(cases)) {
  k <- cases[[case]]; d <- read.csv(file.path("lme", case, "data.csv"))
  d[[k[[3]]]] <- factor(d[[k[[3]]]])
  fit <- do.call(lme, list(fixed = k[[1]], data = d, random = setNames(list(k[[2]]), k[[3]]), method = k[[4]],
                           control = lmeControl(tolerance = 1e-10, maxIter = 500, msMaxIter = 1000)))
  X <- model.matrix(k[[1]], d); Z <- model.matrix(k[[2]], d); y <- d[[as.character(k[[1]])[2]]]; q <- ncol(Z)
  rows <- split(seq_along(y), d[[k[[3]]]])
  f <- function(th) {
    D <- diag(exp(2 * th[1:q]), q); s2 <- exp(2 * th[length(th)])
    if (q == 2) D[1, 2] <- D[2, 1] <- tanh(th[3] / 2) * exp(th[1] + th[2])
    ld <- 0; A <- 0; b <- 0; W <- list()
    for (g in names(rows)) {
      i <- rows[[g]]; x <- X[i, , drop = FALSE]; z <- Z[i, , drop = FALSE]
      V <- z %*% D %*% t(z) + diag(s2, length(i)); W[[g]] <- solve(V); ld <- ld + determinant(V)$modulus
      A <- A + t(x) %*% W[[g]] %*% x; b <- b + t(x) %*% W[[g]] %*% y[i]
    }
    beta <- solve(A, b)
    for (g in names(rows)) { i <- rows[[g]]; r <- y[i] - X[i, , drop = FALSE] %*% beta; ld <- ld + t(r) %*% W[[g]] %*% r }
    as.numeric(0.5 * (ld + if (k[[4]] == "REML") determinant(A)$modulus else 0))
  }
  D <- matrix(as.numeric(getVarCov(fit)), q)
  th <- c(log(sqrt(diag(D))), if (q == 2) 2 * atanh(D[1, 2] / sqrt(D[1, 1] * D[2, 2])), log(fit$sigma))
  hess <- function(h) outer(seq_along(th), seq_along(th), Vectorize(function(i, j) {
    a <- b <- th * 0; a[i] <- h; b[j] <- h; (f(th + a + b) - f(th + a - b) - f(th - a + b) + f(th - a - b)) / (4 * h^2) }))
  H <- (4 * hess(5e-3) - hess(1e-2)) / 3
  out <- c(out, sprintf(' "%s": [%s]', case, paste(sprintf("%.12g", sqrt(diag(solve(H)))), collapse = ", ")))
}
writeLines(c("{", paste(out, collapse = ",\n"), "}"), "lme_intervals.json")
