// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/volumes.h"

#include <cmath>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using test::measurement;
using test::named;
using test::of_trap;
using test::plan_of;
using test::spit;

Plan every_trap(bool join = false) {
  Sources sources;
  sources.volumes = ipsi::test::tests_path("data/ingest/LandRvolumes.csv");
  sources.participants = ipsi::test::tests_path("data/ingest/participants.tsv");
  sources.join = join;
  return plan_of(sources);
}
constexpr auto kFile = "LandRvolumes.csv";

TEST(VolumeTraps, ZeroIsMissingInTheSource) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "missing_structure", kFile, 3, "Lthal", "sub-002"));
  const auto* m = measurement(plan, "sub-002", "left_thalamus", "volume", "enigma_csv");
  ASSERT_NE(m, nullptr);
  EXPECT_TRUE(std::isnan(m->value));
  EXPECT_EQ(m->note, "missing in source");
}

TEST(VolumeTraps, SixSignificantDigitsAreToldAndKept) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "six_significant_digits", kFile, 4, "ICV", "sub-003"));
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-003", "head", "icv", "enigma_csv")->value, 1523460);
}

TEST(VolumeTraps, MarksMeanExcludedReasonUnknownAndNoRating) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "mark", kFile, 5, "Lput", "sub-004"));
  for (const char* column : {"Lcaud", "Rcaud", "Rput", "Lpal", "Rpal"})
    EXPECT_TRUE(named(plan, "mark", kFile, 6, column, "sub-005")) << column;
  EXPECT_EQ(of_trap(plan, "mark").size(), 6U + 16U);  // and the 16 cells that the short row of line 23 lacks
  EXPECT_EQ(measurement(plan, "sub-004", "left_putamen", "volume", "enigma_csv")->note, "excluded, reason unknown");
  EXPECT_EQ(plan.counts.at("ratings"), 0);
}

TEST(VolumeTraps, RowsThatAreNoSubjectAreListed) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "non_subject", kFile, 7, "SubjID", "fsaverage"));
  EXPECT_TRUE(named(plan, "non_subject", kFile, 8, "SubjID", "lh.EC_average"));
  EXPECT_TRUE(named(plan, "non_subject", kFile, 9, "SubjID", "QC"));
  EXPECT_TRUE(named(plan, "non_subject", kFile, 10, "SubjID", "logs"));
  EXPECT_EQ(plan.skipped.size(), 4U);
}

TEST(VolumeTraps, NearlyMatchingIdsAreProposedNeverGuessed) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "id_join", kFile, 11, "SubjID", "SUB_006"));
  EXPECT_TRUE(named(plan, "id_join", kFile, 12, "SubjID", "7"));
  EXPECT_TRUE(named(plan, "id_join", kFile, 14, "SubjID", "2-Apr"));
  EXPECT_EQ(measurement(plan, "sub-006", "left_thalamus", "volume", "enigma_csv"), nullptr);
  ASSERT_EQ(plan.joins.size(), 3U);
  EXPECT_EQ(plan.joins[0].to, "sub-006");
  EXPECT_EQ(plan.joins[1].to, "sub-007");
  EXPECT_EQ(plan.joins[2].to, "APR02");
  EXPECT_FALSE(plan.joins[0].applied);

  const auto joined = every_trap(true);
  EXPECT_NE(measurement(joined, "sub-006", "left_thalamus", "volume", "enigma_csv"), nullptr);
  EXPECT_NE(measurement(joined, "sub-007", "left_thalamus", "volume", "enigma_csv"), nullptr);
  EXPECT_NE(measurement(joined, "APR02", "left_thalamus", "volume", "enigma_csv"), nullptr);
  EXPECT_EQ(joined.matched, plan.matched + 3);
}

