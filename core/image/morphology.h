// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/image/volume.h"

namespace ipsi::image {

/// Which voxels touch: through faces, or also through edges and corners.
enum class Neighbours { faces6, all26 };

/// Connected pieces of the voxels that are not 0.
struct Components {
  Labels labels;                  ///< 0 outside, 1 the largest piece, 2 the next, ...; ties by first voxel
  std::vector<long long> voxels;  ///< of piece 1, 2, ...; falling
};
/// @cost O(voxels)
[[nodiscard]] Components connected_components(const Labels& mask, Neighbours neighbours = Neighbours::all26);

/// Distance in mm from each voxel centre to the nearest voxel centre that is not 0; 0 inside the mask, +infinity where
/// the mask is empty. Exact for grids whose axes are perpendicular; sheared grids are measured along their axes.
/// @cost O(voxels)
/// @source Felzenszwalb, Huttenlocher (2012), Theory of Computing 8, 415-428
[[nodiscard]] Volume distance_mm(const Labels& mask);

/// Smoothed by a Gaussian of `sigma_mm`, separably along the voxel axes. Beyond the border the edge value goes on, so a
/// constant image stays constant. sigma_mm <= 0 changes nothing. The kernel is cut at 4 sigma.
[[nodiscard]] Volume gaussian_smooth(const Volume& volume, double sigma_mm);

/// Corners in voxels, inclusive.
struct Box {
  std::array<int, 3> low{0, 0, 0}, high{-1, -1, -1};
  [[nodiscard]] std::array<int, 3> size() const {
    return {high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1};
  }
};
/// Around all voxels that are not 0; nullopt when there are none.
[[nodiscard]] std::optional<Box> bounding_box(const Labels& labels);
/// Around the voxels of one label.
[[nodiscard]] std::optional<Box> bounding_box(const Labels& labels, int label);
/// `box` larger by `margin` voxels on every side, kept inside the grid.
[[nodiscard]] Box grown(const Box& box, int margin, const Grid& grid);

/// The voxels of `box` as an image of their own, at the same place in the world.
[[nodiscard]] Volume crop(const Volume& volume, const Box& box);
[[nodiscard]] Labels crop(const Labels& labels, const Box& box);

}  // namespace ipsi::image
