// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/task.h"
#include "core/brain/atlas.h"
#include "core/render/colormap.h"
#include "core/render/scene.h"
#include "core/render/slice.h"
#include "core/report/canvas.h"
#include "core/report/map_values.h"

namespace ipsi::report {

struct BrainMapOptions {
  enum class View { subcortical, slices, both };
  Format format = Format::png;
  View view = View::both;
  double width_mm = 174.0;  ///< 85, 114 and 174 are the journals'; at least 60. The height follows
  double dpi = 300.0;
  bool transparent = false;
  render::Camera camera = render::cameras().front();
  std::optional<bool> brain{};    ///< the translucent brain; default: with view both, not with subcortical
  std::optional<double> limit{};  ///< of the symmetric scale; default: the smallest even number that holds all
  const render::Colormap* colours = &render::diverging();
  std::string quantity{};  ///< over the colour bar; default: "β" for a column beta, else its name
  /// Where the slices lie, template z and y. Default: 4 and 8 in Colin27, else where most regions show.
  std::optional<double> axial_mm{}, coronal_mm{};
  std::optional<render::Clip> clip{};  ///< cuts the 3D forms open
  std::string alt{};                   ///< the figure in words; default: made from the data
};

struct BrainMap {
  std::string bytes;  ///< the file
  double height_mm = 0.0;
  std::string alt;  ///< the figure in words, from the data
  Json recipe;      ///< what it takes to draw it again: data, colours, limits, camera, versions
};

/// The figure of the house: a panel for each analysis with the regions in 3D and in two slices of the template,
/// coloured on one scale symmetric around 0, and a key. Ipsilesional values are drawn on the template's left
/// hemisphere, which stands on the right of the picture, as is said beside it.
/// @error InvalidInput  no panel, a size too small, a slice outside the template, a limit that is not positive
/// @error Environment   no OpenGL (views with 3D only)
/// @error Cancelled
/// @cost  about 1 s at 174 mm and 300 dpi on software OpenGL
[[nodiscard]] Result<BrainMap> draw_brain_map(const MapValues& values, const brain::Template& head,
                                              const BrainMapOptions& options, const Task& task);

[[nodiscard]] std::string to_string(BrainMapOptions::View view);  ///< "both"
/// Where a slice lies: as asked, else chosen for the template.
[[nodiscard]] double slice_mm(const brain::Template& head, render::Plane plane, std::optional<double> asked);

/// The limit of the shared scale for these values.
[[nodiscard]] double limit_of(const MapValues& values, const BrainMapOptions& options);
/// Looks and colours of a panel's regions; a region without a value has the colour of 0.
[[nodiscard]] render::Paints paints_of(const MapPanel& panel, const render::Scale& scale);
/// "contra", "ipsi", or "R", "L": the words for a half of the template.
[[nodiscard]] std::string side_word(MapSides sides, Side half);

/// The values as a volume on the atlas grid: 0 outside the regions, NaN in regions without a value.
[[nodiscard]] image::Volume to_volume(const MapPanel& panel, const brain::Template& head);

}  // namespace ipsi::report
