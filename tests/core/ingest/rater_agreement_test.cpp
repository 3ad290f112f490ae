// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rater_agreement.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {

using study::Flag;
using test::near;

void say(study::Snapshot& s, const std::string& rater, const std::string& person, const std::string& region, Flag flag,
         const std::string& session = "1") {
  s.ratings.push_back({person, session, region, rater, flag, "", "", ""});
}

/// 20 people in two cohorts; A says ok of all thalami, B lesioned of the last five; B agrees on the caudate.
study::Snapshot two_raters() {
  study::Snapshot s;
  for (int i = 0; i < 20; ++i) {
    const std::string id = fmt::format("sub-{}", i);
    s.people.push_back({id, i < 10 ? "c1" : "c2", "patient", "", "left", ""});
    say(s, "A", id, "left_thalamus", Flag::ok);
    say(s, "B", id, "left_thalamus", i < 15 ? Flag::ok : Flag::lesioned);
    say(s, "A", id, "right_caudate", i % 2 == 0 ? Flag::ok : Flag::failed);
    say(s, "B", id, "right_caudate", i % 2 == 0 ? Flag::ok : Flag::failed);
  }
  return s;
}

TEST(RaterAgreement, IsToldPerRegionAndCohort) {
  const AgreementReport report = rater_agreement(two_raters());
  EXPECT_EQ(report.raters, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(report.everyone.all.items, 40);
  EXPECT_EQ(report.everyone.all.clusters, 20);
  EXPECT_TRUE(near(report.everyone.all.percent.value, 35.0 / 40, 1e-12));
  ASSERT_EQ(report.everyone.regions.size(), 2U);
  EXPECT_EQ(report.everyone.regions[0].first, "left_thalamus");
  EXPECT_TRUE(near(report.everyone.regions[0].second.percent.value, 0.75, 1e-12));
  EXPECT_EQ(report.everyone.regions[0].second.cohen.value, 0.0) << "A says the same of all: no better than chance";
  EXPECT_EQ(report.everyone.regions[1].second.cohen.value, 1.0);
  ASSERT_EQ(report.everyone.cohorts.size(), 2U);
  EXPECT_EQ(report.everyone.cohorts[0].second.percent.value, 1.0);
  EXPECT_TRUE(near(report.everyone.cohorts[1].second.percent.value, 0.75, 1e-12));
  ASSERT_EQ(report.pairs.size(), 1U);
  EXPECT_EQ(report.pairs[0].part.all.confusion, (std::vector<int>{25, 5, 0, 0, 0, 0, 0, 0, 10}));
}

TEST(RaterAgreement, OkAgainstTheRest) {
  study::Snapshot s = two_raters();
  for (auto& rating : s.ratings)
    if (rating.rater == "B" && rating.flag == Flag::failed) rating.flag = Flag::lesioned;
  EXPECT_TRUE(near(rater_agreement(s).everyone.all.percent.value, 25.0 / 40, 1e-12));
  const AgreementReport kept = rater_agreement(s, {.categories = Categories::kept});
  EXPECT_TRUE(near(kept.everyone.all.percent.value, 35.0 / 40, 1e-12)) << "both left out";
  EXPECT_EQ(kept.pairs[0].part.all.confusion, (std::vector<int>{25, 5, 0, 10}));
}

TEST(RaterAgreement, SecondLooksAndGoldAreComparedOnTheirOwn) {
  study::Snapshot s = two_raters();
  const auto before = rater_agreement(s);
  for (int i = 0; i < 6; ++i) {
    const std::string id = fmt::format("sub-{}", i);
    say(s, "A#2", id, "left_thalamus", i < 4 ? Flag::ok : Flag::failed);
    say(s, "A#3", id, "left_thalamus", Flag::ok);
    say(s, "gold", id, "right_caudate", i < 3 ? Flag::failed : Flag::ok);
    say(s, "consensus", id, "left_thalamus", Flag::failed);
  }
  say(s, "C#2", "sub-1", "left_thalamus", Flag::ok);  // C has no first look
  const auto report = rater_agreement(s);
  EXPECT_EQ(report.raters, before.raters);
  EXPECT_EQ(to_json(report.everyone.all, report.categories), to_json(before.everyone.all, before.categories));
  ASSERT_EQ(report.repeats.size(), 2U);
  EXPECT_EQ(report.repeats[0].b, "A#2");
  EXPECT_EQ(report.repeats[0].part.all.items, 6);
  EXPECT_TRUE(near(report.repeats[0].part.all.percent.value, 4.0 / 6, 1e-12));
  EXPECT_EQ(report.repeats[1].part.all.percent.value, 1.0);
  ASSERT_EQ(report.gold.size(), 2U);
  EXPECT_EQ(report.gold[0].b, "A");
  // ok failed ok failed ok failed against failed x 3, ok x 3: right on the 2nd and the 5th.
  EXPECT_TRUE(near(report.gold[0].part.all.percent.value, 2.0 / 6, 1e-12));
  const GoldScore score = score_of(report.gold[0].part.all);
  EXPECT_EQ(score.n, 6);
  EXPECT_EQ(score.correct, 2);
  EXPECT_EQ(score.to_leave, 3);
  EXPECT_EQ(score.found, 1);
  EXPECT_EQ(score.to_keep, 3);
  EXPECT_EQ(score.kept, 1);
  ASSERT_EQ(report.gold[0].part.regions.size(), 2U) << "A's other region is listed, without an n";
  EXPECT_EQ(report.gold[0].part.regions[0].second.items, 0);
}

TEST(RaterAgreement, SessionsAreItemsOfTheirOwn) {
  study::Snapshot s;
  s.people.push_back({"p", "c", "patient", "", "left", ""});
  say(s, "A", "p", "left_thalamus", Flag::ok, "1");
  say(s, "B", "p", "left_thalamus", Flag::failed, "2");
  const auto report = rater_agreement(s);
  EXPECT_EQ(report.everyone.all.items, 0);
  EXPECT_EQ(report.everyone.all.single, 2);
  EXPECT_EQ(note_of(report.everyone.all, report.categories), "no region was rated by two");
}

TEST(RaterAgreement, DegenerateStudiesSaySo) {
  const auto empty = rater_agreement(study::Snapshot{});
  EXPECT_TRUE(to_json(empty).at("overall").at("kappa").is_number() == false ||
              std::isnan(to_json(empty).at("overall").at("kappa").get<double>()));
  study::Snapshot s;
  for (int i = 0; i < 8; ++i)
    for (const char* rater : {"A", "B"}) say(s, rater, fmt::format("p{}", i), "left_putamen", Flag::ok);
  const auto all_ok = rater_agreement(s);
  EXPECT_EQ(all_ok.everyone.all.ac1.value, 1.0);
  EXPECT_EQ(note_of(all_ok.everyone.all, all_ok.categories), "kappa is not defined: every rating is ok");
}

TEST(RaterAgreement, FollowsTheRatersNotTheirNamesOrOrder) {
  std::mt19937 random(9);
  study::Snapshot s;
  for (int i = 0; i < 30; ++i) {
    const std::string id = fmt::format("p{}", i);
    s.people.push_back({id, fmt::format("c{}", i % 3), "patient", "", "left", ""});
    for (const char* rater : {"A", "B", "C"})
      for (std::size_t r = 0; r < 4; ++r)
        say(s, rater, id, std::string(kRegions[r].key), static_cast<Flag>(random() % 4));
  }
  const Json expected = to_json(rater_agreement(s));
  for (int round = 0; round < 5; ++round) {
    std::shuffle(s.ratings.begin(), s.ratings.end(), random);
    const Json found = to_json(rater_agreement(s));
    EXPECT_TRUE(near(found.at("overall").at("ac1_se"), expected.at("overall").at("ac1_se"), 1e-12));
    EXPECT_EQ(found.at("pairs").at(1).at("overall").at("confusion"),
              expected.at("pairs").at(1).at("overall").at("confusion"));
    EXPECT_TRUE(near(found.at("regions").at("left_caudate").at("kappa"),
                     expected.at("regions").at("left_caudate").at("kappa"), 1e-12));
  }
}

TEST(ReliabilityTable, HoldsWhatTheReportHolds) {
  study::Snapshot s = two_raters();
  say(s, "A#2", "sub-0", "left_thalamus", Flag::failed);
  say(s, "gold", "sub-0", "left_thalamus", Flag::ok);
  const AgreementReport report = rater_agreement(s);
  const auto table = reliability_table(report);
  ASSERT_OK(table);
  std::size_t rows = 0, row = 0;
  const auto same = [&](const char* kind, const std::string& a, const std::string& name,
                        const numeric::Agreement& agreement) {
    const auto number = [&](const char* column) { return table->find(column)->values[row]; };
    EXPECT_EQ(table->find("comparison")->texts[row], kind);
    EXPECT_EQ(table->find("a")->texts[row], a);
    EXPECT_EQ(table->find("name")->texts[row], name);
    EXPECT_EQ(number("n"), agreement.items);
    EXPECT_EQ(number("people"), agreement.clusters);
    EXPECT_TRUE(near(number("percent"), agreement.percent.value, 0));
    EXPECT_TRUE(near(number("kappa"), kappa_of(agreement).value, 0));
    EXPECT_TRUE(near(number("kappa_low"), kappa_of(agreement).cluster_low, 0));
    EXPECT_TRUE(near(number("ac1_high"), agreement.ac1.cluster_high, 0));
    EXPECT_TRUE(near(number("share_lesioned"), agreement.prevalence[1], 0));
    ++row;
  };
  const auto all = [&](const char* kind, const std::string& a, const AgreementPart& part) {
    rows += 1 + part.regions.size() + part.cohorts.size();
    same(kind, a, "", part.all);
    for (const auto& [name, agreement] : part.regions) same(kind, a, name, agreement);
    for (const auto& [name, agreement] : part.cohorts) same(kind, a, name, agreement);
  };
  all("raters", "", report.everyone);
  for (const auto& pair : report.pairs) all("pair", pair.a, pair.part);
  for (const auto& pair : report.repeats) all("repeat", pair.a, pair.part);
  for (const auto& pair : report.gold) all("gold", pair.a, pair.part);
  EXPECT_EQ(table->rows(), rows);
  EXPECT_GT(rows, 12U);
}

}  // namespace
}  // namespace ipsi::ingest
