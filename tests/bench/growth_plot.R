# The growth in docs/performance.md as a picture, from what the benches print:
#   bench_influence > influence.txt; bench_voxelwise > voxelwise.txt; Rscript growth_plot.R influence.txt voxelwise.txt OUT.svg
args <- commandArgs(TRUE)
rows <- grep("^ *[0-9]+ +[0-9]+ +[0-9]+ +[0-9.]+ +[0-9.]+ *$", readLines(args[1]), value = TRUE)
influence <- read.table(text = rows, col.names = c("rows", "groups", "columns", "ms", "us"))
line <- "^\\(1 \\| cohort\\), ([0-9]+) places .*CPU +([0-9.]+) s.*$"
found <- grep(line, readLines(args[2]), value = TRUE)
voxels <- data.frame(n = as.numeric(sub(line, "\\1", found)), s = as.numeric(sub(line, "\\2", found)))
stopifnot(nrow(influence) > 3, nrow(voxels) > 1)
svg(args[3], width = 7.2, height = 2.6, pointsize = 9)
par(mfrow = c(1, 3), mar = c(4, 4, 2, 1), mgp = c(2.2, .6, 0), las = 1, bty = "l")
draw <- function(x, y, xlab, main) {
  plot(x, y, log = "xy", type = "o", pch = 19, col = "#0072B2", lwd = 1.6, xlab = xlab, ylab = "CPU", main = main, cex.main = 1)
  lines(x, y[1] * x / x[1], lty = 3, col = "grey40")           # linear growth from the first point
}
by <- function(which, of) { d <- influence[which, ]; d[order(d[[of]]), ] }
with(by(influence$groups == 16 & influence$columns == 5, "rows"), draw(rows, ms, "rows (16 groups)", "all deletions, ms"))
with(by(influence$rows == 1600 & influence$columns == 5, "groups"), draw(groups, ms, "groups (1,600 rows)", "all deletions, ms"))
draw(voxels$n, voxels$s, "voxels (400 people)", "a mixed model at each, s")
invisible(dev.off())
