// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/diagram.h"

#include <algorithm>
#include <cmath>

namespace ipsi::report {
namespace {

using Point = Eigen::Vector2d;

constexpr render::Rgb kInk{34, 34, 34};
constexpr render::Rgb kGrey{150, 150, 150};
constexpr render::Rgb kPaper{255, 255, 255};
constexpr render::Rgb kLatent{232, 242, 250};

std::vector<Point> flattened(const std::vector<std::array<double, 2>>& points) {
  std::vector<Point> p;
  for (const auto& [x, y] : points) p.emplace_back(x, y);
  if (p.size() < 4) return p;
  constexpr int kSteps = 40;
  std::vector<Point> out{p[0]};
  for (std::size_t k = 0; k + 3 < p.size(); k += 3)
    for (int i = 1; i <= kSteps; ++i) {
      const double t = static_cast<double>(i) / kSteps, u = 1.0 - t;
      out.push_back(u * u * u * p[k] + 3.0 * u * u * t * p[k + 1] + 3.0 * u * t * t * p[k + 2] + t * t * t * p[k + 3]);
    }
  return out;
}

/// Takes `length` off the end of a line and gives the point that was the end and the direction into it.
Point shorten(std::vector<Point>& line, double length, Point& direction) {
  const Point tip = line.back();
  while (line.size() > 2 && (line[line.size() - 2] - tip).norm() < length) line.pop_back();
  const Point before = line[line.size() - 2];
  const double reach = (tip - before).norm();
  direction = reach > 0.0 ? Point((tip - before) / reach) : Point(1.0, 0.0);
  line.back() = tip - std::min(length, reach) * direction;
  return tip;
}

void draw_head(Canvas& canvas, const Point& tip, const Point& direction, double size, const render::Rgb& colour) {
  const Point across(-direction.y(), direction.x());
  const Point base = tip - size * direction;
  canvas.draw(
      Path::polygon({tip, base + 0.42 * size * across, tip - 0.78 * size * direction, base - 0.42 * size * across}),
      Fill{.colour = colour});
}

void draw_arrow(Canvas& canvas, const spec::Diagram::Arrow& arrow) {
  std::vector<Point> line = flattened(arrow.points);
  const render::Rgb colour = arrow.muted ? kGrey : kInk;
  const double head = 1.5 + 0.55 * arrow.width_pt;
  Point tip, direction, tail, back;
  if (arrow.head_at_end) tip = shorten(line, 0.78 * head, direction);
  if (arrow.head_at_start) {
    std::reverse(line.begin(), line.end());
    tail = shorten(line, 0.78 * head, back);
  }
  Stroke stroke{.colour = colour, .width_pt = arrow.width_pt};
  if (arrow.dashed) stroke.dash_pt = {2.0, 1.5};
  canvas.draw(Path::polyline(line), stroke);
  if (arrow.head_at_end) draw_head(canvas, tip, direction, head, colour);
  if (arrow.head_at_start) draw_head(canvas, tail, back, head, colour);
}

Path outline(const spec::Diagram::Node& node) {
  const double w = 0.5 * node.width, h = 0.5 * node.height;
  std::vector<Point> points;
  if (node.shape == spec::Diagram::Node::Shape::ellipse) {
    for (int i = 0; i < 96; ++i) {
      const double a = 2.0 * 3.14159265358979323846 * i / 96.0;
      points.emplace_back(node.x + w * std::cos(a), node.y + h * std::sin(a));
    }
    return Path::polygon(std::move(points));
  }
  return Path::rectangle(node.x - w, node.y - h, node.width, node.height);
}

void draw_centred(Canvas& canvas, double x, double y, const Text& text) {
  // Middle of the lower-case letters and digits, not of the line, so that words look centred.
  canvas.draw(x, y + 0.36 * text.size_pt * kMmPerPoint, text);
}

}  // namespace

Result<std::string> draw_diagram(const spec::Diagram& diagram, Format format, double dpi) {
  if (!(diagram.width > 0.0) || !(diagram.height > 0.0))
    return fail(Code::InvalidInput, "the diagram has no size", diagram.id, "lay it out first");
  for (const auto& arrow : diagram.arrows)
    if (arrow.points.size() != 2 && (arrow.points.size() < 4 || arrow.points.size() % 3 != 1))
      return fail(Code::InvalidInput, fmt::format("an arrow has {} points", arrow.points.size()), diagram.id,
                  "two make a line, 3 k + 1 curves");
  constexpr double kNarrowest = 90.0, kMargin = 4.0;
  const double width = std::max(diagram.width, kNarrowest), shift = 0.5 * (width - diagram.width);
  Text caption{
      .words = diagram.caption, .size_pt = 6.5, .colour = render::Rgb{90, 90, 90}, .wrap_mm = width - 2.0 * kMargin};
  const TextSize room = measure(caption);
  const double below = diagram.caption.empty() ? 0.0 : room.height_mm + kMargin;
  auto canvas = Canvas::create({.format = format,
                                .width_mm = width,
                                .height_mm = diagram.height + below,
                                .dpi = dpi,
                                .title = diagram.title,
                                .description = diagram.alt});
  if (!canvas) return tl::unexpected(canvas.error());
  spec::Diagram moved = diagram;
  for (auto& node : moved.nodes) node.x += shift;
  for (auto& arrow : moved.arrows) {
    for (auto& p : arrow.points) p[0] += shift;
    arrow.label_x += shift;
  }
  for (const bool muted : {true, false})
    for (const auto& arrow : moved.arrows)
      if (arrow.muted == muted) draw_arrow(*canvas, arrow);
  for (const auto& arrow : moved.arrows) {
    if (arrow.label.empty()) continue;
    Text text{.words = arrow.label,
              .size_pt = diagram.label_pt,
              .align = Align::centre,
              .colour = arrow.muted ? render::Rgb{110, 110, 110} : kInk};
    const double w = measure(text).width_mm + 0.9, h = diagram.label_pt * kMmPerPoint + 0.5;
    canvas->draw(Path::rectangle(arrow.label_x - 0.5 * w, arrow.label_y - 0.5 * h, w, h),
                 Fill{.colour = kPaper, .opacity = 0.92});
    draw_centred(*canvas, arrow.label_x, arrow.label_y, text);
  }
  for (const auto& node : moved.nodes) {
    const bool latent = node.shape == spec::Diagram::Node::Shape::ellipse;
    canvas->draw(outline(node), Fill{.colour = latent ? kLatent : kPaper});
    canvas->draw(outline(node), Stroke{.colour = kInk, .width_pt = latent ? 0.9 : 0.7});
    draw_centred(
        *canvas, node.x, node.y,
        Text{.words = node.label, .size_pt = diagram.node_pt, .bold = latent, .align = Align::centre, .colour = kInk});
  }
  if (!diagram.caption.empty()) canvas->draw(kMargin, diagram.height + room.ascent_mm, caption);
  return canvas->finish();
}

}  // namespace ipsi::report
