// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/render/planes.h"

// Inside core/render only: how the voxels of one layer lie in a picture.

namespace ipsi::render {

/// True where voxel axes run along the world's, up to a drift of a fiftieth voxel over the grid. `grid` is RAS+.
[[nodiscard]] bool axis_aligned(const image::Grid& grid);

/// Affine steps of voxel indices over a picture: index = start + x right + y down, at pixel centres.
struct Walk {
  Eigen::Vector3d start, right, down;
};
[[nodiscard]] Walk walk_of(const image::Grid& grid, const PlaneView& view);

/// A slice of whole numbers as rectangles in the picture: cell (c, r) covers xs[c]..xs[c + 1] by ys[r]..ys[r + 1].
/// Cells are voxels, or single pixels where the grid is oblique to the picture.
struct Cells {
  int columns = 0, rows = 0;
  std::vector<std::uint8_t> values;  ///< with a border of zeros: (columns + 2) x (rows + 2)
  std::vector<float> xs, ys;         ///< pixels, rising

  [[nodiscard]] bool empty() const { return columns == 0 || rows == 0; }
  /// Border included: c in -1 .. columns.
  [[nodiscard]] std::uint8_t at(int c, int r) const {
    return values[static_cast<std::size_t>(r + 1) * static_cast<std::size_t>(columns + 2) +
                  static_cast<std::size_t>(c + 1)];
  }
};
/// Cut a layer; nothing where the plane or the picture misses it.
void cut_cells(const Layer<std::uint8_t>& layer, const PlaneView& view, Cells& cells);

/// Coverage of thin lines, kept between pictures; cleared by `clear` where it was drawn.
class LineMask {
 public:
  void resize(int width, int height);
  /// A rectangle with fractional edges; where shapes overlap the larger coverage counts.
  void rectangle(float x0, float y0, float x1, float y1);
  /// A line of any direction with round ends.
  void line(Eigen::Vector2f a, Eigen::Vector2f b, float half_width);
  void clear();

  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  ///< what was drawn lies in [x0, x1) x [y0, y1)
  [[nodiscard]] const std::uint8_t* row(int y) const {
    return cover_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
  }

 private:
  int width_ = 0, height_ = 0;
  std::vector<std::uint8_t> cover_;
};

/// Which edges of cells are lines: members' values have `member` set; a dash of 0 is a whole line.
struct EdgeStyle {
  std::array<bool, 256> member{};
  double width = 1.0, halo = 0.8;  ///< pixels; halo: wider a side
  double halo_opacity = 0.67;
  double dash = 0.0;  ///< pixels on and off
  Rgb colour{};
};
/// Draw the outlines of the members over the picture.
void draw_edges(const Cells& cells, const EdgeStyle& style, LineMask& line, LineMask& halo, PlanePicture& picture);

/// Blend colours over cells: opacity[v] of colour[v].
struct FillStyle {
  std::array<Rgb, 256> colour{};
  std::array<float, 256> opacity{};
};
void draw_fill(const Cells& cells, const FillStyle& style, std::vector<int>& columns, PlanePicture& picture);

/// Blend coverage in colours over the picture, halo first.
void blend(const LineMask& mask, Rgb colour, double opacity, PlanePicture& picture);

}  // namespace ipsi::render
