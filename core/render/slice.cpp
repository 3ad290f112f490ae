// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/slice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ipsi::render {
namespace {

/// Which voxel axes run across the picture, and where: the template is RAS+ (i right, j front, k up).
struct Layout {
  std::size_t across, down, through;  ///< voxel axes along the picture's x, y, and through it
};

Layout layout_of(Plane plane) {
  switch (plane) {
    case Plane::coronal: return {0, 2, 1};
    case Plane::sagittal: return {1, 2, 0};
    case Plane::axial: break;
  }
  return {0, 1, 2};
}

/// Picture mm and voxel index along one in-plane axis; both picture axes run against the world axes.
struct Axis {
  double origin, spacing;  ///< world mm of voxel 0, of one voxel
  [[nodiscard]] double picture(double voxel) const { return -(origin + spacing * voxel); }
  [[nodiscard]] double voxel(double picture_mm) const { return (-picture_mm - origin) / spacing; }
};

Axis axis_of(const image::Grid& grid, std::size_t axis) {
  const auto a = static_cast<Eigen::Index>(axis);
  // In a grid slightly turned against the world the coordinate is that of the middle line.
  Eigen::Vector3d middle(0.5 * (grid.size[0] - 1), 0.5 * (grid.size[1] - 1), 0.5 * (grid.size[2] - 1));
  middle[a] = 0.0;
  return {grid.to_world(middle)[a], grid.affine(a, a)};
}

std::size_t voxel_at(const image::Grid& grid, const Layout& layout, int across, int down, int through) {
  std::array<int, 3> at{};
  at[layout.across] = across;
  at[layout.down] = down;
  at[layout.through] = through;
  return grid.index(at[0], at[1], at[2]);
}

/// Catmull-Rom weights of the four samples around a position `t` (0..1) between the middle two.
std::array<double, 4> cubic(double t) {
  return {0.5 * t * (-1 + t * (2 - t)), 0.5 * (2 + t * t * (3 * t - 5)), 0.5 * t * (1 + t * (4 - 3 * t)),
          0.5 * t * t * (t - 1)};
}

/// Weights of a cubic B-spline: smooth, never negative.
std::array<double, 4> soft(double t) {
  const double u = 1 - t;
  return {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * u * u * u - 6 * u * u + 4) / 6, t * t * t / 6};
}

/// 1 where a slice shows brain; bits that hang together with less than 1 % of it (skull, membranes) are left out.
std::vector<std::uint8_t> brain_mask(const image::Volume& brain, const Layout& layout, int through) {
  const int columns = brain.grid.size[layout.across], rows = brain.grid.size[layout.down];
  const auto at = [columns](int i, int j) {
    return static_cast<std::size_t>(j) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(i);
  };
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0);
  std::size_t all = 0;
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i)
      if (brain.values[voxel_at(brain.grid, layout, i, j, through)] > 0.0F) mask[at(i, j)] = 1, ++all;
  std::vector<std::uint8_t> seen(mask.size(), 0);
  std::vector<std::pair<int, int>> piece;
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i) {
      if (mask[at(i, j)] == 0 || seen[at(i, j)] != 0) continue;
      piece.assign(1, {i, j});
      seen[at(i, j)] = 1;
      for (std::size_t n = 0; n < piece.size(); ++n)
        for (const auto& [dx, dy] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
          const int x = piece[n].first + dx, y = piece[n].second + dy;
          if (x < 0 || y < 0 || x >= columns || y >= rows || mask[at(x, y)] == 0 || seen[at(x, y)] != 0) continue;
          seen[at(x, y)] = 1;
          piece.emplace_back(x, y);
        }
      if (piece.size() * 100 < all)
        for (const auto& [x, y] : piece) mask[at(x, y)] = 0;
    }
  return mask;
}

struct Window {
  float low = 0, high = 1;
};

/// Dark fluid to bright white matter, outliers apart.
Window window_of(const image::Volume& brain) {
  std::vector<float> inside;
  for (std::size_t i = 0; i < brain.values.size(); i += 5)
    if (brain.values[i] > 0.0F) inside.push_back(brain.values[i]);
  if (inside.size() < 10) return {};
  const auto quantile = [&](double q) {
    const auto at = inside.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(inside.size() - 1));
    std::nth_element(inside.begin(), at, inside.end());
    return *at;
  };
  const float low = quantile(0.02), high = quantile(0.98);
  return high > low ? Window{low, high} : Window{low, low + 1};
}

