# SPDX-License-Identifier: GPL-3.0-or-later
# Mixed models with crossed and nested grouping factors, slopes and weights by lme4, lmerTest and nlme.
# Rscript make_lmm.R   (from this directory; writes the data and expected.json)
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(jsonlite)})
# Data: lme4's Penicillin, Pastes, sleepstudy; a part of InstEval; a simulated behaviour x side study.
ie <- droplevels(subset(InstEval, as.integer(d) %% 29 == 3 & as.integer(s) %% 2 == 0))
set.seed(11)
stroke <- expand.grid(i = 1:15, cohort = sprintf("c%02d", 1:12))
stroke$side <- ifelse(runif(180) < .5, "L", "R"); stroke$x <- round(rnorm(180), 3)
stroke$sex <- ifelse(runif(180) < .4, "F", "M")
stroke$rater <- sample(c("r1", "r2", "r3", "r4", "r5", "r6", "r7"), 180, TRUE)
stroke$w <- round(runif(180, .3, 3), 2)
u <- rnorm(12, sd = .6); v <- rnorm(12, sd = .35); h <- rnorm(7, sd = .5); k <- as.integer(factor(stroke$cohort))
stroke$y <- round(2 + .4 * stroke$x + .3 * (stroke$side == "R") * stroke$x + .2 * (stroke$sex == "M") + u[k] +
  v[k] * stroke$x + h[as.integer(factor(stroke$rater))] + rnorm(180) / sqrt(stroke$w), 4)
stroke$i <- NULL
data <- list(penicillin = Penicillin, pastes = Pastes[c("strength", "batch", "cask")], sleep = sleepstudy, evaluations = ie[c("y", "s", "d", "service")],
  stroke = stroke)
for (n in names(data)) write.csv(data[[n]], paste0(n, ".csv"), row.names = FALSE, quote = FALSE)
read <- function(n) { d <- read.csv(paste0(n, ".csv"))
  for (f in intersect(names(d), c("plate","sample","batch","cask","Subject","s","d","service","cohort","side","sex","rater"))) d[[f]] <- factor(d[[f]]); d }
cases <- list(
  list("penicillin_crossed", "penicillin", "diameter ~ 1 + (1|plate) + (1|sample)", NULL),
  list("pastes_nested", "pastes", "strength ~ 1 + (1|batch/cask)", NULL),
  list("sleep_uncorrelated", "sleep", "Reaction ~ Days + (Days||Subject)", NULL),
  list("evaluations_crossed", "evaluations", "y ~ service + (1|s) + (1|d)", NULL),
  list("stroke_crossed_slope", "stroke", "y ~ x * side + sex + (x|cohort) + (1|rater)", NULL),
  list("stroke_slope", "stroke", "y ~ x * side + sex + (x|cohort)", NULL),
  list("stroke_weights", "stroke", "y ~ x * side + sex + (1|cohort)", "w"),
  list("stroke_weights_crossed", "stroke", "y ~ x * side + sex + (x||cohort) + (1|rater)", "w"),
  list("stroke_interaction", "stroke", "y ~ x + (1|cohort) + (1|sex:side)", NULL))
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = .2, rhoend = 1e-9, maxfun = 1e5), calc.derivs = FALSE,
                       check.conv.singular = "ignore")
fit <- function(f, d, w, reml) { d$.w <- if (is.null(w)) rep(1, nrow(d)) else d[[w]]
  eval(bquote(lmer(as.formula(.(f)), d, REML = .(reml), control = control, weights = .w), list(f = f, reml = reml))) }
