// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/morphology.h"

#include <cmath>
#include <random>

#include "tests/support/support.h"

namespace ipsi::image {
namespace {

Labels random_mask(std::array<int, 3> size, unsigned percent, unsigned seed) {
  Labels mask;
  mask.grid.size = size;
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < mask.grid.voxels(); ++i) mask.values.push_back(random() % 100 < percent ? 3 : 0);
  return mask;
}

/// Pieces by flooding from each voxel not yet reached: slow and plain.
std::vector<int> flooded(const Labels& mask, Neighbours neighbours) {
  std::vector<int> piece(mask.values.size(), 0);
  int count = 0;
  for (std::size_t seed = 0; seed < piece.size(); ++seed) {
    if (mask.values[seed] == 0 || piece[seed] != 0) continue;
    piece[seed] = ++count;
    std::vector<std::size_t> todo{seed};
    while (!todo.empty()) {
      const std::size_t at = todo.back();
      todo.pop_back();
      const int nx = mask.grid.size[0];
      const int ny = mask.grid.size[1];
      const int i = int(at) % nx;
      const int j = int(at) / nx % ny;
      const int k = int(at) / nx / ny;
      for (int c = -1; c <= 1; ++c)
        for (int b = -1; b <= 1; ++b)
          for (int a = -1; a <= 1; ++a) {
            if (neighbours == Neighbours::faces6 && std::abs(a) + std::abs(b) + std::abs(c) != 1) continue;
            if (!mask.grid.inside(i + a, j + b, k + c)) continue;
            const std::size_t next = mask.grid.index(i + a, j + b, k + c);
            if (mask.values[next] == 0 || piece[next] != 0) continue;
            piece[next] = count;
            todo.push_back(next);
          }
    }
  }
  return piece;
}

TEST(Components, AgreeWithFlooding) {
  for (const Neighbours neighbours : {Neighbours::faces6, Neighbours::all26})
    for (const unsigned percent : {5U, 12U, 30U, 60U}) {
      const Labels mask = random_mask({13, 14, 15}, percent, percent);
      const auto found = connected_components(mask, neighbours);
      const auto expected = flooded(mask, neighbours);
      const int pieces = *std::max_element(expected.begin(), expected.end());
      ASSERT_EQ(found.voxels.size(), static_cast<std::size_t>(pieces));
      std::vector<int> names(static_cast<std::size_t>(pieces) + 1, 0);  // flooded number -> ours; must be a bijection
      std::vector<long long> count(static_cast<std::size_t>(pieces) + 1, 0);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const int ours = found.labels.values[i];
        ASSERT_EQ(ours == 0, expected[i] == 0);
        if (ours == 0) continue;
        int& name = names[static_cast<std::size_t>(expected[i])];
        if (name == 0) name = ours;
        ASSERT_EQ(name, ours);
        ++count[static_cast<std::size_t>(ours)];
      }
      for (std::size_t p = 0; p < found.voxels.size(); ++p) {
        EXPECT_EQ(found.voxels[p], count[p + 1]);
        EXPECT_GE(found.voxels[p == 0 ? 0 : p - 1], found.voxels[p]);
      }
    }
}

TEST(Components, CornersJoinOnlyWhereAskedFor) {
  Labels mask;
  mask.grid.size = {3, 3, 3};
  mask.values.assign(27, 0);
  mask.values[mask.grid.index(0, 0, 0)] = 1;
  mask.values[mask.grid.index(1, 1, 1)] = 1;
  EXPECT_EQ(connected_components(mask, Neighbours::faces6).voxels, (std::vector<long long>{1, 1}));
  EXPECT_EQ(connected_components(mask, Neighbours::all26).voxels, (std::vector<long long>{2}));
  mask.values.assign(27, 0);
  EXPECT_TRUE(connected_components(mask).voxels.empty());
}

TEST(Distance, AgreesWithBruteForceInMillimetres) {
  for (const unsigned percent : {1U, 3U, 20U}) {
    Labels mask = random_mask({12, 11, 10}, percent, 40 + percent);
    mask.grid.affine.diagonal().head<3>() << -0.7, 1.3, 2.9;
    const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.6, Eigen::Vector3d(1, 1, 2).normalized()).toRotationMatrix();
    mask.grid.affine.topLeftCorner<3, 3>() = turn * mask.grid.affine.topLeftCorner<3, 3>();
    const Volume d = distance_mm(mask);
    std::vector<Eigen::Vector3d> inside;
    for (int k = 0; k < 10; ++k)
      for (int j = 0; j < 11; ++j)
        for (int i = 0; i < 12; ++i)
          if (mask.at(i, j, k) != 0) inside.push_back(mask.grid.to_world(Eigen::Vector3d(i, j, k)));
    ASSERT_FALSE(inside.empty());
    for (int k = 0; k < 10; ++k)
      for (int j = 0; j < 11; ++j)
        for (int i = 0; i < 12; ++i) {
          const Eigen::Vector3d here = mask.grid.to_world(Eigen::Vector3d(i, j, k));
          double least = 1e9;
          for (const auto& w : inside) least = std::min(least, (w - here).norm());
          ASSERT_NEAR(static_cast<double>(d.at(i, j, k)), least, 1e-5);
        }
  }
}

