// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/map_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ipsi::report {
namespace {

using render::Look;
using render::Rgb;

constexpr Rgb kBlack{0, 0, 0};
constexpr double kBarBlock = 11.4;  // title, bar and numbers
constexpr double kRowPitch = 4.2, kSwatchWide = 3.2, kSwatchHigh = 2.4;

/// 45-degree lines over the box of a shape.
Path hatch_over(const Path& outline) {
  constexpr double kPitch = 0.9;  // mm between lines, at right angles
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  for (const auto& line : outline.lines)
    for (const auto& p : line.points) {
      left = std::min(left, p.x());
      right = std::max(right, p.x());
      top = std::min(top, p.y());
      bottom = std::max(bottom, p.y());
    }
  Path out;
  if (right < left) return out;
  const double step = kPitch * std::sqrt(2.0), high = bottom - top;
  // Multiples of the step, so that neighbouring regions share their lines.
  for (double c = std::floor((left + top) / step) * step; c < right + bottom; c += step)
    out.lines.push_back({{{c - top, top}, {c - top - high, bottom}}, false});
  return out;
}

std::string look_words(Look look, double significant_p) {
  switch (look) {
    case Look::significant: return fmt::format("p below {:.2g}", significant_p);
    case Look::not_significant: return "not significant, muted";
    case Look::untested: return "not tested";
    case Look::excluded: return "excluded";
    case Look::plain: break;
  }
  return "not tested for significance";
}

void draw_bar(Canvas& canvas, const MapKey& key, double x, double y) {
  const double middle = x + kBarWidth / 2;
  canvas.draw(middle, y + 3.0, Text{.words = key.quantity, .size_pt = kTitlePt, .align = Align::centre});
  const double top = y + 4.4, bottom = top + kBarHeight;
  // Each step reaches to the right end: no seams between neighbours.
  constexpr int kSteps = render::Colormap::kEntries;
  for (int i = 0; i < kSteps; ++i) {
    const double from = kBarWidth * i / kSteps;
    canvas.draw(Path::rectangle(x + from, top, kBarWidth - from, kBarHeight),
                Fill{key.scale.map->entries[static_cast<std::size_t>(i)]});
  }
  const auto arrow = [&](double at, double towards, Rgb colour) {
    canvas.draw(Path::polygon({{at, top}, {at + towards, (top + bottom) / 2}, {at, bottom}}), Fill{colour});
  };
  if (key.beyond_low) arrow(x, -1.8, key.scale.map->entries.front());
  if (key.beyond_high) arrow(x + kBarWidth, 1.8, key.scale.map->entries.back());
  for (const double tick : render::symmetric_ticks(key.scale.high)) {
    const double at = x + kBarWidth * (tick - key.scale.low) / (key.scale.high - key.scale.low);
    canvas.draw(Path::segment(at, bottom, at, bottom + 0.8), Stroke{kBlack, kAxisPt});
    canvas.draw(at, bottom + 3.6,
                Text{.words = tick_label(tick, key.scale.high / 2), .size_pt = kLabelPt, .align = Align::centre});
  }
}

void draw_row(Canvas& canvas, const MapKey& key, Look look, double x, double y) {
  const auto swatch = Path::rectangle(x, y, kSwatchWide, kSwatchHigh);
  draw_region(canvas, swatch, {look, key.scale.colour(0.6 * key.scale.high)});
  canvas.draw(x + kSwatchWide + 1.5, y + 2.15, Text{.words = look_words(look, key.significant_p), .size_pt = kLabelPt});
}

double list_width(const MapKey& key) {
  double widest = 0.0;
  for (const Look look : key.looks)
    widest = std::max(widest, measure({.words = look_words(look, key.significant_p), .size_pt = kLabelPt}).width_mm);
  return kSwatchWide + 1.5 + widest;
}

/// How far the words over the bar stand out on each side of it.
double overhang(const MapKey& key) {
  const double words = measure({.words = key.quantity, .size_pt = kTitlePt}).width_mm;
  return std::max(0.0, (words - kBarWidth) / 2 - 2.0);
}

}  // namespace

void draw_edge(Canvas& canvas, const Path& outline, Look look, double weight) {
  switch (look) {
    case Look::significant:
      canvas.draw(outline, Stroke{.colour = kBlack, .width_pt = std::max(kThickPt * weight, kThinPt), .round = true});
      break;
    case Look::plain:
    case Look::not_significant:
      canvas.draw(outline, Stroke{.colour = render::kThinEdge, .width_pt = kThinPt, .round = true});
      break;
    case Look::untested:
      canvas.clip(outline);
      canvas.draw(hatch_over(outline), Stroke{.colour = render::kHatch, .width_pt = kThinPt});
      canvas.unclip();
      canvas.draw(outline, Stroke{.colour = render::kThinEdge, .width_pt = kThinPt, .round = true});
      break;
    case Look::excluded:
      canvas.draw(outline, Stroke{.colour = {0x54, 0x5C, 0x67}, .width_pt = 0.5, .dash_pt = {2.0, 1.4}});
      break;
  }
}

void draw_region(Canvas& canvas, const Path& outline, const render::Paint& paint, double weight) {
  if (paint.look != Look::excluded) canvas.draw(outline, Fill{render::fill_of(paint)});
  draw_edge(canvas, outline, paint.look, weight);
}

double tall_key_height(const MapKey& key) {
  return kBarBlock + (key.looks.empty() ? 0.0 : 2.6 + kRowPitch * static_cast<double>(key.looks.size()));
}

double wide_key_height(const MapKey& key, double width) {
  if (width < kBarWidth + 2 * overhang(key) + 8 + list_width(key)) return tall_key_height(key);
  return std::max(kBarBlock, 1.0 + kRowPitch * static_cast<double>(key.looks.size()));
}

void draw_tall_key(Canvas& canvas, const MapKey& key, double x, double y, double width) {
  const double left = x + std::max(2.0, (width - kBarWidth) / 2);
  draw_bar(canvas, key, left, y);
  for (std::size_t i = 0; i < key.looks.size(); ++i)
    draw_row(canvas, key, key.looks[i], left, y + kBarBlock + 2.6 + kRowPitch * static_cast<double>(i));
}

void draw_wide_key(Canvas& canvas, const MapKey& key, double x, double y, double width) {
  const double list = list_width(key), gap = 8.0 + overhang(key);
  if (width < kBarWidth + overhang(key) + gap + list) return draw_tall_key(canvas, key, x, y, width);
  const double left = x + (width - kBarWidth - gap - list + overhang(key)) / 2;
  draw_bar(canvas, key, left, y);
  const double height = wide_key_height(key, width);
  const double top = y + (height - kRowPitch * static_cast<double>(key.looks.size())) / 2 + 0.9;
  for (std::size_t i = 0; i < key.looks.size(); ++i)
    draw_row(canvas, key, key.looks[i], left + kBarWidth + gap, top + kRowPitch * static_cast<double>(i));
}

std::string tick_label(double value, double step) {
  // As many decimals as the step needs, up to six; then shortest.
  int decimals = 0;
  while (decimals < 6 && std::abs(step * std::pow(10.0, decimals) - std::round(step * std::pow(10.0, decimals))) > 1e-9)
    ++decimals;
  const double magnitude = std::abs(value);
  std::string digits = magnitude >= 1e6 || (magnitude > 0 && magnitude < 1e-5)
                           ? fmt::format("{:g}", magnitude)
                           : fmt::format("{:.{}f}", magnitude, decimals);
  return (value < 0 ? "\u2212" : "") + digits;
}

}  // namespace ipsi::report
