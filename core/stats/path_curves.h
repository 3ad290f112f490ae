// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "core/spec/diagram.h"

// Curves between boxes and room for their labels; private to the library. All in mm.
namespace ipsi::stats {

using Point = std::array<double, 2>;
using Curve = std::array<Point, 4>;  ///< a cubic Bezier curve

struct Box {
  double x = 0.0, y = 0.0, width = 0.0, height = 0.0;  ///< centre and size
  bool ellipse = false;
};

[[nodiscard]] Point point_on(const Curve& curve, double t);
[[nodiscard]] bool is_straight(const Curve& curve);
/// Where the ray from the box's centre towards `to` leaves it.
[[nodiscard]] Point edge_towards(const Box& box, const Point& to);

/// Finds each line a way around what is there already, then its label a place.
class Routes {
 public:
  explicit Routes(std::vector<Box> nodes) : nodes_(std::move(nodes)) {}

  void add_loop(const Curve& loop, const Point& label, double label_width);
  /// The line of an edge: straight where nothing is in the way, else bent as little as will do; covariances always
  /// bend, towards `away` where that is given, else away from the middle of the picture.
  [[nodiscard]] Curve add(int from, int to, bool covariance, const Point& away = {});
  [[nodiscard]] Point label_place(const std::vector<Point>& line, double width);

 private:
  double cost(const Curve& curve, int from, int to) const;
  [[nodiscard]] std::vector<Point> samples(const Curve& curve) const;

  std::vector<Box> nodes_, loops_, labels_;
  std::vector<std::vector<Point>> lines_;
};

/// Moves everything so that the page begins at 0, and sets its size.
void fit_page(spec::Diagram& diagram);

}  // namespace ipsi::stats
