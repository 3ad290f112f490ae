// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/assignment.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/raters.h"
#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {

std::vector<study::Person> people(int n, int cohorts, int from = 0) {
  std::vector<study::Person> out;
  for (int i = from; i < from + n; ++i)
    out.push_back({fmt::format("sub-{:04}", i), fmt::format("c{}", (i * i + i / 3) % cohorts), "patient", "", "", ""});
  return out;
}

std::size_t count_of(const Assignment& a, const std::string& rater, const std::vector<study::Person>& who) {
  return static_cast<std::size_t>(std::count_if(who.begin(), who.end(), [&](const auto& person) {
    const auto& looks = a.looks.at(person.id);
    return std::find(looks.begin(), looks.end(), rater) != looks.end();
  }));
}

TEST(Assignment, AllMeansEveryoneRatesEverybody) {
  const auto who = people(50, 4);
  const Assignment a = assign({.raters = {"A", "B", "C"}}, who);
  ASSERT_EQ(a.looks.size(), 50U);
  for (const auto& [id, looks] : a.looks) EXPECT_EQ(looks, (std::vector<std::string>{"A", "B", "C"})) << id;
}

TEST(Assignment, ASplitIsEvenInEveryCohortAndOverAll) {
  for (const int raters : {2, 3, 5})
    for (const std::uint64_t seed : {1U, 7U, 99U}) {
      AssignmentPlan plan{.raters = {}, .sharing = Sharing::split, .overlap = 0.15, .repeats = 0.1, .seed = seed};
      for (int r = 0; r < raters; ++r) plan.raters.push_back(fmt::format("r{}", r));
      const auto who = people(828, 28);
      const Assignment a = assign(plan, who);
      std::size_t shared = 0;
      std::map<std::string, std::vector<study::Person>> cohorts;
      for (const auto& person : who) {
        cohorts[person.cohort].push_back(person);
        const auto& looks = a.looks.at(person.id);
        const auto first = std::count_if(looks.begin(), looks.end(), [](const auto& name) {
          return study::kind_of(name) == study::RaterKind::rater;
        });
        EXPECT_TRUE(first == 1 || first == raters) << person.id;
        shared += first > 1 ? 1 : 0;
      }
      EXPECT_EQ(shared, 124U) << "15 % of 828 is 124.2";
      const auto even = [&](const std::vector<study::Person>& part) {
        std::size_t least = part.size(), most = 0;
        for (const auto& rater : plan.raters) {
          least = std::min(least, count_of(a, rater, part));
          most = std::max(most, count_of(a, rater, part));
        }
        return most - least <= 1;
      };
      EXPECT_TRUE(even(who));
      for (const auto& [cohort, part] : cohorts) EXPECT_TRUE(even(part)) << cohort;
      for (const auto& rater : plan.raters) {
        const double mine = static_cast<double>(count_of(a, rater, who));
        const double again = static_cast<double>(count_of(a, study::look_name(rater, 2), who));
        EXPECT_LE(std::abs(again - 0.1 * mine), 0.5 + 1e-9) << rater;
      }
    }
}

TEST(Assignment, SecondLooksAreOfWhomTheRaterHasSeen) {
  const Assignment a = assign({{"A", "B"}, Sharing::split, 0.2, 0.5, 3}, people(101, 6));
  for (const auto& [id, looks] : a.looks)
    for (const auto& name : looks)
      if (study::kind_of(name) == study::RaterKind::repeat) {
        const std::string rater = study::look_of(name).name;
        EXPECT_NE(std::find(looks.begin(), looks.end(), rater), looks.end()) << id << " " << name;
      }
}

TEST(Assignment, PeopleWhoAreAddedChangeNothingForOthers) {
  std::mt19937 random(2);
  for (const Sharing sharing : {Sharing::all, Sharing::split})
    for (int round = 0; round < 10; ++round) {
      const AssignmentPlan plan{{"A", "B", "C"}, sharing, 0.15, 0.1, random()};
      auto everyone = people(300, 9);
      std::shuffle(everyone.begin(), everyone.end(), random);
      const std::vector<study::Person> early(everyone.begin(), everyone.begin() + 120);
      const Assignment before = assign(plan, early), after = assign(plan, everyone, before);
      for (const auto& [id, looks] : before.looks) EXPECT_EQ(after.looks.at(id), looks);
      EXPECT_EQ(after.looks.size(), 300U);
      const std::size_t a = count_of(after, "A", everyone), b = count_of(after, "B", everyone);
      EXPECT_LE(std::max(a, b) - std::min(a, b), 9U) << "still even: a cohort apart at most";
      EXPECT_EQ(assign(plan, everyone, after).looks, after.looks) << "nobody new, nothing new";
    }
}

TEST(Assignment, DependsOnTheSeedAndNotOnTheOrderOfPeople) {
  auto who = people(90, 5);
  const AssignmentPlan plan{{"A", "B"}, Sharing::split, 0.2, 0.2, 1};
  const Assignment a = assign(plan, who);
  std::mt19937 random(8);
  std::shuffle(who.begin(), who.end(), random);
  EXPECT_EQ(assign(plan, who).looks, a.looks);
  AssignmentPlan other = plan;
  other.seed = 2;
  EXPECT_NE(assign(other, who).looks, a.looks);
}

