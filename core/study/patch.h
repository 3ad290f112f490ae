// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"
#include "core/study/study.h"

namespace ipsi::study {

/// Brings a snapshot up to date with acts of the log that are newer than it, without reading the study again.
/// Rows stay in the order of their keys: the result equals `Study::snapshot()` after the last of `acts`.
/// @error ReadFailed  an act names a table or holds a cell that this version does not know
[[nodiscard]] Result<void> apply_acts(Snapshot& snapshot, const std::vector<Act>& acts);

/// Brings a snapshot up to date with its study, and returns the acts that it did not know. Thousands of edits are not
/// set one by one: the study is read anew then. With `enough` only the oldest acts that hold so many edits are taken,
/// so that a reader who must not be held up goes on in steps until none comes back.
[[nodiscard]] Result<std::vector<Act>> catch_up(Snapshot& snapshot, const Study& study, std::size_t enough = 0);

/// Puts and removes rows of a snapshot as `Study::apply` would, and returns the changes that take them back, in the
/// order to apply them. `last_act` stays: nothing was written.
std::vector<Change> apply_changes(Snapshot& snapshot, const std::vector<Change>& changes);

}  // namespace ipsi::study
