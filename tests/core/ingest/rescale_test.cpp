// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rescale.h"

#include <cmath>
#include <map>

#include "core/ingest/flow.h"
#include "core/ingest/health.h"
#include "core/study/patch.h"
#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using namespace ipsi::ingest::test;

/// Two cohorts, FMA-UE on 66 and on 60, NIHSS, and a ratio; a score without raw value ("unable").
study::Snapshot scored() {
  study::Snapshot s;
  s.cohorts = {{"A", "A"}, {"B", "B"}};
  for (int i = 1; i <= 4; ++i) {
    const std::string id = fmt::format("p-{}", i);
    s.people.push_back({id, i <= 2 ? "A" : "B", "patient", "female", "left", ""});
    s.sessions.push_back({id, "1", 1, "", 60, 100});
    s.measurements.push_back({id, "1", "head", "icv", "enigma_csv", 1.5e6 + i, "mm3", ""});
    s.measurements.push_back({id, "1", "left_thalamus", "volume", "enigma_csv", 7000.0 + i, "mm3", ""});
  }
  const auto score = [&](const char* id, const char* test, double raw, double max, const char* better, double fraction,
                         const char* note = "") {
    s.scores.push_back({id, "1", test, raw, 0.0, max, better, fraction, note});
  };
  score("p-1", "FMA-UE", 33, 66, "high", 0.5);
  score("p-1", "NIHSS", 21, 42, "low", 0.5);
  score("p-2", "FMA-UE", 64, 66, "high", 64.0 / 66);
  score("p-3", "FMA-UE", 30, 60, "high", 0.5);
  score("p-3", "BBT", 20, 40, "high", 0.5, "ratio to the unaffected limb");
  score("p-4", "FMA-UE", study::kMissing, 60, "high", 0.0, "unable to perform (code NT)");
  return s;
}

TEST(Rescale, EachMaximumInUseIsAScaleOfItsOwn) {
  const auto scales = scales_of(scored());
  ASSERT_EQ(scales.size(), 4U);
  EXPECT_EQ(scales[0].test, "BBT");
  EXPECT_TRUE(scales[0].ratio());
  EXPECT_EQ(scales[1].test, "FMA-UE");
  EXPECT_EQ(scales[1].max, 66);
  EXPECT_EQ(scales[1].n, 2);
  EXPECT_EQ(scales[1].cohorts, std::vector<std::string>{"A"});
  EXPECT_EQ(scales[2].max, 60);
  EXPECT_EQ(scales[2].n, 2);
  EXPECT_EQ(scales[2].fractions, 2);
  EXPECT_EQ(scales[2].highest, 30);
  EXPECT_EQ(scales[3].better, Better::low);
}

TEST(Rescale, OnlyTheScoresOfThatScaleChange) {
  const auto snapshot = scored();
  const auto scales = scales_of(snapshot);
  const auto request = rescale(snapshot, scales[1], 60, Better::high, "A");
  ASSERT_OK(request);
  EXPECT_EQ(request->kind, "rescale");
  study::Snapshot after = snapshot;
  study::apply_changes(after, request->changes);
  std::map<std::string, study::Score> now;
  for (const auto& score : after.scores) now[score.person + " " + score.test] = score;
  EXPECT_DOUBLE_EQ(now["p-1 FMA-UE"].normalised, 33.0 / 60);
  EXPECT_TRUE(std::isnan(now["p-2 FMA-UE"].normalised));  // 64 of 60: the raw value stays, nothing is clipped
  EXPECT_EQ(now["p-2 FMA-UE"].raw, 64);
  EXPECT_EQ(now["p-2 FMA-UE"].note, "outside 0 to 60");
  EXPECT_DOUBLE_EQ(now["p-3 FMA-UE"].normalised, 0.5);
  EXPECT_DOUBLE_EQ(now["p-1 NIHSS"].normalised, 0.5);
  // p-2 has no score left and leaves; the flow is that of the study as it is now.
  ASSERT_EQ(after.exclusions.size(), 1U);
  EXPECT_EQ(after.exclusions[0].person, "p-2");
  EXPECT_EQ(after.exclusions[0].step, "no_score");
  EXPECT_EQ(after.flow.back().n, 3);
  // And back: the two scales have become one, so all four are on 60 now.
  const auto merged = scales_of(after);
  ASSERT_EQ(merged.size(), 3U);
  EXPECT_EQ(merged[1].n, 4);
  ASSERT_EQ(merged[1].out_of_range.size(), 1U);
  EXPECT_EQ(merged[1].out_of_range[0], (std::pair<std::string, std::string>("p-2", "64 of 60")));
}

TEST(Rescale, UnableStaysTheWorstScoreInEitherDirection) {
  const auto snapshot = scored();
  const auto request = rescale(snapshot, scales_of(snapshot)[2], 60, Better::low, "A");
  ASSERT_OK(request);
  for (const auto& change : request->changes)
    if (const auto* put = std::get_if<study::Put>(&change))
      if (const auto* score = std::get_if<study::Score>(put); score != nullptr && score->person == "p-4") {
        EXPECT_EQ(score->normalised, 0.0);
        EXPECT_EQ(score->direction, "low");
      }
}

