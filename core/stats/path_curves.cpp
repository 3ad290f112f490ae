// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/path_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/stats/path_layout.h"

namespace ipsi::stats {
namespace {

constexpr int kSamples = 28;
constexpr double kLabelHeight = 3.0;

bool inside(const Box& box, const Point& p, double margin) {
  return std::abs(p[0] - box.x) < 0.5 * box.width + margin && std::abs(p[1] - box.y) < 0.5 * box.height + margin;
}
bool overlap(const Box& a, const Box& b, double margin) {
  return std::abs(a.x - b.x) < 0.5 * (a.width + b.width) + margin &&
         std::abs(a.y - b.y) < 0.5 * (a.height + b.height) + margin;
}

}  // namespace

Point point_on(const Curve& c, double t) {
  const double u = 1.0 - t;
  const double a = u * u * u, b = 3.0 * u * u * t, d = 3.0 * u * t * t, e = t * t * t;
  return {a * c[0][0] + b * c[1][0] + d * c[2][0] + e * c[3][0], a * c[0][1] + b * c[1][1] + d * c[2][1] + e * c[3][1]};
}

bool is_straight(const Curve& c) {
  const double dx = c[3][0] - c[0][0], dy = c[3][1] - c[0][1], length = std::hypot(dx, dy);
  const auto off = [&](const Point& p) {
    return std::abs((p[0] - c[0][0]) * dy - (p[1] - c[0][1]) * dx) / std::fmax(length, 1e-9);
  };
  return off(c[1]) < 1e-6 && off(c[2]) < 1e-6;
}

Point edge_towards(const Box& box, const Point& to) {
  const double dx = to[0] - box.x, dy = to[1] - box.y, w = 0.5 * box.width, h = 0.5 * box.height;
  if (dx == 0.0 && dy == 0.0) return {box.x + w, box.y};
  const double t = box.ellipse ? 1.0 / std::hypot(dx / w, dy / h)
                               : std::fmin(dx != 0.0 ? w / std::abs(dx) : 1e300, dy != 0.0 ? h / std::abs(dy) : 1e300);
  return {box.x + t * dx, box.y + t * dy};
}

std::vector<Point> Routes::samples(const Curve& curve) const {
  std::vector<Point> out;
  for (int i = 0; i <= kSamples; ++i) out.push_back(point_on(curve, static_cast<double>(i) / kSamples));
  return out;
}

void Routes::add_loop(const Curve& loop, const Point& label, double label_width) {
  const Point far = point_on(loop, 0.5);
  loops_.push_back({0.5 * (loop[0][0] + far[0]), 0.5 * (loop[0][1] + far[1]),
                    std::fmax(4.0, std::abs(far[0] - loop[0][0])), std::fmax(4.0, std::abs(far[1] - loop[0][1]))});
  labels_.push_back({label[0], label[1], label_width, kLabelHeight});
}

double Routes::cost(const Curve& curve, int from, int to) const {
  const std::vector<Point> line = samples(curve);
  double out = 0.0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (static_cast<int>(i) == from || static_cast<int>(i) == to) continue;
    for (const Point& p : line) out += inside(nodes_[i], p, 1.6) ? 100.0 : 0.0;
  }
  for (const Box& loop : loops_)
    for (const Point& p : line) out += inside(loop, p, 0.6) ? 12.0 : 0.0;
  for (const Box& label : labels_)
    for (const Point& p : line) out += inside(label, p, 0.4) ? 12.0 : 0.0;
  // Lines that run along each other cannot be told apart.
  for (const auto& other : lines_)
    for (std::size_t i = 4; i + 4 < line.size(); ++i)
      for (std::size_t j = 4; j + 4 < other.size(); ++j)
        if (std::abs(line[i][0] - other[j][0]) < 0.9 && std::abs(line[i][1] - other[j][1]) < 0.9) out += 3.0;
  return out;
}

