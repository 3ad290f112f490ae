// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/render/colormap.h"
#include "core/report/canvas.h"
#include "core/report/map_values.h"

namespace ipsi::report {

/// Looks and lines of brain maps in the house style for figures (design README, "Figures for export").
inline constexpr double kLabelPt = 7.0, kTitlePt = 8.0, kLetterPt = 9.0;
inline constexpr double kThinPt = 0.35, kThickPt = 0.75, kAxisPt = 0.5;

/// Edge, hatch or dashes of a region whose fill is drawn already.
/// `weight` scales the width of strong edges, for small pictures.
void draw_edge(Canvas& canvas, const Path& outline, render::Look look, double weight = 1.0);
/// Fill and edge.
void draw_region(Canvas& canvas, const Path& outline, const render::Paint& paint, double weight = 1.0);

/// What the key explains.
struct MapKey {
  render::Scale scale;
  std::string quantity;
  bool beyond_low = false, beyond_high = false;  ///< values lie outside the limits: an arrow at that end
  std::vector<render::Look> looks;               ///< that occur, in the order to list them
  double significant_p = 0.05 / 12;
};

inline constexpr double kBarWidth = 40.0, kBarHeight = 3.0;  ///< mm

/// Room for the key: bar over list (tall), or list right of the bar (wide).
[[nodiscard]] double tall_key_height(const MapKey& key);
[[nodiscard]] double wide_key_height(const MapKey& key, double width);
void draw_tall_key(Canvas& canvas, const MapKey& key, double x, double y, double width);
void draw_wide_key(Canvas& canvas, const MapKey& key, double x, double y, double width);

/// A number of a scale with a true minus sign: "−0.8".
[[nodiscard]] std::string tick_label(double value, double step);

}  // namespace ipsi::report
