// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>

#include "core/base/regions.h"
#include "core/image/compact.h"
#include "core/image/volume.h"

namespace ipsi::ingest {

/// How the label of one region lies in the image.
struct RegionShape {
  long long voxels = 0;
  double mm3 = 0;
  Eigen::Vector3d centre_mm{0, 0, 0};  ///< centre of mass, RAS mm; NaN without voxels
  int pieces = 0;                      ///< connected through faces, edges or corners
  double largest_mm3 = 0, second_mm3 = 0;
  int holes = 0;  ///< pockets of other voxels that are shut in, through faces
  double hole_mm3 = 0;
  double surface_mm2 = 0;  ///< faces between the region and everything else
  double roughness = 0;    ///< surface against that of the ball of this volume (a ball of voxels: 1.5); NaN without
  bool at_border = false;  ///< touches the border of the image: cut off?
};

/// The twelve shapes, and the twelve regions as an image of their own box for what needs voxels.
struct RegionShapes {
  std::array<RegionShape, kRegions.size()> of{};  ///< kRegions order
  image::Labels box;                              ///< FreeSurfer labels of the twelve, 0 elsewhere; empty without
};

/// One pass over the labels' box in runs along x; holes are looked for in each region's own box.
/// @cost  some 20 ms for a whole head
[[nodiscard]] RegionShapes region_shapes(const image::CompactLabels& labels);

}  // namespace ipsi::ingest
