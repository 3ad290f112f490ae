# SPDX-License-Identifier: GPL-3.0-or-later
# The peer of influence_bench: lme4's refits without each row, in milliseconds of CPU.
# Rscript influence_peer.R DATA.csv  ->  milliseconds, then Cook's distance (lme4's definition) of every row
suppressPackageStartupMessages(library(lme4))
d <- read.csv(commandArgs(TRUE)[1]); d$cohort <- factor(d$cohort); d$sex <- factor(d$sex)
m <- lmer(volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort), d)
invisible(lmer(volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort), d[-1, ]))
t <- system.time(i <- influence(m, data = d))
cat(sprintf("%.6g\n", 1000 * sum(t[1:2]))); cat(sprintf("%.12g\n", cooks.distance(i)), sep = "")
