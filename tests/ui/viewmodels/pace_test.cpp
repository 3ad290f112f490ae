// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/pace.h"

#include <gtest/gtest.h>

namespace ipsi::ui {
namespace {

TEST(Pace, TwentyFlagsTooFastAreToldOnceUntilTheRaterSlowsDown) {
  Pace pace;
  qint64 now = 1000;
  int told = 0;
  for (int i = 0; i < 60; ++i, now += 390)
    if (pace.flagged(now) == Pace::Hint::fast) {
      ++told;
      EXPECT_EQ(i, 19);  // the twentieth flag
    }
  EXPECT_EQ(told, 1);
  EXPECT_NEAR(pace.secondsAFlag(), 0.39, 1e-12);
  now += 400;  // one that was looked at
  EXPECT_EQ(pace.flagged(now), Pace::Hint::none);
  for (int i = 0; i < 18; ++i) EXPECT_EQ(pace.flagged(now += 100), Pace::Hint::none);
  EXPECT_EQ(pace.flagged(now += 100), Pace::Hint::fast);
}

TEST(Pace, AtTwoSecondsAFlagNothingIsSaid) {
  Pace pace;
  for (qint64 now = 0; now < 3 * 3600 * 1000; now += 2000) EXPECT_EQ(pace.flagged(now), Pace::Hint::none);
}

TEST(Pace, ABreakIsProposedAfterFortyFiveMinutesWithoutAPause) {
  Pace pace;
  pace.setBreaks(true);
  const auto rests = [&](qint64 from, qint64 to) {
    int n = 0;
    for (qint64 now = from; now <= to; now += 2000) n += pace.flagged(now) == Pace::Hint::rest ? 1 : 0;
    return n;
  };
  constexpr qint64 kMinute = 60'000;
  EXPECT_EQ(rests(0, 44 * kMinute), 0);
  EXPECT_EQ(rests(49 * kMinute, 93 * kMinute), 0);  // five minutes away began anew
  EXPECT_EQ(rests(93 * kMinute + 2000, 95 * kMinute), 1);
}

}  // namespace
}  // namespace ipsi::ui