TEST(VolumeTraps, UnmatchedIdsAreShownBothWays) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "unmatched", kFile, 19, "SubjID", "sub-099"));
  EXPECT_TRUE(named(plan, "unmatched", "participants.tsv", 17, "participant_id", "sub-016"));
  const auto has = [&](const char* present, const char* absent, const char* id) {
    return std::ranges::any_of(plan.unmatched, [&](const Unmatched& u) {
      return u.present == present && u.absent == absent && std::ranges::count(u.ids, id) == 1;
    });
  };
  EXPECT_TRUE(has("volumes", "participants", "sub-099"));
  EXPECT_TRUE(has("participants", "volumes", "sub-016"));
  EXPECT_EQ(test::person(plan, "sub-099"), nullptr);
}

TEST(VolumeTraps, ExcelsHabitsAreNamedAndUnderstood) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "excel_bom", kFile, 1, "", ""));
  EXPECT_TRUE(named(plan, "excel_crlf", kFile, 0, "", ""));
  EXPECT_TRUE(named(plan, "excel_semicolon", kFile, 1, "", ""));
  EXPECT_TRUE(named(plan, "excel_decimal_comma", kFile, 0, "", ""));
  EXPECT_TRUE(named(plan, "trailing_comma", kFile, 1, "", ""));
  EXPECT_TRUE(named(plan, "id_excel", kFile, 13, "SubjID", "MAR01"));
  EXPECT_TRUE(named(plan, "id_excel", kFile, 14, "SubjID", "2-Apr"));
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-001", "left_thalamus", "volume", "enigma_csv")->value, 7200.1);
  const auto preview = std::ranges::find(plan.previews, kFile, &Preview::file);
  ASSERT_NE(preview, plan.previews.end());
  EXPECT_EQ(preview->separator, ";");
  EXPECT_TRUE(preview->decimal_comma);
  const auto* layout = test::planned<study::Setting>(
      plan, [](const study::Setting& s) { return s.key == "import.layout.LandRvolumes.csv"; });
  ASSERT_NE(layout, nullptr);
  EXPECT_EQ(layout->value, "separator ;, decimal comma");
}

TEST(VolumeTraps, DuplicatesBlockUntilResolved) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "duplicate_id", kFile, 15, "SubjID", "sub-002"));
  EXPECT_NE(of_trap(plan, "duplicate_id").at(0).what.find("lines 3 and 15"), std::string::npos);
  EXPECT_TRUE(plan.blocked());
  const auto request = to_request(plan, "me");
  ASSERT_FALSE(request);
  EXPECT_EQ(exit_code(request.error().code), 3);
  EXPECT_EQ(request.error().where, "LandRvolumes.csv, line 15, column SubjID, subject sub-002");
}

TEST(VolumeTraps, ImplausibleIcvsAreFlagged) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "icv_zero", kFile, 16, "ICV", "sub-010"));
  EXPECT_TRUE(named(plan, "icv_small", kFile, 17, "ICV", "sub-011"));
  EXPECT_TRUE(named(plan, "icv_large", kFile, 18, "ICV", "sub-012"));
  EXPECT_TRUE(std::isnan(measurement(plan, "sub-010", "head", "icv", "enigma_csv")->value));
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-011", "head", "icv", "enigma_csv")->value, 700000);  // flagged, kept
}

TEST(VolumeTraps, BrokenCellsAndRowsAreNamed) {
  const auto plan = every_trap();
  EXPECT_TRUE(named(plan, "id_empty", kFile, 20, "SubjID", ""));
  EXPECT_TRUE(named(plan, "not_a_number", kFile, 21, "Lthal", "sub-013"));
  EXPECT_TRUE(named(plan, "negative_volume", kFile, 22, "Lthal", "sub-014"));
  EXPECT_TRUE(named(plan, "ragged_row", kFile, 23, "", ""));
  EXPECT_TRUE(std::isnan(measurement(plan, "sub-014", "left_thalamus", "volume", "enigma_csv")->value));
}

TEST(VolumeTraps, HaveTitlesForPeople) {
  for (const Problem& problem : every_trap().problems)
    EXPECT_NE(trap_title(problem.trap), problem.trap) << problem.trap;
}

TEST(Volumes, KeepExtraColumnsAndTellWhichAreLeftOut) {
  const auto plan = every_trap();
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-001", "third_ventricle", "volume", "enigma_csv")->value, 1200.5);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-001", "left_hippocampus", "volume", "enigma_csv")->value, 3900.5);
  EXPECT_TRUE(
      std::ranges::any_of(plan.columns, [](const ColumnUse& c) { return c.column == "Remark" && c.as.empty(); }));
}

