// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/subgroup.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/text.h"

namespace ipsi::study {
namespace {

constexpr std::array<std::string_view, 4> kNames{"subacute", "early", "chronic", "all"};

// The order in which the reference analysis takes people out; other steps follow, by name.
constexpr std::array<std::string_view, 7> kSteps{"not_first_session", "control", "no_volumes", "no_side",
                                                 "no_score",          "no_age",  "no_sex"};

std::size_t rank_of(std::string_view step) {
  return static_cast<std::size_t>(std::find(kSteps.begin(), kSteps.end(), step) - kSteps.begin());
}

}  // namespace

std::string_view to_string(Subgroup subgroup) {
  return kNames[static_cast<std::size_t>(subgroup)];
}

std::optional<Subgroup> parse_subgroup(std::string_view text) {
  const std::string word = to_lower(trim(text));
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (word == kNames[i]) return static_cast<Subgroup>(i);
  return std::nullopt;
}

bool contains(Subgroup subgroup, double days) {
  if (subgroup == Subgroup::all) return true;
  if (!(days >= 0.0)) return false;
  switch (subgroup) {
    case Subgroup::early: return days <= 21.0;
    case Subgroup::subacute: return days <= 90.0;
    case Subgroup::chronic: return days >= 180.0;
    case Subgroup::all: break;
  }
  return true;
}

Result<std::vector<std::size_t>> rows_of(const table::Table& table, Subgroup subgroup) {
  const auto days = table.require("days_post_stroke");
  if (!days) return tl::unexpected<Error>(days.error());
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < table.rows(); ++r)
    if (contains(subgroup, (*days)->values[r])) rows.push_back(r);
  return rows;
}

std::vector<FlowStep> count_flow(const Snapshot& snapshot) {
  struct Step {
    long long out = 0;
    std::string label;
    std::map<std::string, long long> reasons;
  };
  std::map<std::pair<std::size_t, std::string>, Step> steps;
  std::set<std::string_view> people;
  for (const auto& person : snapshot.people) people.insert(person.id);
  for (const auto& exclusion : snapshot.exclusions) {
    if (people.count(exclusion.person) == 0) continue;
    Step& step = steps[{rank_of(exclusion.step), exclusion.step}];
    ++step.out;
    ++step.reasons[exclusion.reason];
  }
  auto left = static_cast<long long>(people.size());
  std::vector<FlowStep> flow{{.ordinal = 0, .label = "Everyone", .n = left, .out = 0, .detail = ""}};
  for (const auto& [key, step] : steps) {
    std::vector<std::string> details;
    for (const auto& [reason, n] : step.reasons)
      if (!reason.empty()) details.push_back(fmt::format("{}: {}", reason, n));
    flow.push_back({.ordinal = static_cast<int>(flow.size()),
                    .label = key.second,
                    .n = left,
                    .out = step.out,
                    .detail = join(details, "; ")});
    left -= step.out;
  }
  flow.push_back({.ordinal = static_cast<int>(flow.size()), .label = "Analysed", .n = left, .out = 0, .detail = ""});
  return flow;
}

}  // namespace ipsi::study