/// The grey head of the slice. Light style: nothing is darker than a mid grey, the surround is clear.
Picture grey_head(const image::Volume& brain, const Layout& layout, int through, const Field& field, double per_mm) {
  Picture out;
  out.width = std::max(1, static_cast<int>(std::lround(field.width * per_mm)));
  out.height = std::max(1, static_cast<int>(std::lround(field.height * per_mm)));
  out.rgba.assign(4 * static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height), 0);
  if (brain.values.empty()) return out;
  const Window window = window_of(brain);
  const Axis x_axis = axis_of(brain.grid, layout.across), y_axis = axis_of(brain.grid, layout.down);
  const int columns = brain.grid.size[layout.across], rows = brain.grid.size[layout.down];
  const std::vector<std::uint8_t> mask = brain_mask(brain, layout, through);
  std::uint8_t* pixel = out.rgba.data();
  for (int py = 0; py < out.height; ++py)
    for (int px = 0; px < out.width; ++px, pixel += 4) {
      const double x = x_axis.voxel(field.left + (px + 0.5) * field.width / out.width);
      const double y = y_axis.voxel(field.top + (py + 0.5) * field.height / out.height);
      const int i = static_cast<int>(std::floor(x)), j = static_cast<int>(std::floor(y));
      if (i < -1 || j < -1 || i > columns || j > rows) continue;
      const double tx = x - i, ty = y - j;
      const auto wx = cubic(tx), wy = cubic(ty), sx = soft(tx), sy = soft(ty);
      double value = 0.0, weight = 0.0, cover = 0.0;
      for (int b = 0; b < 4; ++b)
        for (int a = 0; a < 4; ++a) {
          const int vi = i - 1 + a, vj = j - 1 + b;
          if (vi < 0 || vj < 0 || vi >= columns || vj >= rows) continue;
          const float v = brain.values[voxel_at(brain.grid, layout, vi, vj, through)];
          if (mask[static_cast<std::size_t>(vj) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(vi)] ==
              0)
            continue;
          const auto ia = static_cast<std::size_t>(a), ib = static_cast<std::size_t>(b);
          const double w = wx[ia] * wy[ib];
          value += w * v;
          weight += w;
          cover += sx[ia] * sy[ib];
        }
      if (cover <= 0.0) continue;
      // Divided by the weight that lies in the brain, so that the edge does not darken towards the empty outside.
      const double mean = weight > 0.2 ? value / weight : window.low;
      const double t = std::clamp((mean - window.low) / (window.high - window.low), 0.0, 1.0);
      const auto grey = static_cast<std::uint8_t>(std::lround(255.0 * (0.40 + 0.50 * t)));
      const double edge = std::clamp((cover - 0.3) / 0.4, 0.0, 1.0);
      pixel[0] = pixel[1] = pixel[2] = grey;
      pixel[3] = static_cast<std::uint8_t>(std::lround(255.0 * edge * edge * (3 - 2 * edge)));
    }
  return out;
}

/// Lines around each region in one voxel layer, in mm of the picture.
std::array<std::vector<Loop>, kRegions.size()> region_lines(const image::Labels& labels, const Layout& layout,
                                                            int through, const Field& field,
                                                            SliceOptions::Edges edges) {
  const int columns = labels.grid.size[layout.across], rows = labels.grid.size[layout.down];
  const Axis x_axis = axis_of(labels.grid, layout.across), y_axis = axis_of(labels.grid, layout.down);
  std::vector<std::uint8_t> ids(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0);
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i)
      if (const Region* region = region_of_label(labels.values[voxel_at(labels.grid, layout, i, j, through)]))
        ids[static_cast<std::size_t>(j) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(region - kRegions.data() + 1);
  std::array<std::vector<Loop>, kRegions.size()> out;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    auto loops = trace(ids, columns, rows, static_cast<std::uint8_t>(r + 1));
    if (edges == SliceOptions::Edges::smooth) loops = smooth(loops, 3, 0.02);
    for (Loop& loop : loops)
      for (Eigen::Vector2d& p : loop)  // the corner (0, 0) of a pixel is half a voxel before its centre
        p = {x_axis.picture(p.x() - 0.5) - field.left, y_axis.picture(p.y() - 0.5) - field.top};
    out[r] = std::move(loops);
  }
  return out;
}

}  // namespace

