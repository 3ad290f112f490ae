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
inline Request small_study(int people) {
  Request request{.author = "importer", .kind = "import", .summary = "small study", .changes = {}};
  for (int c = 0; c < 3; ++c)
    request.changes.push_back(Put(Cohort{fmt::format("c{}", c), fmt::format("Cohort {}", c)}));
  for (int i = 1; i <= people; ++i) {
    const std::string id = fmt::format("sub-{:03}", i);
    request.changes.push_back(Put(Person{id, fmt::format("c{}", i % 3), "patient", i % 2 == 0 ? "female" : "male",
                                         i % 2 == 0 ? "left" : "right", "subcortical"}));
    request.changes.push_back(Put(Session{id, "1", 1, "", 50.0 + i, 100.0 + i}));
    for (const auto& region : kRegions)
      request.changes.push_back(Put(
          Measurement{id, "1", std::string(region.key), "volume", "enigma_csv", 1000.0 + i + region.label, "mm3", ""}));
  }
  return request;
}

inline Request rate(const std::string& rater, const std::string& person, const std::string& region, Flag flag,
                    const std::string& comment = "") {
  return {.author = rater,
          .kind = "rate",
          .summary = region + " of " + person,
          .changes = {Put(Rating{person, "1", region, rater, flag, comment, "", ""})}};
}

/// A study file of `small_study(people)`.
inline Result<Study> made(const std::filesystem::path& path, int people = 5) {
  auto study = Study::create(path);
  if (!study) return study;
  if (auto ok = study->apply(small_study(people)); !ok) return tl::unexpected<Error>(ok.error());
  return study;
}

/// Every row of a snapshot as text, so that two states of the tables can be compared whole.
std::vector<std::string> rows_of(const Snapshot& snapshot);

}  // namespace ipsi::study::test
