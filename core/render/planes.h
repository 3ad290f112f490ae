// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/render/scan.h"
#include "core/render/slice.h"

namespace ipsi::render {

/// Radiological: the left of the picture is the person's right (axial, coronal). Sagittal: front to the left in both.
enum class Convention { radiological, neurological };
enum class Interpolation { nearest, linear };
enum class Overlay { outline, fill, off };

/// What stays when the picture moves on to another slice or person.
struct PlaneLook {
  Convention convention = Convention::radiological;
  Interpolation interpolation = Interpolation::linear;
  Overlay overlay = Overlay::outline;
  double opacity = 0.35;  ///< of fills, 0..1
  bool lesion = true;
  bool surfaces = false;             ///< white and pial outlines, where there are any
  std::optional<GreyWindow> window;  ///< the scan's own where not set
  friend bool operator==(const PlaneLook&, const PlaneLook&) = default;
};

/// One plane of a scan as pixels. Pixel (x, y) covers [x, x + 1] x [y, y + 1], y downwards; all pixels are the
/// device's.
struct PlaneView {
  Plane plane = Plane::axial;
  Eigen::Vector3d centre_mm{0, 0, 0};  ///< in the middle of the picture; across the plane it chooses the slice
  double mm_per_pixel = 1.0;
  int width = 0, height = 0;
  double pixel_ratio = 1.0;  ///< device pixels a logical one: line widths
  int region = -1;           ///< the current one, index in kRegions; -1: all alike
  bool others = true;        ///< the regions beside the current one and its pair
  PlaneLook look;
  friend bool operator==(const PlaneView&, const PlaneView&) = default;
};

/// Directions of a picture in the world.
struct PlaneAxes {
  int across = 2, right = 0, down = 1;         ///< world axes 0 R, 1 A, 2 S
  double right_sign = -1.0, down_sign = -1.0;  ///< world mm a picture mm to the right, downwards
};
[[nodiscard]] PlaneAxes axes_of(Plane plane, Convention convention);

/// The world point of a place in the picture, and back (the part across the plane is lost).
[[nodiscard]] Eigen::Vector3d world_at(const PlaneView& view, const Eigen::Vector2d& pixel);
[[nodiscard]] Eigen::Vector2d pixel_of(const PlaneView& view, const Eigen::Vector3d& world_mm);

/// 'R', 'L', 'A', 'P', 'S', 'I': what lies at each edge.
struct Letters {
  char left = 'R', right = 'L', top = 'A', bottom = 'P';
};
[[nodiscard]] Letters letters_of(Plane plane, Convention convention);

/// World coordinate of the slice of voxels that is nearest to `at_mm` along `axis`, and the step from slice to slice.
[[nodiscard]] double snap_to_slice(const Scan& scan, int axis, double at_mm);
[[nodiscard]] double slice_step_mm(const Scan& scan, int axis);
/// First and last slice along `axis` that lie in the field of view.
[[nodiscard]] std::pair<double, double> slice_range(const Scan& scan, int axis);

/// Opaque pixels, rows from the top, 0xFFRRGGBB each (QImage::Format_RGB32, without a copy).
struct PlanePicture {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;
  [[nodiscard]] std::uint32_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// Colours of overlays (design README, "Outlines").
inline constexpr Rgb kOutlineCurrent{0x4D, 0xE3, 0xFF}, kOutlineOther{0xC9, 0xD3, 0xDC},
    kLesionColour{0xFF, 0xB0, 0x00}, kWhiteSurface{0xF0, 0xE4, 0x42}, kPialSurface{0xE0, 0x70, 0x70};

/// Makes pictures of planes; its buffers are kept from one to the next. One for each plane on screen and thread.
class PlaneRenderer {
 public:
  PlaneRenderer();
  ~PlaneRenderer();
  PlaneRenderer(PlaneRenderer&&) noexcept;
  PlaneRenderer& operator=(PlaneRenderer&&) noexcept;

  /// Black where there is no scan. The picture is valid until the next call. Slices are those of the files: nothing is
  /// interpolated across the plane unless the grid is oblique to it.
  const PlanePicture& draw(const Scan& scan, const PlaneView& view, const Cortex* cortex = nullptr);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace ipsi::render
