// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"

namespace ipsi::ingest {

enum class Sharing {
  all,    ///< everyone rates everybody
  split,  ///< each person has one rater, but for the overlap, which all rate
};

/// How the people of a study are dealt to raters.
struct AssignmentPlan {
  std::vector<std::string> raters;
  Sharing sharing = Sharing::all;
  double overlap = 0.0;  ///< share of people that all raters rate when split, for agreement between them; 0..1
  double repeats = 0.0;  ///< share of a rater's people that come a second time, unannounced; 0..1
  std::uint64_t seed = 1;
  bool operator==(const AssignmentPlan&) const = default;
};

/// Who looks at whom: by person the raters in the plan's order, then second looks ("A#2", see study/raters.h).
struct Assignment {
  AssignmentPlan plan;
  std::map<std::string, std::vector<std::string>> looks;
};

/// @error InvalidInput  no rater, a name twice or one with a meaning of its own (gold, consensus, A#2), a share
///                      outside 0..1
[[nodiscard]] Result<void> check(const AssignmentPlan& plan);

/// Deals people to raters: when split, the numbers of raters' people differ by one at most in each cohort and over
/// all; shares are kept within a person over all. Whoever is in `before` keeps their looks as they are, so people who
/// are added change nothing for the others. Depends on the people's ids and cohorts and on the seed alone.
/// @cost  10,000 people: some ms
[[nodiscard]] Assignment assign(const AssignmentPlan& plan, const std::vector<study::Person>& people,
                                const Assignment& before = {});

/// The plan alone, without the people; nullopt where there is none that can be read.
[[nodiscard]] std::optional<AssignmentPlan> plan_of(const study::Snapshot& snapshot);

/// The study's own: what is stored, and people who came since dealt on top. nullopt when there is none.
/// @error ReadFailed  the setting was not written by this version or an older one
[[nodiscard]] Result<std::optional<Assignment>> assignment_of(const study::Snapshot& snapshot);
[[nodiscard]] std::vector<study::Setting> to_settings(const Assignment& assignment);

/// How far one rater is. A person is done when all twelve regions of the first time-point have this rater's flag.
struct RaterProgress {
  std::string rater;
  int people = 0, done = 0, begun = 0;  ///< begun: some of the twelve
  int again = 0, again_done = 0;        ///< second looks
};
/// In the order of the plan.
[[nodiscard]] std::vector<RaterProgress> progress(const Assignment& assignment, const study::Snapshot& snapshot);

/// `n` patients for gold answers, evenly of all cohorts, of those with label images where there are any; by chance.
[[nodiscard]] std::vector<std::string> choose_calibration(const study::Snapshot& snapshot, int n, std::uint64_t seed);
[[nodiscard]] study::Setting calibration_setting(const std::vector<std::string>& people);
/// The people chosen and whoever else has gold answers, sorted; with the number of regions that have one.
[[nodiscard]] std::vector<std::pair<std::string, int>> calibration_of(const study::Snapshot& snapshot);

/// A name that says nothing of a person, and another for each look: "k4f2-9xqa".
[[nodiscard]] std::string coded_name(std::uint64_t seed, std::string_view person, int look);

}  // namespace ipsi::ingest
