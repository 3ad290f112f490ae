// SPDX-License-Identifier: GPL-3.0-or-later
// TFCE against its definition written out: clusters found anew at every height.
#include "core/voxelwise/tfce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/numeric/random.h"
#include "tests/support/support.h"

namespace ipsi::voxelwise {
namespace {

// Sizes do not change between two neighbouring values, so the integral over the values' intervals is exact.
std::vector<double> by_definition(const Adjacency& near, const std::vector<float>& values, double extent,
                                  double height) {
  std::vector<double> out(values.size(), 0.0);
  for (const float sign : {1.0F, -1.0F}) {
    std::vector<float> heights{0.0F};
    for (const float v : values)
      if (sign * v > 0.0F) heights.push_back(sign * v);
    std::sort(heights.begin(), heights.end());
    for (std::size_t k = 1; k < heights.size(); ++k) {
      const double slice =
          (std::pow(heights[k], height + 1.0) - std::pow(heights[k - 1], height + 1.0)) / (height + 1.0);
      std::vector<char> seen(values.size(), 0);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (seen[i] != 0 || !(sign * values[i] >= heights[k])) continue;
        std::vector<std::size_t> cluster{i};
        seen[i] = 1;
        for (std::size_t c = 0; c < cluster.size(); ++c)
          for (auto e = near.start[cluster[c]]; e < near.start[cluster[c] + 1]; ++e)
            if (seen[near.to[e]] == 0 && sign * values[near.to[e]] >= heights[k]) {
              seen[near.to[e]] = 1;
              cluster.push_back(near.to[e]);
            }
        for (const std::size_t c : cluster)
          out[c] += sign * std::pow(static_cast<double>(cluster.size()), extent) * slice;
      }
    }
  }
  return out;
}

image::Grid grid_of(int nx, int ny, int nz) {
  image::Grid grid;
  grid.size = {nx, ny, nz};
  return grid;
}

void expect_same(const Adjacency& near, const std::vector<float>& values, const TfceOptions& options) {
  std::vector<float> out(values.size());
  Tfce tfce(near, options);
  tfce(values.data(), out.data());
  const auto expected = by_definition(near, values, options.extent, options.height);
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_TRUE(test::near(out[i], expected[i], 2e-6, 1e-12)) << i << ": " << out[i] << " instead of " << expected[i];
  std::vector<float> again(values.size());
  tfce(values.data(), again.data());
  EXPECT_EQ(out, again) << "working space of the last call shows";
}

TEST(Tfce, IsItsDefinitionOnRandomImages) {
  numeric::Stream stream(1);
  for (const auto neighbours : {Neighbours::faces, Neighbours::corners})
    for (int round = 0; round < 6; ++round) {
      const auto grid = grid_of(5 + round, 6, 4);
      std::vector<std::uint32_t> voxels;
      std::vector<float> values;
      for (std::uint32_t v = 0; v < grid.voxels(); ++v) {
        if (stream.uniform() < 0.2) continue;  // a ragged mask
        voxels.push_back(v);
        // Half the rounds with ties, zeros and a NaN.
        const double x = 2.0 * stream.normal();
        values.push_back(static_cast<float>(round % 2 == 0 ? x : std::round(2.0 * x) / 2.0));
      }
      if (round == 1) values[7] = std::nanf("");
      const auto near = grid_adjacency(grid, voxels, neighbours);
      expect_same(near, values, {});
      expect_same(near, values, {.extent = 1.0, .height = 1.5});
    }
}

TEST(Tfce, OnePlateauIsTheClosedForm) {
  const auto grid = grid_of(4, 4, 4);
  std::vector<std::uint32_t> voxels(64);
  std::iota(voxels.begin(), voxels.end(), 0U);
  std::vector<float> values(64, 0.0F), out(64);
  for (const int i : {0, 1, 2, 3, 4}) values[i] = 3.0F;
  Tfce(grid_adjacency(grid, voxels, Neighbours::corners))(values.data(), out.data());
  EXPECT_NEAR(out[2], std::sqrt(5.0) * 9.0, 1e-5);
  EXPECT_EQ(out[10], 0.0F);
}

TEST(Tfce, AMirroredMapIsMirrored) {
  numeric::Stream stream(2);
  const auto grid = grid_of(6, 5, 3);
  std::vector<std::uint32_t> voxels(90);
  std::iota(voxels.begin(), voxels.end(), 0U);
  std::vector<float> values, negative, a(90), b(90);
  for (int i = 0; i < 90; ++i) {
    values.push_back(static_cast<float>(stream.normal()));
    negative.push_back(-values.back());
  }
  const auto near = grid_adjacency(grid, voxels, Neighbours::faces);
  Tfce tfce(near);
  tfce(values.data(), a.data());
  tfce(negative.data(), b.data());
  for (int i = 0; i < 90; ++i) EXPECT_EQ(a[i], -b[i]);
}

TEST(Adjacency, CountsNeighboursOfGridAndMesh) {
  const auto grid = grid_of(3, 3, 3);
  std::vector<std::uint32_t> voxels(27);
  std::iota(voxels.begin(), voxels.end(), 0U);
  const auto faces = grid_adjacency(grid, voxels, Neighbours::faces);
  const auto corners = grid_adjacency(grid, voxels, Neighbours::corners);
  EXPECT_EQ(faces.start[14] - faces.start[13], 6U);
  EXPECT_EQ(corners.start[14] - corners.start[13], 26U);
  EXPECT_EQ(corners.start[1], 7U);
  image::Surface surface;  // two triangles that share an edge, and a point alone
  surface.points.resize(5);
  surface.triangles = {{0, 1, 2}, {1, 3, 2}};
  const auto mesh = mesh_adjacency(surface, {0, 1, 2, 3, 4});
  ASSERT_OK(mesh);
  EXPECT_EQ(mesh->start, (std::vector<std::uint32_t>{0, 2, 5, 8, 10, 10}));
  const auto part = mesh_adjacency(surface, {1, 3});
  ASSERT_OK(part);
  EXPECT_EQ(part->to, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_FALSE(mesh_adjacency(surface, {7}));
}

}  // namespace
}  // namespace ipsi::voxelwise
