// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/render/colour.h"

namespace ipsi::render {

/// A ramp of 256 colours, interpolated in Lab between the anchors of resources/colormaps/NAME.json.
struct Colormap {
  static constexpr int kEntries = 256;
  std::string name, title, source;
  bool diverging = false;
  std::vector<Rgb> anchors;  ///< equally spaced, first and last are the ends
  std::array<Rgb, kEntries> entries{};

  /// The entry nearest to `t`, 0..1; outside, the end. t = 0.5 is the neutral middle of a diverging ramp.
  [[nodiscard]] Rgb at(double t) const;
  /// The entry at `offset` from the middle, -0.5..0.5: offsets x and -x are mirrored entries exactly.
  [[nodiscard]] Rgb from_middle(double offset) const;
};

/// Every ramp that is shipped, in alphabetical order ("cividis", "diverging").
[[nodiscard]] const std::vector<Colormap>& colormaps();
[[nodiscard]] const Colormap* find_colormap(std::string_view name);  ///< nullptr when unknown
[[nodiscard]] const Colormap& diverging();
[[nodiscard]] const Colormap& cividis();

/// Values to colours: limits and the ramp between them.
struct Scale {
  double low = -1.0, high = 1.0;  ///< low < high
  const Colormap* map = &diverging();

  [[nodiscard]] Rgb colour(double value) const;  ///< beyond a limit: the colour of that end
  [[nodiscard]] bool beyond(double value) const { return value < low || value > high; }
};

/// The smallest of 1, 1.2, 1.6, 2, 3, 4, 5, 6, 8 x 10^k that is not below the largest magnitude: a limit that
/// divides into four or six even ticks. 1 when there is no finite value or all are 0.
[[nodiscard]] double nice_limit(const std::vector<double>& values);

/// Ticks of a scale symmetric around 0: -limit, -limit/2, 0, limit/2, limit.
[[nodiscard]] std::vector<double> symmetric_ticks(double limit);

}  // namespace ipsi::render
