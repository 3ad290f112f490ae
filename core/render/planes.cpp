// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/planes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <Eigen/LU>

#include "core/render/planes_layer.h"

namespace ipsi::render {
namespace {

constexpr std::uint32_t kBlack = 0xFF000000U;

std::uint32_t grey_pixel(float level) {  // level 0..255 with 0.5 added: cut off
  const auto g = static_cast<std::uint32_t>(static_cast<std::int32_t>(std::min(std::max(level, 0.0F), 255.5F)));
  return kBlack | g << 16 | g << 8 | g;
}

/// One axis of a picture over one axis of a volume: for each pixel the voxel and the weight of the next one.
struct Axis {
  int first = 0, last = 0;  ///< pixels [first, last) that lie in the volume
  std::vector<int> voxel;
  std::vector<float> weight;

  /// Pixel p lies at voxel index start + p step.
  void set(double start, double step, int pixels, int size, Interpolation interpolation) {
    voxel.resize(static_cast<std::size_t>(pixels));
    weight.resize(static_cast<std::size_t>(pixels));
    first = pixels;
    last = 0;
    for (int p = 0; p < pixels; ++p) {
      const double at = start + p * step;
      if (at < -0.5 || at >= size - 0.5) continue;
      first = std::min(first, p);
      last = p + 1;
      const auto i = static_cast<std::size_t>(p);
      if (interpolation == Interpolation::nearest) {
        voxel[i] = static_cast<int>(at + 0.5);
        weight[i] = 0.0F;
        continue;
      }
      const double inside = std::clamp(at, 0.0, static_cast<double>(size - 1));
      voxel[i] = std::min(static_cast<int>(inside), std::max(0, size - 2));
      weight[i] = size > 1 ? static_cast<float>(inside - voxel[i]) : 0.0F;
    }
    if (last <= first) first = last = 0;
  }
  [[nodiscard]] bool empty() const { return last <= first; }
};

}  // namespace

struct PlaneRenderer::Work {
  PlanePicture picture;
  Axis x, y;
  std::vector<float> rows;  ///< voxel rows of the slice, as wide as the picture, in grey levels
  std::vector<int> row_of;  ///< where a voxel row lies in `rows`, -1 until made
  Cells regions, lesion;
  LineMask line, halo;
  std::vector<int> columns;
  std::vector<std::array<Eigen::Vector3f, 2>> cuts;

