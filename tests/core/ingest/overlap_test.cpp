// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/overlap.h"

#include <cmath>
#include <random>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
using test::box_mask;
using test::small_head;

std::size_t at(std::string_view key) {
  return static_cast<std::size_t>(std::ranges::find(kRegions, key, &Region::key) - kRegions.begin());
}

TEST(LesionOverlap, CountsVoxelsOfBoxes) {
  const auto head = small_head();
  // Half of the left thalamus cube (i 8..11, j 2..5, k 4..7): i 8..9; and nothing else but two empty planes below.
  const auto mask = box_mask(head.grid, {8, 2, 2}, {9, 5, 7});
  const auto overlap = lesion_overlap(head, mask);
  ASSERT_OK(overlap);
  EXPECT_FALSE(overlap->resampled);
  const RegionOverlap& thalamus = overlap->regions[at("left_thalamus")];
  EXPECT_DOUBLE_EQ(thalamus.region_mm3, 64 * 8.0);
  EXPECT_DOUBLE_EQ(thalamus.overlap_mm3, 32 * 8.0);
  EXPECT_DOUBLE_EQ(thalamus.fraction_of_region, 0.5);
  EXPECT_DOUBLE_EQ(thalamus.fraction_of_lesion, 32.0 / 48.0);
  EXPECT_DOUBLE_EQ(thalamus.distance_mm, 0);
  const RegionOverlap& caudate = overlap->regions[at("left_caudate")];  // next cube along j: one voxel of 2 mm away
  EXPECT_DOUBLE_EQ(caudate.overlap_mm3, 0);
  EXPECT_DOUBLE_EQ(caudate.distance_mm, 2);
  EXPECT_DOUBLE_EQ(overlap->regions[at("right_thalamus")].distance_mm, (28 - 9) * 2.0);
  EXPECT_DOUBLE_EQ(overlap->lesion_mm3, 48 * 8.0);
}

TEST(LesionOverlap, FindsWhereADestroyedRegionShouldBe) {
  auto head = small_head();
  for (auto& value : head.values)
    if (value == 10) value = 0;  // the left thalamus is gone
  const auto overlap = lesion_overlap(head, box_mask(head.grid, {8, 2, 4}, {11, 5, 7}));
  ASSERT_OK(overlap);
  const RegionOverlap& thalamus = overlap->regions[at("left_thalamus")];
  EXPECT_DOUBLE_EQ(thalamus.region_mm3, 0);
  EXPECT_TRUE(std::isnan(thalamus.fraction_of_region));
  EXPECT_TRUE(std::isnan(thalamus.distance_mm));
  EXPECT_DOUBLE_EQ(thalamus.expected_fraction, 1.0);  // the right thalamus, mirrored, lies wholly in the lesion
  EXPECT_DOUBLE_EQ(overlap->regions[at("left_caudate")].expected_fraction, 0.0);
}

TEST(LesionOverlap, AgreesWithBruteForceOnAnisotropicGrids) {
  std::mt19937 random(7);
  image::Labels head;
  head.grid.size = {14, 11, 9};
  head.grid.affine = Eigen::Vector4d(1.5, 0.8, 3.0, 1).asDiagonal();
  head.values.assign(head.grid.voxels(), 0);
  image::Labels mask = head;
  for (auto& value : head.values) value = random() % 20 == 0 ? 12 : 0;
  for (auto& value : mask.values) value = random() % 60 == 0 ? 1 : 0;
  double best = 1e9;
  for (int i = 0; i < static_cast<int>(head.values.size()); ++i)
    for (int j = 0; j < static_cast<int>(mask.values.size()); ++j) {
      if (head.values[static_cast<std::size_t>(i)] == 0 || mask.values[static_cast<std::size_t>(j)] == 0) continue;
      const auto place = [&](int v) {
        return head.grid.to_world({double(v % 14), double(v / 14 % 11), double(v / (14 * 11))});
      };
      best = std::min(best, (place(i) - place(j)).norm());
    }
  // Take out what overlaps, so that the distance is not simply 0.
  auto apart = mask;
  if (best == 0)
    for (std::size_t v = 0; v < apart.values.size(); ++v)
      if (head.values[v] != 0) apart.values[v] = 0;
  best = 1e9;
  for (int i = 0; i < static_cast<int>(head.values.size()); ++i)
    for (int j = 0; j < static_cast<int>(apart.values.size()); ++j) {
      if (head.values[static_cast<std::size_t>(i)] == 0 || apart.values[static_cast<std::size_t>(j)] == 0) continue;
      const auto place = [&](int v) {
        return head.grid.to_world({double(v % 14), double(v / 14 % 11), double(v / (14 * 11))});
      };
      best = std::min(best, (place(i) - place(j)).norm());
    }
  ASSERT_GT(best, 0);
  const auto overlap = lesion_overlap(head, apart);
  ASSERT_OK(overlap);
  EXPECT_NEAR(overlap->regions[at("left_putamen")].distance_mm, best, 1e-4);
}

