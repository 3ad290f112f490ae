// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ipsi::render {

/// An sRGB colour, 0..255 a channel.
struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  friend auto operator<=>(const Rgb&, const Rgb&) = default;
};

/// CIE L*a*b* under D65, 2 degree observer; L* 0..100.
struct Lab {
  double l = 0.0, a = 0.0, b = 0.0;
};

[[nodiscard]] Lab to_lab(Rgb colour);
[[nodiscard]] Rgb to_rgb(const Lab& colour);       ///< nearest sRGB colour, clipped to the gamut
[[nodiscard]] std::string to_hex(Rgb colour);      ///< "#3A3389"
[[nodiscard]] Rgb from_hex(std::string_view hex);  ///< "#3A3389"; black when malformed (constants only)

/// `part` (0..1) of the way from `from` to `to`, in sRGB as a painter mixes.
[[nodiscard]] Rgb mix(Rgb from, Rgb to, double part);

/// CIEDE2000 colour difference. @source Sharma, Wu, Dalal (2005), Color Res. Appl. 30(1)
[[nodiscard]] double delta_e(const Lab& a, const Lab& b);
[[nodiscard]] double delta_e(Rgb a, Rgb b);

/// grey: no colour at all, as in a grey print.
enum class Vision { normal, protan, deutan, tritan, grey };

/// The colour as a dichromat sees it, full strength; grey of the same luminance.
/// @source Machado, Oliveira, Fernandes (2009), IEEE TVCG 15(6), severity 1.0
[[nodiscard]] Rgb simulate(Rgb colour, Vision vision);
[[nodiscard]] Lab simulate_lab(Rgb colour, Vision vision);  ///< the same, not rounded to 8 bits
/// The same for a picture of 4 bytes a pixel (red, green, blue, alpha), in place; alpha stays.
void simulate(std::uint8_t* rgba, std::size_t pixels, Vision vision);

}  // namespace ipsi::render
