# SPDX-License-Identifier: GPL-3.0-or-later
# CPU seconds a place of a random-intercept model in R: 400 people, 28 cohorts, 5 columns. Prints "name seconds".
set.seed(1)
n <- 400
d <- as.data.frame(matrix(rnorm(n * 4), n))
d$cohort <- factor(rep_len(1:28, n))
y <- replicate(60, rnorm(n) + rnorm(28)[d$cohort])
cpu <- function(work) { t <- system.time(work()); sum(t[c("user.self", "sys.self")]) }
if (requireNamespace("nlme", quietly = TRUE)) {
  f <- function() for (k in 1:20) { d$y <- y[, k]; nlme::lme(y ~ V1 + V2 + V3 + V4, d, ~ 1 | cohort) }
  f()
  cat("nlme::lme", cpu(f) / 20, "\n")
}
if (requireNamespace("lme4", quietly = TRUE)) {
  d$y <- y[, 1]
  m <- lme4::lmer(y ~ V1 + V2 + V3 + V4 + (1 | cohort), d)
  f <- function() for (k in 1:60) lme4::refit(m, y[, k])
  f()
  cat("lme4::refit", cpu(f) / 60, "\n")
}
