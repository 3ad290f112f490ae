// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::stats {

enum class Adjustment { bonferroni, holm, hochberg, bh, by };

/// p-values adjusted for testing a family of them. NaN stays NaN and does not count.
/// @param family  tests in the family where some are not in `p` (they count as not significant); 0 = those in p
/// @source Holm (1979); Hochberg (1988); Benjamini & Hochberg (1995); Benjamini & Yekutieli (2001)
/// @cost O(n log n)
[[nodiscard]] std::vector<double> adjust_p(const std::vector<double>& p, Adjustment kind, int family = 0);

/// All of them, with the keys of oracles/stats/basic. @error InvalidInput  a p outside 0..1, or none
[[nodiscard]] Result<Json> adjustments_json(const std::vector<double>& p);

}  // namespace ipsi::stats