TEST(Distance, AnEmptyMaskIsInfinitelyFar) {
  const Labels mask = random_mask({4, 5, 6}, 0, 1);
  for (const float v : distance_mm(mask).values) ASSERT_TRUE(std::isinf(v));
}

TEST(Smoothing, AgreesWithTheDirectSum) {
  Volume v;
  v.grid.size = {9, 10, 11};
  v.grid.affine.diagonal().head<3>() << 1.0, 2.0, 1.5;
  std::mt19937 random(3);
  for (std::size_t i = 0; i < v.grid.voxels(); ++i) v.values.push_back(static_cast<float>(random() % 100));
  const double sigma = 1.8;
  const Volume smooth = gaussian_smooth(v, sigma);
  const auto weights = [&](double spacing) {
    const int radius = static_cast<int>(std::ceil(4.0 * sigma / spacing));
    std::vector<double> w;
    double sum = 0;
    for (int t = -radius; t <= radius; ++t) {
      w.push_back(std::exp(-0.5 * std::pow(t * spacing / sigma, 2)));
      sum += w.back();
    }
    for (double& x : w) x /= sum;
    return w;
  };
  const auto wx = weights(1.0);
  const auto wy = weights(2.0);
  const auto wz = weights(1.5);
  const auto edge = [](int i, int n) { return std::clamp(i, 0, n - 1); };
  for (const auto& [i, j, k] : {std::tuple{0, 0, 0}, {4, 5, 6}, {8, 9, 10}, {1, 9, 3}}) {
    double sum = 0;
    for (std::size_t c = 0; c < wz.size(); ++c)
      for (std::size_t b = 0; b < wy.size(); ++b)
        for (std::size_t a = 0; a < wx.size(); ++a)
          sum += wx[a] * wy[b] * wz[c] *
                 static_cast<double>(v.at(edge(i + int(a) - int(wx.size() / 2), 9),
                                          edge(j + int(b) - int(wy.size() / 2), 10),
                                          edge(k + int(c) - int(wz.size() / 2), 11)));
    EXPECT_NEAR(static_cast<double>(smooth.at(i, j, k)), sum, 1e-3);
  }
}

TEST(Smoothing, ConstantsStayAndVarianceIsSigmaSquared) {
  Volume v;
  v.grid.size = {41, 41, 41};
  v.grid.affine.diagonal().head<3>() << 1.0, 0.8, 1.25;
  v.values.assign(v.grid.voxels(), 7.0F);
  for (const float x : gaussian_smooth(v, 2.0).values) ASSERT_NEAR(x, 7.0F, 1e-4F);
  EXPECT_EQ(gaussian_smooth(v, 0.0).values, v.values);
  std::fill(v.values.begin(), v.values.end(), 0.0F);
  v.values[v.grid.index(20, 20, 20)] = 1000.0F;
  const Volume s = gaussian_smooth(v, 2.0);
  double sum = 0;
  Eigen::Vector3d variance(0, 0, 0);
  for (int k = 0; k < 41; ++k)
    for (int j = 0; j < 41; ++j)
      for (int i = 0; i < 41; ++i) {
        const double w = static_cast<double>(s.at(i, j, k));
        sum += w;
        variance +=
            w * (v.grid.to_world(Eigen::Vector3d(i, j, k)) - v.grid.to_world(Eigen::Vector3d(20, 20, 20))).cwiseAbs2();
      }
  EXPECT_NEAR(sum, 1000.0, 0.01);
  for (int axis = 0; axis < 3; ++axis) EXPECT_NEAR(variance[axis] / sum, 4.0, 0.01);  // cut at 4 sigma: 0.1 % less
}

TEST(Boxes, HoldAllAndNoMore) {
  Labels labels;
  labels.grid.size = {10, 11, 12};
  labels.grid.affine.col(3) << 1, 2, 3, 1;
  labels.values.assign(labels.grid.voxels(), 0);
  EXPECT_FALSE(bounding_box(labels));
  labels.values[labels.grid.index(2, 3, 4)] = 1;
  labels.values[labels.grid.index(5, 3, 9)] = 2;
  const auto all = bounding_box(labels);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->low, (std::array<int, 3>{2, 3, 4}));
  EXPECT_EQ(all->high, (std::array<int, 3>{5, 3, 9}));
  EXPECT_EQ(all->size(), (std::array<int, 3>{4, 1, 6}));
  EXPECT_EQ(bounding_box(labels, 2)->low, (std::array<int, 3>{5, 3, 9}));
  EXPECT_FALSE(bounding_box(labels, 7));
  const Box wide = grown(*all, 3, labels.grid);
  EXPECT_EQ(wide.low, (std::array<int, 3>{0, 0, 1}));
  EXPECT_EQ(wide.high, (std::array<int, 3>{8, 6, 11}));
  const Labels part = crop(labels, *all);
  EXPECT_EQ(part.grid.size, (std::array<int, 3>{4, 1, 6}));
  EXPECT_EQ(part.at(0, 0, 0), 1);
  EXPECT_EQ(part.at(3, 0, 5), 2);
  EXPECT_EQ(part.grid.to_world({0, 0, 0}), labels.grid.to_world({2, 3, 4}));
}

}  // namespace
}  // namespace ipsi::image
