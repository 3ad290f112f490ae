// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/task.h"
#include "core/engine/analyses.h"
#include "core/engine/frame.h"
#include "core/stats/influence.h"
#include "core/stats/lme.h"
#include "core/stats/rlme.h"

namespace ipsi::engine {

/// Where the people of a subset went before one region's model. Each is counted at the first reason that holds.
struct Attrition {
  int subset = 0;        ///< patients analysed in the time subset
  int no_predictor = 0;  ///< predictor (or what it interacts with) missing
  int no_covariate = 0;  ///< a covariate or the group missing
  int lesioned = 0, failed = 0;
  int no_volume = 0;  ///< missing in the source, or no ipsilesional side
  int n = 0;          ///< rows of the model
  int unrated = 0;    ///< of these, kept without a rating
  [[nodiscard]] int group() const { return subset - no_predictor - no_covariate; }
};

/// The reported coefficient of the robust fit of the same model.
struct RobustRow {
  double beta = 0.0, se = 0.0, t = 0.0;
  double shift = 0.0;  ///< robust - classical estimate, in classical standard errors

  /// The two fits say something else: outliers moved the estimate by more than half its standard error.
  [[nodiscard]] bool differs() const { return shift > 0.5 || shift < -0.5; }
};
[[nodiscard]] RobustRow robust_row(const stats::LmeFit& classical, const stats::RlmeFit& robust, int coefficient);

/// What stands beside a fit in a report and costs more than the fit itself. Absent where it could not be computed.
struct Beside {
  std::optional<RobustRow> robust;                      ///< where it converged
  std::optional<stats::InfluentialCounts> influential;  ///< Cook's distance above 4/n, 4/cohorts
};

/// What one region's model gave. Numbers are NaN when it failed.
struct RegionModel {
  int analysis = 0;  ///< index into the batch's analyses
  std::string side, structure;
  std::string predictor;  ///< coefficient that is reported: "primary_score", "primary_score:lesion_side"
  Attrition people;
  int n_cohorts = 0;
  std::optional<stats::LmeFit> fit;
  int coefficient = -1;                             ///< index of the reported coefficient in the fit
  std::vector<int> rows;                            ///< [n] positions in the frame of the people fitted
  Eigen::VectorXd x;                                ///< [n] the reported coefficient's column
  std::vector<std::string> significant_covariates;  ///< below 0.05
  Beside beside;                                    ///< where asked for
  std::string failure;                              ///< why there is no fit; empty when there is

  [[nodiscard]] double beta() const;
  [[nodiscard]] double p() const;
  [[nodiscard]] double effect_size() const;  ///< d = 2 t / sqrt(df)
};

/// d = 2 t / sqrt(df). @source Liew et al. (2021); all 60 published rows agree
[[nodiscard]] double effect_size(double t, double df);

/// What is computed beside the fit itself.
enum class Depth {
  fit,     ///< nothing: a fit after every flag
  report,  ///< counts of influential people and cohorts, and the robust estimate
};

/// Choose the rows, scale, fit. Everything that goes wrong becomes `failure`; nothing but cancelling stops a batch.
/// @param members  positions of the subset's people in `frame`
[[nodiscard]] RegionModel fit_region(const Frame& frame, const std::vector<int>& members, const Analysis& analysis,
                                     const std::string& side, const std::string& structure, const Task& task,
                                     Depth depth = Depth::fit);

/// As `fit_region` adds it with Depth::report.
[[nodiscard]] Beside beside_of(const Frame& frame, const Analysis& analysis, const RegionModel& model,
                               const Task& task);

/// The numbers a model was fitted to, once more.
/// @error InvalidInput  the model has no fit
[[nodiscard]] Result<stats::ModelData> region_data(const Frame& frame, const Analysis& analysis,
                                                   const RegionModel& model);

}  // namespace ipsi::engine
