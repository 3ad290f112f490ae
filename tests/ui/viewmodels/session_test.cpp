// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/study_session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "core/study/rows.h"
#include "tests/core/study/raw.h"
#include "tests/support/qt_support.h"
#include "tests/ui/viewmodels/full_disk.h"
#include "tests/ui/viewmodels/small_study.h"

namespace ipsi::ui {
namespace {

template <class Row>
void expect_same_rows(const std::vector<Row>& a, const std::vector<Row>& b) {
  ASSERT_EQ(a.size(), b.size()) << typeid(Row).name();
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(study::to_values(study::Put(a[i])), study::to_values(study::Put(b[i]))) << typeid(Row).name() << i;
}

void expect_same(const study::Snapshot& a, const study::Snapshot& b) {
  expect_same_rows(a.cohorts, b.cohorts);
  expect_same_rows(a.people, b.people);
  expect_same_rows(a.sessions, b.sessions);
  expect_same_rows(a.scans, b.scans);
  expect_same_rows(a.measurements, b.measurements);
  expect_same_rows(a.scores, b.scores);
  expect_same_rows(a.ratings, b.ratings);
  expect_same_rows(a.exclusions, b.exclusions);
  expect_same_rows(a.flow, b.flow);
  expect_same_rows(a.settings, b.settings);
  EXPECT_EQ(a.last_act, b.last_act);
}

/// What is on the disk, read by another connection.
study::Snapshot on_disk(const std::filesystem::path& path) {
  const auto study = study::Study::open(path, study::Access::read_only);
  EXPECT_OK(study);
  auto snapshot = study->snapshot();
  EXPECT_OK(snapshot);
  return *snapshot;
}

study::Rating rating(const std::string& person, const std::string& region, study::Flag flag) {
  study::Rating r;
  r.person = person, r.region = region, r.flag = flag;
  return r;
}

class Session : public testing::Test {
 protected:
  void SetUp() override {
    path_ = folder_ / "small.ipsi";
    test::make_small_study(path_);
    session_.setRater("A");
    ASSERT_TRUE(session_.open(path_));
  }
  bool flag(const std::string& person, const std::string& region, study::Flag value) {
    return session_.rate({rating(person, region, value)}, "flag");
  }
  /// The snapshot and the table in memory against those made from the file.
  void expect_as_on_disk() {
    const auto fresh = on_disk(path_);
    expect_same(*session_.snapshot(), fresh);
    const auto table = study::analysis_table(fresh, study::options_of(fresh));
    ASSERT_OK(table);
    EXPECT_EQ(session_.table()->hash(), table->hash());
  }

