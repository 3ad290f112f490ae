// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/study/model.h"
#include "core/study/study.h"

namespace ipsi::ingest {

/// From everyone to the analysed.
struct Flow {
  std::vector<study::FlowStep> steps;  ///< "Found in the sources" .. "Analysed": n reach the step, `out` leave at it
  std::vector<study::Exclusion> exclusions;  ///< one per person who leaves, at the first step that takes them out
  std::vector<std::pair<std::string, std::string>> no_side;  ///< patients without ipsi/contra values: id, reason
};

/// Work out the flow of a study as it stands. Looks at the first time-point (smallest ordinal) of each person.
/// People already excluded for a step that is not one of ours (by hand) keep that exclusion and leave at the last step.
/// `not_imported`: people seen in the sources who are not in the study; they are the first to leave.
[[nodiscard]] Flow flow_of(const study::Snapshot& snapshot, const std::vector<std::string>& not_imported = {});

/// What makes the stored flow and its exclusions those of `flow`. Exclusions by hand stay.
[[nodiscard]] std::vector<study::Change> changes_to(const Flow& flow, const study::Snapshot& before);

/// Ids of the sources that are not in the study, as the last import left them.
[[nodiscard]] std::vector<std::string> kept_out(const study::Snapshot& snapshot);

/// Who leaves at a step of the stored flow, or of count_flow: person and reason. Ids without a person for the first.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> leaving(const study::Snapshot& snapshot,
                                                                       const study::FlowStep& step);

/// True for the steps that flow_of itself sets ("no_age", ..).
[[nodiscard]] bool is_flow_step(const std::string& step);

}  // namespace ipsi::ingest
