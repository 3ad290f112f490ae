// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/planes_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <Eigen/LU>

namespace ipsi::render {
namespace {

std::uint32_t mixed(std::uint32_t under, Rgb colour, std::uint32_t alpha) {  // alpha 0..256
  const std::uint32_t keep = 256 - alpha;
  const std::uint32_t rb = under & 0xFF00FFU, g = under & 0xFF00U;
  const std::uint32_t over_rb = (std::uint32_t{colour.r} << 16) | colour.b, over_g = std::uint32_t{colour.g} << 8;
  return 0xFF000000U | (((rb * keep + over_rb * alpha) >> 8) & 0xFF00FFU) |
         (((g * keep + over_g * alpha) >> 8) & 0xFF00U);
}

/// Voxel index of a plane in one axis, rounded half up so that neighbours share no slice and leave no gap.
int nearest(double index) {
  return static_cast<int>(std::floor(index + 0.5));
}

void cut_aligned(const Layer<std::uint8_t>& layer, const PlaneView& view, Cells& cells) {
  const image::Grid& grid = layer.grid;
  const PlaneAxes axes = axes_of(view.plane, view.look.convention);
  const auto origin = [&](int a) { return grid.affine(a, 3); };
  const auto step = [&](int a) { return grid.affine(a, a); };
  const int k = nearest((view.centre_mm[axes.across] - origin(axes.across)) / step(axes.across));
  if (k < 0 || k >= grid.size[static_cast<std::size_t>(axes.across)]) return;
  const int nx = grid.size[static_cast<std::size_t>(axes.right)], ny = grid.size[static_cast<std::size_t>(axes.down)];
  const bool flip_x = axes.right_sign < 0, flip_y = axes.down_sign < 0;
  cells.columns = nx;
  cells.rows = ny;
  cells.values.assign(static_cast<std::size_t>(nx + 2) * static_cast<std::size_t>(ny + 2), 0);
  std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(grid.size[0]),
                                    static_cast<std::size_t>(grid.size[0]) * static_cast<std::size_t>(grid.size[1])};
  const std::size_t sx = stride[static_cast<std::size_t>(axes.right)], sy = stride[static_cast<std::size_t>(axes.down)];
  const std::uint8_t* slice =
      layer.values.data() + static_cast<std::size_t>(k) * stride[static_cast<std::size_t>(axes.across)];
  for (int r = 0; r < ny; ++r) {
    const std::uint8_t* from = slice + static_cast<std::size_t>(flip_y ? ny - 1 - r : r) * sy;
    std::uint8_t* to = cells.values.data() + static_cast<std::size_t>(r + 1) * static_cast<std::size_t>(nx + 2) + 1;
    for (int c = 0; c < nx; ++c) to[c] = from[static_cast<std::size_t>(flip_x ? nx - 1 - c : c) * sx];
  }
  // Edge e lies between cells e - 1 and e.
  const auto edges = [&](std::vector<float>& out, int n, int a, double sign, double half) {
    out.resize(static_cast<std::size_t>(n) + 1);
    for (int e = 0; e <= n; ++e) {
      const double world = origin(a) + step(a) * ((sign < 0 ? n - e : e) - 0.5);
      out[static_cast<std::size_t>(e)] =
          static_cast<float>(half + sign * (world - view.centre_mm[a]) / view.mm_per_pixel);
    }
  };
  edges(cells.xs, nx, axes.right, axes.right_sign, 0.5 * view.width);
  edges(cells.ys, ny, axes.down, axes.down_sign, 0.5 * view.height);
}

/// Cells of one pixel each, in the part of the picture that the layer's box can reach.
void cut_oblique(const Layer<std::uint8_t>& layer, const PlaneView& view, Cells& cells) {
  const image::Grid& grid = layer.grid;
  Eigen::Vector2d low(1e30, 1e30), high(-1e30, -1e30);
  for (int c = 0; c < 8; ++c) {
    Eigen::Vector3d voxel;
    for (int a = 0; a < 3; ++a) voxel[a] = (c >> a & 1) != 0 ? grid.size[static_cast<std::size_t>(a)] - 0.5 : -0.5;
    const Eigen::Vector2d p = pixel_of(view, grid.to_world(voxel));
    low = low.cwiseMin(p);
    high = high.cwiseMax(p);
  }
  const int x0 = static_cast<int>(std::clamp(std::floor(low[0]), 0.0, double(view.width)));
  const int y0 = static_cast<int>(std::clamp(std::floor(low[1]), 0.0, double(view.height)));
  const int x1 = static_cast<int>(std::clamp(std::ceil(high[0]), double(x0), double(view.width)));
  const int y1 = static_cast<int>(std::clamp(std::ceil(high[1]), double(y0), double(view.height)));
  if (x1 <= x0 || y1 <= y0) return;
  // One pixel more on every side: a region that leaves the picture has no edge along its border.
  const int left = x0 - 1, top = y0 - 1;
  const int columns = x1 - x0 + 2, rows = y1 - y0 + 2;
  const Walk walk = walk_of(grid, view);
  cells.columns = columns;
  cells.rows = rows;
  cells.values.assign(static_cast<std::size_t>(columns + 2) * static_cast<std::size_t>(rows + 2), 0);
  for (int r = 0; r < rows; ++r) {
    const Eigen::Vector3d start =
        walk.start + left * walk.right + (top + r) * walk.down + Eigen::Vector3d::Constant(0.5);
    std::uint8_t* to =
        cells.values.data() + static_cast<std::size_t>(r + 1) * static_cast<std::size_t>(columns + 2) + 1;
    for (int c = 0; c < columns; ++c) {
      const Eigen::Vector3d at = start + c * walk.right;
      if (at[0] < 0 || at[1] < 0 || at[2] < 0) continue;
      const int i = static_cast<int>(at[0]), j = static_cast<int>(at[1]), k = static_cast<int>(at[2]);
      if (i < grid.size[0] && j < grid.size[1] && k < grid.size[2]) to[c] = layer.values[grid.index(i, j, k)];
    }
  }
  cells.xs.resize(static_cast<std::size_t>(columns) + 1);
  cells.ys.resize(static_cast<std::size_t>(rows) + 1);
  for (int e = 0; e <= columns; ++e) cells.xs[static_cast<std::size_t>(e)] = static_cast<float>(left + e);
  for (int e = 0; e <= rows; ++e) cells.ys[static_cast<std::size_t>(e)] = static_cast<float>(top + e);
}

}  // namespace

