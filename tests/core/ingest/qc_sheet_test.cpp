// SPDX-License-Identifier: GPL-3.0-or-later
#include <xlsxwriter.h>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using test::named;
using test::spit;

const study::Rating* rating(const Plan& plan, std::string_view person, std::string_view region) {
  return test::planned<study::Rating>(plan,
                                      [&](const study::Rating& r) { return r.person == person && r.region == region; });
}

Sources sheet_of(const std::filesystem::path& path) {
  Sources sources;
  sources.qc = path;
  sources.rater = "anna";
  return sources;
}

/// A plan over a study that holds the people a and b.
Plan plan_of(const Sources& sources) {
  study::Snapshot before;
  for (const char* id : {"a", "b"}) {
    study::Person person;
    person.id = id;
    person.group = "patient";
    before.people.push_back(person);
    study::Session session;
    session.person = id;
    session.label = "1";
    before.sessions.push_back(session);
  }
  auto plan = ingest::plan(sources, before, Task{});
  EXPECT_OK(plan);
  return plan ? *plan : Plan{};
}

TEST(QcSheet, OneIsFailedZeroIsOkAndBlankIsNeither) {
  test::TemporaryDir dir;
  spit(dir / "qc.csv", "SubjID,LLatVent,Lthal,Rthal,Lhippo\na,1,,0,1\nb,,x,,\n");
  const auto plan = plan_of(sheet_of(dir / "qc.csv"));
  ASSERT_NE(rating(plan, "a", "left_lateral_ventricle"), nullptr);
  EXPECT_EQ(rating(plan, "a", "left_lateral_ventricle")->flag, study::Flag::failed);
  EXPECT_EQ(rating(plan, "a", "left_lateral_ventricle")->rater, "anna");
  EXPECT_EQ(rating(plan, "a", "right_thalamus")->flag, study::Flag::ok);
  EXPECT_EQ(rating(plan, "a", "left_thalamus"), nullptr);
  EXPECT_EQ(plan.counts.at("ratings"), 2);
  EXPECT_TRUE(named(plan, "qc_value", "qc.csv", 3, "Lthal", "b"));
  EXPECT_TRUE(
      std::ranges::any_of(plan.columns, [](const ColumnUse& c) { return c.column == "Lhippo" && c.as.empty(); }));
}

TEST(QcSheet, ASubjectFailingAsAWholeFailsEverywhere) {
  test::TemporaryDir dir;
  spit(dir / "qc.csv", "SubjID,Lthal,whole subject\na,0,1\nb,0,0\n");
  const auto plan = plan_of(sheet_of(dir / "qc.csv"));
  for (const Region& region : kRegions) {
    ASSERT_NE(rating(plan, "a", region.key), nullptr) << region.key;
    EXPECT_EQ(rating(plan, "a", region.key)->flag, study::Flag::failed) << region.key;
  }
  EXPECT_EQ(rating(plan, "b", "left_thalamus")->flag, study::Flag::ok);
  EXPECT_EQ(rating(plan, "b", "right_thalamus"), nullptr);
}

TEST(QcSheet, ReadsAWorkbook) {
  test::TemporaryDir dir;
  const auto path = dir / "Subcortical_QC_ENIGMA_dataset.xlsx";
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* sheet = workbook_add_worksheet(book, nullptr);
  worksheet_write_string(sheet, 0, 0, "SubjID", nullptr);
  worksheet_write_string(sheet, 0, 1, "Lput", nullptr);
  worksheet_write_string(sheet, 0, 2, "Rput", nullptr);
  worksheet_write_string(sheet, 1, 0, "a", nullptr);
  worksheet_write_number(sheet, 1, 2, 1, nullptr);
  ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);
  const auto plan = plan_of(sheet_of(path));
  ASSERT_NE(rating(plan, "a", "right_putamen"), nullptr);
  EXPECT_EQ(rating(plan, "a", "right_putamen")->flag, study::Flag::failed);
  EXPECT_EQ(rating(plan, "a", "left_putamen"), nullptr);
}

TEST(QcSheet, MakesNoPeople) {
  test::TemporaryDir dir;
  spit(dir / "qc.csv", "SubjID,Lthal\na,1\nstranger,1\nA,1\n");
  const auto plan = plan_of(sheet_of(dir / "qc.csv"));
  EXPECT_TRUE(named(plan, "unmatched", "qc.csv", 3, "SubjID", "stranger"));
  EXPECT_TRUE(named(plan, "id_join", "qc.csv", 4, "SubjID", "A"));
  EXPECT_EQ(plan.counts.at("people"), 0);
  EXPECT_EQ(plan.counts.at("ratings"), 1);
}

TEST(QcSheet, NeedsARaterAndRegions) {
  test::TemporaryDir dir;
  spit(dir / "qc.csv", "SubjID,Nothing\na,1\n");
  Sources sources = sheet_of(dir / "qc.csv");
  EXPECT_FALSE(ingest::plan(sources, {}, Task{}));
  sources.rater.clear();
  const auto plan = ingest::plan(sources, {}, Task{});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::Usage);
}

}  // namespace
}  // namespace ipsi::ingest
