// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/flow.h"

#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/json.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/ingest/draft.h"

namespace ipsi::ingest {
namespace {

/// What the first time-point of a person has.
struct Facts {
  const study::Session* first = nullptr;
  long long sessions = 0;
  bool volumes = false, icv = false, score = false;
};

struct StepInfo {
  std::string_view step, label;
};
constexpr std::string_view kFound = "Found in the sources", kByHand = "Not excluded by hand";
constexpr std::array<StepInfo, 8> kSteps{{{"control", "Patients"},
                                          {"no_cohort", "Cohort known"},
                                          {"no_volumes", "Subcortical volumes known"},
                                          {"no_side", "Lesion side left or right"},
                                          {"no_age", "Age known"},
                                          {"no_sex", "Sex known"},
                                          {"no_icv", "Intracranial volume known"},
                                          {"no_score", "Behaviour score known"}}};

/// Why a patient has no ipsi and contra side; "" when they have.
std::string no_side(const study::Person& person) {
  if (person.lesion_class == "brainstem") return "brainstem lesion";
  if (person.lesion_class == "cerebellar") return "cerebellar lesion";
  if (person.lesion_side == "left" || person.lesion_side == "right") return {};
  if (person.lesion_side == "bilateral") return "bilateral lesion";
  if (person.lesion_side == "none") return "no lesion";
  return "lesion side not known";
}

/// The reason to leave at this step, "" to stay.
std::string leaves(std::string_view step, const study::Person& person, const Facts& facts) {
  if (step == "control") return person.group == "control" ? "control" : "";
  if (step == "no_cohort") return person.cohort.empty() ? "the cohort is not known" : "";
  if (step == "no_volumes") return facts.volumes ? "" : "no subcortical volume at the first time-point";
  if (step == "no_side") return no_side(person);
  if (step == "no_age")
    return facts.first == nullptr || std::isnan(facts.first->age_years) ? "the age is not known" : "";
  if (step == "no_sex") return person.sex.empty() ? "the sex is not known" : "";
  if (step == "no_icv") return facts.icv ? "" : "no intracranial volume at the first time-point";
  return facts.score ? "" : "no behaviour score at the first time-point";
}

std::map<std::string, Facts> gather(const study::Snapshot& s) {
  std::map<std::string, Facts> all;
  for (const study::Session& session : s.sessions) {
    Facts& facts = all[session.person];
    ++facts.sessions;
    if (facts.first == nullptr || session.ordinal < facts.first->ordinal) facts.first = &session;
  }
  const auto at_first = [&](const std::string& person, const std::string& session) -> Facts* {
    const auto it = all.find(person);
    return it != all.end() && it->second.first != nullptr && it->second.first->label == session ? &it->second : nullptr;
  };
  for (const study::Measurement& m : s.measurements) {
    if (std::isnan(m.value) || (m.measure != "volume" && m.measure != "icv")) continue;
    Facts* facts = at_first(m.person, m.session);
    if (facts == nullptr) continue;
    if (m.measure == "icv")
      facts->icv = true;
    else if (find_region(m.region) != nullptr)
      facts->volumes = true;
  }
  for (const study::Score& score : s.scores)
    if (Facts* facts = std::isnan(score.normalised) ? nullptr : at_first(score.person, score.session))
      facts->score = true;
  return all;
}

}  // namespace

bool is_flow_step(const std::string& step) {
  for (const StepInfo& info : kSteps)
    if (info.step == step) return true;
  return false;
}

std::vector<std::pair<std::string, std::string>> leaving(const study::Snapshot& snapshot, const study::FlowStep& step) {
  std::vector<std::pair<std::string, std::string>> out;
  if (step.out == 0) return out;
  if (step.label == kFound) {
    for (const std::string& id : kept_out(snapshot)) out.emplace_back(id, step.detail);
    return out;
  }
  std::string key = step.label;  // as count_flow writes it
  for (const StepInfo& info : kSteps)
    if (info.label == step.label) key = info.step;
  for (const study::Exclusion& exclusion : snapshot.exclusions)
    if (exclusion.step == key || (step.label == kByHand && !is_flow_step(exclusion.step)))
      out.emplace_back(exclusion.person, exclusion.reason.empty() ? exclusion.step : exclusion.reason);
  return out;
}

std::vector<study::Change> changes_to(const Flow& flow, const study::Snapshot& before) {
  std::vector<study::Change> changes;
  std::set<std::string> out;
  for (const study::Exclusion& exclusion : flow.exclusions) {
    changes.emplace_back(study::Put(exclusion));
    out.insert(exclusion.person);
  }
  for (const study::Exclusion& old : before.exclusions)
    if (is_flow_step(old.step) && out.count(old.person) == 0) changes.emplace_back(study::Remove{study::Put(old)});
  for (const study::FlowStep& step : flow.steps) changes.emplace_back(study::Put(step));
  for (const study::FlowStep& old : before.flow)
    if (old.ordinal >= static_cast<int>(flow.steps.size())) changes.emplace_back(study::Remove{study::Put(old)});
  return changes;
}

std::vector<std::string> kept_out(const study::Snapshot& snapshot) {
  std::vector<std::string> out;
  const Json kept = Json::parse(snapshot.setting("import.not_imported", "[]"), nullptr, false);
  if (!kept.is_array()) return out;
  for (const Json& id : kept)
    if (id.is_string()) out.push_back(id.get<std::string>());
  return out;
}

Flow flow_of(const study::Snapshot& snapshot, const std::vector<std::string>& not_imported) {
  Flow flow;
  const auto facts = gather(snapshot);
  std::map<std::string, const study::Exclusion*> by_hand;
  for (const study::Exclusion& exclusion : snapshot.exclusions)
    if (!is_flow_step(exclusion.step)) by_hand.emplace(exclusion.person, &exclusion);

  long long later = 0;
  for (const auto& [person, f] : facts) later += f.sessions - 1;
  auto left = static_cast<long long>(snapshot.people.size());
  int ordinal = 0;
  const auto add = [&](std::string label, long long n, long long out, std::string detail) {
    flow.steps.push_back({ordinal++, std::move(label), n, out, std::move(detail)});
  };
  if (!not_imported.empty()) {
    const auto out = static_cast<long long>(not_imported.size());
    add(std::string(kFound), left + out, out, "without a counterpart or not readable");
  }
  add("Imported", left, 0, "");
  add("First time-point", left, 0,
      later > 0 ? counted(later, "later session", "later sessions") + " set aside" : "one session each");

  std::set<std::string> gone;
  for (const StepInfo& step : kSteps) {
    std::map<std::string, long long> reasons;
    long long out = 0;
    for (const study::Person& person : snapshot.people) {
      if (gone.count(person.id) != 0) continue;
      const auto it = facts.find(person.id);
      const std::string reason = leaves(step.step, person, it == facts.end() ? Facts{} : it->second);
      if (reason.empty()) continue;
      gone.insert(person.id);
      ++out;
      ++reasons[reason];
      if (by_hand.count(person.id) == 0) flow.exclusions.push_back({person.id, std::string(step.step), reason});
    }
    std::vector<std::string> told;
    for (const auto& [reason, n] : reasons) told.push_back(fmt::format("{}: {}", reason, n));
    add(std::string(step.label), left, out, join(told, ", "));
    left -= out;
  }
  long long out = 0;
  for (const auto& [person, exclusion] : by_hand)
    if (gone.count(person) == 0) ++out;
  if (out > 0) add(std::string(kByHand), left, out, "");
  add("Analysed", left - out, 0, "");
  for (const study::Person& person : snapshot.people)
    if (person.group != "control")
      if (const std::string reason = no_side(person); !reason.empty()) flow.no_side.emplace_back(person.id, reason);
  return flow;
}

}  // namespace ipsi::ingest
