// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/thumbnail.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "core/render/planes_layer.h"

namespace ipsi::render {
namespace {

constexpr double kMarginMm = 12.0;
constexpr double kStepMm = 10.0;     // fields are multiples of this, so that most people are shown at one scale
constexpr double kLoneFieldMm = 60;  // of a region whose size nobody tells
constexpr double kFinestMm = 0.7, kCoarsestMm = 1.0;
constexpr int kLargestSide = 128;

/// Mirrors a point at the plane between left and right, which the pairs with both labels tell.
std::optional<Eigen::Vector3d> mirrored(const Scan& scan, std::size_t region) {
  const RegionPlace& opposite = scan.places[region ^ 1U];
  if (opposite.voxels == 0) return std::nullopt;
  Eigen::Vector3d across(0, 0, 0), middle(0, 0, 0);
  int pairs = 0;
  for (std::size_t r = 0; r < kRegions.size(); r += 2) {
    const RegionPlace &left = scan.places[r], &right = scan.places[r + 1];
    if (left.voxels == 0 || right.voxels == 0) continue;
    across += (right.centre_mm - left.centre_mm).normalized();
    middle += 0.5 * (right.centre_mm + left.centre_mm);
    ++pairs;
  }
  if (pairs < 2 || across.norm() < 0.5 * pairs) return std::nullopt;
  middle /= pairs;
  across.normalize();
  return opposite.centre_mm - 2.0 * across.dot(opposite.centre_mm - middle) * across;
}

struct Place {
  Eigen::Vector3d centre_mm{0, 0, 0};
  double field_mm = kLoneFieldMm;
  Anchor anchor = Anchor::head;
};

double field_of(const RegionPlace& place) {
  const Eigen::Vector3d box = place.high_mm - place.low_mm;
  return std::ceil((std::max(box.x(), box.y()) + 2.0 * kMarginMm) / kStepMm - 1e-9) * kStepMm;
}

Place place_of(const Scan& scan, const ExpectedPlaces& expected, std::size_t region) {
  const RegionPlace &own = scan.places[region], &opposite = scan.places[region ^ 1U];
  Place out;
  if (own.voxels > 0) {
    out.centre_mm = 0.5 * (own.low_mm + own.high_mm);
    out.centre_mm.z() = own.centre_mm.z();
    out.field_mm = field_of(own);
    out.anchor = Anchor::label;
    return out;
  }
  if (opposite.voxels > 0) out.field_mm = field_of(opposite);
  if (const auto mirror = mirrored(scan, region)) {
    out.centre_mm = *mirror;
    out.anchor = Anchor::mirrored;
  } else if (expected[region]) {
    out.centre_mm = *expected[region];
    out.anchor = Anchor::atlas;
  } else {
    out.centre_mm = scan.middle_mm();
  }
  return out;
}

/// Pixels on the voxels of the grid where it lies along the axes, so that nothing is resampled.
Thumbnail frame_of(const Scan& scan, const Place& place) {
  const image::Grid& grid = scan.grey->grid;
  Thumbnail out;
  out.anchor = place.anchor;
  const double voxel = std::min(grid.affine.col(0).norm(), grid.affine.col(1).norm());
  out.mm_per_pixel = std::clamp(voxel, kFinestMm, kCoarsestMm);
  out.side = static_cast<int>(std::lround(place.field_mm / out.mm_per_pixel));
  if (out.side > kLargestSide) {
    out.side = kLargestSide;
    out.mm_per_pixel = place.field_mm / kLargestSide;
  }
  out.corner_mm = place.centre_mm;
  out.corner_mm.z() = snap_to_slice(scan, 2, place.centre_mm.z());
  for (int a = 0; a < 2; ++a) {
    const double first = place.centre_mm[a] - 0.5 * (out.side - 1) * out.mm_per_pixel, origin = grid.affine(a, 3);
    out.corner_mm[a] = origin + std::round((first - origin) / out.mm_per_pixel) * out.mm_per_pixel;
  }
  return out;
}

PlaneView view_of(const Thumbnail& thumbnail, int width, int height, double mm_per_pixel) {
  PlaneView view;
  view.plane = Plane::axial;
  view.centre_mm = thumbnail.centre_mm();
  view.mm_per_pixel = mm_per_pixel;
  view.width = width;
  view.height = height;
  return view;
}

/// Marks `bit` where `wanted` holds for the value of the voxel at a pixel.
template <class Wanted>
void mark(const Layer<std::uint8_t>& layer, Thumbnail& out, std::uint8_t bit, const Wanted& wanted) {
  if (layer.empty()) return;
  const Eigen::Vector3d start = layer.grid.to_voxel(out.corner_mm);
  const Eigen::Vector3d right = layer.grid.to_voxel(out.corner_mm + Eigen::Vector3d(out.mm_per_pixel, 0, 0)) - start;
  const Eigen::Vector3d front = layer.grid.to_voxel(out.corner_mm + Eigen::Vector3d(0, out.mm_per_pixel, 0)) - start;
  std::size_t at = 0;
  for (int y = 0; y < out.side; ++y)
    for (int x = 0; x < out.side; ++x, ++at) {
      const Eigen::Vector3d v = start + x * right + y * front;
      const int i = static_cast<int>(std::floor(v[0] + 0.5)), j = static_cast<int>(std::floor(v[1] + 0.5)),
                k = static_cast<int>(std::floor(v[2] + 0.5));
      if (layer.grid.inside(i, j, k) && wanted(layer.values[layer.grid.index(i, j, k)])) out.marks[at] |= bit;
    }
}

/// The picture's rows go down from the front and its columns from the person's right; pixels here go the other way.
void take_grey(const PlanePicture& picture, Thumbnail& out) {
  const auto n = static_cast<std::size_t>(out.side);
  for (std::size_t y = 0; y < n; ++y)
    for (std::size_t x = 0; x < n; ++x)
      out.grey[y * n + x] = static_cast<std::uint8_t>(picture.pixels[(n - 1 - y) * n + (n - 1 - x)] & 0xFFU);
}

image::Grid grid_of(const Thumbnail& t) {
  image::Grid grid;
  grid.size = {t.side, t.side, 1};
  grid.affine(0, 0) = grid.affine(1, 1) = grid.affine(2, 2) = t.mm_per_pixel;
  grid.affine.topRightCorner<3, 1>() = t.corner_mm;
  return grid;
}

template <class Value>
void take_layer(const Thumbnail& t, Layer<std::uint8_t>& layer, const Value& value) {
  if (std::all_of(t.marks.begin(), t.marks.end(), [&](std::uint8_t m) { return value(m) == 0; })) return;
  layer.grid = grid_of(t);
  layer.values.reserve(t.marks.size());
  for (const std::uint8_t m : t.marks) layer.values.push_back(value(m));
}

}  // namespace

Eigen::Vector3d Thumbnail::centre_mm() const {
  const double half = 0.5 * (side - 1) * mm_per_pixel;
  return corner_mm + Eigen::Vector3d(half, half, 0.0);
}

std::size_t Thumbnails::bytes() const {
  std::size_t sum = sizeof(Thumbnails) + problem.capacity();
  for (const Thumbnail& t : of) sum += t.grey.capacity() + t.marks.capacity();
  return sum;
}

Thumbnails make_thumbnails(const Scan& scan, const ExpectedPlaces& expected) {
  Thumbnails out;
  if (!scan.grey) return out;
  PlaneRenderer renderer;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    Thumbnail t = frame_of(scan, place_of(scan, expected, r));
    const auto pixels = static_cast<std::size_t>(t.side) * static_cast<std::size_t>(t.side);
    t.grey.resize(pixels);
    t.marks.assign(pixels, 0);
    PlaneView view = view_of(t, t.side, t.side, t.mm_per_pixel);
    view.look.overlay = Overlay::off;
    view.look.lesion = false;
    take_grey(renderer.draw(scan, view), t);
    const auto own = static_cast<std::uint8_t>(r + 1), pair = static_cast<std::uint8_t>((r ^ 1U) + 1);
    mark(scan.regions, t, Thumbnail::kRegion, [own](std::uint8_t v) { return v == own; });
    mark(scan.regions, t, Thumbnail::kPair, [pair](std::uint8_t v) { return v == pair; });
    mark(scan.lesion, t, Thumbnail::kLesion, [](std::uint8_t v) { return v != 0; });
    out.of[r] = std::move(t);
  }
  for (const Error& error : scan.problems)
    out.problem += fmt::format("{}{}", out.problem.empty() ? "" : "; ", to_line(error));
  return out;
}

