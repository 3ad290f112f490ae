// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::stats {

using Interval = std::array<double, 2>;

struct Pearson {
  double r = 0.0, t = 0.0, df = 0.0, p = 0.0;
  Interval ci{};  ///< Fisher's z; NaN for n <= 3
};

struct Spearman {
  double rho = 0.0;
  double s = 0.0;  ///< (n^3 - n) (1 - rho) / 6
  bool ties = false;
  double p = 0.0;  ///< exact for n <= 9, Edgeworth series below n = 1290; t approximation with ties or more rows
  double p_t = 0.0;
  Interval fisher{};         ///< se 1 / sqrt(n - 3)
  Interval bonett_wright{};  ///< se sqrt((1 + rho^2 / 2) / (n - 3))
};

struct Kendall {
  double tau = 0.0;         ///< tau-b
  double z = 0.0, p = 0.0;  ///< normal approximation, tie-corrected variance, no continuity correction
  Interval ci{};            ///< Fieller: z transform, se sqrt(0.437 / (n - 4)); NaN for n <= 4
};

struct Correlation {
  int n = 0;  ///< complete pairs
  Pearson pearson;
  Spearman spearman;
  Kendall kendall;
};

/// The three correlations of two columns, 95 % intervals, two-sided tests. Pairs with a missing side are left out.
/// @error InvalidInput  sizes differ, fewer than three complete pairs, a column that does not vary
/// @cost  O(n log n)
/// @source Best & Roberts (1975), AS 89, for Spearman; Bonett & Wright (2000); Knight (1966) for counting Kendall's
/// pairs;
///         Fieller, Hartley & Pearson (1957)
[[nodiscard]] Result<Correlation> correlation(const std::vector<double>& x, const std::vector<double>& y);

/// P(S <= s) and P(S >= s) of Spearman's sum of squared rank differences without ties, n >= 2, for the even s there
/// are.
struct Tails {
  double below = 0.0, above = 0.0;
};
[[nodiscard]] Tails spearman_tails(double s, int n);

[[nodiscard]] Json to_json(const Correlation& result);  ///< keys of oracles/stats/basic

}  // namespace ipsi::stats
