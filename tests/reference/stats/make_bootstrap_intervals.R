# SPDX-License-Identifier: GPL-3.0-or-later
# boot_intervals.json: percentile and BCa ends of boot::boot.ci on stored draws. Rscript make_bootstrap_intervals.R
suppressPackageStartupMessages({ library(boot); library(jsonlite) })
set.seed(8)
cases <- lapply(c(199, 999, 1000), function(R) {
  x <- rexp(25); b <- boot(x, function(d, i) log(mean(d[i])), R = R)
  L <- empinf(b, type = "jack"); l <- c(.90, .95)
  ci <- boot.ci(b, conf = l, type = c("perc", "bca"), L = L)
  list(draws = as.vector(b$t), estimate = b$t0, influence = L / length(x), level = l,
       percentile = unname(ci$percent[, 4:5]), bca = unname(ci$bca[, 4:5]))
})
write(toJSON(cases, digits = NA, auto_unbox = TRUE), "boot_intervals.json")