std::string to_string(Plane plane) {
  switch (plane) {
    case Plane::coronal: return "coronal";
    case Plane::sagittal: return "sagittal";
    case Plane::axial: break;
  }
  return "axial";
}

Field field_of(const brain::Template& head, Plane plane, double margin_mm) {
  const Layout layout = layout_of(plane);
  const bool by_brain = !head.brain.values.empty();
  const image::Grid& grid = by_brain ? head.brain.grid : head.regions.grid;
  std::array<int, 3> low = grid.size, high{-1, -1, -1};
  std::size_t at = 0;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i, ++at) {
        if (by_brain ? !(head.brain.values[at] > 0.0F) : region_of_label(head.regions.values[at]) == nullptr) continue;
        low = {std::min(low[0], i), std::min(low[1], j), std::min(low[2], k)};
        high = {std::max(high[0], i), std::max(high[1], j), std::max(high[2], k)};
      }
  if (high[0] < 0) return {};
  const Axis x = axis_of(grid, layout.across), y = axis_of(grid, layout.down);
  const double left = x.picture(high[layout.across] + 0.5), right = x.picture(low[layout.across] - 0.5);
  const double top = y.picture(high[layout.down] + 0.5), bottom = y.picture(low[layout.down] - 0.5);
  return {left - margin_mm, top - margin_mm, right - left + 2 * margin_mm, bottom - top + 2 * margin_mm};
}

double best_layer(const brain::Template& head, Plane plane) {
  const Layout layout = layout_of(plane);
  const image::Grid& grid = head.regions.grid;
  std::vector<std::array<int, kRegions.size()>> area(static_cast<std::size_t>(grid.size[layout.through]));
  std::size_t at = 0;
  std::array<int, 3> v{};
  for (v[2] = 0; v[2] < grid.size[2]; ++v[2])
    for (v[1] = 0; v[1] < grid.size[1]; ++v[1])
      for (v[0] = 0; v[0] < grid.size[0]; ++v[0], ++at)
        if (head.regions.values[at] != 0)
          if (const Region* region = region_of_label(head.regions.values[at]))
            ++area[static_cast<std::size_t>(v[layout.through])][static_cast<std::size_t>(region - kRegions.data())];
  std::size_t best = 0;
  std::pair<int, int> score{0, 0};
  for (std::size_t layer = 0; layer < area.size(); ++layer) {
    int present = 0, smallest = 0;
    for (const int voxels : area[layer]) {
      if (voxels == 0) continue;
      ++present;
      smallest = smallest == 0 ? voxels : std::min(smallest, voxels);
    }
    if (std::pair(present, smallest) > score) {
      score = {present, smallest};
      best = layer;
    }
  }
  const Axis axis = axis_of(grid, layout.through);
  return axis.origin + axis.spacing * static_cast<double>(best);
}

Result<SliceView> cut(const brain::Template& head, Plane plane, double at_mm, const Field& field,
                      const SliceOptions& options) {
  const Layout layout = layout_of(plane);
  const image::Grid& grid = head.regions.grid;
  const Axis axis = axis_of(grid, layout.through);
  const int layers = grid.size[layout.through];
  const double position = (at_mm - axis.origin) / axis.spacing;
  if (!(position > -0.5 && position < layers - 0.5))
    return fail(Code::InvalidInput, fmt::format("there is no {} slice at {:g} mm", to_string(plane), at_mm), head.name,
                fmt::format("choose {:g} to {:g} mm", axis.origin, axis.origin + axis.spacing * (layers - 1)));
  const int layer = static_cast<int>(std::lround(position));
  SliceView view;
  view.plane = plane;
  view.at_mm = axis.origin + axis.spacing * layer;
  view.field = field;
  if (!head.brain.values.empty()) {
    const Axis head_axis = axis_of(head.brain.grid, layout.through);
    const int head_layer = static_cast<int>(std::lround((view.at_mm - head_axis.origin) / head_axis.spacing));
    if (head_layer >= 0 && head_layer < head.brain.grid.size[layout.through])
      view.head = grey_head(head.brain, layout, head_layer, field, options.pixels_per_mm);
  }
  view.regions = region_lines(head.regions, layout, layer, field, options.edges);
  return view;
}

}  // namespace ipsi::render