Curve Routes::add(int from, int to, bool covariance, const Point& away) {
  const Box &a = nodes_[static_cast<std::size_t>(from)], &b = nodes_[static_cast<std::size_t>(to)];
  const double dx = b.x - a.x, dy = b.y - a.y, length = std::fmax(std::hypot(dx, dy), 1e-9);
  const Point across{-dy / length, dx / length};
  Point middle{};
  for (const Box& node : nodes_) {
    middle[0] += node.x / static_cast<double>(nodes_.size());
    middle[1] += node.y / static_cast<double>(nodes_.size());
  }
  const Point half{0.5 * (a.x + b.x), 0.5 * (a.y + b.y)};
  const bool told = away[0] != 0.0 || away[1] != 0.0;
  const Point out = told ? away : Point{half[0] - middle[0], half[1] - middle[1]};
  const double outwards = out[0] * across[0] + out[1] * across[1] < 0.0 ? -1.0 : 1.0;
  Curve best{};
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](double bend) {
    const double share = covariance ? 0.15 : 0.3;
    const Point one{a.x + share * dx + bend * across[0], a.y + share * dy + bend * across[1]};
    const Point two{b.x - share * dx + bend * across[0], b.y - share * dy + bend * across[1]};
    Curve curve{edge_towards(a, bend == 0.0 ? Point{b.x, b.y} : one), one, two,
                edge_towards(b, bend == 0.0 ? Point{a.x, a.y} : two)};
    if (told) {
      // From the corners that face each other, so that both residuals keep their place in the middle.
      const auto corner = [&](const Box& box, double sx, double sy) {
        return Point{box.x + (away[0] != 0.0 ? 0.5 * away[0] : 0.4 * sx) * box.width,
                     box.y + (away[1] != 0.0 ? 0.5 * away[1] : 0.4 * sy) * box.height};
      };
      const double sx = dx < 0.0 ? -1.0 : 1.0, sy = dy < 0.0 ? -1.0 : 1.0, reach = std::abs(bend);
      curve[0] = corner(a, sx, sy);
      curve[3] = corner(b, -sx, -sy);
      curve[1] = {curve[0][0] + reach * away[0], curve[0][1] + reach * away[1]};
      curve[2] = {curve[3][0] + reach * away[0], curve[3][1] + reach * away[1]};
      for (std::size_t d = 0; d < 2; ++d) {
        curve[1][d] += share * (curve[3][d] - curve[0][d]);
        curve[2][d] -= share * (curve[3][d] - curve[0][d]);
      }
    }
    Curve drawn = curve;
    if (bend == 0.0) {
      for (int k = 1; k < 3; ++k)
        for (std::size_t d = 0; d < 2; ++d)
          drawn[static_cast<std::size_t>(k)][d] = curve[0][d] + k / 3.0 * (curve[3][d] - curve[0][d]);
    }
    const double price = cost(drawn, from, to) + 0.35 * std::abs(bend) +
                         (covariance && bend * outwards < 0.0 ? (told ? 400.0 : 25.0) : 0.0);
    if (price < least) {
      least = price;
      best = drawn;
    }
  };
  if (!covariance) consider(0.0);
  const double base = told ? 10.5 + 0.15 * length : (covariance ? 7.0 + 0.18 * length : 9.0);
  for (const double factor : {1.0, 1.4, 1.9, 2.5, 3.3, 4.3})
    for (const double sign : {outwards, -outwards}) consider(sign * factor * base);
  lines_.push_back(samples(best));
  return best;
}

Point Routes::label_place(const std::vector<Point>& line, double width) {
  Curve curve{};
  if (line.size() == 4) {
    std::copy(line.begin(), line.end(), curve.begin());
  } else {
    curve[0] = line.front();
    curve[3] = line.back();
    for (std::size_t d = 0; d < 2; ++d) {
      curve[1][d] = curve[0][d] + (curve[3][d] - curve[0][d]) / 3.0;
      curve[2][d] = curve[0][d] + 2.0 * (curve[3][d] - curve[0][d]) / 3.0;
    }
  }
  Box best{};
  double least = std::numeric_limits<double>::infinity();
  for (const double t : {0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.8, 0.2}) {
    const Point p = point_on(curve, t);
    const Box box{p[0], p[1], width, kLabelHeight};
    double price = 3.0 * std::abs(t - 0.5);
    for (const Box& node : nodes_) price += overlap(box, node, 0.5) ? 100.0 : 0.0;
    for (const Box& label : labels_) price += overlap(box, label, 0.5) ? 80.0 : 0.0;
    for (const Box& loop : loops_) price += overlap(box, loop, 0.2) ? 15.0 : 0.0;
    for (const auto& other : lines_) {
      // Its own line is here too, the same for every place.
      bool crossed = false;
      for (const Point& q : other) crossed = crossed || inside(box, q, 0.2);
      price += crossed ? 2.0 : 0.0;
    }
    if (price < least) {
      least = price;
      best = box;
    }
  }
  labels_.push_back(best);
  return {best.x, best.y};
}

void fit_page(spec::Diagram& diagram) {
  constexpr double kMargin = 4.0;
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
  const auto hold = [&](double x, double y, double w, double h) {
    left = std::fmin(left, x - w);
    right = std::fmax(right, x + w);
    top = std::fmin(top, y - h);
    bottom = std::fmax(bottom, y + h);
  };
  for (const auto& node : diagram.nodes) hold(node.x, node.y, 0.5 * node.width, 0.5 * node.height);
  for (const auto& arrow : diagram.arrows) {
    if (!arrow.label.empty())
      hold(arrow.label_x, arrow.label_y, 0.5 * words_mm(arrow.label, diagram.label_pt), 0.5 * kLabelHeight);
    if (arrow.points.size() != 4) continue;
    const Curve curve{arrow.points[0], arrow.points[1], arrow.points[2], arrow.points[3]};
    for (int i = 0; i <= 16; ++i) {
      const Point p = point_on(curve, i / 16.0);
      hold(p[0], p[1], 0.0, 0.0);
    }
  }
  const double dx = kMargin - left, dy = kMargin - top;
  for (auto& node : diagram.nodes) {
    node.x += dx;
    node.y += dy;
  }
  for (auto& arrow : diagram.arrows) {
    for (auto& p : arrow.points) p = {p[0] + dx, p[1] + dy};
    arrow.label_x += dx;
    arrow.label_y += dy;
  }
  diagram.width = right - left + 2.0 * kMargin;
  diagram.height = bottom - top + 2.0 * kMargin;
}

}  // namespace ipsi::stats
