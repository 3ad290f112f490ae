// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/task.h"

#include <vector>

#include "tests/support/support.h"

namespace ipsi {
namespace {

TEST(Task, PartsReportOnTheScaleOfTheWhole) {
  std::vector<double> seen;
  const Task whole([&](double fraction, const std::string&) { seen.push_back(fraction); });
  const Task second_half = whole.part(0.5, 1.0);
  second_half.progress(0.0);
  second_half.part(0.0, 0.5).progress(1.0);
  second_half.progress(1.0);
  EXPECT_EQ(seen, (std::vector<double>{0.5, 0.75, 1.0}));
}

TEST(Task, CancellingAPartCancelsAll) {
  const Task whole;
  const Task part = whole.part(0.1, 0.2);
  EXPECT_FALSE(whole.cancelled());
  part.cancel();
  EXPECT_TRUE(whole.cancelled());
  EXPECT_TRUE(whole.part(0.0, 1.0).cancelled());
}

}  // namespace
}  // namespace ipsi
