// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace ipsi::engine {

/// Middle and spread of some numbers; NaN where there are none.
struct Spread {
  int n = 0;
  double median = 0.0, q1 = 0.0, q3 = 0.0, min = 0.0, max = 0.0;
  [[nodiscard]] double iqr() const { return q3 - q1; }
};

/// Missing values (NaN) are left out. Quantiles of type 7, R's default.
/// @source Hyndman & Fan (1996), The American Statistician 50(4), definition 7
[[nodiscard]] Spread spread_of(std::vector<double> values);

}  // namespace ipsi::engine
