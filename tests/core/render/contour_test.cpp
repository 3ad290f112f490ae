// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/contour.h"

#include <cmath>
#include <numbers>

#include "tests/support/support.h"

namespace ipsi::render {
namespace {

TEST(Contour, OfARectangleIsItsBorder) {
  std::vector<std::uint8_t> ids(8 * 6, 0);
  for (int y = 1; y < 4; ++y)
    for (int x = 2; x < 7; ++x) ids[static_cast<std::size_t>(8 * y + x)] = 3;
  const auto loops = trace(ids, 8, 6, 3);
  ASSERT_EQ(loops.size(), 1U);
  EXPECT_EQ(loops[0].size(), 16U);  // one point an edge
  EXPECT_EQ(area_of(loops[0]), 15.0);
  EXPECT_TRUE(trace(ids, 8, 6, 1).empty());
}

TEST(Contour, SeparatesHolesAndPixelsThatMeetAtACorner) {
  std::vector<std::uint8_t> ring(5 * 5, 1);
  ring[12] = 0;
  const auto loops = trace(ring, 5, 5, 1);
  ASSERT_EQ(loops.size(), 2U);
  EXPECT_EQ(area_of(loops[0]), 25.0);
  EXPECT_EQ(area_of(loops[1]), 1.0);
  for (const auto& pair : {std::vector<std::uint8_t>{1, 0, 0, 1}, std::vector<std::uint8_t>{0, 1, 1, 0}}) {
    const auto apart = trace(pair, 2, 2, 1);
    ASSERT_EQ(apart.size(), 2U);
    EXPECT_EQ(area_of(apart[0]), 1.0);
    EXPECT_EQ(area_of(apart[1]), 1.0);
  }
}

TEST(Contour, AreasOfAnyPatternAddUpToItsPixels) {  // outer borders turn one way, holes the other: signed sum = count
  std::uint32_t state = 7;
  std::vector<std::uint8_t> ids(40 * 30);
  std::size_t count = 0;
  for (auto& id : ids) {
    state = state * 1664525U + 1013904223U;
    id = (state >> 24U) % 2;
    count += id;
  }
  double signed_area = 0.0;
  for (const Loop& loop : trace(ids, 40, 30, 1)) {
    double twice = 0.0;
    for (std::size_t i = 0; i < loop.size(); ++i) {
      const auto &p = loop[i], &q = loop[(i + 1) % loop.size()];
      twice += p.x() * q.y() - p.y() * q.x();
    }
    signed_area += twice / 2;
  }
  EXPECT_DOUBLE_EQ(std::abs(signed_area), static_cast<double>(count));
}

TEST(Contour, SmoothingRoundsADiscWithoutShrinkingIt) {
  constexpr int kSize = 200;
  constexpr double kRadius = 80.0;
  std::vector<std::uint8_t> ids(kSize * kSize, 0);
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x)
      if (std::hypot(x + 0.5 - 100, y + 0.5 - 100) <= kRadius) ids[static_cast<std::size_t>(kSize * y + x)] = 1;
  const auto loops = smooth(trace(ids, kSize, kSize, 1), 8, 0.05);
  ASSERT_EQ(loops.size(), 1U);
  EXPECT_NEAR(area_of(loops[0]), std::numbers::pi * kRadius * kRadius, 0.005 * std::numbers::pi * kRadius * kRadius);
  for (const auto& p : loops[0]) EXPECT_NEAR((p - Eigen::Vector2d(100, 100)).norm(), kRadius, 0.75);
}

}  // namespace
}  // namespace ipsi::render
