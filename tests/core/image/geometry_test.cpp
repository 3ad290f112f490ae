// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/geometry.h"

#include <cmath>
#include <random>

#include "tests/support/support.h"

namespace ipsi::image {
namespace {

Eigen::Matrix4d place(const Eigen::Matrix3d& axes, const Eigen::Vector3d& origin) {
  Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
  m.topLeftCorner<3, 3>() = axes;
  m.topRightCorner<3, 1>() = origin;
  return m;
}

Eigen::Matrix3d turned(double angle, double sx, double sy, double sz) {
  return Eigen::AngleAxisd(angle, Eigen::Vector3d(2, -1, 3).normalized()).toRotationMatrix() *
         Eigen::Vector3d(sx, sy, sz).asDiagonal();
}

Volume random_volume(std::array<int, 3> size, const Eigen::Matrix4d& affine, unsigned seed) {
  Volume v;
  v.grid.size = size;
  v.grid.affine = affine;
  v.values.resize(v.grid.voxels());
  std::mt19937 random(seed);
  for (float& x : v.values) x = static_cast<float>(random() % 1000) / 8.0F;
  return v;
}

Labels random_labels(std::array<int, 3> size, const Eigen::Matrix4d& affine, unsigned seed) {
  const Volume v = random_volume(size, affine, seed);
  Labels l;
  l.grid = v.grid;
  for (const float x : v.values) l.values.push_back(static_cast<std::int32_t>(x));
  return l;
}

TEST(Grid, NumbersOfAKnownLattice) {
  Grid grid;
  grid.size = {4, 5, 6};
  Eigen::Matrix3d axes;
  axes << -2, 0, 0, 0, 0, 3, 0, -4, 0;
  grid.affine = place(axes, {10, 20, 30});
  EXPECT_EQ(grid.spacing(), Eigen::Vector3d(2, 4, 3));
  EXPECT_DOUBLE_EQ(grid.voxel_mm3(), 24.0);
  EXPECT_EQ(grid.orientation(), "LIA");
  EXPECT_EQ(grid.to_world({1, 2, 3}), Eigen::Vector3d(8, 29, 22));
  EXPECT_LT((grid.to_voxel({8, 29, 22}) - Eigen::Vector3d(1, 2, 3)).norm(), 1e-12);
  Grid moved = grid;
  EXPECT_TRUE(grid.same_as(moved));
  moved.affine(0, 3) += 0.01;
  EXPECT_FALSE(grid.same_as(moved));
  EXPECT_TRUE(grid.same_as(moved, 0.1));
}

TEST(Grid, OrientationOfAllFortyEightAxisChoices) {
  const char* codes = "RAS";
  const char* opposite = "LPI";
  std::array<int, 3> order{0, 1, 2};
  int seen = 0;
  do {
    for (int signs = 0; signs < 8; ++signs) {
      Eigen::Matrix3d axes = Eigen::Matrix3d::Zero();
      std::string expected;
      for (int i = 0; i < 3; ++i) {
        const bool minus = (signs >> i) & 1;
        axes(order[i], i) = minus ? -1.5 : 1.5;
        expected += minus ? opposite[order[i]] : codes[order[i]];
      }
      Grid grid;
      grid.affine = place(axes, {0, 0, 0});
      EXPECT_EQ(grid.orientation(), expected);
      ++seen;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(seen, 48);
}

TEST(ToRas, EveryVoxelKeepsItsPlaceInTheWorld) {
  for (const char* name : {"LIA", "oblique", "SPL"}) {
    Eigen::Matrix3d axes;
    if (name[0] == 'L')
      axes << -1, 0, 0, 0, 0, 2, 0, -3, 0;
    else if (name[0] == 'S')
      axes << 0, 0, -1, 0, -2, 0, 3, 0, 0;
    else
      axes = turned(2.5, 1, -2, 3);
    const Volume v = random_volume({4, 5, 6}, place(axes, {7, -8, 9}), 1);
    const Volume r = to_ras(v);
    EXPECT_EQ(r.grid.orientation(), "RAS") << name;
    EXPECT_NEAR(r.grid.voxel_mm3(), v.grid.voxel_mm3(), 1e-12);
    for (int k = 0; k < 6; ++k)
      for (int j = 0; j < 5; ++j)
        for (int i = 0; i < 4; ++i) {
          const Eigen::Vector3d at = r.grid.to_voxel(v.grid.to_world(Eigen::Vector3d(i, j, k)));
          const Eigen::Vector3i n = at.array().round().cast<int>();
          ASSERT_LT((at - n.cast<double>()).norm(), 1e-9);
          ASSERT_TRUE(r.grid.inside(n[0], n[1], n[2]));
          ASSERT_EQ(r.at(n[0], n[1], n[2]), v.at(i, j, k));
        }
  }
}

TEST(Resample, OntoTheSameVoxelsInAnotherOrderIsExact) {
  Eigen::Matrix3d axes;
  axes << -0.9, 0, 0, 0, 0, 1.1, 0, -1.3, 0;
  Volume v = random_volume({12, 13, 14}, place(axes, {7.3, -8.1, 9.7}), 2);
  v.values[100] = std::nanf("");  // must not spread to its neighbours
  const Volume r = to_ras(v);
  const Volume again = resample(r, v.grid);
  for (std::size_t i = 0; i < v.values.size(); ++i)
    ASSERT_TRUE(again.values[i] == v.values[i] || (i == 100 && std::isnan(again.values[i]))) << i;
  const Labels l = random_labels({12, 13, 14}, v.grid.affine, 3);
  EXPECT_EQ(resample(to_ras(l), l.grid).values, l.values);
}

TEST(Resample, LinearInterpolationReproducesALinearField) {
  Volume v;
  v.grid.size = {20, 21, 22};
  v.grid.affine = place(turned(0.3, 1.5, 1.2, 2.0), {-10, 5, 3});
  const auto field = [](const Eigen::Vector3d& w) { return 2.0 * w[0] - 3.0 * w[1] + 0.5 * w[2] + 7.0; };
  for (int k = 0; k < 22; ++k)
    for (int j = 0; j < 21; ++j)
      for (int i = 0; i < 20; ++i)
        v.values.push_back(static_cast<float>(field(v.grid.to_world(Eigen::Vector3d(i, j, k)))));
  Grid grid;
  grid.size = {15, 15, 15};
  grid.affine =
      place(turned(-0.8, 1, 1, 1), v.grid.to_world({8, 8, 8}) - turned(-0.8, 1, 1, 1) * Eigen::Vector3d(7, 7, 7));
  const Volume r = resample(v, grid);
  int inside = 0;
  for (int k = 0; k < 15; ++k)
    for (int j = 0; j < 15; ++j)
      for (int i = 0; i < 15; ++i) {
        const Eigen::Vector3d world = grid.to_world(Eigen::Vector3d(i, j, k));
        const Eigen::Vector3d at = v.grid.to_voxel(world);
        if (at.minCoeff() < 0 || (at - Eigen::Vector3d(19, 20, 21)).maxCoeff() > 0) continue;
        ++inside;
        ASSERT_NEAR(r.at(i, j, k), field(world), 1e-3);  // single precision of values up to 200
      }
  EXPECT_GT(inside, 2000);
}

TEST(Resample, NearestNeighbourAgreesWithBruteForceOnObliqueGrids) {
  const Labels l = random_labels({17, 15, 13}, place(turned(0.5, 1.1, -1.4, 2.2), {3, 2, 1}), 4);
  Grid grid;
  grid.size = {30, 31, 32};
  grid.affine = place(turned(-0.2, 0.9, 1.0, -1.1), {-5, -9, 22});
  const Labels r = resample(l, grid);
  int inside = 0;
  for (int k = 0; k < 32; ++k)
    for (int j = 0; j < 31; ++j)
      for (int i = 0; i < 30; ++i) {
        const Eigen::Vector3d at = l.grid.to_voxel(grid.to_world(Eigen::Vector3d(i, j, k)));
        const Eigen::Vector3i n = (at.array() + 0.5).floor().cast<int>();
        const bool in = l.grid.inside(n[0], n[1], n[2]);
        inside += in ? 1 : 0;
        ASSERT_EQ(r.at(i, j, k), in ? l.at(n[0], n[1], n[2]) : 0) << i << " " << j << " " << k;
      }
  EXPECT_GT(inside, 1000);
  EXPECT_LT(inside, 30 * 31 * 32);
}

TEST(Resample, OutsideTheFieldOfViewIsZero) {
  Labels l = random_labels({4, 4, 4}, Eigen::Matrix4d::Identity(), 5);
  std::fill(l.values.begin(), l.values.end(), 9);
  Grid grid;
  grid.size = {8, 8, 8};
  grid.affine = place(Eigen::Matrix3d::Identity(), {-2, -2, -2});
  const Labels r = resample(l, grid);
  EXPECT_EQ(std::count(r.values.begin(), r.values.end(), 9), 64);
  EXPECT_EQ(r.at(1, 3, 3), 0);
  EXPECT_EQ(r.at(2, 3, 3), 9);
  EXPECT_EQ(r.at(5, 3, 3), 9);
  EXPECT_EQ(r.at(6, 3, 3), 0);
  grid.affine = place(Eigen::Matrix3d::Identity(), {100, 0, 0});
  for (const std::int32_t v : resample(l, grid).values) ASSERT_EQ(v, 0);
}

TEST(Resample, OneSliceIsEnough) {
  Volume v = random_volume({5, 5, 1}, Eigen::Matrix4d::Identity(), 6);
  EXPECT_EQ(resample(v, v.grid).values, v.values);
}

TEST(FieldOfView, OverlapOfShiftedCubes) {
  Grid a;
  a.size = {10, 10, 10};
  Grid b = a;
  EXPECT_DOUBLE_EQ(field_of_view_overlap(a, b), 1.0);
  b.affine(0, 3) = 5.0;
  EXPECT_NEAR(field_of_view_overlap(a, b), 0.5, 1e-9);
  b.affine(1, 3) = 5.0;
  EXPECT_NEAR(field_of_view_overlap(a, b), 0.25, 1e-9);
  b.affine(0, 3) = 10.5;
  EXPECT_DOUBLE_EQ(field_of_view_overlap(a, b), 0.0);
  Grid large;
  large.size = {40, 40, 40};
  large.affine = place(Eigen::Matrix3d::Identity(), {-15, -15, -15});
  EXPECT_DOUBLE_EQ(field_of_view_overlap(a, large), 1.0);  // of the smaller one
  EXPECT_DOUBLE_EQ(field_of_view_overlap(large, a), 1.0);
}

TEST(LabelStats, AgreeWithATwoPassComputation) {
  const Eigen::Matrix4d affine = place(turned(0.7, 1.2, 0.8, -2.0), {11, 22, 33});
  Labels labels = random_labels({9, 10, 11}, affine, 7);
  for (auto& v : labels.values) v = v % 4 == 3 ? -250000 : v % 4;  // a far label takes the hashed way
  Volume volume = random_volume({9, 10, 11}, affine, 8);
  for (float& v : volume.values) v += 1e4F;  // squares of large values lose their digits in a naive sum
  const auto rows = label_stats(labels, &volume);
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].label, -250000);
  for (const LabelStats& row : *rows) {
    std::vector<double> values;
    Eigen::Vector3d centre(0, 0, 0);
    for (int k = 0; k < 11; ++k)
      for (int j = 0; j < 10; ++j)
        for (int i = 0; i < 9; ++i)
          if (labels.at(i, j, k) == row.label) {
            values.push_back(static_cast<double>(volume.at(i, j, k)));
            centre += labels.grid.to_world(Eigen::Vector3d(i, j, k));
          }
    const double n = static_cast<double>(values.size());
    double mean = 0;
    for (const double v : values) mean += v / n;
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    EXPECT_EQ(row.voxels, static_cast<long long>(values.size()));
    EXPECT_NEAR(row.mm3, n * 1.2 * 0.8 * 2.0, 1e-9 * n);
    EXPECT_NEAR(row.mean, mean, 1e-8);
    EXPECT_NEAR(row.sd, std::sqrt(squares / (n - 1)), 1e-8);
    EXPECT_LT((row.centre_mm - centre / n).norm(), 1e-9);
  }
}

TEST(LabelStats, OneVoxelHasNoSpreadAndItsOwnBox) {
  Labels labels;
  labels.grid.size = {4, 4, 4};
  labels.values.assign(64, 0);
  labels.values[labels.grid.index(1, 2, 3)] = 5;
  const auto rows = label_stats(labels, nullptr);
  ASSERT_OK(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().low, (std::array<int, 3>{1, 2, 3}));
  EXPECT_EQ(rows->front().high, (std::array<int, 3>{1, 2, 3}));
  EXPECT_TRUE(std::isnan(rows->front().mean));
  Volume volume;
  volume.grid = labels.grid;
  volume.values.assign(64, 2.5F);
  EXPECT_EQ(label_stats(labels, &volume)->front().mean, 2.5);
  EXPECT_TRUE(std::isnan(label_stats(labels, &volume)->front().sd));
}

TEST(LabelStats, RefusesAnotherGrid) {
  const Labels labels = random_labels({4, 4, 4}, Eigen::Matrix4d::Identity(), 9);
  const Volume volume = random_volume({4, 4, 5}, Eigen::Matrix4d::Identity(), 9);
  const auto rows = label_stats(labels, &volume);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::InvalidInput);
}

}  // namespace
}  // namespace ipsi::image
