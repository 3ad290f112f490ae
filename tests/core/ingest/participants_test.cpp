// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using test::named;
using test::of_trap;
using test::person;
using test::score;
using test::spit;

/// A plan of this participants table alone, called p.tsv.
Plan plan_of_table(const std::string& text, Sources sources = {}) {
  test::TemporaryDir dir;
  spit(dir / "p.tsv", text);
  sources.participants = dir / "p.tsv";
  return test::plan_of(sources);
}

const study::Session* session(const Plan& plan, std::string_view id, std::string_view label = "1") {
  return test::planned<study::Session>(plan,
                                       [&](const study::Session& s) { return s.person == id && s.label == label; });
}

TEST(Participants, ReadTheDefaultColumns) {
  const auto plan = plan_of_table(
      "participant_id\tsite\tage\tsex\tdays_post_stroke\tlesion_side\tlesion_class\tgroup\tdate\tfma_ue\n"
      "sub-1\tA\t61.5\tF\t200\tleft\tsubcortical\tpatient\t2020-01-02\t45\n"
      "sub-2\tB\tn/a\tmale\tn/a\tR\tcortical\tpatient\tn/a\tn/a\n"
      "sub-3\tB\t40\tm\tn/a\tn/a\tn/a\tcontrol\tn/a\tn/a\n");
  ASSERT_NE(person(plan, "sub-1"), nullptr);
  EXPECT_EQ(person(plan, "sub-1")->cohort, "A");
  EXPECT_EQ(person(plan, "sub-1")->sex, "female");
  EXPECT_EQ(person(plan, "sub-1")->lesion_side, "left");
  EXPECT_EQ(person(plan, "sub-1")->lesion_class, "subcortical");
  EXPECT_EQ(person(plan, "sub-2")->lesion_side, "right");
  EXPECT_EQ(person(plan, "sub-3")->group, "control");
  EXPECT_EQ(person(plan, "sub-3")->lesion_side, "none");
  EXPECT_DOUBLE_EQ(session(plan, "sub-1")->age_years, 61.5);
  EXPECT_DOUBLE_EQ(session(plan, "sub-1")->days_post_stroke, 200);
  EXPECT_EQ(session(plan, "sub-1")->date, "2020-01-02");
  EXPECT_TRUE(std::isnan(session(plan, "sub-2")->age_years));
  EXPECT_EQ(plan.matched, 3);
  EXPECT_EQ(of_trap(plan, "not_a_number").size(), 0U);
}

TEST(Participants, WorkedCheckOfThePaper) {  // FMA-UE 45 of 66 -> 0.68
  const auto plan = plan_of_table("participant_id\tsite\tFMUE_TOTAL\nsub-1\tA\t45\n");
  const auto* s = score(plan, "sub-1", "FMA-UE");
  ASSERT_NE(s, nullptr);
  EXPECT_NEAR(s->normalised, 0.68, 0.005);
  EXPECT_DOUBLE_EQ(s->raw, 45);
  EXPECT_DOUBLE_EQ(s->max_used, 66);
  EXPECT_EQ(s->direction, "high");
}

TEST(Participants, UnderstandTheStrokeDictionary) {
  Sources sources;
  sources.sex_levels = {{"1", "male"}, {"2", "female"}};
  const auto plan = plan_of_table(
      "BIDS_ID\tSES\tSESSION_ID\tSITE\tAGE\tSEX\tCHRONICITY\tDAYS_POST_STROKE\tLESIONED_HEMISPHERE\tLESION_"
      "VOLUME\tAFFECTED_SIDE\tNIHSS\tWMFT_TIME\n"
      "r01\t1\tr01_1\tA\t60\t2\t180\t400\t1\t4.3\t2\t6\t30\n",
      sources);
  EXPECT_EQ(person(plan, "r01")->lesion_side, "left");
  EXPECT_EQ(person(plan, "r01")->sex, "female");
  EXPECT_DOUBLE_EQ(score(plan, "r01", "NIHSS")->normalised, 1 - 6.0 / 42);
  EXPECT_DOUBLE_EQ(score(plan, "r01", "WMFT-time")->normalised, 0.75);
  EXPECT_EQ(score(plan, "r01", "NIHSS")->direction, "low");
  EXPECT_DOUBLE_EQ(test::measurement(plan, "r01", "lesion", "volume", "table")->value, 4300);  // cc in the dictionary
  EXPECT_EQ(of_trap(plan, "chronicity_conflict").size(), 0U);
  EXPECT_FALSE(plan.blocked());
}

