// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/study/model.h"
#include "core/study/rating_merge.h"
#include "core/study/study.h"

namespace ipsi::study {

/// What became of a shared study between two looks at it, but for ratings and what stands beside them: `Put` of every
/// row that is new or other, `Remove` of every row that went. Applied to a working copy made of `before` it touches
/// nothing that only the copy has, but for ratings of people who are no longer there (`copy`), which have to go too.
[[nodiscard]] std::vector<Change> study_changes(const Snapshot& before, const Snapshot& now, const Snapshot& copy);

/// The words that the study has since said and no longer says.
[[nodiscard]] Voice study_voice(const Snapshot& before, const Snapshot& now);

}  // namespace ipsi::study
