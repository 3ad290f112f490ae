// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Geometry>
#include <cmath>

#include "core/image/compact.h"
#include "core/ingest/atlas_place.h"
#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest::test {

/// An empty head of `n` voxels a side, centred on the world's origin; axes turned by `turn`.
inline image::Labels empty_head(int n = 90, double spacing = 1.0,
                                const Eigen::Matrix3d& turn = Eigen::Matrix3d::Identity()) {
  image::Labels head;
  head.grid.size = {n, n, n};
  head.grid.affine.topLeftCorner<3, 3>() = turn * spacing;
  head.grid.affine.topRightCorner<3, 1>() = -turn * Eigen::Vector3d::Constant(0.5 * spacing * (n - 1));
  head.values.assign(head.grid.voxels(), 0);
  return head;
}

/// Paints a solid ball, in world millimetres.
inline void ball(image::Labels& head, const Eigen::Vector3d& centre, double radius, int label) {
  const Eigen::Vector3d at = head.grid.to_voxel(centre);
  const double reach = radius / head.grid.spacing().minCoeff() + 1.0;
  std::array<int, 3> low{}, high{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double middle = at[static_cast<Eigen::Index>(a)];
    low[a] = std::max(0, static_cast<int>(std::floor(middle - reach)));
    high[a] = std::min(head.grid.size[a] - 1, static_cast<int>(std::ceil(middle + reach)));
  }
  for (int k = low[2]; k <= high[2]; ++k)
    for (int j = low[1]; j <= high[1]; ++j)
      for (int i = low[0]; i <= high[0]; ++i)
        if ((head.grid.to_world({double(i), double(j), double(k)}) - centre).norm() <= radius)
          head.values[head.grid.index(i, j, k)] = label;
}

/// Twelve balls of `radius` at the atlas places, on a head of 110 voxels of 1 mm; `move[r]` shifts one of them.
inline image::Labels ball_brain(
    double radius = 3.4, const Centres& move = [] {
      Centres none;
      none.fill(Eigen::Vector3d::Zero());
      return none;
    }()) {
  image::Labels head = empty_head(110);
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    ball(head, atlas_places()[r].centre_mm + move[r], radius, kRegions[r].label);
  return head;
}

inline image::CompactLabels compacted(const image::Labels& labels) {
  auto out = image::compact(labels);
  EXPECT_OK(out);
  return out ? *out : image::CompactLabels{};
}

inline std::size_t region_at(std::string_view key) {
  return static_cast<std::size_t>(std::ranges::find(kRegions, key, &Region::key) - kRegions.begin());
}

}  // namespace ipsi::ingest::test
