// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/regions.h"
#include "core/study/analysis_table.h"
#include "core/study/rating_journal.h"
#include "core/study/shared_session.h"
#include "tests/support/qt_support.h"
#include "tests/ui/viewmodels/full_disk.h"
#include "tests/ui/viewmodels/small_study.h"
#include "ui/viewmodels/qc_numbers.h"
#include "ui/viewmodels/study_session.h"

namespace ipsi::ui {
namespace {

namespace fs = std::filesystem;

study::Rating rating(const std::string& person, const std::string& region, study::Flag flag) {
  study::Rating r;
  r.person = person, r.region = region, r.flag = flag;
  return r;
}

/// A share with a study that is shared, and windows on machines with a data folder each.
class SharedStudy : public testing::Test {
 protected:
  void SetUp() override {
    data_ = qgetenv("XDG_DATA_HOME");
    fs::create_directory(folder_ / "share");
    path_ = folder_ / "share" / "small.ipsi";
    test::make_small_study(path_);
    auto study = study::Study::open(path_, study::Access::read_write);
    study::Request request{.author = "lead", .kind = "setting", .summary = "shared", .changes = {}};
    request.put(study::Setting{std::string(study::kSharedSetting), "1"});
    ASSERT_OK(study->apply(request));
    { const auto closed = std::move(study); }
    { ASSERT_OK(study::Study::open(path_, study::Access::read_write)); }
  }
  void TearDown() override { qputenv("XDG_DATA_HOME", data_); }

  bool open(StudySession& window, const QString& rater, const std::string& machine) {
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder_ / machine).string()));
    window.setRater(rater);
    return window.open(path_);
  }
  static bool flag(StudySession& window, const std::string& person, study::Flag value) {
    return window.rate({rating(person, "left_thalamus", value)}, "flag");
  }
  static std::vector<std::string> words(const StudySession& window) {
    std::vector<std::string> out;
    for (const auto& r : window.snapshot()->ratings) out.push_back(study::word_key(r));
    return out;
  }
  [[nodiscard]] std::vector<std::string> merged() const {
    auto study = study::Study::open(path_, study::Access::read_write);
    const auto files = study::read_rating_folder(study::ratings_folder(path_));
    EXPECT_OK(study->apply(study::merge_words(files.voices, *study->snapshot(), "lead").request));
    std::vector<std::string> out;
    const auto rows = study->ratings();
    for (const auto& r : *rows) out.push_back(study::word_key(r));
    return out;
  }
  test::TemporaryDir folder_;
  fs::path path_;
  QByteArray data_;
};

TEST_F(SharedStudy, TwoWindowsOnTwoMachinesSeeEachOther) {
  StudySession a, b;
  ASSERT_TRUE(open(a, "A", "m1"));
  ASSERT_TRUE(open(b, "B", "m2"));
  EXPECT_TRUE(a.isShared());
  EXPECT_FALSE(a.readOnly());
  EXPECT_FALSE(b.readOnly());
  EXPECT_EQ(a.path(), path_);
  EXPECT_NE(a.file(), path_);
  EXPECT_EQ(a.name(), "small.ipsi");
  EXPECT_EQ(a.scanPath("sub-01", "1", "labels"), path_.parent_path() / "scans/sub-01.mgz");
  ASSERT_TRUE(flag(a, "sub-01", study::Flag::ok));
  ASSERT_TRUE(flag(b, "sub-01", study::Flag::failed));
  ASSERT_TRUE(flag(b, "sub-02", study::Flag::failed));
  EXPECT_TRUE(b.undo());
  EXPECT_EQ(a.snapshot()->ratings.size(), 1U) << "its own, at once";
  EXPECT_TRUE(test::wait_until([&] { return words(a).size() == 2 && words(a) == words(b); }));
  EXPECT_TRUE(test::wait_until([&] { return a.sharedNote() == "Shared: 2 raters"; })) << a.sharedNote().toStdString();
  EXPECT_TRUE(a.problem().isEmpty());
  EXPECT_EQ(a.table()->hash(), b.table()->hash());
  const auto events = qc_events(a.file(), 0, Task());  // the history says when it was said, not when it arrived
  ASSERT_OK(events);
  ASSERT_FALSE(events->events.empty());
  for (const auto& event : events->events)
    if (event.rater == "B" && event.person == "sub-01") {
      EXPECT_EQ(event.time, b.snapshot()->ratings.back().time);
    }
  EXPECT_TRUE(a.undo());
  EXPECT_TRUE(test::wait_until([&] { return words(b).size() == 1; })) << "what is taken back goes there too";
  EXPECT_TRUE(a.redo());
  EXPECT_TRUE(test::wait_until([&] { return words(a) == words(b) && words(b).size() == 2; }));
  EXPECT_EQ(merged(), words(a));
  for (const auto& entry : fs::directory_iterator(path_.parent_path()))
    EXPECT_TRUE(entry.path() == path_ || entry.path().extension() == ".ratings") << entry.path();
}