TEST(Assignment, IsKeptInTheStudysSettings) {
  study::Snapshot s;
  s.people = people(40, 3);
  EXPECT_FALSE(assignment_of(s)->has_value());
  const Assignment a = assign({{"A", "B"}, Sharing::split, 0.25, 0.1, 12345678901234567890U}, s.people);
  s.settings = to_settings(a);
  const auto back = assignment_of(s);
  ASSERT_OK(back);
  EXPECT_EQ((*back)->plan, a.plan);
  EXPECT_EQ((*back)->looks, a.looks);
  for (auto& person : people(10, 3, 40)) s.people.push_back(person);
  EXPECT_EQ((*assignment_of(s))->looks.size(), 50U) << "those who came since are dealt too";
  s.settings[0].value = "{\"schema\": 9}";
  EXPECT_EQ(assignment_of(s).error().code, Code::ReadFailed);
}

TEST(Assignment, RefusesPlansThatCannotBe) {
  EXPECT_OK(check({.raters = {"A"}}));
  for (const AssignmentPlan& plan :
       {AssignmentPlan{}, AssignmentPlan{.raters = {"A", "A"}}, AssignmentPlan{.raters = {" "}},
        AssignmentPlan{.raters = {"gold"}}, AssignmentPlan{.raters = {"A#2"}}, AssignmentPlan{.raters = {"consensus"}},
        AssignmentPlan{.raters = {"A"}, .overlap = 1.1}, AssignmentPlan{.raters = {"A"}, .repeats = std::nan("")}})
    EXPECT_FALSE(check(plan));
  EXPECT_TRUE(assign({.raters = {"A"}}, {}).looks.empty());
}

TEST(CodedName, SaysNothingAndIsEachLooksOwn) {
  std::set<std::string> names;
  for (const auto& person : people(1500, 3))
    for (const int look : {1, 2}) {
      const std::string name = coded_name(1, person.id, look);
      EXPECT_EQ(name.size(), 9U);
      names.insert(name);
    }
  EXPECT_EQ(names.size(), 3000U);
  EXPECT_EQ(coded_name(1, "sub-1", 1), coded_name(1, "sub-1", 1));
  EXPECT_NE(coded_name(2, "sub-1", 1), coded_name(1, "sub-1", 1));
}

TEST(Assignment, TellsHowFarEachRaterIs) {
  study::Snapshot s;
  s.people = people(4, 1);
  for (const auto& person : s.people) {
    s.sessions.push_back({person.id, "1", 1, "", 60, 10});
    s.sessions.push_back({person.id, "2", 2, "", 60, 10});
  }
  const auto say = [&](const std::string& rater, int person, std::size_t regions, const char* session = "1") {
    for (std::size_t r = 0; r < regions; ++r)
      s.ratings.push_back({s.people[static_cast<std::size_t>(person)].id, session, std::string(kRegions[r].key), rater,
                           study::Flag::ok, "", "", ""});
  };
  say("A", 0, 12);
  say("A", 1, 11);
  say("A", 2, 12, "2");  // another visit
  say("B", 3, 12);
  say("A#2", 0, 12);
  Assignment a{.plan = {.raters = {"A", "B"}}, .looks = {}};
  for (const auto& person : s.people) a.looks[person.id] = {"A", "B"};
  a.looks[s.people[0].id] = {"A", "B", "A#2"};
  a.looks[s.people[1].id] = {"A", "B", "A#2"};
  const auto found = progress(a, s);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].rater, "A");
  EXPECT_EQ(found[0].people, 4);
  EXPECT_EQ(found[0].done, 1);
  EXPECT_EQ(found[0].begun, 1);
  EXPECT_EQ(found[0].again, 2);
  EXPECT_EQ(found[0].again_done, 1);
  EXPECT_EQ(found[1].done, 1);
  EXPECT_EQ(found[1].begun, 0);
  EXPECT_EQ(found[1].again, 0);
}

TEST(Calibration, IsChosenEvenlyOfAllCohortsAndKept) {
  study::Snapshot s;
  s.people = people(120, 6);
  s.people.push_back({"healthy", "c0", "control", "", "", ""});
  const auto chosen = choose_calibration(s, 14, 3);
  ASSERT_EQ(chosen.size(), 14U);
  EXPECT_EQ(choose_calibration(s, 14, 3), chosen);
  EXPECT_NE(choose_calibration(s, 14, 4), chosen);
  std::map<std::string, int> cohorts;
  for (const auto& id : chosen)
    for (const auto& person : s.people)
      if (person.id == id) ++cohorts[person.cohort];
  for (const auto& person : s.people) cohorts.try_emplace(person.cohort, 0);
  int least = 14, most = 0;
  for (const auto& [cohort, n] : cohorts) least = std::min(least, n), most = std::max(most, n);
  EXPECT_LE(most - least, 1);
  EXPECT_EQ(choose_calibration(s, 1000, 3).size(), 120U) << "patients";
  // Where there are images, those who have them.
  for (const char* id : {"sub-0007", "sub-0050"}) s.scans.push_back({id, "1", "labels", "x", "", 0, 0});
  EXPECT_EQ(choose_calibration(s, 14, 3), (std::vector<std::string>{"sub-0007", "sub-0050"}));
  s.settings.push_back(calibration_setting({"sub-0007", "sub-0050", "gone"}));
  for (std::size_t r = 0; r < 12; ++r)
    s.ratings.push_back({"sub-0050", "1", std::string(kRegions[r].key), "gold", study::Flag::ok, "", "", ""});
  s.ratings.push_back({"sub-0003", "1", "left_thalamus", "gold", study::Flag::ok, "", "", ""});
  EXPECT_EQ(calibration_of(s),
            (std::vector<std::pair<std::string, int>>{{"sub-0003", 1}, {"sub-0007", 0}, {"sub-0050", 12}}));
}

}  // namespace
}  // namespace ipsi::ingest