  template <class T>
  void draw_aligned(const image::Grid& grid, const std::vector<T>& values, const PlaneView& view, GreyWindow window);
  template <class T>
  void draw_oblique(const image::Grid& grid, const std::vector<T>& values, const PlaneView& view, GreyWindow window);
  void draw_overlays(const Scan& scan, const PlaneView& view);
  void draw_cortex(const Cortex& cortex, const PlaneView& view);
};

namespace {

struct Gain {
  float gain = 1.0F, offset = 0.0F;
  explicit Gain(GreyWindow window) {
    const double width = std::max(window.high - window.low, 1e-12);
    gain = static_cast<float>(255.0 / width);
    offset = static_cast<float>(-window.low * 255.0 / width + 0.5);
  }
  template <class T>
  [[nodiscard]] float operator()(T value) const {
    const float level = static_cast<float>(value) * gain + offset;
    if constexpr (std::is_floating_point_v<T>) return level == level ? level : 0.0F;  // NaN is black
    return level;
  }
};

/// The work is linear in the voxels, so that window and interpolation can change places: levels are made once per voxel
/// row, and a pixel costs one weighted mean and one clamp.
void mix_rows(const float* a, const float* b, float weight, int n, std::uint32_t* out) {
  for (int x = 0; x < n; ++x) out[x] = grey_pixel(a[x] + weight * (b[x] - a[x]));
}

}  // namespace

template <class T>
void PlaneRenderer::Work::draw_aligned(const image::Grid& grid, const std::vector<T>& values, const PlaneView& view,
                                       GreyWindow window) {
  const PlaneAxes axes = axes_of(view.plane, view.look.convention);
  const auto size = [&](int a) { return grid.size[static_cast<std::size_t>(a)]; };
  const std::array<std::ptrdiff_t, 3> stride{1, grid.size[0], std::ptrdiff_t(grid.size[0]) * grid.size[1]};
  const double slice = std::floor(
      (view.centre_mm[axes.across] - grid.affine(axes.across, 3)) / grid.affine(axes.across, axes.across) + 0.5);
  std::uint32_t* out = picture.pixels.data();
  const auto width = static_cast<std::size_t>(view.width);
  const bool inside = slice >= 0 && slice < size(axes.across);
  const auto along = [&](Axis& axis, int a, double sign, int pixels) {
    const double mm = grid.affine(a, a), step = sign * view.mm_per_pixel;
    axis.set((view.centre_mm[a] + step * (0.5 - 0.5 * pixels) - grid.affine(a, 3)) / mm, step / mm, pixels, size(a),
             view.look.interpolation);
  };
  along(x, axes.right, axes.right_sign, view.width);
  along(y, axes.down, axes.down_sign, view.height);
  if (!inside || x.empty() || y.empty()) {
    std::fill(picture.pixels.begin(), picture.pixels.end(), kBlack);
    return;
  }
  const T* plane = values.data() + static_cast<std::ptrdiff_t>(slice) * stride[static_cast<std::size_t>(axes.across)];
  const std::ptrdiff_t sx = stride[static_cast<std::size_t>(axes.right)],
                       sy = stride[static_cast<std::size_t>(axes.down)];
  const auto n = static_cast<std::size_t>(x.last - x.first);
  const Gain gain(window);
  const bool linear = view.look.interpolation == Interpolation::linear;
  const int next_x = size(axes.right) > 1 ? 1 : 0, next_y = size(axes.down) > 1 ? 1 : 0;
  row_of.assign(static_cast<std::size_t>(size(axes.down)), -1);
  // Both ends of the voxel rows that are needed; picture and volume may run against each other.
  const int v0 = y.voxel[static_cast<std::size_t>(y.first)], v1 = y.voxel[static_cast<std::size_t>(y.last - 1)];
  const int low = std::min(v0, v1), high = std::max(v0, v1) + next_y;
  rows.resize(static_cast<std::size_t>(high - low + 1) * n);
  const auto row = [&](int voxel) -> const float* {
    float* to = rows.data() + static_cast<std::size_t>(voxel - low) * n;
    if (row_of[static_cast<std::size_t>(voxel)] >= 0) return to;
    row_of[static_cast<std::size_t>(voxel)] = 1;
    const T* from = plane + voxel * sy;
    const int* cell = x.voxel.data() + x.first;
    const float* weight = x.weight.data() + x.first;
    for (std::size_t p = 0; p < n; ++p) {
      const T* at = from + cell[p] * sx;
      const float a = gain(at[0]);
      to[p] = linear ? a + weight[p] * (gain(at[next_x * sx]) - a) : a;
    }
    return to;
  };
  int drawn = -1;  // the line above, when it can be copied
  for (int py = 0; py < view.height; ++py, out += width) {
    if (py < y.first || py >= y.last) {
      std::fill(out, out + width, kBlack);
      continue;
    }
    const int voxel = y.voxel[static_cast<std::size_t>(py)];
    if (!linear && drawn == voxel) {
      std::memcpy(out, out - width, 4 * width);
      continue;
    }
    drawn = voxel;
    std::fill(out, out + x.first, kBlack);
    std::fill(out + x.last, out + width, kBlack);
    const float* a = row(voxel);
    const float* b = linear ? row(voxel + next_y) : a;
    mix_rows(a, b, y.weight[static_cast<std::size_t>(py)], x.last - x.first, out + x.first);
  }
}

template <class T>
void PlaneRenderer::Work::draw_oblique(const image::Grid& grid, const std::vector<T>& values, const PlaneView& view,
                                       GreyWindow window) {
  const Walk walk = walk_of(grid, view);
  const Gain gain(window);
  const std::array<int, 3>& size = grid.size;
  const std::size_t sy = static_cast<std::size_t>(size[0]), sz = sy * static_cast<std::size_t>(size[1]);
  const Eigen::Vector3d limit(size[0] - 0.5, size[1] - 0.5, size[2] - 0.5);
  const bool linear = view.look.interpolation == Interpolation::linear;
  std::uint32_t* out = picture.pixels.data();
  const auto tap = [&](double at, int axis, std::size_t step, std::size_t& low, std::size_t& high, float& weight) {
    const int n = size[static_cast<std::size_t>(axis)];
    const double inside = std::clamp(at, 0.0, static_cast<double>(n - 1));
    const int cell = std::min(static_cast<int>(inside), std::max(0, n - 2));
    weight = n > 1 ? static_cast<float>(inside - cell) : 0.0F;
    low = static_cast<std::size_t>(cell) * step;
    high = n > 1 ? low + step : low;
  };
  for (int py = 0; py < view.height; ++py) {
    const Eigen::Vector3d start = walk.start + py * walk.down;
    for (int px = 0; px < view.width; ++px, ++out) {
      const Eigen::Vector3d at = start + px * walk.right;
      if ((at.array() < -0.5).any() || (at.array() >= limit.array()).any()) {
        *out = kBlack;
        continue;
      }
      if (!linear) {
        *out = grey_pixel(gain(values[grid.index(static_cast<int>(at[0] + 0.5), static_cast<int>(at[1] + 0.5),
                                                 static_cast<int>(at[2] + 0.5))]));
        continue;
      }
      std::size_t x0, x1, y0, y1, z0, z1;
      float wx, wy, wz;
      tap(at[0], 0, 1, x0, x1, wx);
      tap(at[1], 1, sy, y0, y1, wy);
      tap(at[2], 2, sz, z0, z1, wz);
      const auto along_x = [&](std::size_t base) {
        const float a = gain(values[base + x0]);
        return a + wx * (gain(values[base + x1]) - a);
      };
      const auto along_y = [&](std::size_t base) {
        const float a = along_x(base + y0);
        return a + wy * (along_x(base + y1) - a);
      };
      const float a = along_y(z0);
      *out = grey_pixel(a + wz * (along_y(z1) - a));
    }
  }
}

void PlaneRenderer::Work::draw_overlays(const Scan& scan, const PlaneView& view) {
  const PlaneLook& look = view.look;
  const double px = view.pixel_ratio;
  const auto opacity = static_cast<float>(look.opacity);
  if (look.lesion) cut_cells(scan.lesion, view, lesion);
  const bool lesion_seen = look.lesion && !lesion.empty();
  if (lesion_seen) {
    FillStyle fill;
    fill.colour[1] = kLesionColour;
    fill.opacity[1] = opacity;
    draw_fill(lesion, fill, columns, picture);
  }
  const bool regions_seen = look.overlay != Overlay::off && !scan.regions.empty();
  if (regions_seen) cut_cells(scan.regions, view, regions);
  const int current = view.region, pair = current < 0 ? -1 : current ^ 1;
  if (regions_seen && look.overlay == Overlay::fill) {
    FillStyle fill;
    for (int r = 0; r < static_cast<int>(kRegions.size()); ++r) {
      const auto v = static_cast<std::size_t>(r) + 1;
      fill.colour[v] = kOutlineCurrent;
      if (r == current || current < 0) fill.opacity[v] = opacity;
      if (current >= 0 && r == pair) fill.opacity[v] = 0.6F * opacity;
    }
    draw_fill(regions, fill, columns, picture);
  }
  if (lesion_seen) {
    EdgeStyle edge;
    edge.member[1] = true;
    edge.width = px;
    edge.halo = 0.8 * px;
    edge.halo_opacity = 0.47;
    edge.dash = 3.0 * px;
    edge.colour = kLesionColour;
    draw_edges(lesion, edge, line, halo, picture);
  }
  if (!regions_seen || regions.empty()) return;
  const auto outline = [&](double width, double halo_opacity, Rgb colour, const auto& member) {
    EdgeStyle edge;
    for (int r = 0; r < static_cast<int>(kRegions.size()); ++r)
      edge.member[static_cast<std::size_t>(r) + 1] = member(r);
    edge.width = width * px;
    edge.halo = 0.8 * px;
    edge.halo_opacity = halo_opacity;
    edge.colour = colour;
    draw_edges(regions, edge, line, halo, picture);
  };
  const bool lines = look.overlay == Overlay::outline;
  if (current < 0) {
    if (lines) outline(1.0, 0.67, kOutlineCurrent, [](int) { return true; });
    return;
  }
  // A grey fill over grey matter would not be seen: the other regions are outlined beside a fill, too.
  if (view.others) outline(0.7, 0.47, kOutlineOther, [&](int r) { return r != current && r != pair; });
  if (!lines) return;
  outline(1.0, 0.67, kOutlineCurrent, [&](int r) { return r == pair; });
  outline(1.8, 0.67, kOutlineCurrent, [&](int r) { return r == current; });
}

void PlaneRenderer::Work::draw_cortex(const Cortex& cortex, const PlaneView& view) {
  const PlaneAxes axes = axes_of(view.plane, view.look.convention);
  line.resize(view.width, view.height);
  const auto draw = [&](const std::vector<std::shared_ptr<const SurfaceCuts>>& surfaces, Rgb colour) {
    cuts.clear();
    for (const auto& surface : surfaces) surface->cut(axes.across, view.centre_mm[axes.across], cuts);
    for (const auto& cut : cuts)
      line.line(pixel_of(view, cut[0].cast<double>()).cast<float>(),
                pixel_of(view, cut[1].cast<double>()).cast<float>(), static_cast<float>(0.5 * view.pixel_ratio));
    blend(line, colour, 0.9, picture);
    line.clear();
  };
  draw(cortex.pial, kPialSurface);
  draw(cortex.white, kWhiteSurface);
}

PlaneRenderer::PlaneRenderer() : work_(std::make_unique<Work>()) {}
PlaneRenderer::~PlaneRenderer() = default;
PlaneRenderer::PlaneRenderer(PlaneRenderer&&) noexcept = default;
PlaneRenderer& PlaneRenderer::operator=(PlaneRenderer&&) noexcept = default;

const PlanePicture& PlaneRenderer::draw(const Scan& scan, const PlaneView& view, const Cortex* cortex) {
  PlanePicture& picture = work_->picture;
  picture.width = std::max(0, view.width);
  picture.height = std::max(0, view.height);
  picture.pixels.resize(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height));
  if (picture.pixels.empty()) return picture;
  if (!scan.grey || !(view.mm_per_pixel > 0.0)) {
    std::fill(picture.pixels.begin(), picture.pixels.end(), kBlack);
    return picture;
  }
  const GreyWindow window = view.look.window.value_or(scan.window);
  std::visit(
      [&](const auto& values) {
        if (axis_aligned(scan.grey->grid))
          work_->draw_aligned(scan.grey->grid, values, view, window);
        else
          work_->draw_oblique(scan.grey->grid, values, view, window);
      },
      scan.grey->values);
  if (cortex != nullptr && view.look.surfaces) work_->draw_cortex(*cortex, view);
  work_->draw_overlays(scan, view);
  return picture;
}