TEST(Participants, NumbersForSexBlockAndShowBothLevels) {
  const auto plan = plan_of_table("participant_id\tsite\tsex\na\tA\t1\nb\tA\t2\nc\tA\t2\n");
  EXPECT_TRUE(named(plan, "sex_levels", "p.tsv", 1, "sex", ""));
  EXPECT_NE(of_trap(plan, "sex_levels")[0].what.find("1 (1 row), 2 (2 rows)"), std::string::npos)
      << of_trap(plan, "sex_levels")[0].what;
  EXPECT_TRUE(plan.blocked());
  Sources sources;
  sources.sex_levels = {{"1", "male"}, {"2", "female"}};
  const auto told = plan_of_table("participant_id\tsite\tsex\na\tA\t1\nb\tA\t2\nc\tA\t2\n", sources);
  EXPECT_FALSE(told.blocked());
  EXPECT_EQ(person(told, "c")->sex, "female");
  // Remembered: the next import of a table with the same codes needs no answer.
  test::TemporaryDir dir;
  spit(dir / "q.tsv", "participant_id\tsite\tsex\nd\tA\t1\n");
  study::Snapshot before;
  before.settings.push_back(
      *test::planned<study::Setting>(told, [](const study::Setting& s) { return s.key == "import.sex_levels"; }));
  Sources again;
  again.participants = dir / "q.tsv";
  const auto next = ingest::plan(again, before, Task{});
  ASSERT_OK(next);
  EXPECT_FALSE(next->blocked());
  EXPECT_EQ(person(*next, "d")->sex, "male");
}

TEST(Participants, OutOfRangeScoresAreErrorRowsAndNeverClipped) {
  const auto plan = plan_of_table("participant_id\tsite\tfma_ue\tarat_total\nsub-1\tA\t67\t-1\nsub-2\tA\t66\t57\n");
  EXPECT_TRUE(named(plan, "out_of_range", "p.tsv", 2, "fma_ue", "sub-1"));
  EXPECT_TRUE(named(plan, "out_of_range", "p.tsv", 2, "arat_total", "sub-1"));
  EXPECT_EQ(score(plan, "sub-1", "FMA-UE"), nullptr);
  EXPECT_DOUBLE_EQ(score(plan, "sub-2", "FMA-UE")->normalised, 1.0);
  EXPECT_DOUBLE_EQ(score(plan, "sub-2", "ARAT")->normalised, 1.0);
}

TEST(Participants, DetectScalesWithTwoMaximaByCohort) {
  const auto plan = plan_of_table(
      "participant_id\tsite\tWMFT_FAS\tMBI\n"
      "a1\tA\t60\t90\na2\tA\t3\t20\na3\tA\t75\t100\n"
      "b1\tB\t3\t18\nb2\tB\t4.5\t20\nb3\tB\t2\t11\n");
  EXPECT_DOUBLE_EQ(score(plan, "a2", "WMFT")->max_used, 75);
  EXPECT_DOUBLE_EQ(score(plan, "b2", "WMFT")->max_used, 5);
  EXPECT_DOUBLE_EQ(score(plan, "b2", "WMFT")->normalised, 0.9);
  EXPECT_DOUBLE_EQ(score(plan, "a2", "Barthel")->normalised, 0.2);
  EXPECT_DOUBLE_EQ(score(plan, "b2", "Barthel")->normalised, 1.0);
  const auto told = of_trap(plan, "alternative_maximum");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_NE(told[0].what.find("cohort B"), std::string::npos);
  Sources sources;
  sources.maxima = {{"WMFT", 75}};
  const auto forced = plan_of_table("participant_id\tsite\tWMFT_FAS\nb1\tB\t3\nb2\tB\t4.5\nb3\tB\t2\n", sources);
  EXPECT_DOUBLE_EQ(score(forced, "b1", "WMFT")->normalised, 3.0 / 75);
}

