// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/shared_session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "core/study/rating_journal.h"
#include "tests/core/study/fixture.h"
#include "tests/core/study/process.h"
#include "tests/core/study/raw.h"

namespace ipsi::study {
namespace {

namespace fs = std::filesystem;
using ipsi::test::slurp;
using ipsi::test::spit;
using ipsi::test::TemporaryDir;
using test::Environment;
using test::made;
using test::rate;
using test::Raw;
using test::rows_of;

/// A share with a study, and machines with a data folder each.
class Shared : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(share());
    auto study = made(file());
    ASSERT_OK(study);
    ASSERT_OK(study->apply({"lead", "setting", "", {Put(Setting{std::string(kSharedSetting), "1"})}}));
    { const auto closed = std::move(study); }
    { ASSERT_OK(Study::open(file(), Access::read_write)); }  // on the journal of shared studies from here on
  }
  [[nodiscard]] fs::path share() const { return dir_ / "share"; }
  [[nodiscard]] fs::path file() const { return share() / "s.ipsi"; }
  [[nodiscard]] SharedPlace place(const std::string& rater, const std::string& machine) const {
    const Environment data("XDG_DATA_HOME", (dir_ / machine).string());
    return shared_place(file(), rater);
  }
  static SharedSession open(const SharedPlace& place) {
    auto session = SharedSession::open(place);
    EXPECT_OK(session);
    return std::move(*session);
  }
  /// What stands on the share, in the order of names.
  [[nodiscard]] std::vector<std::string> on_share() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(share()))
      if (entry.is_regular_file()) out.push_back(entry.path().lexically_relative(share()));
    std::sort(out.begin(), out.end());
    return out;
  }
  static std::vector<std::string> ratings(const Study& study) {
    std::vector<std::string> out;
    const auto rows = study.ratings();
    for (const auto& r : *rows) out.push_back(word_key(r));
    return out;
  }
  /// As `ipsi qc merge` does it.
  std::int64_t merge() {
    auto study = Study::open(file(), Access::read_write);
    const auto folder = read_rating_folder(ratings_folder(file()));
    const auto act = study->apply(merge_words(folder.voices, *study->snapshot(), "lead").request);
    EXPECT_OK(act);
    return act.value_or(-1);
  }
  TemporaryDir dir_;
};

TEST_F(Shared, TwoMachinesAndTheStudySayTheSameInTheEnd) {
  auto a = open(place("A", "m1")), b = open(place("B", "m2"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok, "tab\t")));
  ASSERT_OK(b.work().apply(rate("B", "sub-001", "left_thalamus", Flag::failed)));
  ASSERT_OK(a.work().apply(rate("A", "sub-002", "left_thalamus", Flag::ok)));
  ASSERT_OK(a.work().undo("A", 1));
  EXPECT_EQ(a.round().unsent, 0);
  EXPECT_TRUE(b.round().changed);
  const auto state = a.round();
  EXPECT_TRUE(state.changed);
  EXPECT_EQ(state.problem, "");
  EXPECT_EQ(state.raters, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(ratings(a.work()), ratings(b.work()));
  EXPECT_EQ(a.work().ratings()->size(), 2U);
  EXPECT_FALSE(a.round().changed) << "nothing new";

  EXPECT_TRUE(Study::open(file(), Access::read_only)->ratings()->empty()) << "until they are merged";
  merge();
  EXPECT_EQ(ratings(*Study::open(file(), Access::read_only)), ratings(a.work()));
  EXPECT_EQ(merge(), 0) << "a second time nothing is left to do";
  EXPECT_TRUE(Study::open(file(), Access::read_only)->verify()->empty());

  // The merge comes round to the copies and changes nothing there.
  EXPECT_FALSE(a.round().changed);
  EXPECT_FALSE(b.round().changed);
  EXPECT_EQ(ratings(a.work()), ratings(b.work()));
  EXPECT_TRUE(a.work().verify()->empty());
  EXPECT_TRUE(b.work().verify()->empty());
  const auto names = on_share();
  ASSERT_EQ(names.size(), 3U) << "nothing but the study and a file for each rater";
  EXPECT_TRUE(names[1].starts_with("s.ratings/A@")) << names[1];
  EXPECT_TRUE(names[2].starts_with("s.ratings/B@")) << names[2];
  EXPECT_EQ(names[0], "s.ipsi");
}

