// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/quantiles.h"

#include <algorithm>
#include <cmath>

#include "core/numeric/robust.h"

namespace ipsi::engine {

Spread spread_of(std::vector<double> values) {
  using numeric::quantile;
  std::erase_if(values, [](double v) { return std::isnan(v); });
  std::sort(values.begin(), values.end());
  return {static_cast<int>(values.size()), quantile(values, 0.5), quantile(values, 0.25),
          quantile(values, 0.75),          quantile(values, 0.0), quantile(values, 1.0)};
}

}  // namespace ipsi::engine
