// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::study {

// A study as the tables it was made from, so that importing them again gives the same values.

/// The columns of LandRvolumes.csv (mm3) and a row per person, or per visit with a column `session` where somebody has
/// several. Sources as in the analysis table; people without any volume are left out.
[[nodiscard]] Result<table::Table> volumes_table(const Snapshot& snapshot, const std::vector<std::string>& sources);

/// The same with `mark` ("x", "NA") in the cells of regions that the flags take out at the first time-point, as labs
/// hand such tables on; other missing cells are "NA". All cells are text.
/// @error as analysis_table
[[nodiscard]] Result<table::Table> volumes_marked(const Snapshot& snapshot, const AnalysisOptions& options,
                                                  const std::string& mark);

/// What a score is written as: the column of its raw value, and for ratios that of the other limb ("" = none).
struct ScoreColumns {
  std::string raw, other_limb;
};
using ScoreColumnNames = std::function<ScoreColumns(std::string_view test)>;

/// participants.tsv: participant_id [session] site group age sex days_post_stroke lesion_side lesion_class date
/// lesion_volume_mm3 and the raw scores. The group of people without lesion is `control`.
[[nodiscard]] Result<table::Table> participants_table(const Snapshot& snapshot, const ScoreColumnNames& names);

}  // namespace ipsi::study
