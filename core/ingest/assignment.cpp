// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/assignment.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/json.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/numeric/random.h"
#include "core/study/lookup.h"
#include "core/study/raters.h"

namespace ipsi::ingest {
namespace {

constexpr const char* kPlanKey = "assignment";
constexpr const char* kLooksKey = "assignment.looks";
constexpr const char* kCalibrationKey = "calibration";

/// FNV-1a: a key of its own for each stream of random numbers, the same on every machine.
std::uint64_t key_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

using Cohorts = std::map<std::string, std::vector<std::string>,
                         decltype([](const auto& a, const auto& b) { return study::natural_less(a, b); })>;

Cohorts cohorts_of(const std::vector<study::Person>& people) {
  Cohorts out;
  for (const auto& person : people) out[person.cohort].push_back(person.id);
  for (auto& [cohort, ids] : out) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return out;
}

std::vector<std::string> shuffled(const std::vector<std::string>& ids, std::uint64_t seed, const std::string& what) {
  numeric::Stream stream(seed, key_of(what));
  std::vector<std::string> out;
  for (const std::size_t i : stream.permutation(ids.size())) out.push_back(ids[i]);
  return out;
}

/// Whole numbers that follow a share: what is rounded in one cohort is made up for in the next.
class Quota {
 public:
  explicit Quota(double share) : share_(share) {}
  std::size_t next(std::size_t people) {
    seen_ += people;
    const auto wanted = static_cast<std::size_t>(std::floor(share_ * static_cast<double>(seen_) + 0.5));
    const std::size_t out = wanted - given_;
    given_ = wanted;
    return std::min(out, people);
  }

 private:
  double share_;
  std::size_t seen_ = 0, given_ = 0;
};

/// First looks of one cohort's new people when split.
class Dealer {
 public:
  Dealer(const AssignmentPlan& plan, Assignment& out) : plan_(plan), out_(out), total_(plan.raters.size(), 0) {
    numeric::Stream stream(plan.seed, key_of("raters"));
    rank_ = stream.permutation(plan.raters.size());
  }

  void deal(const std::string& cohort, const std::vector<std::string>& ids, std::size_t shared) {
    std::vector<std::size_t> own(plan_.raters.size(), 0);
    std::vector<std::string> fresh;
    for (const auto& id : ids) {
      const auto found = out_.looks.find(id);
      if (found == out_.looks.end()) {
        fresh.push_back(id);
        continue;
      }
      if (const auto only = only_rater(found->second); only < own.size()) {
        ++own[only];
      } else {
        shared -= std::min<std::size_t>(shared, 1);
      }
    }
    for (std::size_t r = 0; r < own.size(); ++r) total_[r] += own[r];
    for (const auto& id : shuffled(fresh, plan_.seed, "people of " + cohort)) {
      if (shared > 0) {
        --shared;
        out_.looks[id] = plan_.raters;
        continue;
      }
      std::size_t best = 0;
      for (std::size_t r = 1; r < own.size(); ++r)
        if (std::tuple(own[r], total_[r], rank_[r]) < std::tuple(own[best], total_[best], rank_[best])) best = r;
      ++own[best];
      ++total_[best];
      out_.looks[id] = {plan_.raters[best]};
    }
  }

 private:
  /// The one rater of a person; the number of raters when it is not one.
  [[nodiscard]] std::size_t only_rater(const std::vector<std::string>& looks) const {
    std::size_t only = plan_.raters.size(), count = 0;
    for (std::size_t r = 0; r < plan_.raters.size(); ++r)
      if (std::find(looks.begin(), looks.end(), plan_.raters[r]) != looks.end()) {
        only = r;
        ++count;
      }
    return count == 1 ? only : plan_.raters.size();
  }

