// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/draws.h"

#include <algorithm>
#include <cmath>

#include "tests/support/support.h"

namespace ipsi::demo {
namespace {

TEST(Draws, EqualKeysGiveEqualNumbersAndOthersDoNot) {
  Draws a(1, 2, 3, 4), b(1, 2, 3, 4);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(a.bits(), b.bits());
  const auto first = Draws(1, 2, 3, 4).bits();
  EXPECT_NE(first, Draws(2, 2, 3, 4).bits());
  EXPECT_NE(first, Draws(1, 3, 3, 4).bits());
  EXPECT_NE(first, Draws(1, 2, 4, 4).bits());
  EXPECT_NE(first, Draws(1, 2, 3, 5).bits());
}

// 200,000 draws of one fixed stream: five standard errors, a chance below 1e-6 for a right generator, and the
// stream is fixed, so the test either always passes or never.
TEST(Draws, MomentsAreThoseOfTheDistributions) {
  constexpr int kN = 200000;
  Draws u(7, 1), z(7, 2), b(7, 3);
  double mean_u = 0, mean_z = 0, square_z = 0, fourth_z = 0, mean_b = 0, square_b = 0, most_b = 0;
  for (int i = 0; i < kN; ++i) {
    mean_u += u.uniform() / kN;
    const double x = z.normal(), y = b.bounded_normal();
    mean_z += x / kN;
    square_z += x * x / kN;
    fourth_z += x * x * x * x / kN;
    mean_b += y / kN;
    square_b += y * y / kN;
    most_b = std::max(most_b, std::abs(y));
  }
  const double root = std::sqrt(kN);
  EXPECT_NEAR(mean_u, 0.5, 5 * std::sqrt(1.0 / 12) / root);
  EXPECT_NEAR(mean_z, 0.0, 5 / root);
  EXPECT_NEAR(square_z, 1.0, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(fourth_z, 3.0, 5 * std::sqrt(96.0) / root);
  EXPECT_NEAR(mean_b, 0.0, 5 / root);
  EXPECT_NEAR(square_b, 1.0, 5 * std::sqrt(2.0) / root);  // cut off at 3 and rescaled: the variance must be 1 again
  EXPECT_LE(most_b, 3.0 / std::sqrt(0.9733));
  EXPECT_GT(most_b, 2.9);
}

TEST(Draws, ShuffleKeepsEveryThingOnce) {
  std::vector<int> v(100);
  for (int i = 0; i < 100; ++i) v[static_cast<std::size_t>(i)] = i;
  auto w = v;
  Draws(1, 1).shuffle(w);
  EXPECT_NE(v, w);
  std::ranges::sort(w);
  EXPECT_EQ(v, w);
}

}  // namespace
}  // namespace ipsi::demo
