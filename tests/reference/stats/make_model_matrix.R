# Column names and checksums of R's model.matrix for many formulas over one small data set.
# Run in this directory: Rscript make_model_matrix.R   (R 4.2.2) -> model_matrix.csv, model_matrix.json
d <- data.frame(y = 1:12 + 0.5, x = c(3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7, 2, 7), w = c(2, 7, 1, 8, 2.8, 1.8, 4, 5, 9, 0.4, 5.2, 3),
                f = rep(c("a", "b", "c"), 4), g = rep(c("L", "R"), each = 6), h = rep(c("p", "q"), 6))
write.csv(d, "model_matrix.csv", row.names = FALSE, quote = FALSE)
for (n in c("f", "g", "h")) d[[n]] <- factor(d[[n]])
formulas <- c("y ~ 1", "y ~ x", "y ~ x + f", "y ~ f + x", "y ~ f * g", "y ~ f:g", "y ~ f + f:g", "y ~ g + f:g", "y ~ x:f", "y ~ x + x:f",
  "y ~ f + x:f", "y ~ x * f", "y ~ 0 + f", "y ~ f - 1", "y ~ 0 + x", "y ~ 0 + x + f", "y ~ 0 + f + g", "y ~ 0 + f:g", "y ~ 0 + x:f + g",
  "y ~ f * g * h", "y ~ (f + g + h)^2", "y ~ f * g - g", "y ~ f / g", "y ~ f / x", "y ~ f:g:h + f", "y ~ x:w", "y ~ x * w", "y ~ (x + w)^2 - x",
  "y ~ I(x^2)", "y ~ log(x)", "y ~ sqrt(x) + exp(-x)", "y ~ I((x + w) / 2)", "y ~ I(x * w - 1)", "y ~ scale(x)", "y ~ scale(x) * f",
  "y ~ poly(x, 2)", "y ~ poly(x, 3) + f", "y ~ poly(x, 2) * f", "y ~ poly(x, 2, raw = TRUE)", "y ~ f:poly(x, 2)", "y ~ poly(x, 2):f",
  "log(y) ~ x", "y ~ g:f + g", "y ~ w + x + w:f + g:f", "y ~ f:x + g:x", "y ~ 0 + g:x", "y ~ f %% 1", "y ~ I(x > 3)", "y ~ log(x + 1):f",
  "y ~ g * x + g:f:x", "y ~ f + g + f:h", "y ~ x + (f + g):h", "y ~ I(x/100000) + I(0.5*w)", "y ~ poly(log(x), 2)", "y ~ log1p(x) + abs(w) + log2(x) + log10(w)",
  "y ~ -1 + g + x:g", "y ~ f + 0 + x", "y ~ (f + g)^2 + x - f:g")
out <- c()
for (s in formulas) {
  if (grepl("%%|>", s)) next                      # not in the notation supported
  m <- model.matrix(as.formula(s), d); k <- seq_len(nrow(m))
  one <- function(v) paste(sprintf("%.15g", v), collapse = ", ")
  out <- c(out, sprintf(' {"formula": "%s", "names": [%s], "sum": [%s], "weighted": [%s], "term": [%s]}', s,
    paste0('"', colnames(m), '"', collapse = ", "), one(colSums(m)), one(colSums(m * k * sin(k))), one(attr(m, "assign") - 1)))
}
writeLines(c("[", paste(out, collapse = ",\n"), "]"), "model_matrix.json")
