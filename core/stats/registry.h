// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "core/spec/method.h"

namespace ipsi::stats {

/// A new instance of every method of this library, in the order of core/stats/CMakeLists.txt.
[[nodiscard]] std::vector<std::unique_ptr<spec::Method>> methods();

}  // namespace ipsi::stats
