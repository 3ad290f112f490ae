// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/engine/batch_parts.h"
#include "core/engine/frame.h"
#include "core/table/table.h"

namespace ipsi::engine {

/// The models of some analyses, kept so that a changed flag costs only the models it touches.
///
/// Counts of influential people and cohorts and robust estimates are a batch's alone: they cost more than the fit.
/// A value that never changes: `update` gives the next one, so a background job may work on it while it is painted.
/// @checked tests/core/engine/live_test.cpp: after any sequence of flags every cell equals run_batch's
class Live {
 public:
  /// Fit everything. @param people  the analysis table
  /// @error InvalidInput, NotFound  as run_batch; Cancelled
  [[nodiscard]] static Result<Live> fit(const table::Table& people, std::vector<Analysis> analyses, const Task& task);

  /// The same analyses on a newer table: a model is fitted again only where its people, volumes or flags differ from
  /// those it has seen (a flag: one region's side, in each analysis that holds the person).
  /// @error as `fit`
  [[nodiscard]] Result<Live> update(const table::Table& people, const Task& task) const;

  [[nodiscard]] const std::vector<Analysis>& analyses() const { return analyses_; }
  [[nodiscard]] const Fitted& fitted() const { return fitted_; }
  [[nodiscard]] const Frame& frame() const { return *frame_; }
  /// Index into fitted() of a region's model: `row` counts an analysis' sides and structures in their order.
  [[nodiscard]] std::size_t index(int analysis, int row) const;
  [[nodiscard]] const RegionModel& model(int analysis, int row) const { return fitted_.models[index(analysis, row)]; }
  [[nodiscard]] const std::vector<std::size_t>& refitted() const { return refitted_; }  ///< models, by this step
  [[nodiscard]] const table::Table& people() const { return people_; }         ///< the analysis table it was fitted on
  [[nodiscard]] const std::vector<std::string>& ids() const { return *ids_; }  ///< of the frame's people
  /// Id of the person at a position of the frame.
  [[nodiscard]] const std::string& person(int position) const;
  /// results.csv as of now.
  [[nodiscard]] Result<table::Table> results() const { return results_table(analyses_, fitted_); }
  /// Its rows of one analysis.
  /// @param beside  [models of the analysis] what has been computed beside the fits; empty = nothing
  [[nodiscard]] Result<table::Table> results(int analysis, const std::vector<Beside>& beside = {}) const;

 private:
  static Result<Live> prepare(const table::Table& people, std::vector<Analysis> analyses);
  Result<void> run(const Live* before, const Task& task);

  table::Table people_;
  std::vector<Analysis> analyses_;
  std::shared_ptr<const Frame> frame_;
  std::shared_ptr<const std::vector<std::string>> ids_;
  std::vector<std::vector<int>> members_;  ///< [analyses] positions in the frame
  Fitted fitted_;
  std::vector<std::size_t> refitted_;
};

/// What the plots under a model show, all from its fit.
struct Diagnostics {
  std::vector<int> people;                                  ///< [n] positions in the frame
  std::vector<std::string> cohort;                          ///< [n]
  std::vector<double> x, partial;                           ///< [n] predictor, and residual + beta (x - mean x)
  std::vector<double> line_x, line_y, line_low, line_high;  ///< the slope with its 95 % interval about the mean of x
  std::vector<double> fitted, residual;                     ///< [n] with the cohort's intercept; residual in SDs
  std::vector<double> people_normal, people_sample;         ///< [n] sorted; `people_order` says whose
  std::vector<double> people_margin;                        ///< [n] half the width of the 95 % envelope, pointwise
  std::vector<int> people_order;                            ///< [n] index into `people`
  std::vector<double> cohorts_normal, cohorts_sample;       ///< [groups] intercepts in SDs; empty on the boundary
  std::vector<double> cohorts_margin;                       ///< [groups] as people_margin
  std::vector<std::string> cohort_order;                    ///< [groups]
};

/// Empty where the model has no fit. Normal quantiles at R's ppoints; envelopes from the standard error of an order
/// statistic, sqrt(P (1 - P) / n) / density, as car's qqPlot draws them.
/// @source Fox (2016), Applied Regression Analysis and GLMs, 11.6 (partial residuals), 12.1 (Q-Q)
[[nodiscard]] Diagnostics diagnostics_of(const RegionModel& model, const Analysis& analysis, const Frame& frame);

}  // namespace ipsi::engine
