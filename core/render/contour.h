// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ipsi::render {

/// A closed line; the last point is not repeated. Coordinates: pixel (x, y) covers [x, x+1] x [y, y+1], y downwards.
using Loop = std::vector<Eigen::Vector2d>;

/// Lines around the pixels of `ids` (row after row) that equal `id`, along pixel edges: outer borders and holes,
/// to be filled even-odd. Pixels that touch at a corner only are apart.
[[nodiscard]] std::vector<Loop> trace(const std::vector<std::uint8_t>& ids, int width, int height, std::uint8_t id);

/// The same lines without stairs: edge midpoints, then `passes` of Taubin smoothing (no shrinkage), then points that
/// lie within `tolerance` of the line are dropped. Loops of fewer than 6 points are left out.
/// @source Taubin (1995), Curve and surface smoothing without shrinkage, ICCV
[[nodiscard]] std::vector<Loop> smooth(const std::vector<Loop>& loops, int passes, double tolerance);

/// Area enclosed, positive; holes are subtracted by the caller's rule.
[[nodiscard]] double area_of(const Loop& loop);

}  // namespace ipsi::render
