// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::stats {

/// Counts with rows (a, b) and (c, d). NaN where a quantity is not defined (a row or column without counts).
struct Table2x2 {
  double n = 0.0;
  double chisq = 0.0, p = 0.0;              ///< Pearson's, 1 df
  double chisq_yates = 0.0, p_yates = 0.0;  ///< |O - E| less min(0.5, |O - E|)
  std::array<double, 4> expected{};         ///< of a, b, c, d
  double phi = 0.0;
  double odds_ratio = 0.0;                               ///< a d / (b c); NaN where b c = 0
  double fisher_p = 0.0, p_less = 0.0, p_greater = 0.0;  ///< two-sided: tables not more likely than this, slack 1e-7
  double odds_ratio_conditional = 0.0;  ///< maximum likelihood given the margins; 0 and Inf at the ends
  double low = 0.0, high = 0.0;         ///< exact 95 % interval of it, 2.5 % at each end
};

/// Chi-square and Fisher's exact test of independence.
/// @error InvalidInput  a count that is negative or no whole number, or above 1e7; no counts at all
/// @cost  O(smallest margin) a step of the root finder
/// @source Fisher (1935); Cornfield (1956) for the conditional likelihood; Yates (1934)
[[nodiscard]] Result<Table2x2> table2x2(double a, double b, double c, double d);

[[nodiscard]] Json to_json(const Table2x2& result);  ///< keys of oracles/stats/basic

}  // namespace ipsi::stats
