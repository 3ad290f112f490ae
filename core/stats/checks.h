// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/numeric/orthonormal.h"
#include "core/stats/design.h"

namespace ipsi::stats {

/// Sizes agree and every number is finite. @error InvalidInput
[[nodiscard]] Result<void> check_model_data(const ModelData& data);

/// `columns` as given, or x1, x2, .. as terms of their own (a leading column of ones is the intercept).
[[nodiscard]] Columns named_columns(const ModelData& data);

/// @error RankDeficient  names each dependent column and those it depends on
[[nodiscard]] Result<void> check_rank(const numeric::Orthonormal& basis, const Eigen::MatrixXd& x,
                                      const std::vector<std::string>& names, const std::string& part);

}  // namespace ipsi::stats
