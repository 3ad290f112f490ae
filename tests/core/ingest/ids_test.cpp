// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/ids.h"

#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {

using Kind = Roster::Match::Kind;

TEST(NotASubject, NamesAveragesLogsAndQualityFolders) {
  for (const char* name :
       {"fsaverage", "fsaverage5", "lh.EC_average", "rh.EC_average", "V1_average", "QC", "logs", "cvs_avg35"})
    EXPECT_FALSE(not_a_subject(name).empty()) << name;
  for (const char* name : {"sub-001", "average_joe_01", "QC1001", "log_cabin", "0012"})
    EXPECT_TRUE(not_a_subject(name).empty()) << name;
}

TEST(ExcelMangles, SeesDatesMadeFromIdsAndRoundedNumbers) {
  for (const char* id :
       {"MAR01", "Mar-01", "1-Mar", "01/03/2024", "2024-03-01", "3.1.24", "SEPT2", "1.23E+10", "1-Mar-24"})
    EXPECT_TRUE(excel_mangles(id)) << id;
  for (const char* id : {"sub-001", "r001s001", "MARK01", "A-1", "0012", "01-02", "1.2.3.4", "MAR", "S01-02-A"})
    EXPECT_FALSE(excel_mangles(id)) << id;
}

TEST(SplitSession, TakesTheBidsSessionOff) {
  const auto parts = split_session("sub-r001s001_ses-2");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->person, "sub-r001s001");
  EXPECT_EQ(parts->session, "2");
  EXPECT_FALSE(split_session("sub-001"));
  EXPECT_FALSE(split_session("_ses-1"));
  EXPECT_FALSE(split_session("sub-1_ses-"));
}

TEST(Roster, MatchesExactlyBeforeAnythingElse) {
  Roster roster;
  roster.add("sub-001");
  roster.add("SUB-001");  // two people whose ids differ by case only
  EXPECT_EQ(roster.match("SUB-001").kind, Kind::exact);
  EXPECT_EQ(roster.match("Sub-001").kind, Kind::ambiguous);
  EXPECT_EQ(roster.match("Sub-001").candidates.size(), 2U);
}

TEST(Roster, ProposesAndSaysWhatDiffers) {
  Roster roster;
  for (const char* id : {"sub-0012", "sub-a_b", "APR02", "CENTRE-7"}) roster.add(id);
  const auto expect = [&](const char* id, const char* person, const char* why) {
    const auto m = roster.match(id);
    EXPECT_EQ(m.kind, Kind::close) << id;
    EXPECT_EQ(m.person, person) << id;
    EXPECT_EQ(m.why, why) << id;
  };
  expect("12", "sub-0012", "the `sub-` prefix, leading zeros");
  expect("sub-12", "sub-0012", "leading zeros");
  expect("SUB-0012", "sub-0012", "case");
  expect("sub-a-b", "sub-a_b", "`_` v `-`");
  expect("2-Apr", "APR02", "a date made by Excel");
  EXPECT_EQ(roster.match("sub-0120").kind, Kind::none);  // zeros inside a number count
  EXPECT_EQ(roster.match("sub-120").kind, Kind::none);
}

TEST(Roster, UnderstandsSessionsInNames) {
  Roster roster;
  roster.add("r01");
  roster.add_composed("r01_2", {"r01", "2"});
  const auto bids = roster.match("r01_ses-3");
  EXPECT_EQ(bids.kind, Kind::exact);
  EXPECT_EQ(bids.person, "r01");
  EXPECT_EQ(bids.session, "3");
  const auto composed = roster.match("r01_2");  // SESSION_ID = BIDS_ID_SES
  EXPECT_EQ(composed.kind, Kind::exact);
  EXPECT_EQ(composed.session, "2");
  EXPECT_EQ(plain_session("ses-02"), plain_session("2"));
}

}  // namespace
}  // namespace ipsi::ingest