TEST(LesionOverlap, GoesThroughWorldCoordinates) {
  const auto head = small_head();
  // The same box on a grid stored the other way round (LAS, 1 mm): the voxel (i, j, k) of the head covers 2 x 2 x 2 of
  // it.
  image::Grid fine;
  fine.size = {80, 60, 60};
  fine.affine = Eigen::Matrix4d::Identity();
  fine.affine(0, 0) = -1;
  fine.affine.block<3, 1>(0, 3) = Eigen::Vector3d(-39 - 0.5 + 79, -30.5, -30.5);
  image::Labels mask;
  mask.grid = fine;
  mask.values.assign(fine.voxels(), 0);
  for (int k = 0; k < 60; ++k)
    for (int j = 0; j < 60; ++j)
      for (int i = 0; i < 80; ++i) {
        const Eigen::Vector3d v = head.grid.to_voxel(fine.to_world({double(i), double(j), double(k)}));
        const auto in = [](double x, int low, int high) { return x > low - 0.5 && x < high + 0.5; };
        if (in(v[0], 8, 9) && in(v[1], 2, 5) && in(v[2], 2, 7)) mask.values[fine.index(i, j, k)] = 1;
      }
  const auto same = lesion_overlap(head, box_mask(head.grid, {8, 2, 2}, {9, 5, 7}));
  const auto other = lesion_overlap(head, mask);
  ASSERT_OK(same);
  ASSERT_OK(other);
  EXPECT_TRUE(other->resampled);
  EXPECT_DOUBLE_EQ(mask_shape(mask).mm3, 48 * 8.0);
  for (std::size_t r = 0; r < 12; ++r)
    EXPECT_DOUBLE_EQ(other->regions[r].overlap_mm3, same->regions[r].overlap_mm3) << kRegions[r].key;
  EXPECT_DOUBLE_EQ(mask_shape(mask).left_fraction, 1.0);  // LAS storage: x decides, not the voxel index
}

TEST(LesionOverlap, RefusesImagesThatBarelyMeet) {
  const auto head = small_head();
  auto mask = box_mask(head.grid, {1, 1, 1}, {2, 2, 2});
  mask.grid.affine(0, 3) += 60;  // 80 mm wide, shifted by 60
  const auto overlap = lesion_overlap(head, mask);
  ASSERT_FALSE(overlap);
  EXPECT_NE(overlap.error().what.find("field of view"), std::string::npos);
}

TEST(LesionOverlap, AllowsAnEmptyMask) {
  const auto head = small_head();
  auto mask = box_mask(head.grid, {1, 1, 1}, {0, 0, 0});
  const auto overlap = lesion_overlap(head, mask);
  ASSERT_OK(overlap);
  EXPECT_EQ(overlap->lesion_mm3, 0);
  EXPECT_EQ(overlap->regions[0].fraction_of_region, 0);
  EXPECT_TRUE(std::isnan(overlap->regions[0].fraction_of_lesion));
  EXPECT_TRUE(std::isnan(overlap->regions[0].distance_mm));
}

TEST(Midline, LiesBetweenLeftAndRight) {
  auto head = small_head();
  const double centre = 0.5 * ((8 + 1.5) * 2 - 39 + (28 + 1.5) * 2 - 39);
  EXPECT_NEAR(midline_of(head), centre, 1e-9);
  head.grid.affine(0, 3) += 11;
  EXPECT_NEAR(midline_of(head), centre + 11, 1e-9);
}

}  // namespace
}  // namespace ipsi::ingest
