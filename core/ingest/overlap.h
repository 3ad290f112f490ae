// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>

#include "core/base/error.h"
#include "core/base/regions.h"
#include "core/image/volume.h"

namespace ipsi::ingest {

/// How a lesion lies to one region.
struct RegionOverlap {
  double region_mm3 = 0;          ///< of the segmentation
  double overlap_mm3 = 0;         ///< region inside the lesion
  double fraction_of_region = 0;  ///< 0..1; NaN where the region has no voxel
  double fraction_of_lesion = 0;  ///< 0..1; NaN for an empty lesion
  double distance_mm =
      0;  ///< smallest distance of voxel centres, 0 where they touch the same voxel; NaN where one is empty
  double expected_fraction =
      0;  ///< of the opposite region, mirrored at the midplane: where a destroyed region should be; NaN without it
};

struct Overlap {
  double lesion_mm3 = 0;   ///< on the grid of the segmentation
  double view = 1;         ///< share of the smaller field of view inside the other
  bool resampled = false;  ///< grids differed: the mask was taken to the segmentation's grid, nearest neighbour
  std::array<RegionOverlap, 12> regions{};  ///< kRegions order
};

/// Lesion against segmentation through world coordinates, on the grid of the segmentation.
/// @error InvalidInput  the fields of view overlap by less than 50 %
/// @cost  the box around lesion and regions, about 0.2 s for a 256^3 head
[[nodiscard]] Result<Overlap> lesion_overlap(const image::Labels& segmentation, const image::Labels& mask);

/// The two parts of lesion_overlap, for images that were cut to what they hold: the grids of the files, whose `view`
/// and `resampled` are filled in (@error as above), and the voxels.
[[nodiscard]] Result<Overlap> compare_views(const image::Grid& segmentation, const image::Grid& mask);
[[nodiscard]] Overlap measure_overlap(const image::Labels& segmentation, const image::Labels& mask);

/// Volume and place of a mask.
struct MaskShape {
  double mm3 = 0;
  Eigen::Vector3d centre_mm{0, 0, 0};  ///< centre of mass, world RAS mm; NaN when empty
  double left_fraction = 0;            ///< share of the volume at x < midline; NaN when empty
};
/// `midline_mm`: world x of the midplane (0 in template space).
[[nodiscard]] MaskShape mask_shape(const image::Labels& mask, double midline_mm = 0.0);

/// World x halfway between the left and right regions of a segmentation; 0 where no structure has both sides.
[[nodiscard]] double midline_of(const image::Labels& segmentation);

}  // namespace ipsi::ingest
