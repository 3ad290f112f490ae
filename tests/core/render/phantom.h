// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/brain/atlas.h"

namespace ipsi::test {

inline constexpr double kPhantomRadius = 8.0;  ///< mm, of every region

/// A head of balls: each of the twelve regions a ball of 8 mm at phantom_centre, in a brain of radius 58 mm; 1 mm RAS+.
[[nodiscard]] brain::Template phantom_head();

/// World mm: left regions at x -24, right at +24; structures from back (y -40) to front (y 40), 16 mm apart, z 4.
[[nodiscard]] Eigen::Vector3d phantom_centre(std::size_t region);

/// A volume of one ball in a grid of any affine (voxel to world mm).
[[nodiscard]] image::Labels ball(const image::Grid& grid, const Eigen::Vector3d& centre, double radius, int label);

}  // namespace ipsi::test
