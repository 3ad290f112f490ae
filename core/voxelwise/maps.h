// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/voxelwise/model.h"
#include "core/voxelwise/stack.h"

namespace ipsi::voxelwise {

/// A model at every place. NaN where it was not fitted; `state` says why.
struct Maps {
  std::vector<int> columns;            ///< [k] columns of the design that are reported
  Eigen::MatrixXd beta, se, t, p, df;  ///< [places x k], two-sided p
  Eigen::VectorXd sigma, group_sd;     ///< [places]
  Eigen::VectorXi n;                   ///< [places]
  std::vector<Fitted> state;           ///< [places]

  /// Places by what became of the model there.
  [[nodiscard]] std::map<Fitted, std::size_t> counts() const;
};

/// Fit the model at every place, block by block: memory is that of the stack and of the maps.
/// @error Cancelled; Environment
/// @cost  O(places n p); random intercept: + O(groups) an evaluation, + O(groups p^2) an evaluation where rows miss
[[nodiscard]] Result<Maps> fit_stack(const VoxelModel& model, const Stack& stack, const std::vector<int>& columns,
                                     int threads, const Task& task);

}  // namespace ipsi::voxelwise