  const AssignmentPlan& plan_;
  Assignment& out_;
  std::vector<std::size_t> total_, rank_;
};

/// Second looks of one rater. Only people who are new get one: others may have been seen already.
void add_repeats(Assignment& out, const Cohorts& cohorts, const std::set<std::string>& fresh,
                 const std::string& rater) {
  const std::string again = study::look_name(rater, 2);
  Quota quota(out.plan.repeats);
  for (const auto& [cohort, ids] : cohorts) {
    std::vector<std::string> candidates;
    std::size_t mine = 0, have = 0;
    for (const auto& id : ids) {
      const auto& looks = out.looks.at(id);
      if (std::find(looks.begin(), looks.end(), rater) == looks.end()) continue;
      ++mine;
      have += static_cast<std::size_t>(std::count(looks.begin(), looks.end(), again));
      if (fresh.contains(id)) candidates.push_back(id);
    }
    const std::size_t wanted = quota.next(mine);
    const auto order = shuffled(candidates, out.plan.seed, rater + " again in " + cohort);
    for (std::size_t i = 0; i < order.size() && have + i < wanted; ++i) out.looks[order[i]].push_back(again);
  }
}

}  // namespace

Result<void> check(const AssignmentPlan& plan) {
  const auto bad = [](std::string what, const char* where, std::string mend) -> Result<void> {
    return fail(Code::InvalidInput, std::move(what), where, std::move(mend));
  };
  if (plan.raters.empty()) return bad("there is no rater", "raters", "name at least one");
  std::set<std::string> seen;
  for (const auto& rater : plan.raters) {
    if (trim(rater).empty()) return bad("a rater has no name", "raters", "name each");
    if (study::kind_of(rater) != study::RaterKind::rater)
      return bad(fmt::format("'{}' cannot be assigned people: the name has a meaning of its own", rater), "raters",
                 "gold, consensus and NAME#2 are not raters; choose another name");
    if (!seen.insert(rater).second) return bad(fmt::format("'{}' is named twice", rater), "raters", "name each once");
  }
  for (const auto& [share, where] : {std::pair(plan.overlap, "overlap"), std::pair(plan.repeats, "repeats")})
    if (!(share >= 0.0 && share <= 1.0))
      return bad(fmt::format("a share of {} is not between 0 and 1", share), where, "0.15 is usual");
  return {};
}

Assignment assign(const AssignmentPlan& plan, const std::vector<study::Person>& people, const Assignment& before) {
  Assignment out{plan, before.looks};
  const Cohorts cohorts = cohorts_of(people);
  std::set<std::string> fresh;
  for (const auto& [cohort, ids] : cohorts)
    for (const auto& id : ids)
      if (!before.looks.contains(id)) fresh.insert(id);
  if (plan.sharing == Sharing::all || plan.raters.size() == 1) {
    for (const auto& id : fresh) out.looks[id] = plan.raters;
  } else {
    Dealer dealer(out.plan, out);
    Quota quota(plan.overlap);
    for (const auto& [cohort, ids] : cohorts) dealer.deal(cohort, ids, quota.next(ids.size()));
  }
  if (plan.repeats > 0.0)
    for (const auto& rater : plan.raters) add_repeats(out, cohorts, fresh, rater);
  return out;
}

std::vector<study::Setting> to_settings(const Assignment& assignment) {
  const AssignmentPlan& plan = assignment.plan;
  const Json json{{"schema", 1},
                  {"raters", plan.raters},
                  {"sharing", plan.sharing == Sharing::split ? "split" : "all"},
                  {"overlap", plan.overlap},
                  {"repeats", plan.repeats},
                  {"seed", plan.seed}};
  return {{kPlanKey, json.dump()}, {kLooksKey, Json(assignment.looks).dump()}};
}

std::optional<AssignmentPlan> plan_of(const study::Snapshot& snapshot) {
  try {
    const Json json = Json::parse(snapshot.setting(kPlanKey));
    if (json.at("schema") != 1) return std::nullopt;
    const auto sharing = json.at("sharing") == "split" ? Sharing::split : Sharing::all;
    return AssignmentPlan{json.at("raters").get<std::vector<std::string>>(), sharing, json.at("overlap").get<double>(),
                          json.at("repeats").get<double>(), json.at("seed").get<std::uint64_t>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

Result<std::optional<Assignment>> assignment_of(const study::Snapshot& snapshot) {
  if (snapshot.setting(kPlanKey).empty()) return std::optional<Assignment>();
  const auto plan = plan_of(snapshot);
  Assignment stored;
  try {
    stored.looks =
        Json::parse(snapshot.setting(kLooksKey, "{}")).get<std::map<std::string, std::vector<std::string>>>();
    if (plan) return std::optional<Assignment>(assign(*plan, snapshot.people, stored));
  } catch (const Json::exception&) {
  }
  return fail(Code::ReadFailed, "the assignment of raters cannot be read", "setting 'assignment'",
              "it is of another version; assign again");
}

std::vector<RaterProgress> progress(const Assignment& assignment, const study::Snapshot& snapshot) {
  std::map<std::string_view, const study::Session*> first;
  for (const auto& session : snapshot.sessions) {
    const study::Session*& have = first[session.person];
    if (have == nullptr || session.ordinal < have->ordinal) have = &session;
  }
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> rated;  // rater, person -> regions
  for (const auto& rating : snapshot.ratings) {
    const auto at = first.find(rating.person);
    if (rating.flag != study::Flag::unrated && at != first.end() && at->second->label == rating.session)
      ++rated[{rating.rater, rating.person}];
  }
  std::vector<RaterProgress> out;
  for (const auto& rater : assignment.plan.raters) out.push_back({rater});
  for (const auto& [person, looks] : assignment.looks)
    for (const auto& name : looks) {
      const study::Look look = study::look_of(name);
      const auto mine =
          std::find_if(out.begin(), out.end(), [&](const RaterProgress& p) { return p.rater == look.name; });
      if (mine == out.end()) continue;
      const auto found = rated.find({name, person});
      const std::size_t regions = found == rated.end() ? 0 : found->second;
      const int done = regions == kRegions.size() ? 1 : 0;
      (look.number > 1 ? mine->again : mine->people) += 1;
      (look.number > 1 ? mine->again_done : mine->done) += done;
      if (look.number == 1 && regions > 0 && done == 0) ++mine->begun;
    }
  return out;
}

std::vector<std::string> choose_calibration(const study::Snapshot& snapshot, int n, std::uint64_t seed) {
  std::set<std::string_view> imaged;
  for (const auto& scan : snapshot.scans)
    if (scan.kind == "labels") imaged.insert(scan.person);
  std::vector<study::Person> candidates;
  for (const auto& person : snapshot.people)
    if (person.group == "patient" && (imaged.empty() || imaged.contains(person.id))) candidates.push_back(person);
  std::vector<std::vector<std::string>> cohorts;
  for (const auto& [cohort, ids] : cohorts_of(candidates))
    cohorts.push_back(shuffled(ids, seed, "calibration of " + cohort));
  numeric::Stream stream(seed, key_of("calibration"));
  const auto order = stream.permutation(cohorts.size());
  std::vector<std::string> out;
  const auto wanted = std::min(candidates.size(), static_cast<std::size_t>(std::max(n, 0)));
  for (std::size_t round = 0; out.size() < wanted; ++round)
    for (const std::size_t c : order)
      if (round < cohorts[c].size() && out.size() < wanted) out.push_back(cohorts[c][round]);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return study::natural_less(a, b); });
  return out;
}

study::Setting calibration_setting(const std::vector<std::string>& people) {
  return {kCalibrationKey, Json{{"schema", 1}, {"people", people}}.dump()};
}

std::vector<std::pair<std::string, int>> calibration_of(const study::Snapshot& snapshot) {
  std::map<std::string, int> regions;
  const Json json = Json::parse(snapshot.setting(kCalibrationKey, "{}"), nullptr, false);
  std::set<std::string> known;
  for (const auto& person : snapshot.people) known.insert(person.id);
  if (json.is_object() && json.contains("people"))
    for (const Json& id : json.at("people"))
      if (id.is_string() && known.contains(id.get<std::string>())) regions[id.get<std::string>()] = 0;
  for (const auto& rating : snapshot.ratings)
    if (rating.rater == study::kGold && rating.flag != study::Flag::unrated) ++regions[rating.person];
  std::vector<std::pair<std::string, int>> out(regions.begin(), regions.end());
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return study::natural_less(a.first, b.first); });
  return out;
}

std::string coded_name(std::uint64_t seed, std::string_view person, int look) {
  constexpr std::string_view kLetters = "23456789abcdefghjkmnpqrstuvwxyz";  // none that look alike
  numeric::Stream stream(seed, key_of(fmt::format("{}\n{}", person, look)));
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == 4) out += '-';
    out += kLetters[stream.below(kLetters.size())];
  }
  return out;
}

}  // namespace ipsi::ingest
