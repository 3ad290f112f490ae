// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace ipsi::image {

/// The lattice of a volume: how many voxels, and where voxel (i, j, k) lies in the world.
/// World is RAS+ millimetres (scanner space), as in NIfTI and FreeSurfer.
struct Grid {
  std::array<int, 3> size{0, 0, 0};                      ///< voxels along i, j, k
  Eigen::Matrix4d affine = Eigen::Matrix4d::Identity();  ///< voxel index -> RAS mm, voxel centres at integers

  [[nodiscard]] std::size_t voxels() const { return std::size_t(size[0]) * size[1] * size[2]; }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return std::size_t(i) + std::size_t(size[0]) * (std::size_t(j) + std::size_t(size[1]) * std::size_t(k));
  }
  [[nodiscard]] bool inside(int i, int j, int k) const {
    return i >= 0 && j >= 0 && k >= 0 && i < size[0] && j < size[1] && k < size[2];
  }
  [[nodiscard]] Eigen::Vector3d spacing() const;  ///< mm along i, j, k
  [[nodiscard]] double voxel_mm3() const;
  [[nodiscard]] std::string orientation() const;        ///< nearest axis codes, e.g. "RAS", "LIA"
  [[nodiscard]] std::array<int, 3> world_axes() const;  ///< world axis (0 R, 1 A, 2 S) nearest to i, j, k; each once
  [[nodiscard]] Eigen::Vector3d to_world(const Eigen::Vector3d& voxel) const;
  [[nodiscard]] Eigen::Vector3d to_voxel(const Eigen::Vector3d& world) const;
  [[nodiscard]] bool same_as(const Grid& other, double tolerance_mm = 1e-3) const;
};

/// How voxels were stored in the file; kept so that a copy can be written as it was read.
enum class Stored { uint8, int8, int16, uint16, int32, uint32, int64, uint64, float32, float64 };
[[nodiscard]] std::string to_string(Stored stored);

/// A 3D image of floats, i fastest. Intensities are the real values (scale factors of the file applied).
struct Volume {
  Grid grid;
  std::vector<float> values;  ///< grid.voxels()
  Stored stored = Stored::float32;

  [[nodiscard]] float at(int i, int j, int k) const { return values[grid.index(i, j, k)]; }
};

/// A 3D image of whole numbers: segmentations and masks.
struct Labels {
  Grid grid;
  std::vector<std::int32_t> values;  ///< grid.voxels()
  Stored stored = Stored::int32;

  [[nodiscard]] std::int32_t at(int i, int j, int k) const { return values[grid.index(i, j, k)]; }
};

}  // namespace ipsi::image
