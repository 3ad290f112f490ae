// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/p_adjust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace ipsi::stats {

std::vector<double> adjust_p(const std::vector<double>& p, Adjustment kind, int family) {
  std::vector<std::size_t> order;  // positions, p rising
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  const double m = family > 0 ? static_cast<double>(family) : static_cast<double>(order.size());
  std::vector<double> out = p;
  if (kind == Adjustment::bonferroni || kind == Adjustment::holm) {
    double most = 0.0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const double factor = kind == Adjustment::holm ? m - static_cast<double>(k) : m;
      most = std::max(most, factor * p[order[k]]);
      out[order[k]] = std::min(1.0, most);
    }
    return out;
  }
  double sum = 1.0;  // BY: 1 + 1/2 + .. + 1/m
  if (kind == Adjustment::by)
    for (double k = 2.0; k <= m; ++k) sum += 1.0 / k;
  double least = 1.0;
  // Steps up: tests that are not in p have the largest ranks and p = 1.
  for (std::size_t k = order.size(); k-- > 0;) {
    const double rank = static_cast<double>(k) + 1.0;
    const double factor = kind == Adjustment::hochberg ? m - rank + 1.0 : sum * (m / rank);
    least = std::min(least, factor * p[order[k]]);
    out[order[k]] = least;
  }
  return out;
}

Result<Json> adjustments_json(const std::vector<double>& p) {
  std::size_t known = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (std::isnan(p[i])) continue;
    ++known;
    if (!(p[i] >= 0.0 && p[i] <= 1.0))
      return fail(Code::InvalidInput, fmt::format("{} is no p-value", format_double(p[i])),
                  fmt::format("value {}", i + 1), "give numbers from 0 to 1");
  }
  if (known == 0) return fail(Code::InvalidInput, "there is no p-value to adjust", "", "check the column and the rows");
  return Json{{"bonferroni", numbers(adjust_p(p, Adjustment::bonferroni))},
              {"holm", numbers(adjust_p(p, Adjustment::holm))},
              {"hochberg", numbers(adjust_p(p, Adjustment::hochberg))},
              {"BH", numbers(adjust_p(p, Adjustment::bh))},
              {"BY", numbers(adjust_p(p, Adjustment::by))}};
}

}  // namespace ipsi::stats