PlaneAxes axes_of(Plane plane, Convention convention) {
  const double across_face = convention == Convention::radiological ? -1.0 : 1.0;
  switch (plane) {
    case Plane::axial: return {2, 0, 1, across_face, -1.0};
    case Plane::coronal: return {1, 0, 2, across_face, -1.0};
    case Plane::sagittal: break;
  }
  return {0, 1, 2, -1.0, -1.0};
}

Eigen::Vector3d world_at(const PlaneView& view, const Eigen::Vector2d& pixel) {
  const PlaneAxes axes = axes_of(view.plane, view.look.convention);
  Eigen::Vector3d out = view.centre_mm;
  out[axes.right] += axes.right_sign * (pixel[0] - 0.5 * view.width) * view.mm_per_pixel;
  out[axes.down] += axes.down_sign * (pixel[1] - 0.5 * view.height) * view.mm_per_pixel;
  return out;
}

Eigen::Vector2d pixel_of(const PlaneView& view, const Eigen::Vector3d& world_mm) {
  const PlaneAxes axes = axes_of(view.plane, view.look.convention);
  const Eigen::Vector3d off = (world_mm - view.centre_mm) / view.mm_per_pixel;
  return {0.5 * view.width + axes.right_sign * off[axes.right], 0.5 * view.height + axes.down_sign * off[axes.down]};
}