TEST(Participants, LetTheUserChooseTheMaximumOfRankin) {
  EXPECT_DOUBLE_EQ(score(plan_of_table("participant_id\tsite\tmRS\na\tA\t3\n"), "a", "mRS")->normalised, 0.5);
  Sources sources;
  sources.maxima = {{"mRS", 5}};
  EXPECT_DOUBLE_EQ(score(plan_of_table("participant_id\tsite\tmRS\na\tA\t3\n", sources), "a", "mRS")->normalised, 0.4);
}

TEST(Participants, RatioMeasuresNeedTheOtherLimb) {
  const auto plan = plan_of_table(
      "participant_id\tsite\tBBT_AFFECTED\tBBT_UNAFFECTED\tNINE_HOLE_PEG_AFFECTED\tNINE_HOLE_PEG_UNAFFECTED\tGRIP_"
      "AFFECTED\n"
      "a\tA\t30\t60\t40\t20\t12\nb\tA\t66\t60\t120\t20\t12\nc\tA\t30\t0\t40\t\t\n");
  EXPECT_DOUBLE_EQ(score(plan, "a", "BBT")->normalised, 0.5);
  EXPECT_DOUBLE_EQ(score(plan, "a", "NHPT")->normalised, 0.5);
  EXPECT_DOUBLE_EQ(score(plan, "b", "BBT")->normalised, 1.1);  // kept, told
  EXPECT_TRUE(named(plan, "ratio_above_one", "p.tsv", 3, "BBT_AFFECTED", "b"));
  EXPECT_TRUE(named(plan, "unable_code", "p.tsv", 3, "NINE_HOLE_PEG_AFFECTED", "b"));
  EXPECT_TRUE(named(plan, "unaffected_zero", "p.tsv", 4, "BBT_UNAFFECTED", "c"));
  EXPECT_EQ(score(plan, "c", "BBT"), nullptr);
  EXPECT_TRUE(named(plan, "ratio_needs_unaffected", "p.tsv", 4, "NINE_HOLE_PEG_UNAFFECTED", "c"));
  EXPECT_TRUE(named(plan, "ratio_needs_unaffected", "p.tsv", 1, "GRIP_AFFECTED", ""));
  EXPECT_TRUE(std::isnan(score(plan, "a", "Grip")->normalised));
  EXPECT_DOUBLE_EQ(score(plan, "a", "Grip")->raw, 12);
}

TEST(Participants, CodesForUnableAreListedAndAsked) {
  const std::string table =
      "participant_id\tsite\tfma_ue\tnihss\na\tA\t999\t5\nb\tA\t-99\t5\nc\tA\tNT\t-99\nd\tA\t120\t5\n";
  const auto plan = plan_of_table(table);
  for (const auto& [line, id] : {std::pair{2, "a"}, {3, "b"}, {4, "c"}, {5, "d"}})
    EXPECT_TRUE(named(plan, "unable_code", "p.tsv", line, "fma_ue", id)) << id;
  EXPECT_EQ(score(plan, "a", "FMA-UE"), nullptr);
  Sources sources;
  sources.unable = Unable::worst;
  const auto worst = plan_of_table(table, sources);
  EXPECT_DOUBLE_EQ(score(worst, "a", "FMA-UE")->normalised, 0);
  EXPECT_TRUE(std::isnan(score(worst, "a", "FMA-UE")->raw));
  EXPECT_DOUBLE_EQ(score(worst, "c", "NIHSS")->normalised, 0);
}

