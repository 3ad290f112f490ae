// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ipsi::brain {

/// A box of voxels, i fastest, unit spacing: scratch space; what the routines below do is done by core/image.
template <class T>
struct Box {
  std::array<int, 3> size{0, 0, 0};
  std::vector<T> values;

  Box() = default;
  explicit Box(std::array<int, 3> n, T fill = T{})
      : size(n), values(std::size_t(n[0]) * std::size_t(n[1]) * std::size_t(n[2]), fill) {}
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return std::size_t(i) + std::size_t(size[0]) * (std::size_t(j) + std::size_t(size[1]) * std::size_t(k));
  }
  [[nodiscard]] bool inside(int i, int j, int k) const {
    return i >= 0 && j >= 0 && k >= 0 && i < size[0] && j < size[1] && k < size[2];
  }
  [[nodiscard]] T at(int i, int j, int k) const { return values[index(i, j, k)]; }
  [[nodiscard]] T& at(int i, int j, int k) { return values[index(i, j, k)]; }
};

using Mask = Box<std::uint8_t>;
using Field = Box<float>;

/// Euclidean distance in voxels from each voxel centre to the nearest set one; +infinity where none is set.
[[nodiscard]] Field distance_to(const Mask& mask);

/// Distance to the surface of the mask, negative inside, zero half-way between a set and an unset voxel.
[[nodiscard]] Field signed_distance(const Mask& mask);

/// Gaussian smoothing with the given sigma in voxels; the edge value goes on beyond the box.
[[nodiscard]] Field smooth(const Field& field, double sigma);

/// 1 where the smoothed mask is at least half: rounds corners, drops specks, keeps volume roughly.
[[nodiscard]] Mask smooth(const Mask& mask, double sigma);

/// The largest part of the mask, joined through faces.
[[nodiscard]] Mask largest_part(const Mask& mask);

/// The mask with its enclosed unset voxels set.
[[nodiscard]] Mask fill_holes(const Mask& mask);

[[nodiscard]] std::size_t count(const Mask& mask);

}  // namespace ipsi::brain
