// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <numeric>

#include "core/demo/faults.h"
#include "core/demo/random.h"
#include "core/demo/smooth_noise.h"
#include "core/demo/warp.h"
#include "tests/support/support.h"

namespace ipsi::demo {
namespace {

TEST(Stream, NormalsHaveTheMomentsOfANormal) {
  const Stream stream(7, 1);
  constexpr int n = 200000;
  for (const bool rough : {false, true}) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; ++i) {
      const double x = rough ? double(stream.rough_normal(std::uint64_t(i))) : stream.normal(std::uint64_t(i));
      sum += x;
      squares += x * x;
    }
    // Five standard errors: right code fails with probability below 1e-6. The seed is fixed.
    EXPECT_NEAR(sum / n, 0.0, 5 / std::sqrt(double(n))) << rough;
    EXPECT_NEAR(squares / n, 1.0, 5 * std::sqrt(2.0 / n)) << rough;
  }
}

TEST(Stream, SeedsAndPurposesDiffer) {
  EXPECT_NE(Stream(1, 1).bits(0), Stream(1, 2).bits(0));
  EXPECT_NE(Stream(1, 1).bits(0), Stream(2, 1).bits(0));
  EXPECT_EQ(Stream(1, 1).bits(5), Stream(1, 1).bits(5));
}

TEST(SmoothNoise, LatticeAndPointsAgreeAndVarianceIsOne) {
  const SmoothNoise noise({-50, -50, -50}, {50, 50, 50}, 5.0, Stream(3));
  const std::array<int, 3> size{40, 41, 42};
  const auto values = noise.on_lattice({-48, -47, -46}, 2.3, size);
  double squares = 0;
  std::size_t at = 0;
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i, ++at) {
        EXPECT_NEAR(values[at], noise.at(-48 + 2.3 * i, -47 + 2.3 * j, -46 + 2.3 * k), 2e-5);
        squares += double(values[at]) * double(values[at]);
      }
  // About 6000 coefficients: five standard errors are near 0.15, correlation between neighbours included.
  EXPECT_NEAR(squares / double(values.size()), 1.0, 0.15);
}

/// A warp with u linear in position: y -> A y.
Warp linear(const Eigen::Matrix3f& a) {
  Warp out({-20, -20, -20}, {20, 20, 20});
  for (int k = 0; k < out.size()[2]; ++k)
    for (int j = 0; j < out.size()[1]; ++j)
      for (int i = 0; i < out.size()[0]; ++i) {
        const Point y = out.node(i, j, k);
        Point u = Point::Zero();
        u.head<3>() = (a * y.head<3>().matrix()).array() - y.head<3>();
        out.at(i, j, k) = u;
      }
  return out;
}

TEST(Warp, JacobianOfALinearMapIsItsDeterminant) {
  Eigen::Matrix3f a;
  a << 1.1F, 0.2F, 0.0F, -0.1F, 0.9F, 0.05F, 0.0F, 0.1F, 1.2F;
  EXPECT_NEAR(linear(a).lowest_jacobian(), double(a.determinant()), 1e-4);
  EXPECT_NEAR(Warp({0, 0, 0}, {10, 10, 10}).lowest_jacobian(), 1.0, 1e-6);
  Eigen::Matrix3f fold = Eigen::Matrix3f::Identity();
  fold(0, 0) = -0.5F;
  EXPECT_LT(linear(fold).lowest_jacobian(), 0.0);
}

TEST(Warp, IsLinearBetweenNodes) {
  Eigen::Matrix3f a = Eigen::Matrix3f::Identity();
  a(0, 1) = 0.25F;
  const Warp warp = linear(a);
  const Point y(3.3F, -7.7F, 5.1F, 0.0F);
  const Point p = warp(y);
  EXPECT_NEAR(p[0], 3.3F - 0.25F * 7.7F, 1e-4);
  EXPECT_NEAR(p[1], -7.7F, 1e-4);
  EXPECT_NEAR(p[2], 5.1F, 1e-4);
}

TEST(Warp, AStepBeforeIsComposition) {
  Eigen::Matrix3f a = Eigen::Matrix3f::Identity();
  a(0, 0) = 1.3F;
  Warp warp = linear(a);
  const Warp::Nodes nodes = warp.nodes_in({-20, -20, -20}, {20, 20, 20});
  warp.step_before(nodes, std::vector<Point>(nodes.count(), Point(0.7F, 0.0F, 0.0F, 0.0F)));
  // y -> 1.3 (y + 0.7), as far as the lattice goes on.
  EXPECT_NEAR(warp(Point(2.0F, 0.0F, 0.0F, 0.0F))[0], 1.3F * 2.7F, 1e-4);
}

