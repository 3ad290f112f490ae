# SPDX-License-Identifier: GPL-3.0-or-later
# The peer of stats_lme_bench: nlme::lme (and lme4::lmer where installed) on the same model, in milliseconds of CPU.
# Rscript lme_peer.R DATA.csv ROUNDS  ->  a line per program: name median lower-quartile upper-quartile beta se
suppressPackageStartupMessages(library(nlme))
args <- commandArgs(TRUE); rounds <- as.integer(args[2])
d <- read.csv(args[1]); d$cohort <- factor(d$cohort); d$sex <- factor(d$sex)
fx <- volume_z ~ primary_score + age_z + icv_z + sex
measure <- function(name, f, estimate) {
  f(); batch <- 10                                   # one fit to warm up; a clock tick is too long for one fit
  ms <- replicate(rounds, { t <- system.time(for (i in seq_len(batch)) f()); 1000 * sum(t[1:2]) / batch })
  q <- quantile(ms, c(.5, .25, .75)); e <- estimate(f())
  cat(sprintf("%s %.6g %.6g %.6g %.12g %.12g\n", name, q[1], q[2], q[3], e[1], e[2]))
}
measure("nlme::lme", function() lme(fx, random = ~ 1 | cohort, data = d), function(m) summary(m)$tTable[2, 1:2])
if (requireNamespace("lme4", quietly = TRUE))
  measure("lme4::lmer", function() lme4::lmer(update(fx, . ~ . + (1 | cohort)), d), function(m) summary(m)$coefficients[2, 1:2])
