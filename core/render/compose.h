// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/regions.h"
#include "core/render/colour.h"
#include "core/render/scene.h"

namespace ipsi::render {

/// Pixels, rows from the top, 4 bytes each: red, green, blue, alpha (straight, 0 = clear).
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;

  [[nodiscard]] std::array<std::uint8_t, 4> at(int x, int y) const;
};

/// How a region stands in an analysis; each looks different (design README, "Colour tokens").
enum class Look {
  plain,            ///< a value without a test: full colour, thin grey edge
  significant,      ///< full colour, black edge
  not_significant,  ///< 60 % of the way to grey, thin grey edge
  untested,         ///< grey with a 45-degree hatch
  excluded,         ///< clear with a dashed edge
};

/// A region's look and the full colour of its value.
struct Paint {
  Look look = Look::untested;
  Rgb colour{};
};
using Paints = std::array<Paint, kRegions.size()>;  ///< order of kRegions

inline constexpr Rgb kMutedToward{0xDB, 0xDB, 0xDB};
inline constexpr Rgb kUntestedFill{0xF1, 0xF1, 0xF1};
inline constexpr Rgb kThinEdge{0x8A, 0x92, 0x9D};
inline constexpr Rgb kHatch{0x8A, 0x92, 0x9D};

/// The colour that fills a region: the value's own, muted, or the ground of the hatch.
[[nodiscard]] Rgb fill_of(const Paint& paint);

/// Regions in the order of painting outlines: strong edges last, so that no weak one lies over them.
[[nodiscard]] std::vector<std::size_t> painting_order(const Paints& paints);

struct ComposeOptions {
  enum class Light { shaded, flat };
  int supersampling = 2;        ///< pixels of `Surfaces` a side that make one pixel of the picture
  Light light = Light::shaded;  ///< flat: every pixel inside a region has exactly its fill colour
  Rgb brain{0x6E, 0x78, 0x86};  ///< of the translucent brain
  double brain_rim = 0.62;      ///< its opacity where the surface turns away
  double brain_face = 0.045;    ///< its opacity where it faces the viewer
};

/// Surfaces as a picture with a clear background. Excluded regions must not be among those shown.
[[nodiscard]] Picture compose(const Surfaces& surfaces, const Paints& paints, const ComposeOptions& options = {});

}  // namespace ipsi::render
