// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/spec/result.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"

namespace ipsi::engine {

/// Who leaves by quality control. Models of a region hold the people whose region is neither lesioned nor failed; where
/// these differ from the others in lesion volume, severity, side, cohort or time, estimates are of those who stay.
///
/// Of the patients analysed, for each region of each side (and `any`: at least one of the twelve):
/// - `audit`: a row per region and variable (lesion_volume and days_post_stroke as log10, primary_score, right_lesion):
///   n_left_out (n_lesioned, n_failed), n_kept (n_unrated of them), n_missing of the variable, medians in its own unit,
///   the standardised difference left out - kept with its 95 % interval, the odds ratio of leaving per SD with interval
///   and p, p_adjusted (Benjamini-Hochberg over the rows of one variable).
/// - `audit_cohorts`: a row per region and cohort: n, left_out, share.
/// - `audit_cohort_spread`: per region Cramer's V of leaving by cohort with chi-square, df and p.
/// - `audit_volume`: share left out by fifths of lesion volume.
/// Figures: share left out against lesion volume (one per side), standardised differences of lesion volume.
/// @source Austin (2009) for standardised differences, Hedges & Olkin (1985) for their variance; Liew et al. (2021)
///         name the bias
/// @error InvalidInput  nobody is analysed
/// @checked tests/core/engine/audit_test.cpp against R's glm and closed forms
[[nodiscard]] Result<spec::ResultSet> exclusion_audit(const study::Snapshot& snapshot,
                                                      const study::AnalysisOptions& options);

/// Logistic regression of `y` (0 or 1) on one covariate by maximum likelihood.
struct LogisticSlope {
  double beta, se, p;  ///< NaN where it does not exist: one group is empty, x is constant or separates the groups
};
[[nodiscard]] LogisticSlope logistic_slope(const std::vector<double>& x, const std::vector<int>& y);

/// (mean of a - mean of b) / sqrt of the mean of their variances, with its 95 % interval.
struct StandardDifference {
  double value, low, high;  ///< NaN with fewer than two values in a group or no variance
};
[[nodiscard]] StandardDifference standard_difference(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace ipsi::engine
