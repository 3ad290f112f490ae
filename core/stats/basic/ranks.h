// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

// Tests by ranks. Missing values (NaN) are left out; NaN in a result stands for what is not defined.
namespace ipsi::stats {

/// Ranks 1..n of values without NaN, ties sharing their mean rank.
struct Ranks {
  std::vector<double> rank;
  std::vector<double> ties;              ///< sizes of the groups of equal values, those of one left out
  [[nodiscard]] double tie_sum() const;  ///< sum of t^3 - t
};
[[nodiscard]] Ranks ranks_of(const std::vector<double>& x);

/// Wilcoxon (Mann-Whitney) rank-sum test of A against B.
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

/// Wilcoxon's signed-rank test of pairs: differences x - y against 0.
struct SignedRank {
  int n = 0, n_nonzero = 0;       ///< complete pairs, and those that differ
  double v = 0.0;                 ///< sum of the ranks of the positive differences
  bool exact_by_default = false;  ///< n_nonzero < 50, no ties, no zeros
  double p = 0.0;                 ///< two-sided, by the rule above
  double p_normal = 0.0,
         p_normal_uncorrected = 0.0;  ///< tie-corrected variance, with and without the correction of 1/2
  std::optional<double> p_exact;      ///< absent with ties or zeros, or beyond 1,000 pairs
  double z = 0.0;                     ///< without continuity correction
  double r = 0.0;                     ///< |z| / sqrt(n_nonzero)
  std::string magnitude;
};
/// @param x, y  [n] pairs; one with a missing side is left out
/// @error InvalidInput  sizes differ, no pair, no pair that differs
[[nodiscard]] Result<SignedRank> signed_rank(const std::vector<double>& x, const std::vector<double>& y);

/// Kruskal-Wallis test of k groups.
struct Kruskal {
  int n = 0, df = 0;
  double h = 0.0, p = 0.0;  ///< corrected for ties, chi-square with k - 1
  double eta2 = 0.0;        ///< (H - k + 1) / (n - k)
  double epsilon2 = 0.0;    ///< H / (n - 1)
};
/// @param group  [n] codes >= 0; negative = missing
/// @error InvalidInput  sizes differ, fewer than two groups with values, all values equal
[[nodiscard]] Result<Kruskal> kruskal(const std::vector<double>& x, const std::vector<int>& group);

[[nodiscard]] Json to_json(const RankSum& result);  ///< keys of oracles/stats/basic
[[nodiscard]] Json to_json(const SignedRank& result);
[[nodiscard]] Json to_json(const Kruskal& result);

}  // namespace ipsi::stats
