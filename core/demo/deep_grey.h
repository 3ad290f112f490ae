// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/brain/atlas.h"
#include "core/demo/warp.h"

namespace ipsi::demo {

/// Signed distances (mm, negative inside) to the twelve regions of a template, side by side, in the box that holds
/// them.
class RegionDistances {
 public:
  using Twelve = Eigen::Array<float, 12, 1>;  ///< kRegions order

  /// @error InvalidInput  a region is missing; the template is not RAS+ of 1 mm
  [[nodiscard]] static Result<RegionDistances> create(const image::Labels& regions);

  /// At template position p in mm; beyond the box the edge value plus the way to it.
  [[nodiscard]] Twelve at(const Point& p) const;

  [[nodiscard]] const std::array<double, 3>& low() const { return low_; }  ///< mm, corner of the box
  [[nodiscard]] const std::array<double, 3>& high() const { return high_; }
  [[nodiscard]] const std::array<long long, 12>& voxels() const {
    return voxels_;
  }  ///< of each region, in the template

 private:
  std::array<double, 3> low_{}, high_{};
  std::array<int, 3> size_{};
  std::array<long long, 12> voxels_{};
  std::vector<Twelve> values_;
};

/// How a person's voxels lie in template space: position of voxel (i, j, k) = origin + i di + j dj + k dk, before the
/// warp. Voxels are 1 mm^3 in the person.
struct Pose {
  Eigen::Vector3d origin = Eigen::Vector3d::Zero(), di = origin, dj = origin, dk = origin;
  std::array<int, 3> size{};
  [[nodiscard]] Point at(int i, int j, int k) const {
    const Eigen::Vector3d p = origin + double(i) * di + double(j) * dj + double(k) * dk;
    return {float(p[0]), float(p[1]), float(p[2]), 0.0F};
  }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return std::size_t(i) + std::size_t(size[0]) * (std::size_t(j) + std::size_t(size[1]) * std::size_t(k));
  }
};

/// The voxels of each region, exactly as many as asked.
struct RegionVoxels {
  std::array<std::vector<std::uint32_t>, 12> voxels;  ///< flat indices, ascending
  std::array<float, 12> residual_mm{};                ///< how far each border lies from the deformed template's border
  int steps = 0;
};

/// Deform `warp` near the regions until they hold about the asked numbers of voxels, then give each label exactly its
/// number: connected, disjoint, the voxels deepest in the deformed region first. What is seen in the deformed head
/// thus agrees with the labels.
/// @error InvalidInput  a target that cannot be reached, named
[[nodiscard]] Result<RegionVoxels> fit_volumes(const RegionDistances& distances, const Pose& pose,
                                               const std::array<long long, 12>& targets, Warp& warp);

}  // namespace ipsi::demo