TEST_F(Shared, RandomRatersMeet) {
  std::mt19937 random(11);
  std::vector<SharedSession> sides;
  const std::vector<std::string> raters{"A", "B", "A"};  // A on two machines
  for (std::size_t i = 0; i < raters.size(); ++i) sides.push_back(open(place(raters[i], fmt::format("m{}", i))));
  for (int step = 0; step < 200; ++step) {
    const std::size_t i = random() % sides.size();
    Study& work = sides[i].work();
    const auto kind = random() % 8;
    if (kind == 0)
      (void)work.undo(raters[i], 1, {}, copied_up_to(*work.snapshot()));
    else if (kind == 1)
      (void)work.redo(raters[i], 1, {}, copied_up_to(*work.snapshot()));
    else if (kind == 2)
      EXPECT_EQ(sides[i].round().problem, "");
    else if (kind == 3 && step % 10 == 0)
      merge();
    else
      ASSERT_OK(work.apply(rate(raters[i], fmt::format("sub-{:03}", 1 + random() % 3),
                                std::string(kRegions[random() % 4].key), static_cast<Flag>(random() % 4),
                                std::to_string(step))));
  }
  for (int i = 0; i < 2; ++i)
    for (auto& side : sides) EXPECT_EQ(side.round().problem, "");
  merge();
  for (auto& side : sides) (void)side.round();
  const auto all = ratings(*Study::open(file(), Access::read_only));
  EXPECT_GT(all.size(), 12U);
  for (auto& side : sides) {
    EXPECT_EQ(ratings(side.work()), all) << side.own_file();
    EXPECT_TRUE(side.work().verify()->empty());
  }
  EXPECT_EQ(merge(), 0);
}

