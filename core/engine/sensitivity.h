// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/engine/analyses.h"
#include "core/engine/region_model.h"
#include "core/spec/result.h"
#include "core/stats/precision.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"

namespace ipsi::engine {

enum class Estimator { reml, ml, robust };
[[nodiscard]] std::string_view to_string(Estimator estimator);  ///< "LME, REML", "LME, ML", "robust LME"

/// One way to make and fit a region's model, and what it gives. NaN and `failure` where it gives nothing.
struct Specification {
  std::string ratings;  ///< rule_text: "consensus", "rater:A", "lesioned_kept"
  Estimator estimator = Estimator::reml;
  std::string without;       ///< cohort left out; empty = none
  bool base = false;         ///< the analysis as it was asked for
  bool same_people = false;  ///< as the analysis that was asked for
  bool repeats = false;      ///< another rule that comes to the same people: the same fit, counted once
  int n = 0, n_cohorts = 0;
  double beta = 0, se = 0, ci_low = 0, ci_high = 0, df = 0, p = 0;  ///< robust: by the normal distribution, df NaN
  std::string failure;
};

/// What of the base model says how much it could have found.
struct Detectable {
  double alpha = 0.0, power = 0.8;
  double beta = 0.0;  ///< smallest that is found with this power at the actual people, cohorts and residuals
};

struct Sensitivity {
  RegionModel base;
  std::vector<Specification> rows;  ///< every rule x estimator, then without each cohort by the base rule and estimator
  std::vector<Detectable> detectable;  ///< at the analysis' alpha, and at alpha over its family of tests
  std::optional<stats::Icc> icc;       ///< of the grouping factor in the base model
  std::string unit;                    ///< of beta: "SD of volume", "mm3"
};

struct SensitivityOptions {
  study::AnalysisOptions table;  ///< the study's own rule; that of the analysis counts where it names one
  int threads = 1;               ///< the result does not depend on it
  double power = 0.8;
};

/// Fit one region's model of an analysis under other defensible choices: whose ratings count (consensus, strictest,
/// majority, lesioned_kept, each rater alone) by how it is fitted (REML, ML, robust), and without each cohort.
///
/// Every row is a fit from the data: rows chosen, scaled and fitted as a batch would with that choice. Without a cohort
/// volumes and covariates are scaled over the people who stay.
/// @error InvalidInput, NotFound  as run_batch for the analysis; side and structure not among the analysis' own
/// @error Cancelled
/// @cost  (4 + raters) x 3 + cohorts fits; a robust one is some ten others
/// @source Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4 (specification curve)
/// @checked tests/core/engine/sensitivity_test.cpp: every row equals a batch with that choice alone
[[nodiscard]] Result<Sensitivity> sensitivity(const study::Snapshot& snapshot, const Analysis& analysis,
                                              const std::string& side, const std::string& structure,
                                              const SensitivityOptions& options, const Task& task = {});

/// Tables specification_curve and detectable, the curve as a figure, findings in words, the whole as JSON.
[[nodiscard]] spec::ResultSet sensitivity_result(const Sensitivity& sensitivity, const Analysis& analysis);

}  // namespace ipsi::engine
