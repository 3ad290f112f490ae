// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/study.h"

#include <limits>

#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

namespace fs = std::filesystem;
using ipsi::test::spit;
using ipsi::test::TemporaryDir;
using test::made;
using test::rate;
using test::rows_of;
using test::small_study;

/// One row of every kind with awkward contents: quotes, line ends, UTF-8, missing and extreme numbers.
Request every_kind() {
  return {
      .author = "tester",
      .kind = "import",
      .summary = "all kinds",
      .changes = {
          Put(Rating{"sub-é", "ses-1", "left_thalamus", "A \"B\"", Flag::lesioned, "line 1\nline\t2\\", "", "h"}),
          Put(Cohort{"c", "Zürich, \"the\" cohort"}), Put(Session{"sub-é", "ses-1", 1, "2019-05-06", kMissing, -4.0}),
          Put(Person{"sub-é", "c", "patient", "", "left", "mixed"}),
          Put(Scan{"sub-é", "ses-1", "labels", "a b/c.mgz", "h", 5'000'000'000, 1'700'000'000}),
          Put(Measurement{"sub-é", "ses-1", "head", "icv", "aseg_stats", 1523456.7800000001, "mm3", ""}),
          Put(Measurement{"sub-é", "ses-1", "left_thalamus", "volume", "enigma_csv", kMissing, "mm3",
                          "excluded, reason unknown"}),
          Put(Score{"sub-é", "ses-1", "FMA-UE", 45, 0, 66, "high", 45.0 / 66.0, ""}),
          Put(Score{"sub-é", "ses-1", "BBT", 1e-300, 0, std::numeric_limits<double>::max(), "high", 0.1, ""}),
          Put(Exclusion{"sub-é", "no_age", "age is missing"}), Put(FlowStep{1, "Imported", 1, 0, ""}),
          Put(Setting{"synthetic", "no"})}};
}

TEST(Study, GivesBackEveryRowAsItWasPut) {
  TemporaryDir dir;
  const Request request = every_kind();
  {
    auto study = Study::create(dir / "a.ipsi");
    ASSERT_OK(study);
    const auto act = study->apply(request);
    ASSERT_OK(act);
    EXPECT_EQ(*act, 1);
  }
  const auto study = Study::open(dir / "a.ipsi", Access::read_only);
  ASSERT_OK(study);
  auto snapshot = study->snapshot();
  ASSERT_OK(snapshot);
  ASSERT_EQ(snapshot->ratings.size(), 1U);
  EXPECT_FALSE(snapshot->ratings[0].time.empty()) << "the study sets the time of a rating that has none";
  snapshot->ratings[0].time = "";
  Snapshot expected;
  for (const auto& change : request.changes) {
    const Put& put = std::get<Put>(change);
    if (const auto* r = std::get_if<Rating>(&put)) expected.ratings.push_back(*r);
    if (const auto* r = std::get_if<Cohort>(&put)) expected.cohorts.push_back(*r);
    if (const auto* r = std::get_if<Session>(&put)) expected.sessions.push_back(*r);
    if (const auto* r = std::get_if<Person>(&put)) expected.people.push_back(*r);
    if (const auto* r = std::get_if<Scan>(&put)) expected.scans.push_back(*r);
    if (const auto* r = std::get_if<Measurement>(&put)) expected.measurements.push_back(*r);
    if (const auto* r = std::get_if<Score>(&put)) expected.scores.push_back(*r);
    if (const auto* r = std::get_if<Exclusion>(&put)) expected.exclusions.push_back(*r);
    if (const auto* r = std::get_if<FlowStep>(&put)) expected.flow.push_back(*r);
    if (const auto* r = std::get_if<Setting>(&put)) expected.settings.push_back(*r);
  }
  std::swap(expected.scores[0], expected.scores[1]);  // rows come back in the order of their keys
  EXPECT_EQ(rows_of(*snapshot), rows_of(expected));
  EXPECT_EQ(snapshot->last_act, 1);
  const auto differences = study->verify();
  ASSERT_OK(differences);
  EXPECT_EQ(*differences, std::vector<std::string>{});
  EXPECT_EQ(snapshot->setting("synthetic"), "no");
  EXPECT_EQ(snapshot->setting("absent", "x"), "x");
}

TEST(Study, LogSaysWhatWasAndWhatBecame) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::failed, "blurred")));
  const auto log = study->log(1);
  ASSERT_OK(log);
  ASSERT_EQ(log->size(), 2U);
  const Act& second = log->back();
  EXPECT_EQ(second.id, 3);
  EXPECT_EQ(second.author, "A");
  EXPECT_EQ(second.kind, "rate");
  ASSERT_EQ(second.edits.size(), 1U);
  EXPECT_EQ(second.edits[0].table, "rating");
  EXPECT_EQ(second.edits[0].key.dump(), R"({"person":"sub-001","session":"1","region":"left_thalamus","rater":"A"})");
  EXPECT_TRUE(log->front().edits[0].before.is_null());
  EXPECT_EQ(second.edits[0].before.at("flag"), "ok");
  EXPECT_EQ(second.edits[0].after.at("flag"), "failed");
  EXPECT_EQ(second.edits[0].after.at("comment"), "blurred");
  EXPECT_EQ(inverse(second.edits[0]).after, second.edits[0].before);
}

