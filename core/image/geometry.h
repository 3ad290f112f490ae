// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <vector>

#include "core/image/volume.h"

namespace ipsi::image {

/// The same voxels stored along +R, +A, +S (axes permuted and flipped, nothing interpolated).
[[nodiscard]] Volume to_ras(const Volume& volume);
[[nodiscard]] Labels to_ras(const Labels& labels);

/// Values of `moving` at the voxel centres of `grid`, through world coordinates.
/// Outside the field of view: 0. Labels by nearest neighbour, volumes by trilinear interpolation.
[[nodiscard]] Volume resample(const Volume& moving, const Grid& grid);
[[nodiscard]] Labels resample(const Labels& moving, const Grid& grid);

/// Share (0..1) of the smaller field of view that lies inside the other one, sampled on a lattice.
[[nodiscard]] double field_of_view_overlap(const Grid& a, const Grid& b);

struct LabelStats {
  int label = 0;
  long long voxels = 0;
  double mm3 = 0.0;
  double mean = 0.0, sd = 0.0;                     ///< of the intensities, NaN without a volume; sd with n - 1
  Eigen::Vector3d centre_mm{0, 0, 0};              ///< centre of mass, RAS mm
  std::array<int, 3> low{0, 0, 0}, high{0, 0, 0};  ///< bounding box in voxels, inclusive
};

/// One row per label present (0 left out), ascending. `intensities` may be null; it must share the grid.
/// @error InvalidInput  grids differ
[[nodiscard]] Result<std::vector<LabelStats>> label_stats(const Labels& labels, const Volume* intensities);

}  // namespace ipsi::image
