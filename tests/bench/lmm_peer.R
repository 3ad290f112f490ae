# SPDX-License-Identifier: GPL-3.0-or-later
# The peer of lmm_bench: writes InstEval to the given file and fits it. -> CPU seconds, logLik, beta, se, sigma
suppressPackageStartupMessages(library(lme4))
d <- InstEval[c("y", "s", "d", "service")]; for (f in c("s", "d")) d[[f]] <- paste0(f, d[[f]])
d$service <- paste0("v", d$service)
write.csv(d, commandArgs(TRUE)[1], row.names = FALSE, quote = FALSE)
t <- system.time(m <- lmer(y ~ service + (1 | d) + (1 | s), d)); s <- coef(summary(m))
cat(sprintf("%.4f %.10f %.14g %.14g %.14g\n", sum(t[1:2]), logLik(m), s[2, 1], s[2, 2], sigma(m)))
