// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rating_plan.h"

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/patch.h"
#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {

constexpr const char* kHead = "subject\tsession\tregion\tflag\trater\tcomment\ttime\n";

struct Desk {
  test::TemporaryDir dir;
  study::Snapshot snapshot;
  Desk() {
    for (const char* id : {"sub-001", "sub-002"}) {
      snapshot.people.push_back({id, "c", "patient", "female", "left", ""});
      snapshot.sessions.push_back({id, "1", 1, "", 60, 10});
    }
    snapshot.cohorts.push_back({"c", "c"});
  }
  Result<RatingPlan> plan(const std::string& text, const std::string& rater = "B",
                          study::Untimed untimed = study::Untimed::refuse, const std::string& name = "b.tsv") {
    test::spit(dir / name, text);
    return plan_ratings(dir / name, snapshot, rater, untimed, dir.path(), Task());
  }
  void apply(const RatingPlan& plan) { (void)study::apply_changes(snapshot, plan.request.changes); }
};

TEST(RatingPlan, CountsWhatATableWouldDoAndThenFindsItDone) {
  Desk desk;
  const std::string text = std::string(kHead) + "sub-001\t1\tleft_thalamus\tok\tx\t\t2024-01-01T00:00:00Z\n" +
                           "sub-002\t1\tleft_thalamus\tfailed\tx\t\t2024-01-01T00:00:00Z\n";
  const auto first = desk.plan(text);
  ASSERT_OK(first);
  EXPECT_FALSE(first->blocked());
  EXPECT_EQ(first->rows, 2);
  EXPECT_EQ(first->added, 2);
  EXPECT_TRUE(first->renamed);
  EXPECT_EQ(first->raters, std::vector<std::string>{"x"});
  desk.apply(*first);
  EXPECT_EQ(desk.plan(text)->unchanged, 2);
  const auto newer = desk.plan(std::string(kHead) + "sub-001\t1\tleft_thalamus\tfailed\tB\t\t2024-02-01T00:00:00Z\n");
  EXPECT_EQ(newer->changed, 1);
  ASSERT_EQ(newer->conflicts.size(), 1U);
  EXPECT_EQ(newer->conflicts[0].other.flag, study::Flag::ok);
}

TEST(RatingPlan, NamesBadRowsByLineAndHasNothingToApply) {
  Desk desk;
  const auto plan = desk.plan(std::string(kHead) + "sub-001\t1\tleft_thalamus\tok\tB\t\t\n" +
                              "sub-009\t1\tleft_thalamus\tok\tB\t\t\n" + "sub-001\t1\tleft_knee\tok\tB\t\t\n");
  ASSERT_OK(plan);
  EXPECT_TRUE(plan->blocked());
  EXPECT_EQ(plan->refused, Code::InvalidInput);
  ASSERT_EQ(plan->problems.size(), 2U);
  EXPECT_EQ(plan->problems[0].line, 3);
  EXPECT_EQ(plan->problems[0].subject, "sub-009");
  EXPECT_EQ(plan->problems[1].line, 4);
  EXPECT_EQ(plan->problems[1].file, "b.tsv");
  EXPECT_TRUE(plan->request.changes.empty());
}

TEST(RatingPlan, WithoutTimesTheFileWinsOnlyWhereAsked) {
  Desk desk;
  const std::string row = "sub-001\t1\tleft_thalamus\t";
  desk.apply(*desk.plan(kHead + row + "ok\tB\t\t2024-01-01T00:00:00Z\n"));
  const auto refused = desk.plan(kHead + row + "failed\tB\t\t\n");
  EXPECT_TRUE(refused->blocked());
  EXPECT_EQ(refused->refused, Code::Conflict);
  const auto wins = desk.plan(kHead + row + "failed\tB\t\t\n", "B", study::Untimed::replace);
  EXPECT_FALSE(wins->blocked());
  EXPECT_EQ(wins->changed, 1);
}

TEST(RatingPlan, ReadsAQualitySheetAsTheStudyWritesIt) {
  Desk desk;
  for (const auto& region : kRegions)
    for (const char* id : {"sub-001", "sub-002"})
      desk.snapshot.ratings.push_back({id, "1", std::string(region.key), "A",
                                       region.label % 2 == 0 ? study::Flag::failed : study::Flag::ok, "", "", ""});
  const auto sheet = study::enigma_sheet(desk.snapshot);
  ASSERT_OK(sheet);
  const auto plan = desk.plan(table::to_delimited(*sheet), "B", study::Untimed::refuse, "qc.csv");
  ASSERT_OK(plan);
  EXPECT_FALSE(plan->blocked());
  ASSERT_TRUE(plan->sheet);
  EXPECT_EQ(plan->added, 24);
  EXPECT_EQ(plan->request.changes.size(), 24U) << "ratings and nothing else";
  desk.apply(*plan);
  for (const auto& rating : desk.snapshot.ratings)
    if (rating.rater == "B") {
      EXPECT_EQ(rating.flag == study::Flag::ok, find_region(rating.region)->label % 2 != 0) << rating.region;
    }
}

TEST(RatingPlan, RefusesWhatIsNoRatingsFile) {
  Desk desk;
  EXPECT_EQ(desk.plan("a,b\n1,2\n", "B", study::Untimed::refuse, "x.csv").error().code, Code::InvalidInput);
  EXPECT_EQ(desk.plan(kHead, " ").error().code, Code::Usage);
  EXPECT_EQ(plan_ratings(desk.dir / "gone.tsv", desk.snapshot, "B", study::Untimed::refuse, {}, Task()).error().code,
            Code::NotFound);
}

}  // namespace
}  // namespace ipsi::ingest