/// A cube of 20^3 voxels labelled as left thalamus in the middle of white matter.
struct Block {
  Pose pose;
  std::vector<std::int32_t> aseg;
  std::vector<std::uint32_t> voxels;
  Block() : aseg(64 * 64 * 64, 2) {
    pose.size = {64, 64, 64};
    for (int k = 22; k < 42; ++k)
      for (int j = 22; j < 42; ++j)
        for (int i = 22; i < 42; ++i) {
          voxels.push_back(std::uint32_t(pose.index(i, j, k)));
          aseg[voxels.back()] = 10;
        }
  }
  [[nodiscard]] long long labelled() const { return std::count(aseg.begin(), aseg.end(), 10); }
  [[nodiscard]] long long kept() const {
    return std::count_if(voxels.begin(), voxels.end(), [&](std::uint32_t at) { return aseg[at] == 10; });
  }
};

TEST(Faults, LeakAddsHalfMissesShiftMoves) {
  const Region& region = *region_of_label(10);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Block leak;
    EXPECT_EQ(break_region(Fault::leak, region, leak.voxels, leak.pose, Stream(seed), leak.aseg), Fault::leak);
    EXPECT_EQ(leak.kept(), 8000);
    EXPECT_GE(leak.labelled(), 12800);
    EXPECT_LE(leak.labelled(), 16801);
    Block half;
    break_region(Fault::half, region, half.voxels, half.pose, Stream(seed), half.aseg);
    EXPECT_GE(half.labelled(), 3200);
    EXPECT_LE(half.labelled(), 5200);
    EXPECT_EQ(half.kept(), half.labelled());
    Block shift;
    break_region(Fault::shift, region, shift.voxels, shift.pose, Stream(seed), shift.aseg);
    EXPECT_EQ(shift.labelled(), 8000);
    // 8 mm along a random direction: between 8 / 20 of the cube (along an axis) and more (along a diagonal) is off.
    EXPECT_LT(shift.kept(), 5000);
    Block any;
    EXPECT_NE(break_region(Fault::any, region, any.voxels, any.pose, Stream(seed), any.aseg), Fault::any);
    EXPECT_NE(any.kept() + 2 * any.labelled(), 3 * 8000);
  }
}

TEST(Faults, OtherRegionsKeepEveryVoxel) {
  Block block;
  long long others = 0;
  for (int k = 0; k < 64; ++k)
    for (int j = 0; j < 64; ++j)
      for (int i = 42; i < 64; ++i, ++others) block.aseg[block.pose.index(i, j, k)] = 12;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const Fault fault : {Fault::leak, Fault::half, Fault::shift}) {
      Block one = block;
      break_region(fault, *region_of_label(10), one.voxels, one.pose, Stream(seed), one.aseg);
      EXPECT_EQ(std::count(one.aseg.begin(), one.aseg.end(), 12), others) << to_string(fault);
    }
}

TEST(LoseToLesion, SparesSmallOverlapsAndTakesTheDeepestFirst) {
  Block small;
  std::vector<float> depth(small.voxels.size(), 0.0F);
  for (std::size_t i = 0; i < 399; ++i) depth[i] = 1.0F;  // under 5 % of 8000
  lose_to_lesion(small.voxels, depth, Stream(1), small.aseg);
  EXPECT_EQ(small.labelled(), 8000);
  Block large;
  for (std::size_t i = 0; i < depth.size(); ++i) depth[i] = i < 4000 ? float(i) + 1.0F : 0.0F;
  lose_to_lesion(large.voxels, depth, Stream(1), large.aseg);
  const long long lost = 8000 - large.labelled();
  EXPECT_GE(lost, 1400);  // 35 % to 90 % of the covered half
  EXPECT_LE(lost, 3600);
  for (std::size_t i = 0; i < depth.size(); ++i)
    EXPECT_EQ(large.aseg[large.voxels[i]] == 10, depth[i] <= 4000.0F - float(lost)) << i;
}

}  // namespace
}  // namespace ipsi::demo