  test::TemporaryDir folder_;
  std::filesystem::path path_;
  StudySession session_;
};

TEST_F(Session, PatchedEqualsReadAgainOverRandomEdits) {
  std::mt19937 random(7);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  auto other = study::Study::open(path_, study::Access::read_write);  // another program at work on the same study
  ASSERT_OK(other);
  int undone = 0, redone = 0, foreign = 0;
  for (int step = 0; step < 250; ++step) {
    const std::string person = fmt::format("sub-{:02}", 1 + pick(9));
    const std::string region(kRegions[static_cast<std::size_t>(pick(12))].key);
    const auto value = static_cast<study::Flag>(pick(4));
    switch (pick(8)) {
      case 0: undone += session_.undo() ? 1 : 0; break;
      case 1: redone += session_.redo() ? 1 : 0; break;
      case 2: {
        study::Rating r = rating(person, region, value);
        r.session = "1", r.rater = pick(2) == 0 ? "B" : "consensus";
        study::Request request{.author = r.rater, .kind = "rate", .summary = "other", .changes = {}};
        if (pick(3) == 0)
          request.changes.emplace_back(study::Remove{r});
        else
          request.put(r);
        ASSERT_OK(other->apply(request));
        ++foreign;
        break;
      }
      case 3: {
        study::Request request{.author = "", .kind = "settings", .summary = "rule", .changes = {}};
        request.put(study::Setting{"rating_rule", pick(2) == 0 ? "strictest" : "consensus"});
        EXPECT_TRUE(session_.apply(request));
        break;
      }
      default: EXPECT_TRUE(flag(person, region, value));
    }
    if (step % 10 == 9) {
      ASSERT_TRUE(flag("sub-01", "left_thalamus", step % 20 == 9 ? study::Flag::ok : study::Flag::failed));
      expect_as_on_disk();
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(undone, 5);
  EXPECT_GT(redone, 0);
  EXPECT_GT(foreign, 5);
}

TEST_F(Session, AnEarlierSnapshotIsNeverChanged) {
  const auto before = session_.snapshot();
  const auto table = session_.table();
  const std::string hash = table->hash();
  ASSERT_TRUE(flag("sub-01", "left_thalamus", study::Flag::failed));
  EXPECT_TRUE(before->ratings.empty());
  EXPECT_EQ(table->hash(), hash);
  EXPECT_EQ(session_.snapshot()->ratings.size(), 1u);
}

TEST_F(Session, RateFillsInWhoWhenAndWhichImage) {
  ASSERT_TRUE(flag("sub-03", "left_putamen", study::Flag::lesioned));
  const auto r = on_disk(path_).ratings.at(0);
  EXPECT_EQ(r.rater, "A");
  EXPECT_EQ(r.session, "1");
  EXPECT_EQ(r.scan_hash, "hash-of-sub-03");
  EXPECT_EQ(r.time.size(), std::string("2026-01-01T00:00:00.000Z").size());
  EXPECT_FALSE(session_.savedAt().isEmpty());
}

TEST_F(Session, SayingTheSameAgainIsNoAct) {
  ASSERT_TRUE(flag("sub-03", "left_putamen", study::Flag::lesioned));
  const auto act = session_.snapshot()->last_act;
  ASSERT_TRUE(flag("sub-03", "left_putamen", study::Flag::lesioned));
  EXPECT_EQ(session_.snapshot()->last_act, act);
}

TEST_F(Session, UndoAndRedoTellWhatTheyTouched) {
  std::vector<StudySession::Change> told;
  QObject::connect(&session_, &StudySession::changed, [&](const StudySession::Change& c) { told.push_back(c); });
  EXPECT_FALSE(session_.canUndo());
  flag("sub-01", "left_thalamus", study::Flag::ok);
  flag("sub-02", "right_caudate", study::Flag::failed);
  EXPECT_TRUE(session_.canUndo());
  EXPECT_FALSE(session_.canRedo());
  EXPECT_TRUE(session_.undo());
  EXPECT_TRUE(session_.undo({"rate"}));
  EXPECT_FALSE(session_.canUndo());
  EXPECT_FALSE(session_.undo());
  EXPECT_TRUE(session_.canRedo());
  EXPECT_TRUE(session_.redo());
  ASSERT_EQ(told.size(), 5u);
  EXPECT_EQ(told[2].ratings.at(0).person, "sub-02");
  EXPECT_EQ(told[2].ratings.at(0).flag, study::Flag::unrated);
  EXPECT_FALSE(told[2].everything);
  EXPECT_EQ(told[4].ratings.at(0).flag, study::Flag::ok);
  expect_as_on_disk();
}

TEST_F(Session, WhatTheStudyForbidsIsAnErrorAndChangesNothing) {
  QString what;
  QObject::connect(&session_, &StudySession::failed, [&](const QString& w) { what = w; });
  EXPECT_FALSE(flag("sub-99", "left_thalamus", study::Flag::ok));
  EXPECT_FALSE(what.isEmpty());
  EXPECT_EQ(session_.unsaved(), 0);
  EXPECT_TRUE(session_.problem().isEmpty());
  expect_as_on_disk();
}

TEST_F(Session, FullDiskKeepsFlagsInMemoryAndSaysSo) {
  ASSERT_TRUE(flag("sub-01", "left_thalamus", study::Flag::ok));
  const QString saved = session_.savedAt();
  {
    const test::FullDisk full;
    EXPECT_TRUE(flag("sub-02", "left_thalamus", study::Flag::failed));
    EXPECT_TRUE(flag("sub-03", "left_thalamus", study::Flag::lesioned));
    EXPECT_EQ(session_.unsaved(), 2);
    EXPECT_TRUE(session_.problem().contains("2 flags wait in memory"));
    EXPECT_EQ(session_.savedAt(), saved);
    EXPECT_EQ(session_.snapshot()->ratings.size(), 3u);  // in effect, but not on the disk
    EXPECT_EQ(on_disk(path_).ratings.size(), 1u);
    EXPECT_TRUE(session_.undo());
    EXPECT_EQ(session_.unsaved(), 1);
    EXPECT_TRUE(session_.redo());
    EXPECT_EQ(session_.unsaved(), 2);
    EXPECT_FALSE(session_.retry());
  }
  EXPECT_TRUE(test::wait_until([&] { return session_.unsaved() == 0; }));  // by itself, once there is room
  EXPECT_TRUE(session_.problem().isEmpty());
  expect_as_on_disk();
  EXPECT_EQ(on_disk(path_).ratings.size(), 3u);
}

TEST_F(Session, SecondWindowIsReadOnlyUntilTheFirstCloses) {
  StudySession second;
  second.setRater("B");
  ASSERT_TRUE(second.open(path_));
  EXPECT_TRUE(second.readOnly());
  EXPECT_TRUE(second.readOnlyReason().contains("another window"));
  EXPECT_TRUE(second.rate({rating("sub-01", "left_thalamus", study::Flag::ok)}, "flag"));
  EXPECT_EQ(second.unsaved(), 1);
  EXPECT_TRUE(second.problem().contains("another window"));
  session_.close();
  EXPECT_TRUE(second.retry());
  EXPECT_FALSE(second.readOnly());
  EXPECT_EQ(on_disk(path_).ratings.size(), 1u);
  expect_same(*second.snapshot(), on_disk(path_));
}

TEST_F(Session, ReadOnlyFileOpensAndCanBeSavedElsewhere) {
  session_.close();
  const auto folder = path_.parent_path();
  std::filesystem::create_directory(folder / "other");
  ASSERT_EQ(::chmod((folder / "other").c_str(), 0777), 0);
  ASSERT_EQ(::chmod(path_.c_str(), 0444), 0);
  ASSERT_EQ(::chmod(folder.c_str(), 0555), 0);
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);  // permissions do not bind root
  }
  {
    StudySession session;
    session.setRater("A");
    ASSERT_TRUE(session.open(path_)) << session.lastError().what.toStdString();
    EXPECT_TRUE(session.readOnly());
    EXPECT_TRUE(session.rate({rating("sub-01", "left_thalamus", study::Flag::ok)}, "flag"));
    EXPECT_EQ(session.unsaved(), 1);
    EXPECT_FALSE(session.problem().isEmpty());
    EXPECT_TRUE(session.savedAt().isEmpty());
    const auto copy = folder / "other" / "copy.ipsi";
    ASSERT_TRUE(session.saveElsewhere(copy)) << session.lastError().what.toStdString();
    EXPECT_EQ(session.unsaved(), 0);
    EXPECT_FALSE(session.readOnly());
    EXPECT_EQ(session.path(), copy);
    EXPECT_EQ(on_disk(copy).ratings.size(), 1u);
    EXPECT_EQ(session.scanPath("sub-01", "1", "labels"), folder / "scans/sub-01.mgz");
  }
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ::chmod(folder.c_str(), 0755);
}

// The clock was ahead when the rater said ok, and is right again: what they say now is still the later word, on the
// disk and while it waits in memory.
TEST_F(Session, AClockThatJumpsBackLeavesTheLastWordTheNewest) {
  study::Rating ahead = rating("sub-01", "left_thalamus", study::Flag::ok);
  ahead.time = "2099-01-01T00:00:00.000Z";
  ASSERT_TRUE(session_.rate({ahead}, "flag"));
  ASSERT_TRUE(flag("sub-01", "left_thalamus", study::Flag::failed));
  EXPECT_EQ(on_disk(path_).ratings.at(0).time, "2099-01-01T00:00:00.001Z");
  EXPECT_TRUE(session_.undo());
  EXPECT_EQ(session_.snapshot()->ratings.at(0).flag, study::Flag::ok);
  EXPECT_TRUE(session_.redo());
  EXPECT_EQ(session_.snapshot()->ratings.at(0).flag, study::Flag::failed);
  {
    const test::FullDisk full;
    ASSERT_TRUE(flag("sub-01", "left_thalamus", study::Flag::lesioned));
    EXPECT_EQ(session_.snapshot()->ratings.at(0).time, "2099-01-01T00:00:00.002Z");
  }
  EXPECT_TRUE(test::wait_until([&] { return session_.unsaved() == 0; }));
  expect_as_on_disk();
}

// Somebody keeps a long look at the study open while rating goes on.
TEST_F(Session, ASlowReaderHoldsNobodyUp) {
  qputenv("IPSI_BUSY_MS", "0");  // whoever would have to wait fails at once
  {
    study::test::Raw reader(path_);
    ASSERT_EQ(reader.run("BEGIN; SELECT count(*) FROM rating"), "");
    for (const auto& region : kRegions) ASSERT_TRUE(flag("sub-01", std::string(region.key), study::Flag::ok));
    EXPECT_EQ(session_.unsaved(), 0);
    EXPECT_EQ(reader.text("SELECT count(*) FROM rating"), "0") << "it still sees what it saw";
  }
  qunsetenv("IPSI_BUSY_MS");
  EXPECT_EQ(on_disk(path_).ratings.size(), 12U);
}

TEST_F(Session, WhatAnotherProgramWritesArrives) {
  auto other = study::Study::open(path_, study::Access::read_write);
  ASSERT_OK(other);
  study::Rating r = rating("sub-04", "left_caudate", study::Flag::failed);
  r.session = "1", r.rater = "B";
  study::Request request{.author = "B", .kind = "rate", .summary = "by cli", .changes = {}};
  request.put(r);
  ASSERT_OK(other->apply(request));
  EXPECT_TRUE(test::wait_until([&] { return session_.snapshot()->ratings.size() == 1; }));
  EXPECT_TRUE(session_.savedAt().isEmpty());  // not ours
}

TEST_F(Session, FailingToOpenKeepsTheOpenStudy) {
  test::spit(folder_ / "not.ipsi", "hello, this is not a study at all");
  EXPECT_FALSE(session_.open(folder_ / "not.ipsi"));
  EXPECT_TRUE(session_.lastError().what.contains("not an Ipsi study"));
  EXPECT_FALSE(session_.open(folder_ / "missing.ipsi"));
  EXPECT_EQ(session_.name(), "small.ipsi");
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".not.ipsi.lock"));
}

TEST_F(Session, SubgroupsAreCountedAsTheCommandLineDoes) {
  EXPECT_EQ(session_.subsetSize("all"), 9);
  EXPECT_EQ(session_.subsetSize("early"), 3);     // 10 days
  EXPECT_EQ(session_.subsetSize("subacute"), 6);  // 10 and 60
  EXPECT_EQ(session_.subsetSize("chronic"), 3);   // 400
  session_.setSubset("chronic");
  session_.setSubset("no such group");
  EXPECT_EQ(session_.subset(), "chronic");
  EXPECT_EQ(session_.flagCounts().left, 9 * 12);
  flag("sub-01", "left_thalamus", study::Flag::ok);
  EXPECT_EQ(session_.flagCounts().done, 1);
  EXPECT_EQ(session_.person(), "sub-01");
  session_.select("sub-05", "left_putamen");
  EXPECT_EQ(session_.region(), "left_putamen");
}

}  // namespace
}  // namespace ipsi::ui
