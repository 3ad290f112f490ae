// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::study {

/// How several raters become one decision per region.
enum class RatingRule {
  consensus,  ///< the rater named "consensus" where they rated, else `strictest` (default)
  strictest,  ///< out when any rater says lesioned or failed (failed before lesioned)
  one_rater,  ///< only the rater named in the options
};

struct AnalysisOptions {
  RatingRule rule = RatingRule::consensus;
  std::string rater;  ///< for one_rater
  std::vector<std::string> volume_sources{"aseg_stats", "enigma_csv", "label_count"};
  ///< first source that has a value wins; the table says which was used
};

/// The analysis table: a row per person at the first time-point, patients before controls, by id.
///
/// Columns: subject session cohort group sex age days_post_stroke lesion_side lesion_class icv lesion_volume,
/// primary_score primary_test, impairment (FMA-UE), activity activity_test (ARAT, else WMFT), each as fraction of
/// maximum; one column per test (`score_<test>` normalised); left_/right_ volumes `left_thalamus`..; ipsi_/contra_
/// volumes `ipsi_thalamus`.. (missing without a left or right lesion side); flags `flag_left_thalamus`..,
/// `flag_ipsi_thalamus`..; `analysed` (logical) and `excluded_because`.
/// primary_score: of the measures the person's cohort reported, the one most common in the whole data set.
/// Volumes are never blanked by flags here: models drop flagged rows themselves, region by region.
[[nodiscard]] Result<table::Table> analysis_table(const Snapshot& snapshot, const AnalysisOptions& options = {});

/// The rating that counts for (person, session, region) under a rule.
[[nodiscard]] Flag decided_flag(const std::vector<const Rating*>& ratings, const AnalysisOptions& options);

}  // namespace ipsi::study