bool axis_aligned(const image::Grid& grid) {
  constexpr double kDrift = 0.02;
  for (int a = 0; a < 3; ++a) {
    if (!(grid.affine(a, a) > 0.0)) return false;
    for (int i = 0; i < 3; ++i)
      if (i != a && std::abs(grid.affine(a, i)) * grid.size[static_cast<std::size_t>(i)] > kDrift * grid.affine(a, a))
        return false;
  }
  return true;
}

Walk walk_of(const image::Grid& grid, const PlaneView& view) {
  const Eigen::Matrix3d inverse = grid.affine.topLeftCorner<3, 3>().inverse();
  const PlaneAxes axes = axes_of(view.plane, view.look.convention);
  Walk walk;
  walk.start = grid.to_voxel(world_at(view, {0.5, 0.5}));
  walk.right = inverse.col(axes.right) * (axes.right_sign * view.mm_per_pixel);
  walk.down = inverse.col(axes.down) * (axes.down_sign * view.mm_per_pixel);
  return walk;
}

void cut_cells(const Layer<std::uint8_t>& layer, const PlaneView& view, Cells& cells) {
  cells.columns = cells.rows = 0;
  if (layer.empty()) return;
  if (axis_aligned(layer.grid))
    cut_aligned(layer, view, cells);
  else
    cut_oblique(layer, view, cells);
}

void LineMask::resize(int width, int height) {
  if (width == width_ && height == height_) return;
  width_ = width;
  height_ = height;
  cover_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  x0 = width;
  y0 = height;
  x1 = y1 = 0;
}

void LineMask::clear() {
  for (int y = y0; y < y1; ++y)
    std::memset(cover_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + x0, 0,
                static_cast<std::size_t>(x1 - x0));
  x0 = width_;
  y0 = height_;
  x1 = y1 = 0;
}

void LineMask::rectangle(float left, float top, float right, float bottom) {
  left = std::max(left, 0.0F);
  top = std::max(top, 0.0F);
  right = std::min(right, static_cast<float>(width_));
  bottom = std::min(bottom, static_cast<float>(height_));
  if (!(left < right) || !(top < bottom)) return;
  const int c0 = static_cast<int>(left), r0 = static_cast<int>(top);
  const int c1 = std::min(width_, static_cast<int>(std::ceil(right))),
            r1 = std::min(height_, static_cast<int>(std::ceil(bottom)));
  x0 = std::min(x0, c0);
  y0 = std::min(y0, r0);
  x1 = std::max(x1, c1);
  y1 = std::max(y1, r1);
  const auto share = [](int cell, float low, float high) {
    return std::min(static_cast<float>(cell + 1), high) - std::max(static_cast<float>(cell), low);
  };
  for (int r = r0; r < r1; ++r) {
    const float down = 255.0F * share(r, top, bottom);
    std::uint8_t* row = cover_.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(width_);
    const auto put = [&](int c) {
      const auto v = static_cast<std::uint8_t>(down * share(c, left, right) + 0.5F);
      if (v > row[c]) row[c] = v;
    };
    put(c0);
    if (c1 - c0 > 2) {
      const auto whole = static_cast<std::uint8_t>(down + 0.5F);
      for (int c = c0 + 1; c < c1 - 1; ++c) row[c] = std::max(row[c], whole);
    }
    if (c1 - c0 > 1) put(c1 - 1);
  }
}

