// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/suggestion_log.h"

#include "core/study/study.h"
#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using study::Flag;

RegionRisk suggesting(Flag flag, const std::string& why = "") {
  RegionRisk risk;
  risk.risk = 0.75;
  risk.suggestion = {flag, why};
  return risk;
}

TEST(SuggestionLog, GoesWithTheDecisionAndComesBackWithIt) {
  const test::TemporaryDir dir;
  auto study = study::Study::create(dir / "s.ipsi");
  ASSERT_OK(study);
  study::Request people{"importer", "import", "", {}};
  people.put(study::Cohort{"c", ""});
  people.put(study::Person{"a", "c", "patient", "", "left", ""});
  people.put(study::Session{"a", "1", 1, "", 60, 100});
  ASSERT_OK(study->apply(people));
  const auto rate = [&](const char* region, const char* rater, Flag flag, const RegionRisk& shown, Shown when) {
    const study::Rating rating{"a", "1", region, rater, flag, "", "", ""};
    study::Request request{rater, "rate", "", {}};
    request.put(rating);
    request.put(shown_row(rating, shown, when));
    ASSERT_OK(study->apply(request));
  };
  rate("left_thalamus", "A", Flag::lesioned, suggesting(Flag::lesioned, "overlap 31 % of the region, 1,240 mm3"),
       Shown::before);
  rate("left_caudate", "A", Flag::ok, suggesting(Flag::failed, "volume z -4.1"), Shown::before);
  rate("left_putamen", "A", Flag::ok, suggesting(Flag::unrated), Shown::before);
  rate("left_thalamus", "B", Flag::failed, suggesting(Flag::lesioned, "x: y"), Shown::after);
  ASSERT_OK(study->apply(
      {"C", "rate", "", {study::Put(study::Rating{"a", "1", "left_thalamus", "C", Flag::ok, "", "", ""})}}));

  auto snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  FollowReport report = follow_report(*snapshot);
  const Following& a = report.raters["A"][Shown::before];
  EXPECT_EQ(a.suggested(), 2);
  EXPECT_EQ(a.followed(), 1);
  EXPECT_EQ(a.against_none(), 0);
  EXPECT_EQ(a.count[0][0], 1);
  EXPECT_EQ(report.raters["B"][Shown::after].count[1][2], 1);
  EXPECT_EQ(report.unknown["C"], 1);
  const Json json = to_json(report);
  EXPECT_EQ(json["raters"][0]["followed_fraction"], 0.5);
  EXPECT_EQ(json["raters"][0]["counts"]["failed"]["ok"], 1);
  EXPECT_EQ(json["without_record"]["C"], 1);

  const auto acts = study->log();
  ASSERT_OK(acts);
  const auto first = std::ranges::find(*acts, "rate", &study::Act::kind);
  ASSERT_NE(first, acts->end());
  EXPECT_EQ(first->edits.size(), 2U) << "what was shown is part of the act";
  ASSERT_OK(study->undo("A", 1, {"rate"}));
  snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  EXPECT_EQ(follow_report(*snapshot).raters["A"][Shown::before].count[0][0], 0);
  const auto differences = study->verify();
  ASSERT_OK(differences);
  EXPECT_TRUE(differences->empty());
}

TEST(SuggestionLog, ReadsOnlyWhatItWrote) {
  const study::Rating rating{"a", "1", "left_thalamus", "A", Flag::ok, "", "", ""};
  for (const Flag flag : {Flag::unrated, Flag::lesioned, Flag::failed})
    for (const Shown shown : {Shown::before, Shown::after, Shown::never})
      for (const char* why : {"", "overlap 3 %, 12 mm3; lesion: near"}) {
        const auto back = read_shown(shown_row(rating, suggesting(flag, why), shown));
        ASSERT_TRUE(back);
        EXPECT_EQ(back->flag, flag);
        EXPECT_EQ(back->shown, shown);
        EXPECT_EQ(back->why, why);
        EXPECT_EQ(back->risk, 0.75);
      }
  study::Measurement other = shown_row(rating, suggesting(Flag::failed), Shown::before);
  other.note = "failed maybe";
  EXPECT_FALSE(read_shown(other));
  other = shown_row(rating, suggesting(Flag::failed), Shown::before);
  other.measure = "volume";
  EXPECT_FALSE(read_shown(other));
}

}  // namespace
}  // namespace ipsi::ingest
