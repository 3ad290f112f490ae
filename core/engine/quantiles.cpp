// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/quantiles.h"

#include <algorithm>
#include <cmath>

#include "core/table/table.h"

namespace ipsi::engine {

double quantile(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return table::kMissing;
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(at));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Spread spread_of(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  std::sort(values.begin(), values.end());
  return {static_cast<int>(values.size()), quantile(values, 0.5), quantile(values, 0.25),
          quantile(values, 0.75),          quantile(values, 0.0), quantile(values, 1.0)};
}

}  // namespace ipsi::engine