TEST(Study, LeavesOutWhatChangesNothing) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto again = study->apply(small_study(5));
  ASSERT_OK(again);
  EXPECT_EQ(*again, 0);
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  EXPECT_EQ(study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)).value_or(-1), 0)
      << "the same rating without a time is the same rating";
  EXPECT_EQ(study->apply({"A", "drop", "", {Remove{Rating{"sub-001", "1", "left_caudate", "A"}}}}).value_or(-1), 0);
  EXPECT_EQ(study->last_act().value_or(-1), 2);
}

TEST(Study, RefusesRowsThatBreakARuleAndChangesNothing) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto before = rows_of(*study->snapshot());
  const std::vector<std::pair<Put, std::string>> bad{
      {Person{"x", "nowhere", "patient", "", "", ""}, "cohort nowhere"},
      {Person{"x", "c1", "alien", "", "", ""}, "alien"},
      {Person{"x", "c1", "patient", "F", "", ""}, "'F'"},
      {Person{"x", "c1", "patient", "", "both", ""}, "both"},
      {Person{"", "c1", "patient", "", "", ""}, "no id"},
      {Session{"sub-999", "1", 1, "", 1, 1}, "person sub-999"},
      {Rating{"sub-001", "2", "left_thalamus", "A", Flag::ok}, "session 2 of sub-001"},
      {Rating{"sub-001", "1", "left_elbow", "A", Flag::ok}, "left_elbow"},
      {Score{"sub-001", "1", "ARAT", 1, 0, 57, "up", 0.1, ""}, "'up'"},
      {Measurement{"sub-001", "1", "head", "icv", "x", std::numeric_limits<double>::infinity(), "mm3", ""}, "infinite"},
      {Setting{"name", "\xff\xfe"}, "UTF-8"},
  };
  for (const auto& [row, words] : bad) {
    // A good row first: it must go too.
    const auto result = study->apply({"A", "import", "", {Put(Setting{"good", "yes"}), row}});
    ASSERT_FALSE(result) << words;
    EXPECT_EQ(result.error().code, Code::InvalidInput) << words;
    EXPECT_NE(to_line(result.error()).find(words), std::string::npos) << to_line(result.error());
    EXPECT_EQ(rows_of(*study->snapshot()), before);
  }
  const auto parent = study->apply({"A", "drop", "", {Remove{Person{"sub-002"}}}});
  ASSERT_FALSE(parent);
  EXPECT_NE(parent.error().what.find("session 1 of sub-002 needs person sub-002"), std::string::npos)
      << parent.error().what;
  EXPECT_FALSE(study->apply({"", "rate", "", {Put(Setting{"a", "b"})}}));
  EXPECT_FALSE(study->apply({"A", "undo", "", {Put(Setting{"a", "b"})}}));
  EXPECT_EQ(study->last_act().value_or(-1), 1);
  EXPECT_OK(study->apply({"A", "import", "", {Put(Setting{"good", "yes"})}})) << "and it still works afterwards";
}

TEST(Study, OneEmptyCohortIsNoCohort) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply({"A", "import", "", {Put(Person{"solo", "", "control", "", "", ""})}}));
  const auto one = study->snapshot_of("solo");
  ASSERT_OK(one);
  ASSERT_EQ(one->people.size(), 1U);
  EXPECT_EQ(one->people[0].cohort, "");
  EXPECT_TRUE(study->verify()->empty());
}

TEST(Study, SnapshotOfOnePersonHoldsTheirRowsAlone) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply(rate("A", "sub-003", "left_thalamus", Flag::ok)));
  ASSERT_OK(study->apply(rate("A", "sub-004", "left_thalamus", Flag::ok)));
  const auto one = study->snapshot_of("sub-003");
  ASSERT_OK(one);
  EXPECT_EQ(one->people.size(), 1U);
  EXPECT_EQ(one->cohorts.size(), 1U);
  EXPECT_EQ(one->sessions.size(), 1U);
  EXPECT_EQ(one->measurements.size(), 12U);
  ASSERT_EQ(one->ratings.size(), 1U);
  EXPECT_EQ(one->ratings[0].person, "sub-003");
  EXPECT_TRUE(study->snapshot_of("sub-03")->people.empty());
}

TEST(Study, DoesNotCreateOverAFile) {
  TemporaryDir dir;
  spit(dir / "a.ipsi", "mine");
  const auto study = Study::create(dir / "a.ipsi");
  ASSERT_FALSE(study);
  EXPECT_EQ(study.error().code, Code::Conflict);
  EXPECT_EQ(ipsi::test::slurp(dir / "a.ipsi"), "mine");
  const auto nowhere = Study::create(dir.path() / "no" / "a.ipsi");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Code::Environment);
}

TEST(Study, LeavesOneFileBehind) {
  TemporaryDir dir;
  { ASSERT_OK(made(dir / "a.ipsi")); }
  { ASSERT_OK(Study::open(dir / "a.ipsi", Access::read_only)->snapshot()); }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(dir.path())) names.push_back(entry.path().filename());
  EXPECT_EQ(names, std::vector<std::string>{"a.ipsi"});
}

TEST(Study, ReadOnlyRefusesToChange) {
  TemporaryDir dir;
  { ASSERT_OK(made(dir / "a.ipsi")); }
  auto study = Study::open(dir / "a.ipsi", Access::read_only);
  ASSERT_OK(study);
  const auto changed = study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::Environment);
  EXPECT_FALSE(study->undo("importer", 1));
}

}  // namespace
}  // namespace ipsi::study