one <- function(case) lapply(c(REML = TRUE, ML = FALSE), function(reml) {
  d <- read(case[[2]]); m <- fit(case[[3]], d, case[[4]], reml)
  # lmerTest as it comes for df; Satterthwaite by its own Hessian (numDeriv)
  s <- coef(summary(m, ddf = "Satterthwaite")); a <- anova(m, type = "III", ddf = "Satterthwaite")
  vc <- as.data.frame(VarCorr(m))
  list(formula = case[[3]], data = case[[2]], weights = if (is.null(case[[4]])) "" else case[[4]], n = nobs(m),
       name = I(names(fixef(m))), beta = I(unname(fixef(m))), se = I(unname(sqrt(diag(as.matrix(vcov(m)))))),
       df_satterthwaite = I(unname(s[, "df"])), p_satterthwaite = I(unname(s[, "Pr(>|t|)"])),
       group = vc$grp, var1 = vc$var1, var2 = vc$var2, sdcor = vc$sdcor, sigma = sigma(m), logLik = as.numeric(logLik(m)),
       fitted = unname(head(fitted(m), 20)), singular = isSingular(m),
       blups = lapply(ranef(m), function(b) list(levels = rownames(b), values = as.matrix(b)))) })
out <- setNames(lapply(cases, one), sapply(cases, `[[`, 1))
write_json(out, "fits.json", digits = NA, auto_unbox = TRUE, na = "null", pretty = FALSE, matrix = "rowmajor")
# Containment for nested factors is nlme's rule.
suppressPackageStartupMessages(library(nlme))
p <- read("pastes"); set.seed(5); p$x <- rnorm(60); p$b <- rnorm(10)[p$batch]; p$cc <- rnorm(30)[as.integer(factor(paste(p$batch, p$cask)))]
write.csv(p, "pastes_columns.csv", row.names = FALSE, quote = FALSE); p <- read("pastes_columns")
m <- lme(strength ~ x + b + cc, p, ~ 1 | batch/cask)
write_json(list(df = unname(m$fixDF$X), name = names(fixef(m)), beta = unname(fixef(m)), se = unname(sqrt(diag(m$varFix))), logLik = as.numeric(logLik(m))),
           "nested_df.json", digits = NA, auto_unbox = TRUE)
# Marginal means and their differences by lmerTest (Satterthwaite df), contrasts by contest1D, profile by confint.
d <- read("stroke"); m <- fit("y ~ x * side + sex + (x|cohort) + (1|rater)", d, NULL, TRUE)
table_of <- function(t) list(value = t[["Estimate"]], se = t[["Std. Error"]], df = t[["df"]], p = t[["Pr(>|t|)"]])
m0 <- fit("y ~ x * side + sex + (1|rater) + (1|cohort)", d, NULL, TRUE)
write_json(list(side = table_of(ls_means(m, "side")), difference = table_of(ls_means(m, "side", pairwise = TRUE)),
                sex = table_of(ls_means(m, "sex")), right = table_of(contest1D(m, c(0, 1, 0, 0, 1))),
                slope_chisq = 2 * (as.numeric(logLik(m)) - as.numeric(logLik(m0))),
                joint = { f <- contestMD(m, rbind(c(0, 1, 0, 0, 0), c(0, 0, 1, 0, 0), c(0, 0, 0, 0, 1))); list(F = f[["F value"]], df = f[["DenDF"]]) }),
           "means.json", digits = NA, auto_unbox = TRUE)
# Without weights: confint of a weighted lmer (1.1-31) gives intervals that do not hold the likelihood's fall.
profile_of <- function(f, data) { d <- read(data); m <- eval(bquote(lmer(.(as.formula(f)), d, control = control)))
  ci <- suppressMessages(confint(m, method = "profile", oldNames = FALSE, quiet = TRUE, devtol = 1e-6))
  list(formula = f, data = data, weights = "", name = I(rownames(ci)), low = I(unname(ci[, 1])), high = I(unname(ci[, 2]))) }
write_json(list(crossed = profile_of("diameter ~ 1 + (1|plate) + (1|sample)", "penicillin"),
                single = profile_of("y ~ x + sex + (1|cohort)", "stroke")),
           "profiles.json", digits = NA, auto_unbox = TRUE)