Letters letters_of(Plane plane, Convention convention) {
  constexpr std::array<std::array<char, 2>, 3> kNames{{{'L', 'R'}, {'P', 'A'}, {'I', 'S'}}};
  const PlaneAxes axes = axes_of(plane, convention);
  const auto name = [&](int axis, double sign) { return kNames[static_cast<std::size_t>(axis)][sign > 0.0 ? 1 : 0]; };
  return {name(axes.right, -axes.right_sign), name(axes.right, axes.right_sign), name(axes.down, -axes.down_sign),
          name(axes.down, axes.down_sign)};
}

double slice_step_mm(const Scan& scan, int axis) {
  const image::Grid& grid = scan.grey->grid;
  return axis_aligned(grid) ? grid.affine(axis, axis) : grid.spacing().minCoeff();
}

double snap_to_slice(const Scan& scan, int axis, double at_mm) {
  const image::Grid& grid = scan.grey->grid;
  if (!axis_aligned(grid)) return at_mm;
  const double step = grid.affine(axis, axis), origin = grid.affine(axis, 3);
  return origin + step * std::floor((at_mm - origin) / step + 0.5);
}

std::pair<double, double> slice_range(const Scan& scan, int axis) {
  const image::Grid& grid = scan.grey->grid;
  double low = 1e30, high = -1e30;
  for (int c = 0; c < 8; ++c) {
    Eigen::Vector3d voxel;
    for (int a = 0; a < 3; ++a) voxel[a] = (c >> a & 1) != 0 ? grid.size[static_cast<std::size_t>(a)] - 1 : 0;
    const double at = grid.to_world(voxel)[axis];
    low = std::min(low, at);
    high = std::max(high, at);
  }
  return {low, high};
}

}  // namespace ipsi::render
