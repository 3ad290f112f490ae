// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

[[nodiscard]] Json to_json(const Shapiro& result);  ///< keys of oracles/stats/basic

}  // namespace ipsi::stats
