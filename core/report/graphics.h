// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/report/html.h"
#include "core/spec/result.h"

namespace ipsi::report {

struct GraphicsOptions {
  enum class Maps { none, each };  ///< a brain map for each analysis takes about a second
  Maps maps = Maps::each;
  double figure_mm = 174.0;  ///< width of a figure
  double width_mm = 174.0;   ///< width of a map
  double dpi = 200.0;        ///< of the maps
};

struct Drawn {
  Graphics graphics;
  std::vector<std::string> notes;  ///< what could not be drawn, and why
};

/// Every figure of a batch as SVG, and a brain map of each analysis that has an estimate.
/// A missing template or display is a note, not an error: the numbers do not depend on pictures.
/// @error Cancelled
[[nodiscard]] Result<Drawn> draw_graphics(const spec::ResultSet& result, const GraphicsOptions& options,
                                          const Task& task);

}  // namespace ipsi::report