void LineMask::line(Eigen::Vector2f a, Eigen::Vector2f b, float half_width) {
  const float reach = half_width + 0.5F;
  const int c0 = static_cast<int>(std::floor(std::max(0.0F, std::min(a[0], b[0]) - reach)));
  const int r0 = static_cast<int>(std::floor(std::max(0.0F, std::min(a[1], b[1]) - reach)));
  const int c1 = static_cast<int>(std::ceil(std::min(static_cast<float>(width_), std::max(a[0], b[0]) + reach)));
  const int r1 = static_cast<int>(std::ceil(std::min(static_cast<float>(height_), std::max(a[1], b[1]) + reach)));
  if (c0 >= c1 || r0 >= r1) return;
  x0 = std::min(x0, c0);
  y0 = std::min(y0, r0);
  x1 = std::max(x1, c1);
  y1 = std::max(y1, r1);
  const Eigen::Vector2f along = b - a;
  const float length2 = std::max(along.squaredNorm(), 1e-12F);
  for (int r = r0; r < r1; ++r) {
    std::uint8_t* row = cover_.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(width_);
    for (int c = c0; c < c1; ++c) {
      const Eigen::Vector2f p(static_cast<float>(c) + 0.5F, static_cast<float>(r) + 0.5F);
      const float t = std::clamp((p - a).dot(along) / length2, 0.0F, 1.0F);
      const float cover = std::clamp(reach - (p - a - t * along).norm(), 0.0F, std::min(1.0F, 2.0F * half_width));
      const auto v = static_cast<std::uint8_t>(255.0F * cover + 0.5F);
      if (v > row[c]) row[c] = v;
    }
  }
}

void blend(const LineMask& mask, Rgb colour, double opacity, PlanePicture& picture) {
  std::array<std::uint16_t, 256> alpha{};
  for (std::size_t v = 0; v < 256; ++v)
    alpha[v] = static_cast<std::uint16_t>(std::lround(256.0 * opacity * static_cast<double>(v) / 255.0));
  for (int y = mask.y0; y < mask.y1; ++y) {
    const std::uint8_t* cover = mask.row(y);
    std::uint32_t* out = picture.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width);
    for (int x = mask.x0; x < mask.x1;) {
      if (x + 8 <= mask.x1) {  // most of the box is empty: eight at a time
        std::uint64_t eight = 0;
        std::memcpy(&eight, cover + x, 8);
        if (eight == 0) {
          x += 8;
          continue;
        }
      }
      const int stop = std::min(x + 8, mask.x1);
      for (; x < stop; ++x)
        if (cover[x] != 0) out[x] = mixed(out[x], colour, alpha[cover[x]]);
    }
  }
}