TEST_F(Shared, AShareThatVanishesLosesNothing) {
  auto a = open(place("A", "m1"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  EXPECT_EQ(a.round().unsent, 0);
  fs::rename(share(), dir_ / "gone");
  for (const char* region : {"left_caudate", "left_putamen", "right_caudate"})
    ASSERT_OK(a.work().apply(rate("A", "sub-001", region, Flag::failed)));
  ASSERT_OK(a.work().undo("A", 1));
  const auto away = a.round();
  EXPECT_EQ(away.unsent, 4);
  EXPECT_NE(away.problem.find("out of reach"), std::string::npos) << away.problem;
  EXPECT_FALSE(fs::exists(share())) << "nothing is written where the share was mounted";
  { const auto closed = std::move(a); }

  EXPECT_TRUE(is_shared(place("A", "m1"))) << "known from its copy";
  EXPECT_FALSE(is_shared(place("B", "m1")));
  auto again = open(place("A", "m1"));
  EXPECT_EQ(again.work().ratings()->size(), 3U);
  EXPECT_EQ(again.round().unsent, 5) << "what the share has is not known before it is back";
  fs::rename(dir_ / "gone", share());
  const auto back = again.round();
  EXPECT_EQ(back.unsent, 0);
  EXPECT_EQ(back.problem, "");
  merge();
  EXPECT_EQ(ratings(*Study::open(file(), Access::read_only)), ratings(again.work()));
}

TEST_F(Shared, WhatTheCoordinatorDoesArrivesAndOwnWordsStay) {
  auto a = open(place("A", "m1"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(a.work().apply(rate("A", "sub-005", "left_thalamus", Flag::failed)));
  ASSERT_OK(a.work().apply({"A", "mark", "", {Put(Setting{"later.A.x", "1"})}}));
  (void)a.round();
  {
    auto study = Study::open(file(), Access::read_write);
    Request request = test::small_study(7);  // two people more
    request.put(Measurement{"sub-001", "1", "left_thalamus", "volume", "enigma_csv", 4321, "mm3", ""});
    request.put(Setting{"rating_rule", "majority"});
    ASSERT_OK(study->apply(request));
    ASSERT_OK(study->apply(rate("lead", "sub-002", "left_thalamus", Flag::lesioned)));
    // One goes, with all that belongs to them; A has rated them in the meantime.
    Request leave{.author = "lead", .kind = "drop", .summary = "", .changes = {}};
    const auto rows = study->snapshot_of("sub-005");
    for (const auto& row : rows->measurements) leave.changes.emplace_back(Remove{row});
    leave.changes.emplace_back(Remove{rows->sessions.front()});
    leave.changes.emplace_back(Remove{rows->people.front()});
    ASSERT_OK(study->apply(leave));
  }
  EXPECT_TRUE(a.round().changed);
  const auto snapshot = a.work().snapshot();
  EXPECT_EQ(snapshot->people.size(), 6U);
  EXPECT_EQ(snapshot->setting("rating_rule"), "majority");
  EXPECT_EQ(snapshot->setting("later.A.x"), "1") << "the copy's own marks stay";
  EXPECT_EQ(snapshot->ratings.size(), 2U);
  const auto volume = std::find_if(snapshot->measurements.begin(), snapshot->measurements.end(),
                                   [](const auto& m) { return m.person == "sub-001" && m.region == "left_thalamus"; });
  EXPECT_EQ(volume->value, 4321);
  EXPECT_TRUE(a.work().verify()->empty());
  EXPECT_FALSE(a.round().changed);
  // Undo goes on across it, and no further back than the copy.
  ASSERT_OK(a.work().apply(rate("A", "sub-006", "left_thalamus", Flag::ok)));
  ASSERT_OK(a.work().undo("A", 1, {"rate"}, copied_up_to(*snapshot)));
  // The one who left comes back: so does the rating, from the rater's own file.
  { ASSERT_OK(Study::open(file(), Access::read_write)->apply(test::small_study(7))); }
  EXPECT_TRUE(a.round().changed);
  EXPECT_EQ(a.work().ratings()->size(), 3U);
}

TEST_F(Shared, AMergeThatIsTakenBackTakesNothingFromTheCopies) {
  auto a = open(place("A", "m1")), b = open(place("B", "m2"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(b.work().apply(rate("B", "sub-001", "left_thalamus", Flag::ok)));
  (void)a.round();
  (void)b.round();
  merge();
  (void)a.round();
  { ASSERT_OK(Study::open(file(), Access::read_write)->undo("lead", 1, {"import_ratings"})); }
  (void)a.round();
  EXPECT_EQ(a.work().ratings()->size(), 2U);
  merge();
  EXPECT_EQ(Study::open(file(), Access::read_only)->ratings()->size(), 2U);
}

TEST_F(Shared, UndoGoesNoFurtherBackThanTheCopy) {
  { ASSERT_OK(Study::open(file(), Access::read_write)->apply(rate("A", "sub-001", "left_thalamus", Flag::ok))); }
  auto a = open(place("A", "m1"));
  const auto after = copied_up_to(*a.work().snapshot());
  EXPECT_FALSE(a.work().undo("A", 1, {}, after));
  EXPECT_FALSE(*a.work().next_undo("A", {}, after));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::failed)));
  ASSERT_OK(a.work().undo("A", 1, {}, after));
  EXPECT_EQ(a.work().ratings()->at(0).flag, Flag::ok);
  (void)a.round();
  merge();
  EXPECT_EQ(Study::open(file(), Access::read_only)->ratings()->at(0).flag, Flag::ok);
}

TEST_F(Shared, IsCopiedWhileSomebodyWrites) {
  Raw raw(file());
  ASSERT_EQ(raw.run("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE person SET sex = 'male'"), "");
  for (int i = 0; i < 200; ++i)  // until pages of an unfinished change stand in the file itself
    ASSERT_EQ(raw.run(fmt::format("INSERT INTO setting VALUES ('x{}', '{}')", i, std::string(2000, 'x'))), "");
  ASSERT_TRUE(fs::exists(file().string() + "-journal"));
  ASSERT_OK(copy_quietly(file(), dir_ / "copy.ipsi"));
  ASSERT_EQ(raw.run("ROLLBACK"), "");
  const auto copy = Study::open(dir_ / "copy.ipsi", Access::read_only);
  ASSERT_OK(copy);
  EXPECT_EQ(rows_of(*copy->snapshot()), rows_of(*Study::open(file(), Access::read_only)->snapshot()));
  EXPECT_TRUE(copy->verify()->empty());
}

TEST_F(Shared, NoLockOfTheShareIsAskedFor) {
  Raw raw(file());
  ASSERT_EQ(raw.run("BEGIN EXCLUSIVE"), "");  // somebody sits on the study and does not move
  auto a = open(place("A", "m1"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  const auto state = a.round();
  EXPECT_EQ(state.unsent, 0);
  EXPECT_EQ(state.problem, "");
  ASSERT_EQ(raw.run("ROLLBACK"), "");
}

TEST_F(Shared, ASlowReaderHoldsNobodyUp) {
  const Environment patience("IPSI_BUSY_MS", "0");  // whoever would have to wait fails at once
  auto a = open(place("A", "m1"));
  Raw reader(a.place().work());
  ASSERT_EQ(reader.run("BEGIN; SELECT count(*) FROM rating"), "");
  for (const auto& region : kRegions)
    ASSERT_OK(a.work().apply(rate("A", "sub-001", std::string(region.key), Flag::ok)));
  EXPECT_EQ(a.round().unsent, 0);
  EXPECT_EQ(reader.text("SELECT count(*) FROM rating"), "0") << "it still sees what it saw";
  ASSERT_EQ(reader.run("COMMIT"), "");
}

TEST_F(Shared, ALostCopyComesBackFromTheShare) {
  std::vector<std::string> said;
  {
    auto a = open(place("A", "m1"));
    for (const char* region : {"left_thalamus", "left_caudate"})
      ASSERT_OK(a.work().apply(rate("A", "sub-001", region, Flag::failed)));
    (void)a.round();
    said = ratings(a.work());
    fs::remove_all(a.place().local);
  }
  auto a = open(place("A", "m1"));
  EXPECT_TRUE(a.round().changed);
  EXPECT_EQ(ratings(a.work()), said);
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  (void)a.round();
  EXPECT_EQ(on_share().size(), 3U) << "a second file of the same rater";
  merge();
  EXPECT_EQ(ratings(*Study::open(file(), Access::read_only)), ratings(a.work()));
}

TEST_F(Shared, AnOldCopyThatCameBackOverwritesNothing) {
  const auto where = place("A", "m1");
  {
    auto a = open(where);
    ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
    (void)a.round();
  }
  fs::copy(where.local, dir_ / "backup", fs::copy_options::recursive);
  {
    auto a = open(where);
    ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_caudate", Flag::failed)));
    (void)a.round();
  }
  fs::remove_all(where.local);
  fs::copy(dir_ / "backup", where.local, fs::copy_options::recursive);
  auto a = open(where);
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_putamen", Flag::lesioned)));
  (void)a.round();
  EXPECT_EQ(a.round().problem, "");
  EXPECT_EQ(on_share().size(), 3U);
  EXPECT_EQ(a.work().ratings()->size(), 3U) << "what only the file knew is back";
  merge();
  EXPECT_EQ(ratings(*Study::open(file(), Access::read_only)), ratings(a.work()));
  EXPECT_TRUE(rating_conflicts(*Study::open(file(), Access::read_only)->snapshot()).empty());
}

TEST_F(Shared, FilesThatCannotBeUsedAreNamedAndBlockNothing) {
  auto a = open(place("A", "m1"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  (void)a.round();
  const auto folder = ratings_folder(file());
  std::string good = slurp(a.own_file());
  spit(folder / "newer@pc.tsv", "# ipsi-ratings\t9\tN\tpc\nwhatever\n");
  spit(folder / "noise.tsv", "no journal at all\n");
  spit(folder / "torn@pc.tsv", good.substr(0, good.size() - 5));
  for (std::size_t at; (at = good.find("\tA\t")) != std::string::npos;) good.replace(at, 3, "\tZ\t");
  spit(folder / "Z@pc.tsv", good + "what is this line\n");
  fs::create_directory(folder / "folder.tsv");
  auto b = open(place("B", "m2"));
  const auto state = b.round();
  EXPECT_EQ(state.problem, "");
  EXPECT_EQ(state.notes.size(), 4U) << fmt::format("{}", state.notes.size());
  EXPECT_EQ(b.work().ratings()->size(), 2U) << "A's and Z's good line";
  const auto has = [&](const std::string& words) {
    return std::any_of(state.notes.begin(), state.notes.end(), [&](const std::string& note) {
      return note.find(words) != std::string::npos && note.find('\n') == std::string::npos;
    });
  };
  EXPECT_TRUE(has("version 9"));
  EXPECT_TRUE(has("noise.tsv"));
  EXPECT_TRUE(has("Z@pc.tsv, line 4"));
  EXPECT_TRUE(has("folder.tsv"));
  const auto read = read_rating_folder(folder);
  EXPECT_EQ(read.voices.size(), 3U);
  EXPECT_EQ(read.unreadable.size(), 3U);
  EXPECT_EQ(read.unused.size(), 1U);
}

TEST_F(Shared, AFolderThatMayNotBeWrittenIsTriedAgain) {
  if (::geteuid() == 0) {
    fs::create_directory(ratings_folder(file()));
    const auto blocked = ratings_folder(file());
    fs::remove(blocked);
    spit(blocked, "a file where the folder should be");  // permissions do not bind root
  } else {
    fs::create_directory(ratings_folder(file()));
    ::chmod(ratings_folder(file()).c_str(), 0555);
  }
  auto a = open(place("A", "m1"));
  ASSERT_OK(a.work().apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  const auto state = a.round();
  EXPECT_EQ(state.unsent, 1);
  EXPECT_FALSE(state.problem.empty());
  if (::geteuid() == 0)
    fs::remove(ratings_folder(file()));
  else
    ::chmod(ratings_folder(file()).c_str(), 0755);
  EXPECT_EQ(a.round().unsent, 0);
}

TEST_F(Shared, OneSessionOfARaterOnAMachine) {
  auto a = std::make_unique<SharedSession>(open(place("A", "m1")));
  EXPECT_EQ(SharedSession::open(place("A", "m1")).error().code, Code::Conflict);
  EXPECT_OK(SharedSession::open(place("B", "m1")));
  a.reset();
  EXPECT_OK(SharedSession::open(place("A", "m1")));
}

TEST_F(Shared, OnlyRatingsAndMarksGoIntoACopy) {
  const auto where = place("A", "m1");
  EXPECT_FALSE(refused_in_copy(rate("A", "sub-001", "left_thalamus", Flag::ok), where));
  EXPECT_TRUE(refused_in_copy(test::small_study(6), where));
}

TEST_F(Shared, IsWhatTheStudySaysElseWhereItLies) {
  const auto says = [&](const char* value) {
    ASSERT_OK(Study::open(file(), Access::read_write)
                  ->apply({"lead", "setting", "", {Put(Setting{std::string(kSharedSetting), value})}}));
  };
  for (const char* network : {"no", "yes"}) {
    const Environment where("IPSI_NETWORK_SHARE", network);
    says("1");
    EXPECT_TRUE(is_shared(place("A", "m1")));
    says("0");
    EXPECT_FALSE(is_shared(place("A", "m1")));
    says("");
    EXPECT_EQ(is_shared(place("A", "m1")), std::string(network) == "yes");
  }
  EXPECT_EQ(on_share(), std::vector<std::string>{"s.ipsi"});
}

}  // namespace
}  // namespace ipsi::study
