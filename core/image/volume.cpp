// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/volume.h"

#include <algorithm>
#include <cmath>

namespace ipsi::image {

Eigen::Vector3d Grid::spacing() const {
  return affine.topLeftCorner<3, 3>().colwise().norm().transpose();
}

double Grid::voxel_mm3() const {
  return std::abs(affine.topLeftCorner<3, 3>().determinant());
}

std::string Grid::orientation() const {
  static constexpr char kCodes[3][2] = {{'R', 'L'}, {'A', 'P'}, {'S', 'I'}};
  const std::array<int, 3> axes = world_axes();
  std::string out;
  for (int i = 0; i < 3; ++i) out += kCodes[axes[i]][affine(axes[i], i) < 0.0 ? 1 : 0];
  return out;
}

std::array<int, 3> Grid::world_axes() const {
  Eigen::Matrix3d cosines = affine.topLeftCorner<3, 3>();
  for (int i = 0; i < 3; ++i) cosines.col(i) /= std::max(cosines.col(i).norm(), 1e-300);
  std::array<int, 3> order{0, 1, 2};
  std::array<int, 3> best = order;
  double best_sum = -1.0;
  do {
    double sum = 0.0;
    for (int i = 0; i < 3; ++i) sum += std::abs(cosines(order[i], i));
    if (sum > best_sum + 1e-9) {
      best_sum = sum;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

Eigen::Vector3d Grid::to_world(const Eigen::Vector3d& voxel) const {
  return affine.topLeftCorner<3, 3>() * voxel + affine.topRightCorner<3, 1>();
}

Eigen::Vector3d Grid::to_voxel(const Eigen::Vector3d& world) const {
  return affine.topLeftCorner<3, 3>().inverse() * (world - affine.topRightCorner<3, 1>());
}

bool Grid::same_as(const Grid& other, double tolerance_mm) const {
  if (size != other.size) return false;
  for (int corner = 0; corner < 8; ++corner) {
    Eigen::Vector3d voxel;
    for (int axis = 0; axis < 3; ++axis) voxel[axis] = (corner >> axis) & 1 ? size[axis] - 1 : 0;
    if (!((to_world(voxel) - other.to_world(voxel)).norm() <= tolerance_mm)) return false;
  }
  return true;
}

std::string to_string(Stored stored) {
  switch (stored) {
    case Stored::uint8: return "uint8";
    case Stored::int8: return "int8";
    case Stored::int16: return "int16";
    case Stored::uint16: return "uint16";
    case Stored::int32: return "int32";
    case Stored::uint32: return "uint32";
    case Stored::int64: return "int64";
    case Stored::uint64: return "uint64";
    case Stored::float32: return "float32";
    case Stored::float64: return "float64";
  }
  return "unknown";
}

}  // namespace ipsi::image