const PlanePicture& ThumbnailPainter::draw(const Thumbnail& t, int region, const PlaneLook& look, int width, int height,
                                           double pixel_ratio) {
  Scan scan;
  if (!t.empty()) {
    auto grey = std::make_shared<image::CompactVolume>();
    grey->stored = grey->grid = grid_of(t);
    grey->values = t.grey;
    grey->high = 255.0;
    scan.grey = std::move(grey);
    scan.window = {0.0, 255.0};
    const auto own = static_cast<std::uint8_t>(region + 1), pair = static_cast<std::uint8_t>((region ^ 1) + 1);
    take_layer(t, scan.regions, [&](std::uint8_t m) {
      return (m & Thumbnail::kRegion) != 0 ? own : (m & Thumbnail::kPair) != 0 ? pair : std::uint8_t{0};
    });
    take_layer(t, scan.lesion, [](std::uint8_t m) -> std::uint8_t { return (m & Thumbnail::kLesion) != 0 ? 1 : 0; });
  }
  const double field = t.empty() ? 1.0 : t.side * t.mm_per_pixel;
  PlaneView view = view_of(t, width, height, field / std::max(1, std::min(width, height)));
  view.pixel_ratio = pixel_ratio;
  view.region = region;
  view.look = look;
  view.look.window.reset();
  view.look.surfaces = false;
  if (t.empty()) {
    auto nothing = std::make_shared<image::CompactVolume>();
    nothing->grid.size = nothing->stored.size = {1, 1, 1};
    nothing->values = std::vector<std::uint8_t>{0};
    scan.grey = std::move(nothing);
  }
  return renderer_.draw(scan, view);
}

}  // namespace ipsi::render
