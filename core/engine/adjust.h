// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/engine/analyses.h"

namespace ipsi::engine {

/// p-values corrected for `family` tests (at least as many as there are values). NaN stays NaN; the tests that are
/// missing from `p` count as not significant.
/// @source Holm (1979), Scand. J. Stat. 6; Benjamini & Hochberg (1995), JRSS B 57
[[nodiscard]] std::vector<double> adjust(const std::vector<double>& p, Adjust kind, int family);

/// Passed or not. Bonferroni compares the unrounded p with the unrounded alpha / family, the others the adjusted p
/// with alpha.
[[nodiscard]] bool significant(double p, double adjusted, const Analysis& analysis);

}  // namespace ipsi::engine
