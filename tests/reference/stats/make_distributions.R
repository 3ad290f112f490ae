# Tails and quantiles. Run in this directory: Rscript make_distributions.R  (R 4.2.2) -> distributions.json
rows <- c()
add <- function(f, args, v) rows <<- c(rows, sprintf(' {"f": "%s", "args": [%s], "value": %.17g}', f, paste(sprintf("%.17g", args), collapse = ", "), v))
for (z in c(-8, -1.3, 0, 0.4, 1.959963984540054, 6, 20, 37)) { add("normal_above", z, pnorm(z, lower.tail = FALSE)); add("normal_two_sided", z, 2 * pnorm(-abs(z))) }
for (p in c(1e-300, 1e-20, 0.025, 0.3, 0.5, 0.975, 0.999999)) add("normal_quantile", p, qnorm(p))
for (df in c(1, 2.5, 7, 187, 7022)) { for (t in c(0, 0.3, -2.2, 5, 37, 90)) add("t_two_sided", c(t, df), 2 * pt(-abs(t), df)); for (p in c(1e-12, 0.025, 0.5, 0.975)) add("t_quantile", c(p, df), qt(p, df)) }
for (df in list(c(1, 7), c(2, 187), c(5, 30.5), c(3, 7022))) { for (f in c(0.1, 1, 8, 250)) add("f_above", c(f, df), pf(f, df[1], df[2], lower.tail = FALSE)); for (p in c(0.05, 0.95)) add("f_quantile", c(p, df), qf(p, df[1], df[2])) }
for (df in c(1, 2, 3, 10.5)) { for (x in c(0.01, 1, 3.84, 68.7, 700)) { add("chi2_above", c(x, df), pchisq(x, df, lower.tail = FALSE)); add("chi2_below", c(x, df), pchisq(x, df)) }; for (p in c(0.05, 0.95)) add("chi2_quantile", c(p, df), qchisq(p, df)) }
writeLines(c("[", paste(rows, collapse = ",\n"), "]"), "distributions.json")
