// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/colormap.h"

#include <algorithm>
#include <cmath>

#include "colormaps.h"  // generated: the text of resources/colormaps/*.json
#include "core/base/json.h"

namespace ipsi::render {
namespace {

Colormap parse(std::string_view text) {
  const Json json = Json::parse(text);  // shipped and tested: cannot fail at run time
  Colormap map;
  map.name = json.at("name");
  map.title = json.at("title");
  map.source = json.at("source");
  map.diverging = json.at("kind") == "diverging";
  for (const std::string colour : json.at("colours")) map.anchors.push_back(from_hex(colour));
  std::vector<Lab> labs;
  for (const Rgb anchor : map.anchors) labs.push_back(to_lab(anchor));
  const double spans = static_cast<double>(labs.size() - 1);
  for (int i = 0; i < Colormap::kEntries; ++i) {
    const double position = spans * i / (Colormap::kEntries - 1);
    const auto below = std::min(static_cast<std::size_t>(position), labs.size() - 2);
    const double part = position - static_cast<double>(below);
    const Lab &p = labs[below], &q = labs[below + 1];
    map.entries[static_cast<std::size_t>(i)] =
        to_rgb({p.l + part * (q.l - p.l), p.a + part * (q.a - p.a), p.b + part * (q.b - p.b)});
  }
  return map;
}

}  // namespace

Rgb Colormap::at(double t) const {
  return from_middle(t - 0.5);
}

Rgb Colormap::from_middle(double offset) const {
  constexpr int kHalf = kEntries / 2;
  const double steps = std::isnan(offset) ? 0.0 : std::abs(offset) * (kEntries - 1);
  const int away = steps >= kHalf ? kHalf - 1 : static_cast<int>(steps);
  return entries[static_cast<std::size_t>(offset < 0 ? kHalf - 1 - away : kHalf + away)];
}

const std::vector<Colormap>& colormaps() {
  static const std::vector<Colormap> all = [] {
    std::vector<Colormap> maps;
    for (const std::string_view text : generated::kColormaps) maps.push_back(parse(text));
    std::ranges::sort(maps, {}, &Colormap::name);
    return maps;
  }();
  return all;
}

const Colormap* find_colormap(std::string_view name) {
  const auto& all = colormaps();
  const auto it = std::ranges::find(all, name, &Colormap::name);
  return it == all.end() ? nullptr : &*it;
}

const Colormap& diverging() {
  static const Colormap& map = *find_colormap("diverging");
  return map;
}

const Colormap& cividis() {
  static const Colormap& map = *find_colormap("cividis");
  return map;
}

Rgb Scale::colour(double value) const {
  return map->from_middle((value - 0.5 * (low + high)) / (high - low));
}

double nice_limit(const std::vector<double>& values) {
  double largest = 0.0;
  for (const double v : values)
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  if (largest == 0.0) return 1.0;
  // Counted in whole numbers of a power of ten so that 1.2 is the double nearest to 1.2.
  const int exponent = static_cast<int>(std::floor(std::log10(largest))) - 1;
  for (const int steps : {10, 12, 16, 20, 30, 40, 50, 60, 80, 100}) {
    const double limit = exponent < 0 ? steps / std::pow(10.0, -exponent) : steps * std::pow(10.0, exponent);
    if (limit >= largest) return limit;
  }
  return largest;
}

std::vector<double> symmetric_ticks(double limit) {
  return {-limit, -limit / 2, 0.0, limit / 2, limit};
}

}  // namespace ipsi::render
