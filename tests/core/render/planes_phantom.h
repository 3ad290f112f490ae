// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Geometry>
#include <functional>

#include "core/base/regions.h"
#include "core/image/volume.h"
#include "core/render/scan.h"

namespace ipsi::test {

/// Intensity that grows linearly over the world, so that linear interpolation gives it back on any grid.
inline double ramp(const Eigen::Vector3d& w) {
  return 100.0 + 1.1 * w.x() + 0.7 * w.y() - 0.9 * w.z();
}

/// The left putamen as a box of the world, and a lesion beside it.
inline int phantom_label(const Eigen::Vector3d& w) {
  const bool in = w.x() > -30 && w.x() < -18 && w.y() > -10 && w.y() < 14 && w.z() > -4 && w.z() < 8;
  return in ? 12 : 0;
}
inline int phantom_lesion(const Eigen::Vector3d& w) {
  return (w - Eigen::Vector3d(20, 10, 4)).norm() < 8.0 ? 1 : 0;
}

struct PhantomImages {
  image::Volume t1;
  image::Labels labels, lesion;
};

inline PhantomImages phantom_on(const image::Grid& grid) {
  PhantomImages out;
  out.t1.grid = out.labels.grid = out.lesion.grid = grid;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) {
        const Eigen::Vector3d w = grid.to_world({double(i), double(j), double(k)});
        out.t1.values.push_back(static_cast<float>(ramp(w)));
        out.labels.values.push_back(phantom_label(w));
        out.lesion.values.push_back(phantom_lesion(w));
      }
  return out;
}

inline std::shared_ptr<const render::Scan> scan_on(const image::Grid& grid) {
  const PhantomImages images = phantom_on(grid);
  auto scan = render::make_scan(images.t1, images.labels, images.lesion);
  return scan ? *scan : nullptr;
}

/// 1 mm, RAS+, world -48 .. 47.
inline image::Grid ras_grid() {
  image::Grid grid;
  grid.size = {96, 96, 96};
  grid.affine.topRightCorner<3, 1>() = Eigen::Vector3d(-48, -48, -48);
  return grid;
}

/// The same voxels stored along `codes`, e.g. "LAS", "LIA", "PSR".
inline image::Grid stored_as(const image::Grid& ras, const std::string& codes) {
  image::Grid out;
  Eigen::Vector3d first(0, 0, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    const char c = codes[i];
    const int world = c == 'R' || c == 'L' ? 0 : c == 'A' || c == 'P' ? 1 : 2;
    const bool flip = c == 'L' || c == 'P' || c == 'I';
    out.size[i] = ras.size[static_cast<std::size_t>(world)];
    out.affine.col(static_cast<int>(i)) = ras.affine.col(world) * (flip ? -1.0 : 1.0);
    if (flip) first[world] = ras.size[static_cast<std::size_t>(world)] - 1;
  }
  out.affine.col(3).head<3>() = ras.to_world(first);
  return out;
}

/// A grid that covers the same place, turned about its middle.
inline image::Grid turned(double degrees, const Eigen::Vector3d& axis) {
  image::Grid out;
  out.size = {150, 150, 150};
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(degrees * M_PI / 180.0, axis.normalized()).toRotationMatrix();
  out.affine.topLeftCorner<3, 3>() = turn;
  out.affine.topRightCorner<3, 1>() = turn * Eigen::Vector3d::Constant(-74.5);
  return out;
}

}  // namespace ipsi::test
