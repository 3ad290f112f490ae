// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/latencies.h"

#include <cmath>

#include "tests/support/qt_support.h"

namespace ipsi::ui {
namespace {

TEST(Latencies, CountWhatWasReadyWhenTheWindowIsPainted) {
  Latencies l;
  l.ready("key", 1'000'000'000);
  EXPECT_TRUE(l.rows().empty());  // nothing seen yet
  l.painted(1'007'500'000);
  l.painted(1'900'000'000);  // nobody asked
  ASSERT_EQ(l.rows().size(), 1U);
  EXPECT_EQ(l.rows()[0].n, 1);
  EXPECT_DOUBLE_EQ(l.rows()[0].median, 7.5);
}

TEST(Latencies, AKeyThatShowedNothingIsForgotten) {
  Latencies l;
  l.ready("key", 0);
  l.ready("key", 2'000'000'000);
  l.painted(2'004'000'000);
  EXPECT_EQ(l.rows().at(0).n, 1);
  EXPECT_DOUBLE_EQ(l.rows()[0].longest, 4.0);
  l.ready("key", 3'000'000'000);
  l.painted(60'000'000'000);  // a minute later: some other picture
  EXPECT_EQ(l.rows()[0].n, 1);
}

TEST(Latencies, QuantilesAndBinsOfKnownSamples) {
  Latencies l;
  for (int ms = 1; ms <= 101; ++ms) l.add("a", ms);
  l.add("b", 0.5);
  l.add("b", 5000);
  const auto rows = l.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].what, "a");
  EXPECT_DOUBLE_EQ(rows[0].median, 51.0);
  EXPECT_DOUBLE_EQ(rows[0].p95, 96.0);
  EXPECT_DOUBLE_EQ(rows[0].longest, 101.0);
  // [1,2) [2,4) [4,8) .. [64,128)
  const std::array<int, Latencies::kBins> expected{0, 1, 2, 4, 8, 16, 32, 38, 0, 0, 0, 0};
  EXPECT_EQ(rows[0].bins, expected);
  EXPECT_EQ(rows[1].bins.front(), 1);
  EXPECT_EQ(rows[1].bins.back(), 1);
  EXPECT_TRUE(std::isinf(Latencies::edge(Latencies::kBins - 1)));
  l.clear();
  EXPECT_TRUE(l.rows().empty());
}

}  // namespace
}  // namespace ipsi::ui
