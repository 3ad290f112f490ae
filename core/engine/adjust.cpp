// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/adjust.h"

#include "core/stats/basic/p_adjust.h"

namespace ipsi::engine {

std::vector<double> adjust(const std::vector<double>& p, Adjust kind, int family) {
  switch (kind) {
    case Adjust::none: return p;
    case Adjust::bonferroni: return stats::adjust_p(p, stats::Adjustment::bonferroni, family);
    case Adjust::holm: return stats::adjust_p(p, stats::Adjustment::holm, family);
    case Adjust::bh: return stats::adjust_p(p, stats::Adjustment::bh, family);
  }
  return p;
}

bool significant(double p, double adjusted, const Analysis& analysis) {
  if (analysis.adjust == Adjust::bonferroni) return p < analysis.alpha / analysis.family;
  return adjusted < analysis.alpha;
}

}  // namespace ipsi::engine
