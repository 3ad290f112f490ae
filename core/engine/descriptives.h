// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/engine/analyses.h"
#include "core/engine/frame.h"
#include "core/engine/region_model.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::engine {

// Who was analysed. Each function gives one table of the batch's result.

/// A row per cohort, columns of papers/liew2021_table1_cohorts.csv: cohort_id n females males age_median age_iqr
/// age_min age_max score_median score_iqr score_min score_max (quantiles of type 7). Cohorts in natural order.
[[nodiscard]] Result<table::Table> table_one(Frame& frame);
/// The same over everyone, in one row called "all".
[[nodiscard]] Result<table::Table> table_one_total(Frame& frame);

/// A row per subset and predictor in use: scores with the lesion left and right, Shapiro-Wilk of all, left, right,
/// Wilcoxon rank-sum W (left against right), p, and r = |z| / sqrt(n).
[[nodiscard]] Result<table::Table> scores_by_side(Frame& frame, const std::vector<Analysis>& analyses);

/// A row per subset, predictor and test it came from: people, cohorts, median, quartiles, range.
[[nodiscard]] Result<table::Table> score_sources(Frame& frame, const std::vector<Analysis>& analyses);

/// A row per step: section (study, subset, analysis), step, n reaching it, out leaving there, detail. The stored flow
/// of the study, or what its exclusions say when none is stored.
[[nodiscard]] Result<table::Table> flow_table(const study::Snapshot& snapshot, const Frame& frame,
                                              const std::vector<Analysis>& analyses,
                                              const std::vector<RegionModel>& models);

/// A row per model: where the people of its subset went (`Attrition`).
[[nodiscard]] Result<table::Table> exclusion_table(const std::vector<Analysis>& analyses,
                                                   const std::vector<RegionModel>& models);

/// A row per side and structure: flags of the analysed patients.
[[nodiscard]] Result<table::Table> qc_table(const Frame& frame, const std::vector<Analysis>& analyses);

/// Text with numbers in it in the order people expect: "2" before "10".
[[nodiscard]] bool natural_less(const std::string& a, const std::string& b);

/// Name of a side in tables: ipsi -> "ipsilesional", contra -> "contralesional", left, right.
[[nodiscard]] std::string side_name(const std::string& side);

}  // namespace ipsi::engine
