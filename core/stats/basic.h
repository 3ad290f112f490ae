// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::stats {

struct Shapiro {
  int n = 0;
  double w = 0.0, p = 0.0;
};

/// Shapiro-Wilk test of normality. Missing values (NaN) are left out.
/// @error InvalidInput  fewer than 3 or more than 5000 values, all equal
/// @source Royston (1995), Applied Statistics 44(4), algorithm AS R94; n = 3 exact
[[nodiscard]] Result<Shapiro> shapiro(std::vector<double> x);

/// Wilcoxon (Mann-Whitney) rank-sum test of A against B. NaN where a quantity is not defined.
struct RankSum {
  int n_a = 0, n_b = 0;
  double w = 0.0;                 ///< pairs with A > B, ties one half
  bool exact_by_default = false;  ///< both n < 50 and no ties
  double p = 0.0;                 ///< two-sided, exact or normal with continuity correction by the rule above
  double p_less = 0.0, p_greater = 0.0;
  double p_normal = 0.0;  ///< tie-corrected variance, continuity correction 1/2
  double p_normal_uncorrected = 0.0;
  std::optional<double> p_exact;  ///< absent with ties, or when n_a n_b is too large to count
  double z = 0.0;                 ///< without continuity correction
  double r = 0.0;                 ///< |z| / sqrt(n_a + n_b)
  std::string magnitude;          ///< "small" < 0.3 <= "moderate" < 0.5 <= "large"
};

/// @error InvalidInput  a group without values
[[nodiscard]] Result<RankSum> rank_sum(std::vector<double> a, std::vector<double> b);

[[nodiscard]] Json to_json(const Shapiro& result);  ///< keys of oracles/stats/basic
[[nodiscard]] Json to_json(const RankSum& result);

}  // namespace ipsi::stats
