// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::study {

/// How several raters become one decision per region. Second looks and gold answers (raters.h) never count, but for
/// `one_rater` when it names them.
enum class RatingRule {
  consensus,      ///< adjudicated where it is, else what raters agree on; until adjudicated, the strictest (default)
  strictest,      ///< out when any rater says lesioned or failed (failed before lesioned)
  one_rater,      ///< only the rater named in the options
  majority,       ///< what most raters say; of a tie the adjudicated flag, else the strictest of those tied
  lesioned_kept,  ///< as consensus, but only failed takes a region out: lesioned becomes ok
};
[[nodiscard]] std::string_view to_string(RatingRule rule);

struct AnalysisOptions {
  RatingRule rule = RatingRule::consensus;
  std::string rater;  ///< for one_rater
  std::vector<std::string> volume_sources{"aseg_stats", "enigma_csv", "label_count"};
  ///< first source that has a value wins; the table says which was used. ICV and lesion volume fall back on any other.
};

/// What the study's own settings say: "rating_rule" (the names above) and "rating_rater".
[[nodiscard]] AnalysisOptions options_of(const Snapshot& snapshot);

/// The analysis table: a row per person at the first time-point, patients before controls, by id (sub-2 before sub-10).
///
/// Columns: subject session cohort group sex age days_post_stroke lesion_side lesion_class icv icv_source
/// lesion_volume (mm3), primary_score primary_test, impairment (FMA-UE), activity activity_test (ARAT, else WMFT), each
/// as fraction of maximum; one column per test (`score_fma_ue`: normalised; lower case, others than letters and digits
/// are '_'); left_/right_ volumes in mm3 `left_thalamus`.. and volume_source ("aseg_stats", or several joined by '+');
/// ipsi_/contra_ volumes `ipsi_thalamus`.. (missing without a left or right lesion side); flags `flag_left_thalamus`..,
/// `flag_ipsi_thalamus`.. (unrated, ok, lesioned, failed; missing like the volume's side); `analysed` (logical) and
/// `excluded_because`.
/// primary_score: of the motor measures that patients of the person's cohort have, the one that most patients of the
/// whole study have (ties: FMA-UE, ARAT, WMFT, then by name). Missing for those who lack it.
/// Volumes are never blanked by flags here: models drop flagged rows themselves, region by region.
[[nodiscard]] Result<table::Table> analysis_table(const Snapshot& snapshot, const AnalysisOptions& options = {});

/// The rating that counts for one (person, session, region) under a rule; unrated when there is none.
[[nodiscard]] Flag decided_flag(const std::vector<const Rating*>& ratings, const AnalysisOptions& options);

/// "FMA-UE" -> "score_fma_ue".
[[nodiscard]] std::string score_column(std::string_view test);

/// True for tests that say something of movement; MoCA, MMSE and the self-reported SIS do not.
[[nodiscard]] bool is_motor_test(std::string_view test);

}  // namespace ipsi::study
