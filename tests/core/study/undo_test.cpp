// SPDX-License-Identifier: GPL-3.0-or-later
#include <random>

#include "tests/core/study/fixture.h"

namespace ipsi::study {
namespace {

using ipsi::test::TemporaryDir;
using test::made;
using test::rate;
using test::rows_of;

std::vector<std::string> state(const Study& study) {
  return rows_of(*study.snapshot());
}

TEST(Undo, TakesBackTheNewestActsOfOneAuthor) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto empty = state(*study);
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  const auto one = state(*study);
  ASSERT_OK(study->apply(rate("B", "sub-001", "left_thalamus", Flag::failed)));
  ASSERT_OK(study->apply(rate("A", "sub-002", "left_thalamus", Flag::lesioned)));
  const auto undone = study->undo("A", 1);
  ASSERT_OK(undone);
  ASSERT_EQ(undone->size(), 1U);
  EXPECT_EQ(undone->front().summary, "left_thalamus of sub-002");
  ASSERT_OK(study->undo("B", 1));
  EXPECT_EQ(state(*study), one);
  ASSERT_OK(study->undo("A", 1));
  EXPECT_EQ(state(*study), empty);
  const auto nothing = study->undo("A", 1);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::NotFound);
  EXPECT_EQ(study->log()->size(), 7U) << "history is never erased";
}

TEST(Undo, SeveralStepsAreOneAllOrNothingDeed) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto empty = state(*study);
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::failed)));
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::lesioned)));
  const auto undone = study->undo("A", 5);
  ASSERT_OK(undone);
  EXPECT_EQ(undone->size(), 3U) << "as many as there are";
  EXPECT_EQ(state(*study), empty);
}

TEST(Undo, RedoWalksTheSameWayForward) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  std::vector<std::vector<std::string>> states{state(*study)};
  for (const Flag flag : {Flag::ok, Flag::failed, Flag::lesioned}) {
    ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", flag)));
    states.push_back(state(*study));
  }
  ASSERT_OK(study->undo("A", 3));
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_OK(study->redo("A", 1));
    EXPECT_EQ(state(*study), states[i]);
  }
  EXPECT_EQ(study->redo("A", 1).error().code, Code::NotFound);
  // And back again: what was redone can be undone.
  for (std::size_t i = 3; i-- > 0;) {
    ASSERT_OK(study->undo("A", 1));
    EXPECT_EQ(state(*study), states[i]);
  }
  ASSERT_OK(study->redo("A", 3));
  EXPECT_EQ(state(*study), states[3]);
}

TEST(Undo, ALaterActOvertakesRedo) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply(rate("A", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(study->undo("A", 1));
  ASSERT_OK(study->apply(rate("B", "sub-001", "left_thalamus", Flag::ok)));
  EXPECT_EQ(study->redo("A", 1)->size(), 1U) << "another's act does not";
  ASSERT_OK(study->undo("A", 1));
  ASSERT_OK(study->apply(rate("A", "sub-002", "left_thalamus", Flag::ok)));
  const auto late = study->redo("A", 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::NotFound);
}

TEST(Undo, LooksAtTheKindsAskedForOnly) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply(rate("importer", "sub-001", "left_thalamus", Flag::ok)));
  ASSERT_OK(study->apply({"importer", "note", "", {Put(Setting{"a", "b"})}}));
  const auto undone = study->undo("importer", 9, {"rate", "import_ratings"});
  ASSERT_OK(undone);
  EXPECT_EQ(undone->size(), 1U);
  EXPECT_EQ(study->snapshot()->setting("a"), "b");
  EXPECT_EQ(study->snapshot()->people.size(), 5U);
  EXPECT_EQ(study->redo("importer", 9, {"rate"})->size(), 1U) << "a later act of another kind does not overtake it";
}

TEST(Undo, NamesTheRowThatSomeoneElseChanged) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  const auto put = [](const std::string& author, const std::string& value) {
    return Request{author, "set", "rule to " + value, {Put(Setting{"other", value}), Put(Setting{"rule", value})}};
  };
  ASSERT_OK(study->apply(put("A", "1")));
  ASSERT_OK(study->apply({"B", "set", "", {Put(Setting{"rule", "2"})}}));
  const auto before = state(*study);
  const auto undone = study->undo("A", 1);
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().code, Code::Conflict);
  EXPECT_NE(undone.error().what.find("setting rule was changed by B"), std::string::npos) << undone.error().what;
  EXPECT_EQ(state(*study), before) << "nothing is taken back by halves";
  ASSERT_OK(study->undo("B", 1));
  EXPECT_OK(study->undo("A", 1));
}

