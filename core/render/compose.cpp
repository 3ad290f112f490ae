// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/compose.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ipsi::render {
namespace {

/// A run of pixels in a picture: a row or a column.
struct Line {
  std::size_t start, step, count;
};

/// Sums over 2 r + 1 neighbours along a line, in place.
void box_line(const Line& line, std::size_t radius, std::vector<float>& values, std::vector<float>& scratch) {
  scratch.assign(line.count + 1, 0.0F);
  for (std::size_t i = 0; i < line.count; ++i) scratch[i + 1] = scratch[i] + values[line.start + i * line.step];
  for (std::size_t i = 0; i < line.count; ++i) {
    const std::size_t low = i > radius ? i - radius : 0, high = std::min(line.count, i + radius + 1);
    values[line.start + i * line.step] = scratch[high] - scratch[low];
  }
}

/// How far surfaces lie behind what surrounds them, from depths averaged over tiles of 4 x 4 pixels.
/// Darkening by it shows which form is in front.
/// @source Luft, Colditz, Deussen (2006), Image enhancement by unsharp masking the depth buffer, ACM TOG 25(3)
class Recession {
 public:
  explicit Recession(const Surfaces& s)
      : width_((static_cast<std::size_t>(s.width) + kTile - 1) / kTile),
        height_((static_cast<std::size_t>(s.height) + kTile - 1) / kTile),
        mean_(width_ * height_, 0.0F) {
    std::vector<float> weight(mean_.size(), 0.0F), scratch;
    const auto wide = static_cast<std::size_t>(s.width), high = static_cast<std::size_t>(s.height);
    for (std::size_t y = 0, i = 0; y < high; ++y)
      for (std::size_t x = 0; x < wide; ++x, ++i)
        if (s.region[i] != 0) {
          mean_[y / kTile * width_ + x / kTile] += s.depth[i] - kMiddle;
          weight[y / kTile * width_ + x / kTile] += 1.0F;
        }
    const auto radius = static_cast<std::size_t>(std::max(1.0, kReachMm / s.mm_per_pixel / kTile));
    for (int pass = 0; pass < 2; ++pass)
      for (std::vector<float>* values : {&mean_, &weight}) {
        for (std::size_t y = 0; y < height_; ++y) box_line({y * width_, 1, width_}, radius, *values, scratch);
        for (std::size_t x = 0; x < width_; ++x) box_line({x, width_, height_}, radius, *values, scratch);
      }
    for (std::size_t i = 0; i < mean_.size(); ++i) mean_[i] = weight[i] > 0.0F ? mean_[i] / weight[i] : 0.0F;
  }

  /// 0..1 for a region's pixel.
  [[nodiscard]] float at(std::size_t x, std::size_t y, float depth) const {
    constexpr float kFullMm = 7.0F;  // lying this far behind the mean darkens fully
    const float fx = std::max(0.0F, (static_cast<float>(x) + 0.5F) / kTile - 0.5F);
    const float fy = std::max(0.0F, (static_cast<float>(y) + 0.5F) / kTile - 0.5F);
    const std::size_t x0 = std::min(static_cast<std::size_t>(fx), width_ - 1), x1 = std::min(x0 + 1, width_ - 1);
    const std::size_t y0 = std::min(static_cast<std::size_t>(fy), height_ - 1), y1 = std::min(y0 + 1, height_ - 1);
    const float tx = fx - static_cast<float>(x0), ty = fy - static_cast<float>(y0);
    const float top = mean_[y0 * width_ + x0] * (1 - tx) + mean_[y0 * width_ + x1] * tx;
    const float bottom = mean_[y1 * width_ + x0] * (1 - tx) + mean_[y1 * width_ + x1] * tx;
    return std::clamp((depth - kMiddle - (top * (1 - ty) + bottom * ty)) / kFullMm, 0.0F, 1.0F);
  }

 private:
  static constexpr std::size_t kTile = 4;
  static constexpr double kReachMm = 3.0;    // how far a form casts its shade
  static constexpr float kMiddle = 1000.0F;  // depth of the picture's middle: near 0 floats are exact enough
  std::size_t width_, height_;
  std::vector<float> mean_;
};

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

std::vector<std::size_t> painting_order(const Paints& paints) {
  std::vector<std::size_t> order;
  for (const Look look : {Look::untested, Look::plain, Look::not_significant, Look::significant, Look::excluded})
    for (std::size_t r = 0; r < paints.size(); ++r)
      if (paints[r].look == look) order.push_back(r);
  return order;
}

Picture compose(const Surfaces& s, const Paints& paints, const ComposeOptions& options) {
  const bool flat = options.light == ComposeOptions::Light::flat;
  const std::optional<Recession> recession = flat ? std::nullopt : std::optional<Recession>(s);
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
          const float light = flat ? 1.0F
                                   : static_cast<float>(s.diffuse[i] / Surfaces::kFullLight) *
                                         (1.0F - 0.35F * recession->at(i % wide, i / wide, s.depth[i]));
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
