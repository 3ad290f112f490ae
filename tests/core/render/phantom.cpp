// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/render/phantom.h"

#include "core/base/regions.h"

namespace ipsi::test {

Eigen::Vector3d phantom_centre(std::size_t region) {
  const double x = kRegions[region].side == Side::left ? -24.0 : 24.0;
  return {x, -40.0 + 16.0 * static_cast<double>(region / 2), 4.0};
}

image::Labels ball(const image::Grid& grid, const Eigen::Vector3d& centre, double radius, int label) {
  image::Labels out;
  out.grid = grid;
  out.values.assign(grid.voxels(), 0);
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i)
        if ((grid.to_world({double(i), double(j), double(k)}) - centre).norm() <= radius)
          out.values[grid.index(i, j, k)] = label;
  return out;
}

brain::Template phantom_head() {
  brain::Template head;
  head.name = "phantom";
  head.source = "balls made by the test";
  image::Grid grid;
  grid.size = {121, 121, 121};
  grid.affine.topRightCorner<3, 1>() = Eigen::Vector3d(-60, -60, -60);
  head.brain.grid = grid;
  head.brain.values.assign(grid.voxels(), 0.0F);
  head.regions.grid = grid;
  head.regions.values.assign(grid.voxels(), 0);
  for (int k = 0; k < 121; ++k)
    for (int j = 0; j < 121; ++j)
      for (int i = 0; i < 121; ++i) {
        const Eigen::Vector3d at = grid.to_world({double(i), double(j), double(k)});
        if (at.norm() <= 58.0) head.brain.values[grid.index(i, j, k)] = 100.0F + 0.3F * static_cast<float>(at.x());
        for (std::size_t r = 0; r < kRegions.size(); ++r)
          if ((at - phantom_centre(r)).squaredNorm() <= kPhantomRadius * kPhantomRadius)
            head.regions.values[grid.index(i, j, k)] = kRegions[r].label;
      }
  head.head = head.brain;
  return head;
}

}  // namespace ipsi::test