TEST(Participants, ConflictsOfChronicityAndDaysAreTold) {
  const auto plan = plan_of_table(
      "participant_id\tsite\tchronicity\tdays_post_stroke\na\tA\t180\t20\nb\tA\t90\t400\nc\tA\tyes\t200\nd\tA\tyes\tn/"
      "a\ne\tA\t90\t21\n");
  EXPECT_TRUE(named(plan, "chronicity_conflict", "p.tsv", 2, "chronicity", "a"));
  EXPECT_TRUE(named(plan, "chronicity_conflict", "p.tsv", 3, "chronicity", "b"));
  EXPECT_TRUE(named(plan, "chronicity_conflict", "p.tsv", 5, "chronicity", "d"));
  EXPECT_EQ(of_trap(plan, "chronicity_conflict").size(), 3U);
  EXPECT_DOUBLE_EQ(session(plan, "a")->days_post_stroke, 20);  // the days decide
  EXPECT_TRUE(std::isnan(session(plan, "d")->days_post_stroke));
  EXPECT_DOUBLE_EQ(test::measurement(plan, "d", "head", "chronicity", "table")->value, 180);
}

TEST(Participants, ImpossibleAgesAndDaysAreMissing) {
  const auto plan =
      plan_of_table("participant_id\tsite\tage\tdays_post_stroke\na\tA\t999\t-4\nb\tA\t89+\t0\nc\tA\tsixty\tx\n");
  EXPECT_TRUE(named(plan, "age", "p.tsv", 2, "age", "a"));
  EXPECT_TRUE(named(plan, "days", "p.tsv", 2, "days_post_stroke", "a"));
  EXPECT_TRUE(named(plan, "age", "p.tsv", 3, "age", "b"));
  EXPECT_TRUE(named(plan, "days", "p.tsv", 3, "days_post_stroke", "b"));
  EXPECT_TRUE(named(plan, "age", "p.tsv", 4, "age", "c"));
  EXPECT_TRUE(std::isnan(session(plan, "a")->age_years));
  EXPECT_TRUE(std::isnan(session(plan, "a")->days_post_stroke));
  EXPECT_DOUBLE_EQ(session(plan, "b")->age_years, 89);
}

TEST(Participants, DatesThatDoNotSortAreMissing) {
  const auto plan = plan_of_table(
      "participant_id\tsession\tsite\tdate\tdays_post_stroke\na\t1\tA\t31/12/2019\t20\na\t2\tA\t01/02/2020\t50\n"
      "b\t1\tA\t2020-02-28T10:00\t5\n");
  EXPECT_TRUE(named(plan, "date", "p.tsv", 2, "date", "a"));
  EXPECT_TRUE(named(plan, "date", "p.tsv", 3, "date", "a"));
  EXPECT_EQ(session(plan, "a", "1")->date, "");
  EXPECT_EQ(session(plan, "a", "1")->ordinal, 1);  // by days, where text would have put 2020 first
  EXPECT_EQ(session(plan, "a", "2")->ordinal, 2);
  EXPECT_EQ(session(plan, "b")->date, "2020-02-28T10:00");
}

TEST(Participants, PeopleWithoutIpsiAndContraAreListed) {
  const auto plan = plan_of_table(
      "participant_id\tsite\tlesion_side\tlesion_"
      "class\na\tA\tbilateral\t\nb\tA\tbrainstem\t\nc\tA\tleft\tcerebellar\nd\tA\tn/a\t\ne\tA\tleft\tcortical\n"
      "f\tA\tsideways\t\n");
  ASSERT_EQ(plan.no_side.size(), 5U);
  EXPECT_EQ(plan.no_side[0], (std::pair<std::string, std::string>{"a", "bilateral lesion"}));
  EXPECT_EQ(plan.no_side[1].second, "brainstem lesion");
  EXPECT_EQ(plan.no_side[2].second, "cerebellar lesion");
  EXPECT_EQ(plan.no_side[3].second, "lesion side not known");
  EXPECT_TRUE(named(plan, "no_side", "p.tsv", 2, "participant_id", "a"));
  EXPECT_TRUE(named(plan, "side_unknown", "p.tsv", 7, "lesion_side", "f"));
}

