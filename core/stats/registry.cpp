// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/registry.h"

#include "stats_methods.h"

namespace ipsi::stats {

std::vector<std::unique_ptr<spec::Method>> methods() {
  return make_stats_methods();
}

}  // namespace ipsi::stats