TEST_F(SharedStudy, AShareThatIsGoneIsToldAndCaughtUpWith) {
  StudySession a;
  ASSERT_TRUE(open(a, "A", "m1"));
  ASSERT_TRUE(flag(a, "sub-01", study::Flag::ok));
  ASSERT_TRUE(test::wait_until([&] { return fs::exists(study::ratings_folder(path_)); }));
  fs::rename(path_.parent_path(), folder_ / "gone");
  for (const char* person : {"sub-02", "sub-03", "sub-04"}) ASSERT_TRUE(flag(a, person, study::Flag::failed));
  EXPECT_EQ(a.unsaved(), 0) << "on this computer they are";
  EXPECT_TRUE(test::wait_until([&] { return a.problem().contains("3 flags are not on the share yet"); }))
      << a.problem().toStdString();
  EXPECT_TRUE(a.sharedNote().contains("out of reach"));
  a.close();
  ASSERT_TRUE(open(a, "A", "m1")) << "from the copy";
  EXPECT_EQ(a.snapshot()->ratings.size(), 4U);
  fs::rename(folder_ / "gone", path_.parent_path());
  EXPECT_TRUE(test::wait_until([&] { return a.problem().isEmpty() && a.sharedNote() == "Shared: 1 rater"; }));
  EXPECT_EQ(merged(), words(a));
}

TEST_F(SharedStudy, AFullDiskKeepsFlagsInMemoryAndSendsThemLater) {
  StudySession a;
  ASSERT_TRUE(open(a, "A", "m1"));
  {
    const test::FullDisk full;  // here and on the share
    ASSERT_TRUE(flag(a, "sub-01", study::Flag::failed));
    EXPECT_EQ(a.unsaved(), 1);
    EXPECT_TRUE(a.problem().contains("1 flag waits in memory")) << a.problem().toStdString();
    EXPECT_TRUE(a.undo());
    EXPECT_TRUE(a.redo());
    EXPECT_EQ(a.unsaved(), 1);
  }
  EXPECT_TRUE(test::wait_until([&] { return a.unsaved() == 0 && a.problem().isEmpty(); }));
  a.close();
  EXPECT_EQ(merged().size(), 1U);
}

TEST_F(SharedStudy, WhatThousandsOfWordsSayIsTakenInStepByStep) {
  const std::size_t files = 40;
  std::size_t words_there = 0;
  for (std::size_t i = 0; i < files; ++i) {
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder_ / ("other" + std::to_string(i))).string()));
    const std::string name = "R" + std::to_string(i);
    auto other = study::SharedSession::open(study::shared_place(path_, name));
    ASSERT_OK(other);
    study::Request request{.author = name, .kind = "rate", .summary = "flags", .changes = {}};
    const auto people = other->work().snapshot()->people;
    for (const auto& person : people)
      for (const auto& region : kRegions) {
        auto word = rating(person.id, std::string(region.key), study::Flag::lesioned);
        word.session = "1", word.rater = name, word.time = "2026-01-01T00:00:00Z";
        request.put(word);
        ++words_there;
      }
    ASSERT_OK(other->work().apply(request));
    EXPECT_EQ(other->round().unsent, 0);
  }
  ASSERT_GT(words_there, 3000U);
  StudySession window;
  std::size_t most = 0, told = 0;
  QObject::connect(&window, &StudySession::changed, [&](const StudySession::Change& change) {
    most = std::max(most, change.ratings.size());
    told += change.ratings.size();
  });
  ASSERT_TRUE(open(window, "A", "m1"));
  (void)window.table();
  ASSERT_TRUE(test::wait_until([&] { return window.snapshot()->ratings.size() == words_there; }));
  EXPECT_EQ(told, words_there);
  EXPECT_LT(most, 1000U) << "a key waits for one step at most";
  const auto direct = study::analysis_table(*window.snapshot(), window.options());
  ASSERT_OK(direct);
  EXPECT_EQ(window.table()->find("flag_left_caudate")->texts, direct->find("flag_left_caudate")->texts);
}

TEST_F(SharedStudy, ClosingSendsWhatIsLeft) {
  {
    StudySession a;
    ASSERT_TRUE(open(a, "A", "m1"));
    for (int i = 1; i <= 9; ++i) ASSERT_TRUE(flag(a, fmt::format("sub-{:02}", i), study::Flag::ok));
  }
  EXPECT_EQ(merged().size(), 9U);
}

TEST_F(SharedStudy, WhatTheCoordinatorImportsArrives) {
  StudySession a;
  ASSERT_TRUE(open(a, "A", "m1"));
  ASSERT_TRUE(flag(a, "sub-01", study::Flag::ok));
  {
    auto study = study::Study::open(path_, study::Access::read_write);
    study::Request request{.author = "lead", .kind = "import", .summary = "one more", .changes = {}};
    request.put(study::Person{"sub-99", "A", "patient", "female", "left", ""});
    request.put(study::Session{"sub-99", "1", 1, "", 60, 10});
    ASSERT_OK(study->apply(request));
  }
  EXPECT_TRUE(test::wait_until([&] { return a.snapshot()->people.size() == 10; }));
  ASSERT_TRUE(flag(a, "sub-99", study::Flag::lesioned));
  EXPECT_EQ(a.snapshot()->ratings.size(), 2U);
  QString what;
  QObject::connect(&a, &StudySession::failed, [&](const QString& w) { what = w; });
  study::Request import{.author = "", .kind = "import", .summary = "here", .changes = {}};
  import.put(study::Cohort{"C", "C"});
  EXPECT_FALSE(a.apply(import)) << "it would stay in the copy";
  EXPECT_TRUE(what.contains("shared"));
}

