// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/jobs.h"

#include <atomic>
#include <thread>

#include "tests/support/qt_support.h"

namespace ipsi::ui {
namespace {

Result<int> wait_for_cancel(const Task& task) {
  while (!task.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return fail(Code::Cancelled, "stopped");
}

TEST(Jobs, DeliversOnTheGuiThread) {
  Jobs jobs;
  const auto gui = std::this_thread::get_id();
  std::thread::id worker, delivered;
  int answer = 0;
  jobs.start<int>(
      {.title = "add"},
      [&](const Task&) -> Result<int> {
        worker = std::this_thread::get_id();
        return 42;
      },
      nullptr,
      [&](Result<int> r) {
        delivered = std::this_thread::get_id();
        answer = *r;
      });
  EXPECT_TRUE(test::wait_until([&] { return answer == 42; }));
  EXPECT_NE(worker, gui);
  EXPECT_EQ(delivered, gui);
  EXPECT_TRUE(jobs.idle());
}

TEST(Jobs, TellsProgressAndStops) {
  Jobs jobs;
  std::atomic<bool> go{false};
  bool cancelled = false;
  const auto id = jobs.start<int>(
      {.title = "long"},
      [&](const Task& task) {
        task.progress(0.5, "half");
        go = true;
        return wait_for_cancel(task);
      },
      nullptr, [&](Result<int> r) { cancelled = r.error().code == Code::Cancelled; });
  ASSERT_TRUE(test::wait_until([&] { return go.load(); }));
  auto list = jobs.list();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].fraction, 0.5);
  EXPECT_EQ(list[0].what, "half");
  EXPECT_GE(list[0].seconds_left, 0.0);
  jobs.cancel(id);
  ASSERT_FALSE(jobs.list().empty());
  EXPECT_EQ(jobs.list()[0].state, Jobs::State::stopping);
  EXPECT_TRUE(test::wait_until([&] { return cancelled; }));
  EXPECT_TRUE(jobs.list().empty());  // being told to stop is no failure
}

TEST(Jobs, ALaterJobOfTheSameKeyDropsTheResultOfTheFirst) {
  Jobs jobs;
  std::vector<int> delivered;
  for (int i = 0; i < 3; ++i)
    jobs.start<int>(
        {.title = "fit", .key = "fit", .lane = Jobs::Lane::live},
        [i](const Task& task) -> Result<int> {
          for (int k = 0; k < 20 && !task.cancelled(); ++k) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return i;  // ignores that it was cancelled, as a library may
        },
        nullptr, [&](Result<int> r) { delivered.push_back(*r); });
  EXPECT_TRUE(test::wait_until([&] { return jobs.idle(); }));
  EXPECT_EQ(delivered, std::vector<int>{2});
}

TEST(Jobs, NothingIsDeliveredToWhatIsGone) {
  Jobs jobs;
  bool delivered = false;
  auto receiver = std::make_unique<QObject>();
  jobs.start<int>(
      {.title = "x"}, [](const Task&) -> Result<int> { return 1; }, receiver.get(),
      [&](Result<int>) { delivered = true; });
  receiver.reset();
  EXPECT_TRUE(test::wait_until([&] { return jobs.idle(); }));
  EXPECT_FALSE(delivered);
}

TEST(Jobs, AFailureStaysInTheTrayUntilClosed) {
  Jobs jobs;
  bool told = false;
  const auto id = jobs.start<int>(
      {.title = "export"}, [](const Task&) -> Result<int> { return fail(Code::Environment, "the disk is full"); },
      nullptr, [&](Result<int> r) { told = !r; });
  ASSERT_TRUE(test::wait_until([&] { return told; }));
  ASSERT_EQ(jobs.list().size(), 1u);
  EXPECT_EQ(jobs.list()[0].state, Jobs::State::failed);
  EXPECT_TRUE(jobs.list()[0].error.contains("disk is full"));
  EXPECT_TRUE(jobs.idle());
  jobs.dismiss(id);
  EXPECT_TRUE(jobs.list().empty());
}

TEST(Jobs, AThrowingWorkerIsAFailureNotACrash) {
  Jobs jobs;
  jobs.start<int>(
      {.title = "bad"}, [](const Task&) -> Result<int> { throw std::runtime_error("no memory"); }, nullptr,
      [](Result<int>) {});
  EXPECT_TRUE(test::wait_until([&] { return jobs.list().size() == 1 && jobs.list()[0].error.contains("no memory"); }));
}

TEST(Jobs, LiveWorkDoesNotWaitBehindLongWork) {
  Jobs jobs(nullptr, 2);
  for (int i = 0; i < 8; ++i) jobs.start<int>({.title = "long"}, wait_for_cancel, nullptr, [](Result<int>) {});
  bool live = false;
  jobs.start<int>(
      {.title = "refit", .lane = Jobs::Lane::live, .quiet = true}, [](const Task&) -> Result<int> { return 1; },
      nullptr, [&](Result<int>) { live = true; });
  EXPECT_TRUE(test::wait_until([&] { return live; }));
  EXPECT_EQ(jobs.running(), 8);
  jobs.cancelAll();
  EXPECT_TRUE(test::wait_until([&] { return jobs.idle(); }));
}

TEST(Jobs, EndsWhileWorkersAreAtWork) {
  auto jobs = std::make_unique<Jobs>();
  bool delivered = false;
  jobs->start<int>({.title = "long"}, wait_for_cancel, nullptr, [&](Result<int>) { delivered = true; });
  EXPECT_TRUE(jobs->shutDown(5000));
  jobs.reset();
  QTest::qWait(20);
  EXPECT_FALSE(delivered);
}

}  // namespace
}  // namespace ipsi::ui
