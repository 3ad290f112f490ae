// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/report/canvas.h"
#include "core/spec/diagram.h"

namespace ipsi::report {

/// A diagram at the size it was laid out for, its caption below: lines first, then labels on white, then nodes.
/// @error InvalidInput  no size, or an arrow that is neither a line nor curves
/// @error Environment
[[nodiscard]] Result<std::string> draw_diagram(const spec::Diagram& diagram, Format format, double dpi = 300.0);

}  // namespace ipsi::report
