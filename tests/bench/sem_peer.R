# SPDX-License-Identifier: GPL-3.0-or-later
# The peer of stats_sem_bench: lavaan::sem with fit measures and the standardised solution, CPU milliseconds a model.
# Rscript sem_peer.R DATA.csv ROUNDS
suppressPackageStartupMessages(library(lavaan))
args <- commandArgs(TRUE); d <- read.csv(args[1])
m <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
f <- function() { fit <- sem(m, data = d); fitMeasures(fit); standardizedSolution(fit) }
f()
cat(median(replicate(as.integer(args[2]), { t <- system.time(for (i in 1:5) f()); 1000 * sum(t[1:2]) / 5 })), "\n")
