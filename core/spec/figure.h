// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ipsi::spec {

struct Axis {
  std::string label;                               ///< in words, with unit
  std::optional<std::pair<double, double>> range;  ///< data range when absent
  std::vector<std::string> categories;             ///< position i is at value i; empty = a number axis
  bool logarithmic = false;
};

struct Series {
  enum class Kind { points, line, bars, intervals, band };
  Kind kind = Kind::points;
  std::string label;  ///< written at the series' end; empty = none
  std::vector<double> x, y;
  std::vector<double> low, high;  ///< of intervals (along the value axis) and bands
  std::vector<bool> filled;       ///< of points and intervals: filled (significant) or open; empty = filled
  int colour = 0;                 ///< index into the categorical palette; -1 grey
};

struct ReferenceLine {
  bool vertical = false;
  double at = 0.0;
  std::string label;
};

/// A figure as data: painted on screen by ui/plots, written as SVG, PDF or PNG by report.
struct Figure {
  std::string id, title;
  std::string caption;  ///< under the figure, with n
  std::string alt;      ///< for those who cannot see it
  Axis x, y;
  bool horizontal = false;  ///< intervals and bars lie along x, categories along y (forest plots)
  std::vector<Series> series;
  std::vector<ReferenceLine> lines;
};

}  // namespace ipsi::spec
