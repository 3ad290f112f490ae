// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/region_shape.h"

#include <cmath>
#include <random>

#include "core/image/geometry.h"
#include "core/image/morphology.h"
#include "tests/core/ingest/balls.h"

namespace ipsi::ingest {
namespace {
using test::ball;
using test::compacted;
using test::empty_head;

constexpr std::size_t kLeftThalamus = 0, kRightThalamus = 1;

TEST(RegionShapes, ACubeHasItsClosedForm) {
  auto head = empty_head(20, 2.0);
  for (int k = 5; k < 9; ++k)
    for (int j = 4; j < 7; ++j)
      for (int i = 3; i < 8; ++i) head.values[head.grid.index(i, j, k)] = 10;
  const RegionShape s = region_shapes(compacted(head)).of[kLeftThalamus];
  EXPECT_EQ(s.voxels, 5 * 3 * 4);
  EXPECT_DOUBLE_EQ(s.mm3, 60 * 8.0);
  EXPECT_DOUBLE_EQ(s.surface_mm2, 4.0 * 2 * (5 * 3 + 3 * 4 + 5 * 4));
  EXPECT_TRUE(s.centre_mm.isApprox(head.grid.to_world({5, 5, 6.5}), 1e-12));
  EXPECT_EQ(s.pieces, 1);
  EXPECT_EQ(s.holes, 0);
  EXPECT_FALSE(s.at_border);
  const RegionShape none = region_shapes(compacted(head)).of[kRightThalamus];
  EXPECT_EQ(none.voxels, 0);
  EXPECT_EQ(none.pieces, 0);
  EXPECT_TRUE(std::isnan(none.centre_mm[0]));
}

TEST(RegionShapes, ABallIsAsRoughAsVoxelsMakeIt) {
  auto head = empty_head(60);
  ball(head, {0, 0, 0}, 20, 10);
  const RegionShape s = region_shapes(compacted(head)).of[kLeftThalamus];
  EXPECT_NEAR(s.mm3, 4.0 / 3.0 * M_PI * 8000, 200);
  EXPECT_NEAR(s.roughness, 1.5, 0.02) << "faces of voxels: three shadows of two sides each, 6 pi r^2 against 4 pi r^2";
  EXPECT_LT(s.centre_mm.norm(), 1e-9);
}

TEST(RegionShapes, SplitBallsAndShutHolesAreFound) {
  auto head = empty_head(60);
  ball(head, {0, 0, 0}, 10, 10);
  ball(head, {0, 0, 20}, 4, 10);
  ball(head, {0, 0, 0}, 3, 0);  // a pocket
  image::Labels pocket = empty_head(60);
  ball(pocket, {0, 0, 0}, 3, 1);
  image::Labels piece = empty_head(60);
  ball(piece, {0, 0, 20}, 4, 1);
  const auto count = [](const image::Labels& l) {
    return static_cast<double>(std::ranges::count_if(l.values, [](int v) { return v != 0; }));
  };
  const RegionShape s = region_shapes(compacted(head)).of[kLeftThalamus];
  EXPECT_EQ(s.pieces, 2);
  EXPECT_DOUBLE_EQ(s.second_mm3, count(piece));
  EXPECT_DOUBLE_EQ(s.largest_mm3 + s.second_mm3, s.mm3);
  EXPECT_EQ(s.holes, 1);
  EXPECT_DOUBLE_EQ(s.hole_mm3, count(pocket));
  // A tunnel from the pocket to the outside opens it.
  for (int i = 30; i < 45; ++i) head.values[head.grid.index(i, 30, 30)] = 0;
  EXPECT_EQ(region_shapes(compacted(head)).of[kLeftThalamus].holes, 0);
}

TEST(RegionShapes, AgreesWithVoxelByVoxelOnNoise) {
  std::mt19937 random(3);
  auto head = empty_head(17);
  for (auto& v : head.values) v = random() % 3 == 0 ? 10 : random() % 5 == 0 ? 49 : 0;
  const RegionShapes shapes = region_shapes(compacted(head));
  for (const std::size_t r : {kLeftThalamus, kRightThalamus}) {
    image::Labels one = head;
    for (auto& v : one.values) v = v == kRegions[r].label ? 1 : 0;
    const auto pieces = image::connected_components(one);
    EXPECT_EQ(shapes.of[r].pieces, static_cast<int>(pieces.voxels.size()));
    EXPECT_DOUBLE_EQ(shapes.of[r].largest_mm3, static_cast<double>(pieces.voxels[0]));
    long long faces = 0;
    const auto is = [&](int i, int j, int k) { return one.grid.inside(i, j, k) && one.at(i, j, k) != 0; };
    for (int k = 0; k < 17; ++k)
      for (int j = 0; j < 17; ++j)
        for (int i = 0; i < 17; ++i)
          if (is(i, j, k))
            for (const auto& [a, b, c] :
                 {std::array{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}})
              faces += is(i + a, j + b, k + c) ? 0 : 1;
    EXPECT_DOUBLE_EQ(shapes.of[r].surface_mm2, static_cast<double>(faces));
    // Holes: background pieces, joined through faces, that do not reach the border of a padded image.
    image::Labels padded = empty_head(19);
    std::fill(padded.values.begin(), padded.values.end(), 1);
    for (int k = 0; k < 17; ++k)
      for (int j = 0; j < 17; ++j)
        for (int i = 0; i < 17; ++i)
          if (is(i, j, k)) padded.values[padded.grid.index(i + 1, j + 1, k + 1)] = 0;
    const auto gaps = image::connected_components(padded, image::Neighbours::faces6);
    EXPECT_EQ(shapes.of[r].holes, static_cast<int>(gaps.voxels.size()) - 1);
  }
}

TEST(RegionShapes, DoNotDependOnHowTheImageIsStored) {
  const auto head = test::ball_brain();
  auto flipped = head;  // the same head stored along -x, with its header
  const auto& size = head.grid.size;
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i) flipped.values[head.grid.index(size[0] - 1 - i, j, k)] = head.at(i, j, k);
  flipped.grid.affine.col(3).head<3>() = head.grid.to_world({double(size[0] - 1), 0, 0});
  flipped.grid.affine.col(0) *= -1.0;
  const RegionShapes a = region_shapes(compacted(head)), b = region_shapes(compacted(flipped));
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    EXPECT_EQ(a.of[r].voxels, b.of[r].voxels);
    EXPECT_TRUE(a.of[r].centre_mm.isApprox(b.of[r].centre_mm, 1e-9));
    EXPECT_DOUBLE_EQ(a.of[r].surface_mm2, b.of[r].surface_mm2);
  }
}

TEST(RegionShapes, SayWhereALabelIsCutOff) {
  auto head = empty_head(30);
  ball(head, {-12, 0, 0}, 5, 10);
  ball(head, {5, 0, 0}, 5, 49);
  const RegionShapes shapes = region_shapes(compacted(head));
  EXPECT_TRUE(shapes.of[kLeftThalamus].at_border);
  EXPECT_FALSE(shapes.of[kRightThalamus].at_border);
}

TEST(RegionShapes, AnEmptyImageHasNone) {
  const RegionShapes shapes = region_shapes(compacted(empty_head(10)));
  for (const auto& s : shapes.of) EXPECT_EQ(s.voxels, 0);
  EXPECT_TRUE(shapes.box.values.empty());
}

}  // namespace
}  // namespace ipsi::ingest
