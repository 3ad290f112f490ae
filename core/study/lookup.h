// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/regions.h"
#include "core/study/model.h"

namespace ipsi::study {

/// Runs of digits compared as numbers: sub-2 before sub-10.
[[nodiscard]] bool natural_less(std::string_view a, std::string_view b);

/// Up to `most` candidates that `text` may have been meant for, the likeliest first.
[[nodiscard]] std::vector<std::string> near_matches(std::string_view text, const std::vector<std::string>& candidates,
                                                    std::size_t most = 4);

/// "did you mean sub-012 or sub-021?", or `otherwise` where nothing is near.
[[nodiscard]] std::string suggestion(std::string_view text, const std::vector<std::string>& candidates,
                                     const std::string& otherwise);

/// "left_thalamus", or "ipsi_thalamus" by the side of the lesion.
/// @error NotFound      no such region; near ones are named
/// @error InvalidInput  a structure without side; ipsi or contra of someone without a left or right lesion
[[nodiscard]] Result<const Region*> resolve_region(std::string_view name, const Person& person);

/// The first time-point: smallest ordinal, then label. nullptr when the person has no session.
[[nodiscard]] const Session* first_session(const Snapshot& snapshot, std::string_view person);

/// The hash of the person's "labels" scan, "" when there is none.
[[nodiscard]] std::string labels_hash(const Snapshot& snapshot, std::string_view person, std::string_view session);

}  // namespace ipsi::study
