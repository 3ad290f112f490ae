// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

namespace ipsi::numeric {

// Middles, spreads and planes that a few wild values do not move. NaN stands for "not there" and is left out.

[[nodiscard]] double median(std::vector<double> values);  ///< NaN of nothing

/// 1.4826 times the median distance from `middle`: the SD, were the values normal. NaN of nothing.
[[nodiscard]] double mad(const std::vector<double>& values, double middle);

/// Quantile of sorted values, R's default. NaN of nothing.
/// @source Hyndman & Fan (1996), The American Statistician 50(4), definition 7
[[nodiscard]] double quantile(const std::vector<double>& sorted, double fraction);

/// y = beta . x with a spread around it.
struct RobustFit {
  Eigen::VectorXd beta;
  double scale = 0.0;  ///< MAD of the residuals; 0 when at least half of them are
  bool good = false;   ///< false when the columns of X are dependent or there are not more rows than columns
};
/// Least absolute deviations as the start, then Tukey's bisquare with tuning 4.685 and the scale held at the MAD of the
/// start: one value in four may be anything.
/// @source Beaton & Tukey (1974); Maronna, Martin & Yohai (2006), Robust Statistics, 4.4
[[nodiscard]] RobustFit robust_fit(const Eigen::MatrixXd& x, const Eigen::VectorXd& y);

}  // namespace ipsi::numeric
