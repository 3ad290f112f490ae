// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <random>
#include <string>
#include <vector>

#include "core/base/regions.h"
#include "core/study/study.h"
#include "tests/support/support.h"

namespace ipsi::study::test {

/// `people` patients sub-001.. in three cohorts, one session each, twelve volumes; one act.
[[nodiscard]] Request small_study(int people);

/// One rating at session 1, as an act of the rater.
[[nodiscard]] Request rate(const std::string& rater, const std::string& person, const std::string& region, Flag flag,
                           const std::string& comment = "");

/// A study file of `small_study(people)`.
[[nodiscard]] Result<Study> made(const std::filesystem::path& path, int people = 5);

/// Every row of a snapshot as text, so that two states of the tables can be compared whole.
[[nodiscard]] std::vector<std::string> rows_of(const Snapshot& snapshot);

}  // namespace ipsi::study::test
