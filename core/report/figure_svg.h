// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/report/canvas.h"
#include "core/spec/figure.h"

namespace ipsi::report {

struct FigureOptions {
  Format format = Format::svg;
  double width_mm = 114.0;
  double height_mm = 0.0;  ///< 0: from the number of categories, else two thirds of the width
  double dpi = 300.0;
  bool transparent = false;
};

/// A figure in the house style for print: axes 0.5 pt with ticks outside, no grid, no box, no title inside; 7 and 8 pt
/// Liberation Sans; Okabe-Ito colours; filled marks are significant, open ones are not; the first category is at the
/// top of a vertical category axis. Points with a missing coordinate are left out and break lines.
/// @error InvalidInput  a size below 30 mm, columns of a series of different lengths, a logarithmic axis with values
///                      that are not positive
/// @error Environment
[[nodiscard]] Result<std::string> draw_figure(const spec::Figure& figure, const FigureOptions& options);

/// The same as an SVG document.
[[nodiscard]] Result<std::string> to_svg(const spec::Figure& figure, double width_mm = 114.0, double height_mm = 0.0);

/// Round positions for ticks within [low, high]: steps of 1, 2 or 5 x 10^k, about `count` of them, at least two;
/// logarithmic: powers of ten, with 2 and 5 between where there are few.
[[nodiscard]] std::vector<double> ticks(double low, double high, int count, bool logarithmic);

}  // namespace ipsi::report
