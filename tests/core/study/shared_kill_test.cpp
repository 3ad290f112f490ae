// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <random>
#include <thread>

#include "core/study/rating_journal.h"
#include "core/study/shared_session.h"
#include "tests/core/study/fixture.h"
#include "tests/core/study/process.h"

namespace ipsi::study {
namespace {

namespace fs = std::filesystem;
using ipsi::test::TemporaryDir;
using test::Child;
using test::Environment;
using test::made;

constexpr int kKills = 200;

/// Rates and undoes as fast as it can, telling the pipe of each act once it is on the disk.
int rate_for_ever(Study& study, std::int64_t from, int pipe) {
  for (auto n = static_cast<int>(from);; ++n) {
    std::int64_t act = 0;
    if (n % 7 == 6) {
      if (!study.undo("A", 1, {}, copied_up_to(*study.snapshot()))) continue;
      act = study.last_act().value_or(0);
    } else {
      const auto applied = study.apply(test::rate("A", fmt::format("sub-{:03}", 1 + n % 5),
                                                  std::string(kRegions[static_cast<std::size_t>(n) % 12].key),
                                                  n / 60 % 2 == 0 ? Flag::failed : Flag::ok, std::to_string(n)));
      if (!applied || *applied == 0) return 1;
      act = *applied;
    }
    if (::write(pipe, &act, sizeof act) != sizeof act) return 2;
  }
}

/// The newest act that the one who was killed had been told of.
std::int64_t acknowledged(int pipe, std::int64_t before) {
  for (std::int64_t act = 0; ::read(pipe, &act, sizeof act) == sizeof act;) before = act;
  ::close(pipe);
  return before;
}

TEST(KilledOften, AStudyHasEveryDecisionButAtMostTheOneInFlight) {
  TemporaryDir dir;
  const fs::path file = dir / "a.ipsi";
  { ASSERT_OK(made(file)); }
  std::mt19937 random(21);
  std::int64_t before = 1;
  int written = 0;
  for (int i = 0; i < kKills; ++i) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    Child rater([&] {
      auto study = Study::open(file, Access::read_write);
      return study ? rate_for_ever(*study, before, pipe[1]) : 3;
    });
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 50'000));
    rater.kill();
    const auto told = acknowledged(pipe[0], before);
    const auto study = Study::open(file, Access::read_only);
    ASSERT_OK(study);
    const auto last = *study->last_act();
    ASSERT_GE(last, told) << "an acknowledged decision was lost";
    ASSERT_LE(last, told + 1);
    ASSERT_EQ(*study->verify(), std::vector<std::string>{});
    written += static_cast<int>(last - before);
    before = last;
  }
  EXPECT_GT(written, kKills) << "the raters hardly came to rate: the test proved nothing";
}

// The same with a share: killed at any moment of rating and of sending, the copy has every decision, the file on the
// share is whole but for its end, and the next session brings both to the same.
TEST(KilledOften, ASharedSessionHasEveryDecisionAndSendsTheRestLater) {
  TemporaryDir dir;
  const Environment data("XDG_DATA_HOME", (dir / "data").string());
  fs::create_directory(dir / "share");
  const fs::path file = dir.path() / "share" / "a.ipsi";
  { ASSERT_OK(made(file)); }
  const SharedPlace place = shared_place(file, "A");
  std::mt19937 random(22);
  std::int64_t before = 2;  // the import, and the note of the copy
  int written = 0, late = 0;
  for (int i = 0; i < kKills; ++i) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    Child rater([&] {
      auto session = SharedSession::open(place);
      if (!session) return 3;
      auto study = Study::open(place.work(), Access::read_write);
      if (!study) return 4;
      std::thread([&] {
        for (;;) (void)session->round();
      }).detach();
      return rate_for_ever(*study, before, pipe[1]);
    });
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    rater.kill();
    const auto told = acknowledged(pipe[0], before);

    auto session = SharedSession::open(place);
    ASSERT_OK(session);
    const auto last = *session->work().last_act();
    ASSERT_GE(last, told) << "an acknowledged decision was lost";
    ASSERT_LE(last, told + 1);
    written += static_cast<int>(last - before);
    before = last;
    std::error_code ec;
    const auto sent = fs::file_size(session->own_file(), ec);
    const auto state = session->round();
    ASSERT_EQ(state.problem, "");
    ASSERT_EQ(state.unsent, 0);
    ASSERT_TRUE(state.notes.empty()) << state.notes.front();
    late += !ec && fs::file_size(session->own_file()) > sent ? 1 : 0;
    if (i % 10 != 9) continue;
    const auto journal = read_journal(ipsi::test::slurp(session->own_file()), "own");
    ASSERT_OK(journal);
    ASSERT_TRUE(journal->problems.empty());
    ASSERT_EQ(static_cast<std::int64_t>(journal->lines.size()), before - 2) << "a line for every act";
    std::vector<std::string> on_share, in_copy;
    for (const auto& word : said_in(*journal).current) on_share.push_back(word_key(word.rating));
    const auto rows = session->work().ratings();
    for (const auto& rating : *rows) in_copy.push_back(word_key(rating));
    std::sort(on_share.begin(), on_share.end());
    std::sort(in_copy.begin(), in_copy.end());
    ASSERT_EQ(on_share, in_copy);
    ASSERT_EQ(*session->work().verify(), std::vector<std::string>{});
  }
  EXPECT_GT(written, kKills) << "the raters hardly came to rate: the test proved nothing";
  EXPECT_GT(late, 0) << "nothing was ever unsent: the test proved little";
  EXPECT_EQ(std::distance(fs::directory_iterator(place.ratings), fs::directory_iterator()), 1) << "one file for all";
}

}  // namespace
}  // namespace ipsi::study