void draw_edges(const Cells& cells, const EdgeStyle& style, LineMask& line, LineMask& halo, PlanePicture& picture) {
  if (cells.empty()) return;
  line.resize(picture.width, picture.height);
  halo.resize(picture.width, picture.height);
  const auto half = static_cast<float>(0.5 * style.width);
  const auto wide = static_cast<float>(0.5 * style.width + style.halo);
  const auto is_edge = [&](const std::uint8_t* a, const std::uint8_t* b) {
    return *a != *b && (style.member[*a] || style.member[*b]);
  };
  const auto dash = static_cast<float>(style.dash);
  // A line of a pixel or less that lay between two pixels would be two faint ones: it takes the one that holds it.
  const bool crisp = style.width <= 1.0;
  // A run of edges as one rectangle, or as dashes counted from the origin of the cells, so that they move with them.
  const auto run = [&](bool vertical, float at, float from, float to, float origin) {
    if (crisp) at = std::floor(at) + 0.5F;
    const auto put = [&](LineMask& mask, float w, float a, float b) {
      if (vertical)
        mask.rectangle(at - w, a - w, at + w, b + w);
      else
        mask.rectangle(a - w, at - w, b + w, at + w);
    };
    put(halo, wide, from, to);
    if (dash <= 0.0F) {
      put(line, half, from, to);
      return;
    }
    for (float a = origin + std::floor((from - origin) / (2 * dash)) * 2 * dash; a < to; a += 2 * dash)
      if (a + dash > from) put(line, half, std::max(a, from), std::min(a + dash, to));
  };
  const auto x_of = [&](int e) { return cells.xs[static_cast<std::size_t>(e)]; };
  const auto y_of = [&](int e) { return cells.ys[static_cast<std::size_t>(e)]; };
  // Only cells that the picture can show: [first, last) of columns and of rows.
  const auto seen = [&](const std::vector<float>& edges, int n, int size) {
    const auto first = std::upper_bound(edges.begin(), edges.end(), -wide) - edges.begin() - 1;
    const auto last = std::lower_bound(edges.begin(), edges.end(), static_cast<float>(size) + wide) - edges.begin();
    return std::pair{std::max(0, static_cast<int>(first)), std::min(n, static_cast<int>(last))};
  };
  const auto [c0, c1] = seen(cells.xs, cells.columns, picture.width);
  const auto [r0, r1] = seen(cells.ys, cells.rows, picture.height);
  const std::ptrdiff_t stride = cells.columns + 2;
  const auto cell = [&](int c, int r) { return cells.values.data() + (r + 1) * stride + c + 1; };
  for (int e = c0; e <= c1; ++e)
    for (int r = r0; r < r1; ++r) {
      const std::uint8_t* at = cell(e, r);
      if (!is_edge(at - 1, at)) continue;
      const int first = r;
      for (at += stride; r + 1 < r1 && is_edge(at - 1, at); at += stride) ++r;
      run(true, x_of(e), y_of(first), y_of(r + 1), y_of(0));
    }
  for (int e = r0; e <= r1; ++e)
    for (int c = c0; c < c1; ++c) {
      const std::uint8_t* at = cell(c, e);
      if (!is_edge(at - stride, at)) continue;
      const int first = c;
      for (++at; c + 1 < c1 && is_edge(at - stride, at); ++at) ++c;
      run(false, y_of(e), x_of(first), x_of(c + 1), x_of(0));
    }
  blend(halo, Rgb{}, style.halo_opacity, picture);
  blend(line, style.colour, 1.0, picture);
  halo.clear();
  line.clear();
}

void draw_fill(const Cells& cells, const FillStyle& style, std::vector<int>& columns, PlanePicture& picture) {
  if (cells.empty()) return;
  // The cell under the middle of each pixel.
  const int x0 = static_cast<int>(std::clamp(std::ceil(cells.xs.front() - 0.5F), 0.0F, float(picture.width)));
  const int x1 = static_cast<int>(std::clamp(std::ceil(cells.xs.back() - 0.5F), 0.0F, float(picture.width)));
  const int y0 = static_cast<int>(std::clamp(std::ceil(cells.ys.front() - 0.5F), 0.0F, float(picture.height)));
  const int y1 = static_cast<int>(std::clamp(std::ceil(cells.ys.back() - 0.5F), 0.0F, float(picture.height)));
  columns.resize(static_cast<std::size_t>(picture.width));
  for (int x = x0, c = 0; x < x1; ++x) {
    while (c + 1 < cells.columns && cells.xs[static_cast<std::size_t>(c) + 1] <= static_cast<float>(x) + 0.5F) ++c;
    columns[static_cast<std::size_t>(x)] = c + 1;
  }
  std::array<std::uint32_t, 256> alpha{};
  for (std::size_t v = 0; v < 256; ++v)
    alpha[v] = static_cast<std::uint32_t>(std::lround(256.0F * std::clamp(style.opacity[v], 0.0F, 1.0F)));
  for (int y = y0, r = 0; y < y1; ++y) {
    while (r + 1 < cells.rows && cells.ys[static_cast<std::size_t>(r) + 1] <= static_cast<float>(y) + 0.5F) ++r;
    const std::uint8_t* row =
        cells.values.data() + static_cast<std::size_t>(r + 1) * static_cast<std::size_t>(cells.columns + 2);
    std::uint32_t* out = picture.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width);
    for (int x = x0; x < x1; ++x)
      if (const std::uint8_t v = row[columns[static_cast<std::size_t>(x)]]; alpha[v] != 0)
        out[x] = mixed(out[x], style.colour[v], alpha[v]);
  }
}

}  // namespace ipsi::render