TEST(Undo, AnImportThatOthersBuiltOnIsAConflict) {
  TemporaryDir dir;
  auto study = made(dir / "a.ipsi");
  ASSERT_OK(study);
  ASSERT_OK(study->apply(rate("B", "sub-001", "left_thalamus", Flag::failed)));
  const auto undone = study->undo("importer", 1);
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().code, Code::Conflict);
  EXPECT_NE(undone.error().what.find("rating of left_thalamus, sub-001, session 1, by B"), std::string::npos)
      << undone.error().what;
  ASSERT_OK(study->undo("B", 1));
  ASSERT_OK(study->undo("importer", 1));
  EXPECT_EQ(state(*study), std::vector<std::string>{});
  ASSERT_OK(study->redo("importer", 1));
  EXPECT_EQ(study->snapshot()->people.size(), 5U);
}

/// A random act of one of three authors: puts and removes, several rows, sometimes the same row twice.
Request random_act(std::mt19937& random) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::string author = fmt::format("author-{}", pick(3));
  Request request{author, pick(4) == 0 ? "import" : "rate", fmt::format("act {}", pick(1000)), {}};
  for (int i = 0, n = 1 + pick(5); i < n; ++i) {
    const std::string person = fmt::format("sub-{:03}", 1 + pick(5));
    const std::string region(kRegions[static_cast<std::size_t>(pick(12))].key);
    // Rows of one author only, so that nobody stands in another's way when all is taken back.
    switch (pick(5)) {
      case 0: request.changes.push_back(Remove{Rating{person, "1", region, author}}); break;
      case 1: request.put(Setting{author + region, std::to_string(pick(3))}); break;
      case 2:
        request.put(
            Measurement{person, "1", region, "volume", author, pick(3) == 0 ? kMissing : pick(9) / 7.0, "mm3", ""});
        break;
      default:
        request.put(Rating{person, "1", region, author, static_cast<Flag>(pick(4)), pick(2) == 0 ? "" : "x", "", ""});
    }
  }
  return request;
}

TEST(Undo, RandomActsThenUndoAllGiveBackTheSameTables) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    TemporaryDir dir;
    auto study = made(dir / "a.ipsi");
    ASSERT_OK(study);
    const auto start = state(*study);
    std::mt19937 random(seed);
    for (int i = 0; i < 40; ++i) {
      const auto what = static_cast<unsigned>(random() % 10);
      const std::string author = fmt::format("author-{}", random() % 3);
      if (what < 7)
        ASSERT_OK(study->apply(random_act(random)));
      else if (what < 9)
        (void)study->undo(author, 1 + static_cast<int>(random() % 3));
      else
        (void)study->redo(author, 1 + static_cast<int>(random() % 3));
      if (i % 10 == 0) {  // across sessions
        study = Study::open(dir / "a.ipsi", Access::read_write);
        ASSERT_OK(study);
      }
    }
    const auto differences = study->verify();
    ASSERT_OK(differences);
    EXPECT_EQ(*differences, std::vector<std::string>{}) << "seed " << seed;
    const auto full = state(*study);
    std::vector<int> steps(3);
    for (int a = 0; a < 3; ++a) {
      const auto undone = study->undo(fmt::format("author-{}", a), 1000);
      if (undone) steps[static_cast<std::size_t>(a)] = static_cast<int>(undone->size());
    }
    EXPECT_EQ(state(*study), start) << "seed " << seed;
    for (int a = 0; a < 3; ++a)
      if (const int n = steps[static_cast<std::size_t>(a)]; n > 0) {
        ASSERT_OK(study->redo(fmt::format("author-{}", a), n));
      }
    EXPECT_EQ(state(*study), full) << "seed " << seed;
    EXPECT_TRUE(study->verify()->empty());
  }
}

}  // namespace
}  // namespace ipsi::study