TEST(Participants, MixedTestsWithinACohortAreTold) {
  const auto plan =
      plan_of_table("participant_id\tsite\tfma_ue\tarat_total\na\tA\t30\t\nb\tA\t\t20\nc\tB\t30\t20\nd\tB\t\t20\n");
  const auto told = of_trap(plan, "mixed_measures");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].what.find("cohort A"), std::string::npos);
}

TEST(Participants, TheSameIdTwiceBlocksUnlessSessionsDiffer) {
  const auto twice = plan_of_table("participant_id\tsite\na\tA\na\tA\n");
  EXPECT_TRUE(named(twice, "duplicate_id", "p.tsv", 3, "participant_id", "a"));
  EXPECT_TRUE(twice.blocked());
  const auto visits =
      plan_of_table("participant_id\tsession\tsite\tage\tdays_post_stroke\na\tlate\tA\t61\t200\na\tearly\tA\t60\t10\n");
  EXPECT_FALSE(visits.blocked());
  EXPECT_EQ(session(visits, "a", "early")->ordinal, 1);  // by days, not by the order of rows or names
  EXPECT_EQ(session(visits, "a", "late")->ordinal, 2);
  EXPECT_EQ(of_trap(visits, "later_sessions").size(), 1U);
  EXPECT_EQ(plan_of_table("participant_id\tsite\na_ses-1\tA\na_ses-2\tA\n").counts.at("sessions"), 2);
}

TEST(Participants, RowsOfOnePersonMustAgree) {
  const auto plan = plan_of_table("participant_id\tsession\tsite\tsex\na\t1\tA\tf\na\t2\tA\tm\n");
  EXPECT_TRUE(named(plan, "conflict", "p.tsv", 3, "sex", "a"));
  EXPECT_EQ(person(plan, "a")->sex, "female");
}

TEST(Participants, AmbiguousAndUnknownWordsAreTold) {
  const auto plan = plan_of_table("participant_id\tsite\tsex\tgroup\tMAS\tshoe_size\na\tA\tother\tcase-x\t3\t44\n");
  EXPECT_TRUE(named(plan, "sex_unknown", "p.tsv", 2, "sex", "a"));
  EXPECT_TRUE(named(plan, "group_unknown", "p.tsv", 2, "group", "a"));
  EXPECT_TRUE(named(plan, "ambiguous_measure", "p.tsv", 1, "MAS", ""));
  EXPECT_TRUE(std::ranges::any_of(
      plan.columns, [](const ColumnUse& c) { return c.column == "shoe_size" && c.as.empty() && !c.why.empty(); }));
}

TEST(Participants, BodySideAndLesionSideAreCompared) {
  const auto plan =
      plan_of_table("participant_id\tsite\tlesion_side\taffected_side\na\tA\tleft\tleft\nb\tA\tleft\tright\n");
  EXPECT_TRUE(named(plan, "conflict", "p.tsv", 2, "affected_side", "a"));
  EXPECT_EQ(of_trap(plan, "conflict").size(), 1U);
}

TEST(Participants, WithoutASiteThereIsOneCohort) {
  const auto plan = plan_of_table("participant_id\tage\na\t50\n");
  EXPECT_EQ(person(plan, "a")->cohort, "all");
  EXPECT_TRUE(named(plan, "no_cohort", "p.tsv", 1, "", ""));
  EXPECT_TRUE(named(plan_of_table("participant_id\tsite\na\tn/a\n"), "no_cohort", "p.tsv", 2, "site", "a"));
}

}  // namespace
}  // namespace ipsi::ingest