TEST_F(SharedStudy, ASecondWindowOfARaterReadsUntilTheFirstCloses) {
  StudySession first, second;
  ASSERT_TRUE(open(first, "A", "m1"));
  ASSERT_TRUE(open(second, "A", "m1"));
  EXPECT_TRUE(second.readOnly());
  EXPECT_TRUE(second.readOnlyReason().contains("another window"));
  ASSERT_TRUE(flag(first, "sub-01", study::Flag::ok));
  EXPECT_TRUE(test::wait_until([&] { return second.snapshot()->ratings.size() == 1; }));
  ASSERT_TRUE(flag(second, "sub-02", study::Flag::failed));
  EXPECT_EQ(second.unsaved(), 1);
  first.close();
  EXPECT_TRUE(test::wait_until([&] { return second.unsaved() == 0; }));
  EXPECT_FALSE(second.readOnly());
  second.close();
  EXPECT_EQ(merged().size(), 2U);
}

TEST_F(SharedStudy, AnotherRaterHasAnotherCopy) {
  StudySession a;
  ASSERT_TRUE(open(a, "A", "m1"));
  ASSERT_TRUE(flag(a, "sub-01", study::Flag::ok));
  const auto file = a.file();
  a.setRater("B");
  EXPECT_NE(a.file(), file);
  ASSERT_TRUE(flag(a, "sub-01", study::Flag::failed));
  EXPECT_TRUE(test::wait_until([&] { return a.snapshot()->ratings.size() == 2; })) << "A's is known from A's file";
  a.close();
  EXPECT_EQ(merged().size(), 2U);
}

TEST_F(SharedStudy, UndoGoesNoFurtherThanTheCopy) {
  {
    auto study = study::Study::open(path_, study::Access::read_write);
    study::Rating r = rating("sub-01", "left_thalamus", study::Flag::ok);
    r.session = "1", r.rater = "A";
    study::Request request{.author = "A", .kind = "rate", .summary = "before", .changes = {}};
    request.put(r);
    ASSERT_OK(study->apply(request));
  }
  StudySession a;
  ASSERT_TRUE(open(a, "A", "m1"));
  EXPECT_FALSE(a.canUndo());
  ASSERT_TRUE(flag(a, "sub-02", study::Flag::ok));
  EXPECT_TRUE(a.canUndo());
  EXPECT_TRUE(a.undo());
  EXPECT_FALSE(a.canUndo());
  EXPECT_TRUE(a.canRedo());
}

TEST_F(SharedStudy, SavedElsewhereItIsAStudyOfOnesOwn) {
  StudySession a;
  ASSERT_TRUE(open(a, "A", "m1"));
  ASSERT_TRUE(flag(a, "sub-01", study::Flag::ok));
  ASSERT_TRUE(a.saveElsewhere(folder_ / "own.ipsi")) << a.lastError().what.toStdString();
  EXPECT_FALSE(a.isShared());
  EXPECT_FALSE(a.readOnly());
  EXPECT_EQ(a.file(), folder_ / "own.ipsi");
  EXPECT_EQ(a.snapshot()->ratings.size(), 1U);
  EXPECT_EQ(a.scanPath("sub-01", "1", "labels"), path_.parent_path() / "scans/sub-01.mgz");
}

TEST_F(SharedStudy, AStudyOnANetworkShareIsSharedUnlessItSaysNot) {
  qputenv("IPSI_NETWORK_SHARE", "yes");
  const fs::path other = folder_ / "share" / "plain.ipsi";
  test::make_small_study(other);
  qputenv("XDG_DATA_HOME", QByteArray::fromStdString((folder_ / "m1").string()));
  {
    StudySession a;
    a.setRater("A");
    ASSERT_TRUE(a.open(other)) << a.lastError().what.toStdString();
    EXPECT_TRUE(a.isShared());
  }
  {
    auto study = study::Study::open(other, study::Access::read_write);
    study::Request request{.author = "lead", .kind = "setting", .summary = "not shared", .changes = {}};
    request.put(study::Setting{std::string(study::kSharedSetting), "0"});
    ASSERT_OK(study->apply(request));
  }
  {
    StudySession a;
    a.setRater("A");
    ASSERT_TRUE(a.open(other)) << a.lastError().what.toStdString();
    EXPECT_FALSE(a.isShared());
    ASSERT_TRUE(flag(a, "sub-01", study::Flag::ok));
  }
  qunsetenv("IPSI_NETWORK_SHARE");
  EXPECT_EQ(study::Study::open(other, study::Access::read_only)->ratings()->size(), 1U);
}

}  // namespace
}  // namespace ipsi::ui
