// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/engine/region_model.h"
#include "core/stats/basic/shapiro.h"
#include "core/stats/influence.h"
#include "core/stats/rlme.h"

namespace ipsi::engine {

/// Whether the residuals of a model look as it supposes.
struct Assumptions {
  std::optional<stats::Shapiro> people;     ///< of the residuals; absent above 5000 rows
  std::optional<stats::Shapiro> cohorts;    ///< of the intercepts; absent on the boundary and below 3 cohorts
  double spread_rho = 0.0, spread_p = 1.0;  ///< Spearman, |residual| with fitted: does the spread grow or shrink
  stats::Vif vif;
};

/// What is looked at behind one region's model. What could not be computed is absent, and `findings` says why.
struct ModelChecks {
  std::vector<std::string> people, cohorts;  ///< [n] ids, [groups] names: what the rows of the parts are
  std::vector<int> cohort_of;                ///< [n] index into `cohorts`
  int coefficient = 0;                       ///< the reported one
  Assumptions assumptions;
  std::optional<stats::Influence> influence;
  std::optional<stats::RlmeFit> robust;
  RobustRow robust_row;
  std::vector<std::string> findings;
};

/// @param ids  of the people of the frame
/// @error InvalidInput  the model has no fit; Cancelled
[[nodiscard]] Result<ModelChecks> check_model(const RegionModel& model, const Analysis& analysis, const Frame& frame,
                                              const std::vector<std::string>& ids, const Task& task);

}  // namespace ipsi::engine