TEST(Volumes, ReadByHeaderNameInAnyOrderCaseAndSpacing) {
  test::TemporaryDir dir;
  spit(dir / "v.csv", "icv, R Thal ,subjid,lTHAL\n1500000,7000,a,7100\n");
  Sources sources;
  sources.volumes = dir / "v.csv";
  const auto plan = plan_of(sources);
  EXPECT_DOUBLE_EQ(measurement(plan, "a", "left_thalamus", "volume", "enigma_csv")->value, 7100);
  EXPECT_DOUBLE_EQ(measurement(plan, "a", "right_thalamus", "volume", "enigma_csv")->value, 7000);
  EXPECT_DOUBLE_EQ(measurement(plan, "a", "head", "icv", "enigma_csv")->value, 1500000);
}

TEST(Volumes, CorticalColumnsHaveRegionMeasureAndUnit) {
  const auto thickness = enigma_column("L_bankssts_thickavg");
  ASSERT_TRUE(thickness);
  EXPECT_EQ(thickness->region, "left_bankssts");
  EXPECT_EQ(thickness->measure, "thickness");
  EXPECT_EQ(thickness->unit, "mm");
  EXPECT_EQ(enigma_column("R_insula_surfavg")->measure, "area");
  EXPECT_EQ(enigma_column("RSurfArea")->region, "right_cortex");
  EXPECT_FALSE(enigma_column("Age"));
}

TEST(Volumes, ReadTheRealEnigmaExample) {
  IPSI_NEEDS_SHARED("data/enigma_example/metr1_SubVol.csv");
  Sources sources;
  sources.volumes = ipsi::test::shared_path("data/enigma_example/metr1_SubVol.csv");
  const auto plan = plan_of(sources);
  EXPECT_EQ(plan.importable, 20);
  EXPECT_EQ(plan.matched, 20);
  EXPECT_FALSE(plan.blocked());
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-PX003", "left_lateral_ventricle", "volume", "enigma_csv")->value,
                   11340.8);  // the file's first row
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-PX003", "head", "icv", "enigma_csv")->value, 1684160);
  // All of its ICVs end in 0: six digits. No site, age or sex: nobody can be analysed, and the flow says so.
  EXPECT_EQ(of_trap(plan, "six_significant_digits").size(), 1U);
  EXPECT_EQ(plan.flow.back().n, 0);
}

TEST(Volumes, RefuseTablesThatCannotBeUsed) {
  test::TemporaryDir dir;
  const auto error = [&](const char* text) {
    spit(dir / "v.csv", text);
    Sources sources;
    sources.volumes = dir / "v.csv";
    const auto plan = ingest::plan(sources, {}, Task{});
    EXPECT_FALSE(plan) << text;
    return plan ? Error{} : plan.error();
  };
  EXPECT_EQ(error("Name,Lthal\na,1\n").what, "there is no column SubjID");
  EXPECT_EQ(error("SubjID,Age\na,1\n").code, Code::InvalidInput);
  EXPECT_EQ(error("SubjID,Lthal\n").what, "the table has a header and no rows");
  EXPECT_EQ(error("SubjID,Lthal\na,1,2,3\n").where, "v.csv, line 2");
  EXPECT_EQ(error("").code, Code::InvalidInput);
  Sources none;
  none.volumes = dir / "absent.csv";
  const auto absent = ingest::plan(none, {}, Task{});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::NotFound);
}

TEST(Volumes, TwoColumnsOfOneNameBlock) {
  test::TemporaryDir dir;
  spit(dir / "v.csv", "SubjID,Lthal,Lthal\na,1,2\n");
  Sources sources;
  sources.volumes = dir / "v.csv";
  EXPECT_TRUE(named(plan_of(sources), "duplicate_column", "v.csv", 1, "Lthal", ""));
  EXPECT_TRUE(plan_of(sources).blocked());
}

}  // namespace
}  // namespace ipsi::ingest
