// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/spec/result.h"
#include "core/stats/influence.h"

namespace ipsi::stats {

/// Add to the result of a mixed model: key `influence`, tables influence_rows, influence_groups and
/// leave_one_group_out, figures cook_rows, cook_groups and a forest plot of each coefficient but the intercept.
/// @param rows  [n] rows of the table the observations are, from 0
void add_influence(spec::ResultSet& out, const Influence& influence, const LmeFit& fit, const ModelData& data,
                   const std::vector<std::size_t>& rows);

}  // namespace ipsi::stats
