// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/canvas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/base/text.h"
#include "core/report/canvas_backend.h"

namespace ipsi::report {

std::string to_string(Format format) {
  switch (format) {
    case Format::pdf: return "pdf";
    case Format::svg: return "svg";
    case Format::png: break;
  }
  return "png";
}

std::optional<Format> format_of(std::string_view file_name) {
  const std::string name = to_lower(file_name);
  for (const Format format : {Format::png, Format::pdf, Format::svg})
    if (name.ends_with(fmt::format(".{}", to_string(format)))) return format;
  return std::nullopt;
}

Path Path::segment(double x1, double y1, double x2, double y2) {
  return {{{{{x1, y1}, {x2, y2}}, false}}};
}

Path Path::rectangle(double x, double y, double width, double height) {
  return {{{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, true}}};
}

Path Path::polygon(std::vector<Eigen::Vector2d> points) {
  return {{{std::move(points), true}}};
}
Path Path::polyline(std::vector<Eigen::Vector2d> points) {
  return {{{std::move(points), false}}};
}

Path Path::circle(double x, double y, double radius) {
  constexpr int kSides = 48;
  std::vector<Eigen::Vector2d> points;
  for (int i = 0; i < kSides; ++i) {
    const double a = 2 * std::numbers::pi * i / kSides;
    points.emplace_back(x + radius * std::cos(a), y + radius * std::sin(a));
  }
  return polygon(std::move(points));
}

Result<Canvas> Canvas::create(const CanvasOptions& options) {
  constexpr double kLargest = 30000.0;  // Cairo's images end at 32767 pixels
  const auto pixels = [&](double mm) { return mm / kMmPerInch * options.dpi; };
  if (!(options.width_mm > 0) || !(options.height_mm > 0) || !(options.dpi > 0) || !std::isfinite(options.dpi))
    return fail(Code::InvalidInput,
                fmt::format("a figure of {:g} x {:g} mm at {:g} dpi cannot be drawn", options.width_mm,
                            options.height_mm, options.dpi),
                "", "give a positive size and dpi");
  if (pixels(options.width_mm) > kLargest || pixels(options.height_mm) > kLargest)
    return fail(Code::InvalidInput,
                fmt::format("a figure of {:g} x {:g} mm at {:g} dpi has {:.0f} x {:.0f} pixels", options.width_mm,
                            options.height_mm, options.dpi, pixels(options.width_mm), pixels(options.height_mm)),
                "", fmt::format("lower --dpi: {:.0f} pixels a side is the most", kLargest));
  return Canvas(options.format == Format::svg ? make_svg_backend(options) : make_cairo_backend(options));
}

Canvas::Canvas(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;
Canvas::~Canvas() = default;

const CanvasOptions& Canvas::options() const {
  return backend_->options;
}

double Canvas::snap(double mm) const {
  const double pixel = kMmPerInch / backend_->options.dpi;
  return std::round(mm / pixel) * pixel;
}

void Canvas::draw(const Path& path, const Fill& fill) {
  backend_->fill(path, fill);
}
void Canvas::draw(const Path& path, const Stroke& stroke) {
  backend_->stroke(path, stroke);
}

void Canvas::draw(double x, double y, const Text& text) {
  if (text.wrap_mm <= 0) return backend_->line(x, y, text.words, text);
  const Lines broken = break_lines(text);
  for (std::size_t i = 0; i < broken.lines.size(); ++i)
    backend_->line(x, y + static_cast<double>(i) * broken.pitch_mm, broken.lines[i], text);
}

void Canvas::draw(double x, double y, double width, double height, const render::Picture& picture) {
  if (picture.width > 0 && picture.height > 0) backend_->picture(x, y, width, height, picture);
}

void Canvas::clip(const Path& path) {
  backend_->clip(path);
}
void Canvas::unclip() {
  backend_->unclip();
}
void Canvas::next_page() {
  backend_->next_page();
}
Result<std::string> Canvas::finish() {
  return backend_->finish();
}

}  // namespace ipsi::report
