// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/field.h"

#include <cmath>

#include "tests/support/support.h"

namespace ipsi::brain {
namespace {

Mask ball(int n, double radius) {
  Mask out({n, n, n});
  const double c = (n - 1) / 2.0;
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) out.at(i, j, k) = std::hypot(i - c, j - c, k - c) <= radius;
  return out;
}

TEST(Field, SignedDistanceOfABallIsDistanceToItsSphere) {
  const int n = 31;
  const double radius = 9.0;
  const Field d = signed_distance(ball(n, radius));
  double worst = 0;
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i)
        worst = std::max(worst, std::abs(double(d.at(i, j, k)) - (std::hypot(i - 15, j - 15, k - 15) - radius)));
  EXPECT_LT(worst, 1.0);  // a digital sphere lies within half a voxel diagonal (0.87) of the true one
}

TEST(Field, SignedDistanceOfAHalfSpaceIsExact) {
  Mask half({12, 5, 5});
  for (int k = 0; k < 5; ++k)
    for (int j = 0; j < 5; ++j)
      for (int i = 0; i < 4; ++i) half.at(i, j, k) = 1;
  const Field d = signed_distance(half);
  for (int i = 0; i < 12; ++i) EXPECT_FLOAT_EQ(d.at(i, 2, 2), float(i) - 3.5F) << i;
}

TEST(Field, DistanceMatchesBruteForce) {
  Mask mask({9, 8, 7});
  for (std::size_t i = 0; i < mask.values.size(); ++i) mask.values[i] = i * 2654435761U % 97 < 3;
  ASSERT_GT(count(mask), 3U);
  const Field d = distance_to(mask);
  for (int k = 0; k < 7; ++k)
    for (int j = 0; j < 8; ++j)
      for (int i = 0; i < 9; ++i) {
        double best = 1e9;
        for (int c = 0; c < 7; ++c)
          for (int b = 0; b < 8; ++b)
            for (int a = 0; a < 9; ++a)
              if (mask.at(a, b, c) != 0) best = std::min(best, std::hypot(i - a, j - b, k - c));
        EXPECT_NEAR(d.at(i, j, k), best, 1e-5);
      }
}

TEST(Field, FillsHolesButNotBays) {
  Mask shell = ball(15, 6);
  shell.at(7, 7, 7) = 0;                               // a hole
  for (int i = 7; i < 15; ++i) shell.at(i, 4, 7) = 0;  // a bay, open to the outside
  const Mask filled = fill_holes(shell);
  EXPECT_EQ(filled.at(7, 7, 7), 1);
  EXPECT_EQ(filled.at(8, 4, 7), 0);
  EXPECT_EQ(count(filled), count(shell) + 1);
}

TEST(Field, LargestPartDropsTheRest) {
  Mask mask = ball(15, 4);
  const std::size_t whole = count(mask);
  mask.at(0, 0, 0) = 1;
  EXPECT_EQ(count(largest_part(mask)), whole);
  EXPECT_EQ(largest_part(mask).at(0, 0, 0), 0);
}

TEST(Field, SmoothingKeepsHalfSpacesAndDropsSpecks) {
  Mask mask({20, 20, 20});
  for (int k = 0; k < 20; ++k)
    for (int j = 0; j < 20; ++j)
      for (int i = 0; i < 10; ++i) mask.at(i, j, k) = 1;
  const Mask plain = mask;
  mask.at(15, 10, 10) = 1;
  EXPECT_EQ(smooth(mask, 1.0).values, plain.values);
}

}  // namespace
}  // namespace ipsi::brain
