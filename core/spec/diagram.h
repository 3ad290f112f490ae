// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <vector>

namespace ipsi::spec {

/// Boxes and arrows with their places, in mm from the top left: a path diagram. Whoever makes it has laid it out;
/// report writes it as SVG or PDF, windows paint it.
struct Diagram {
  struct Node {
    enum class Shape { rectangle, ellipse };
    std::string label;
    Shape shape = Shape::rectangle;
    double x = 0.0, y = 0.0;  ///< centre
    double width = 0.0, height = 0.0;
  };
  struct Arrow {
    std::vector<std::array<double, 2>> points;  ///< two: a straight line; 3 k + 1: cubic Bezier curves
    bool head_at_start = false, head_at_end = true;
    std::string label;  ///< on a white ground over the line; empty = none
    double label_x = 0.0, label_y = 0.0;
    double width_pt = 0.6;
    bool muted = false;   ///< grey: not significant
    bool dashed = false;  ///< fixed, not estimated
  };
  std::string id, title;
  std::string caption;  ///< under the diagram, with n
  std::string alt;      ///< for those who cannot see it
  double width = 0.0, height = 0.0;
  double node_pt = 7.5, label_pt = 6.5;  ///< text sizes the places were made for
  std::vector<Node> nodes;
  std::vector<Arrow> arrows;
};

}  // namespace ipsi::spec