TEST(Rescale, WhatCannotBeIsRefused) {
  const auto snapshot = scored();
  const auto scales = scales_of(snapshot);
  EXPECT_EQ(rescale(snapshot, scales[0], 10, Better::high, "A").error().code, Code::InvalidInput);  // open scale
  EXPECT_EQ(rescale(snapshot, scales[1], 0, Better::high, "A").error().code, Code::InvalidInput);
  EXPECT_EQ(rescale(snapshot, scales[1], study::kMissing, Better::high, "A").error().code, Code::InvalidInput);
  ScaleInUse other = scales[1];
  other.max = 67;
  EXPECT_EQ(rescale(snapshot, other, 66, Better::high, "A").error().code, Code::NotFound);
}

TEST(Health, EachCheckFindsWhatIsPlantedAndNothingElse) {
  study::Snapshot s = scored();
  for (const auto& check : health_of(s))
    if (check.key != "no_side") {
      EXPECT_TRUE(check.people.empty()) << check.key << " " << check.people.front().first;
    }
  s.measurements[0].value = 0.7e6;
  s.measurements[3].value = study::kMissing, s.measurements[3].note = "missing in source";
  s.measurements[5].value = study::kMissing, s.measurements[5].note = "excluded, reason unknown";
  s.measurements[6].value = study::kMissing, s.measurements[6].note = "failed estimate: 1 mm3 is below ..";
  s.measurements.push_back({"p-1", "1", "lesion", "left_fraction", "mask", 0.1, "", ""});
  s.sessions[1].age_years = study::kMissing;
  s.people[2].sex = "";
  std::map<std::string, std::vector<std::string>> found;
  for (const auto& check : health_of(s))
    for (const auto& [person, what] : check.people) found[check.key].push_back(person);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(found["icv_range"], Ids{"p-1"});
  EXPECT_EQ(found["zeros"], Ids{"p-2"});
  EXPECT_EQ(found["marks"], Ids{"p-3"});
  EXPECT_EQ(found["icv_failed"], Ids{"p-4"});
  EXPECT_EQ(found["no_icv"], Ids{"p-4"});
  EXPECT_EQ(found["swap"], Ids{"p-1"});
  EXPECT_EQ(found["no_age"], Ids{"p-2"});
  EXPECT_EQ(found["no_sex"], Ids{"p-3"});
}

TEST(Health, AWholeTableOfRoundedIcvIsSeenASingleRoundNumberIsNot) {
  study::Snapshot s = scored();
  const auto rounded = [&] {
    for (const auto& check : health_of(s))
      if (check.key == "rounded_icv") return check.people.size();
    return std::size_t{99};
  };
  s.measurements[0].value = 1523460;
  EXPECT_EQ(rounded(), 0U);
  for (int i = 0; i < 6; ++i)
    s.measurements.push_back({fmt::format("q-{}", i), "1", "head", "icv", "other", 1234560.0 + 10 * i, "mm3", ""});
  EXPECT_EQ(rounded(), 6U);
}

TEST(Plan, ALineThatIsLeftOutSettlesADuplicate) {
  const auto tests = ipsi::test::tests_path("data/ingest");
  Sources sources;
  sources.volumes = tests / "LandRvolumes.csv";
  sources.participants = tests / "participants.tsv";
  const auto blocked = plan(sources, {}, Task());
  ASSERT_OK(blocked);
  EXPECT_TRUE(blocked->blocked());
  EXPECT_EQ(of_trap(*blocked, "duplicate_id").at(0).other_line, 3);
  sources.skip_lines = {{"LandRvolumes.csv", 15}};
  const auto free = plan(sources, {}, Task());
  ASSERT_OK(free);
  EXPECT_FALSE(free->blocked());
  EXPECT_TRUE(named(*free, "skipped_line", "LandRvolumes.csv", 15, "", "sub-002"));
  EXPECT_EQ(free->matched, static_cast<long long>(free->matched_ids.size()));
}

TEST(Flow, WhoLeavesIsAsManyAsTheStepSays) {
  const auto tests = ipsi::test::tests_path("data/ingest");
  Sources sources;
  sources.volumes = tests / "LandRvolumes.csv";
  sources.participants = tests / "participants.tsv";
  sources.skip_lines = {{"LandRvolumes.csv", 15}};
  const auto made = plan(sources, {}, Task());
  ASSERT_OK(made);
  study::Snapshot after;
  study::apply_changes(after, made->changes);
  long long gone = 0;
  for (const auto& step : after.flow) {
    EXPECT_EQ(static_cast<long long>(leaving(after, step).size()), step.out) << step.label;
    gone += step.out;
  }
  EXPECT_EQ(after.flow.front().n - gone, after.flow.back().n);
}

}  // namespace
}  // namespace ipsi::ingest
