// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/compose.h"

#include <algorithm>
#include <cmath>

namespace ipsi::render {
namespace {

/// Mean of `values` where `weights` is not zero, over boxes of 2 r + 1 pixels along one axis.
struct Line {
  std::size_t start, step, count;
};

void box_line(const Line& line, std::size_t radius, std::vector<float>& sum, std::vector<float>& weight,
              std::vector<float>& s, std::vector<float>& w) {
  s.assign(line.count + 1, 0.0F);
  w.assign(line.count + 1, 0.0F);
  for (std::size_t i = 0; i < line.count; ++i) {
    s[i + 1] = s[i] + sum[line.start + i * line.step];
    w[i + 1] = w[i] + weight[line.start + i * line.step];
  }
  for (std::size_t i = 0; i < line.count; ++i) {
    const std::size_t low = i > radius ? i - radius : 0, high = std::min(line.count, i + radius + 1);
    sum[line.start + i * line.step] = s[high] - s[low];
    weight[line.start + i * line.step] = w[high] - w[low];
  }
}

/// 0..1 a pixel: how far a surface lies behind what surrounds it. Darkening by it shows which form is in front.
/// @source Luft, Colditz, Deussen (2006), Image enhancement by unsharp masking the depth buffer, ACM TOG 25(3)
std::vector<float> recession(const Surfaces& s) {
  constexpr double kReachMm = 3.0;  // how far a form casts its shade
  constexpr float kFullMm = 7.0F;   // lying this far behind the mean darkens fully
  const auto width = static_cast<std::size_t>(s.width), height = static_cast<std::size_t>(s.height);
  const auto radius = static_cast<std::size_t>(std::max(1.0, kReachMm / s.mm_per_pixel));
  std::vector<float> sum(s.pixels(), 0.0F), weight(s.pixels(), 0.0F), line_sum, line_weight;
  for (std::size_t i = 0; i < s.pixels(); ++i)
    if (s.region[i] != 0) sum[i] = s.depth[i] - 1000.0F, weight[i] = 1.0F;  // near 0: floats stay exact enough
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t y = 0; y < height; ++y)
      box_line({y * width, 1, width}, radius, sum, weight, line_sum, line_weight);
    for (std::size_t x = 0; x < width; ++x) box_line({x, width, height}, radius, sum, weight, line_sum, line_weight);
    if (pass == 1) break;
    for (std::size_t i = 0; i < s.pixels(); ++i) {
      const bool here = s.region[i] != 0;
      sum[i] = here ? sum[i] / weight[i] : 0.0F;
      weight[i] = here ? 1.0F : 0.0F;
    }
  }
  std::vector<float> out(s.pixels(), 0.0F);
  for (std::size_t i = 0; i < s.pixels(); ++i)
    if (s.region[i] != 0) out[i] = std::clamp((s.depth[i] - 1000.0F - sum[i] / weight[i]) / kFullMm, 0.0F, 1.0F);
  return out;
}

struct Premultiplied {
  float r = 0, g = 0, b = 0, a = 0;
  void over(Rgb colour, float alpha) {  // paint `colour` on top
    const float keep = 1.0F - alpha;
    r = colour.r * alpha + r * keep;
    g = colour.g * alpha + g * keep;
    b = colour.b * alpha + b * keep;
    a = alpha + a * keep;
  }
};

Rgb lit(Rgb colour, float light, float highlight) {
  const auto channel = [&](std::uint8_t c) {
    const float shaded = std::min(255.0F, static_cast<float>(c) * light);
    return static_cast<std::uint8_t>(std::lround(shaded + (255.0F - shaded) * highlight));
  };
  return {channel(colour.r), channel(colour.g), channel(colour.b)};
}

/// Opacity of the brain for each |cos| to the viewer.
std::array<float, 256> brain_opacity(const ComposeOptions& options) {
  std::array<float, 256> table{};
  for (std::size_t v = 1; v < 256; ++v) {
    const double away = 1.0 - static_cast<double>(v - 1) / 254.0;
    table[v] = static_cast<float>(options.brain_face + (options.brain_rim - options.brain_face) * std::pow(away, 2.2));
  }
  return table;
}

}  // namespace

std::array<std::uint8_t, 4> Picture::at(int x, int y) const {
  const std::size_t i =
      4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
  return {rgba[i], rgba[i + 1], rgba[i + 2], rgba[i + 3]};
}

Rgb fill_of(const Paint& paint) {
  switch (paint.look) {
    case Look::plain:
    case Look::significant: return paint.colour;
    case Look::not_significant: return mix(paint.colour, kMutedToward, 0.6);
    case Look::untested: break;
    case Look::excluded: return {255, 255, 255};
  }
  return kUntestedFill;
}

Picture compose(const Surfaces& s, const Paints& paints, const ComposeOptions& options) {
  const bool flat = options.light == ComposeOptions::Light::flat;
  const std::vector<float> recess = flat ? std::vector<float>{} : recession(s);
  const auto opacity = brain_opacity(options);
  std::array<Rgb, kRegions.size() + 1> fills{};
  for (std::size_t r = 0; r < paints.size(); ++r) fills[r + 1] = fill_of(paints[r]);
  const auto n = static_cast<std::size_t>(std::max(1, options.supersampling));
  const std::size_t wide = static_cast<std::size_t>(s.width), width = wide / n,
                    height = static_cast<std::size_t>(s.height) / n;
  Picture out{static_cast<int>(width), static_cast<int>(height), std::vector<std::uint8_t>(4 * width * height, 0)};
  const float share = 1.0F / static_cast<float>(n * n);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      Premultiplied total;
      for (std::size_t sub = 0; sub < n * n; ++sub) {
        const std::size_t i = (y * n + sub / n) * wide + x * n + sub % n;
        if (s.region[i] == 0 && s.brain[i] == 0) continue;
        Premultiplied pixel;
        if (s.region[i] != 0) {
          const Rgb fill = fills[s.region[i]];
          const float light =
              flat ? 1.0F : static_cast<float>(s.diffuse[i] / Surfaces::kFullLight) * (1.0F - 0.35F * recess[i]);
          pixel.over(flat ? fill : lit(fill, light, static_cast<float>(s.specular[i]) / 255.0F), 1.0F);
        }
        if (s.brain[i] != 0) {
          // Over a region the brain is a breath only, so that colours can be read off.
          const float veil = s.region[i] != 0 ? (flat ? 0.0F : 0.12F) : 1.0F;
          pixel.over(options.brain, opacity[s.brain[i]] * veil);
        }
        total.r += pixel.r * share;
        total.g += pixel.g * share;
        total.b += pixel.b * share;
        total.a += pixel.a * share;
      }
      if (total.a <= 0.0F) continue;
      std::uint8_t* rgba = &out.rgba[4 * (y * width + x)];
      const auto byte = [](float v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v), 0L, 255L)); };
      rgba[0] = byte(total.r / total.a);
      rgba[1] = byte(total.g / total.a);
      rgba[2] = byte(total.b / total.a);
      rgba[3] = byte(255.0F * total.a);
    }
  return out;
}

}  // namespace ipsi::render
