// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/brain/atlas.h"
#include "core/render/compose.h"
#include "core/render/contour.h"

namespace ipsi::render {

enum class Plane { axial, coronal, sagittal };
[[nodiscard]] std::string to_string(Plane plane);  ///< "axial"

/// A rectangle of a slice, in mm of the picture: x to the right, y downwards, origin at the world origin.
/// Radiological: the right of the picture is the person's left (axial, coronal); sagittal: front to the left.
struct Field {
  double left = 0, top = 0, width = 0, height = 0;
};

/// One slice: the grey head as pixels, the regions as lines, so that outlines are crisp at any size.
struct SliceView {
  Plane plane = Plane::axial;
  double at_mm = 0.0;  ///< world coordinate of the voxel layer that was cut (z, y or x)
  Field field;
  Picture head;                                            ///< fills the field; clear outside the brain
  std::array<std::vector<Loop>, kRegions.size()> regions;  ///< mm from the top left of the field; fill even-odd
};

struct SliceOptions {
  enum class Edges { voxel, smooth };
  double pixels_per_mm = 4.0;  ///< of `head`
  Edges edges = Edges::smooth;
};

/// The field that holds the brain (the regions where there is no head) in a plane, with `margin_mm` around.
[[nodiscard]] Field field_of(const brain::Template& head, Plane plane, double margin_mm = 2.0);

/// World mm of the voxel layer that shows the regions best: as many of the twelve as can be, then the layer where the
/// smallest of them is largest.
[[nodiscard]] double best_layer(const brain::Template& head, Plane plane);

/// Cut the template where the world coordinate across the plane is nearest to `at_mm`.
/// @error InvalidInput  the plane lies outside the template (says from where to where it goes)
[[nodiscard]] Result<SliceView> cut(const brain::Template& head, Plane plane, double at_mm, const Field& field,
                                    const SliceOptions& options = {});

}  // namespace ipsi::render
