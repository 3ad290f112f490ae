// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>

#include "core/base/task.h"
#include "core/stats/mixed_profile.h"

namespace ipsi::stats::lme {

struct MixedSolution {
  Eigen::VectorXd parameters;
  bool converged = false, boundary = false, cancelled = false;
  double gradient_norm = 0.0;
};

/// Minimum of the profiled deviance by Newton's method with the average information as the Hessian; `profile` then
/// stands there, differentiated. A parameter that is fixed stays where `start` has it.
/// @cost some 6 to 30 evaluations with derivatives
[[nodiscard]] MixedSolution search(const MixedSums& sums, MixedProfile& profile, const Task& task,
                                   const std::optional<Eigen::VectorXd>& start = {},
                                   std::optional<Eigen::Index> fixed = {});

}  // namespace ipsi::stats::lme
