// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/adjust.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ipsi::engine {

std::vector<double> adjust(const std::vector<double>& p, Adjust kind, int family) {
  std::vector<double> out = p;
  const auto m = static_cast<double>(family);
  if (kind == Adjust::none) return out;
  if (kind == Adjust::bonferroni) {
    for (double& v : out) v = std::isnan(v) ? v : std::min(1.0, v * m);
    return out;
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  if (kind == Adjust::holm) {
    double most = 0.0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      most = std::max(most, (m - static_cast<double>(k)) * p[order[k]]);
      out[order[k]] = std::min(1.0, most);
    }
  } else {
    double least = 1.0;
    for (std::size_t k = order.size(); k-- > 0;) {
      least = std::min(least, m / static_cast<double>(k + 1) * p[order[k]]);
      out[order[k]] = least;
    }
  }
  return out;
}

bool significant(double p, double adjusted, const Analysis& analysis) {
  if (analysis.adjust == Adjust::bonferroni) return p < analysis.alpha / analysis.family;
  return adjusted < analysis.alpha;
}

}  // namespace ipsi::engine
