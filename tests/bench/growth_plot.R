# The growth in docs/performance.md as a picture: Rscript growth_plot.R OUT.svg
# The numbers are those that bench_influence and bench_voxelwise printed; put newer ones here when they are run again.
out <- commandArgs(TRUE)[1]
svg(out, width = 7.2, height = 2.6, pointsize = 9)
par(mfrow = c(1, 3), mar = c(4, 4, 2, 1), mgp = c(2.2, .6, 0), las = 1, bty = "l")
draw <- function(x, y, xlab, main) {
  plot(x, y, log = "xy", type = "o", pch = 19, col = "#0072B2", lwd = 1.6, xlab = xlab, ylab = "CPU", main = main, cex.main = 1)
  lines(x, y[1] * x / x[1], lty = 3, col = "grey40")           # linear growth from the first point
}
draw(c(200, 400, 1600, 6400), c(1.04, 1.88, 6.89, 27.03), "rows (16 groups)", "all deletions, ms")
draw(c(4, 16, 64, 256), c(5.58, 6.89, 15.37, 55.34), "groups (1,600 rows)", "all deletions, ms")
draw(c(28750, 57500, 115000, 230000), c(.18, .35, .71, 1.42), "voxels (400 people)", "a mixed model at each, s")
invisible(dev.off())
