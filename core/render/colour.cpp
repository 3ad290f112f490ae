// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/colour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ipsi::render {
namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

// sRGB (IEC 61966-2-1) to XYZ and back, white D65.
constexpr Matrix kToXyz{
    {{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}}};
constexpr Matrix kFromXyz{
    {{3.2404542, -1.5371385, -0.4985314}, {-0.9692660, 1.8760108, 0.0415560}, {0.0556434, -0.2040259, 1.0572252}}};
constexpr Triple kWhite{0.95047, 1.0, 1.08883};

Triple times(const Matrix& m, const Triple& v) {
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  return out;
}

double linear(std::uint8_t channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

std::uint8_t encoded(double linear_value) {
  const double v = std::clamp(linear_value, 0.0, 1.0);
  const double c = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1.0 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(255.0 * c));
}

Triple linear(Rgb c) {
  return {linear(c.r), linear(c.g), linear(c.b)};
}
Rgb encoded(const Triple& v) {
  return {encoded(v[0]), encoded(v[1]), encoded(v[2])};
}

double lab_curve(double t) {
  constexpr double kDelta = 6.0 / 29.0;
  return t > kDelta * kDelta * kDelta ? std::cbrt(t) : t / (3 * kDelta * kDelta) + 4.0 / 29.0;
}

double lab_curve_inverse(double t) {
  constexpr double kDelta = 6.0 / 29.0;
  return t > kDelta ? t * t * t : 3 * kDelta * kDelta * (t - 4.0 / 29.0);
}

double degrees(double radians) {
  return radians * 180.0 / std::numbers::pi;
}
double radians(double degrees) {
  return degrees * std::numbers::pi / 180.0;
}

double hue_degrees(double a, double b) {
  if (a == 0.0 && b == 0.0) return 0.0;
  const double h = degrees(std::atan2(b, a));
  return h < 0 ? h + 360.0 : h;
}

Lab linear_to_lab(const Triple& rgb) {
  const Triple xyz = times(kToXyz, rgb);
  const double x = lab_curve(xyz[0] / kWhite[0]), y = lab_curve(xyz[1] / kWhite[1]), z = lab_curve(xyz[2] / kWhite[2]);
  return {116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)};
}

/// Linear light as a dichromat sees it, within the gamut.
Triple seen(Rgb colour, Vision vision) {
  static constexpr Matrix kProtan{
      {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
  static constexpr Matrix kDeutan{
      {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
  static constexpr Matrix kTritan{
      {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
  if (vision == Vision::normal) return linear(colour);
  if (vision == Vision::grey) {
    const double luminance = times(kToXyz, linear(colour))[1];
    return {luminance, luminance, luminance};
  }
  const Matrix& matrix = vision == Vision::protan ? kProtan : vision == Vision::deutan ? kDeutan : kTritan;
  Triple out = times(matrix, linear(colour));
  for (double& channel : out) channel = std::clamp(channel, 0.0, 1.0);
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 0;
}

}  // namespace

Lab to_lab(Rgb colour) {
  return linear_to_lab(linear(colour));
}

Rgb to_rgb(const Lab& colour) {
  const double y = (colour.l + 16.0) / 116.0;
  const Triple xyz{kWhite[0] * lab_curve_inverse(y + colour.a / 500.0), kWhite[1] * lab_curve_inverse(y),
                   kWhite[2] * lab_curve_inverse(y - colour.b / 200.0)};
  return encoded(times(kFromXyz, xyz));
}

std::string to_hex(Rgb colour) {
  return fmt::format("#{:02X}{:02X}{:02X}", colour.r, colour.g, colour.b);
}

Rgb from_hex(std::string_view hex) {
  if (hex.size() != 7 || hex[0] != '#') return {};
  const auto channel = [&](std::size_t at) {
    return static_cast<std::uint8_t>(16 * hex_digit(hex[at]) + hex_digit(hex[at + 1]));
  };
  return {channel(1), channel(3), channel(5)};
}

Rgb mix(Rgb from, Rgb to, double part) {
  const auto channel = [part](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + part * (b - a)));
  };
  return {channel(from.r, to.r), channel(from.g, to.g), channel(from.b, to.b)};
}

double delta_e(Rgb a, Rgb b) {
  return delta_e(to_lab(a), to_lab(b));
}

double delta_e(const Lab& p, const Lab& q) {
  const double c_mean = 0.5 * (std::hypot(p.a, p.b) + std::hypot(q.a, q.b));
  const double c7 = std::pow(c_mean, 7);
  const double g = 0.5 * (1.0 - std::sqrt(c7 / (c7 + std::pow(25.0, 7))));
  const double a1 = (1 + g) * p.a, a2 = (1 + g) * q.a;
  const double c1 = std::hypot(a1, p.b), c2 = std::hypot(a2, q.b);
  const double h1 = hue_degrees(a1, p.b), h2 = hue_degrees(a2, q.b);
  const bool grey = c1 * c2 == 0.0;
  double dh = grey ? 0.0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  const double d_hue = 2.0 * std::sqrt(c1 * c2) * std::sin(radians(dh / 2));
  double h_mean = h1 + h2;
  if (!grey) {
    if (std::abs(h1 - h2) > 180) h_mean += h_mean < 360 ? 360 : -360;
    h_mean /= 2;
  }
  const double l_mean = 0.5 * (p.l + q.l), cc = 0.5 * (c1 + c2);
  const double t = 1 - 0.17 * std::cos(radians(h_mean - 30)) + 0.24 * std::cos(radians(2 * h_mean)) +
                   0.32 * std::cos(radians(3 * h_mean + 6)) - 0.20 * std::cos(radians(4 * h_mean - 63));
  const double l50 = (l_mean - 50) * (l_mean - 50);
  const double sl = 1 + 0.015 * l50 / std::sqrt(20 + l50), sc = 1 + 0.045 * cc, sh = 1 + 0.015 * cc * t;
  const double cc7 = std::pow(cc, 7);
  const double turn = 30 * std::exp(-std::pow((h_mean - 275) / 25, 2));
  const double rt = -std::sin(radians(2 * turn)) * 2 * std::sqrt(cc7 / (cc7 + std::pow(25.0, 7)));
  const double dl = (q.l - p.l) / sl, dc = (c2 - c1) / sc, dhue = d_hue / sh;
  return std::sqrt(dl * dl + dc * dc + dhue * dhue + rt * dc * dhue);
}

Rgb simulate(Rgb colour, Vision vision) {
  return encoded(seen(colour, vision));
}

void simulate(std::uint8_t* rgba, std::size_t pixels, Vision vision) {
  if (vision == Vision::normal) return;
  Rgb last{}, last_seen = simulate(last, vision);  // neighbours are mostly alike
  for (std::size_t i = 0; i < pixels; ++i, rgba += 4) {
    const Rgb colour{rgba[0], rgba[1], rgba[2]};
    if (colour != last) {
      last = colour;
      last_seen = simulate(colour, vision);
    }
    rgba[0] = last_seen.r;
    rgba[1] = last_seen.g;
    rgba[2] = last_seen.b;
  }
}

Lab simulate_lab(Rgb colour, Vision vision) {
  return linear_to_lab(seen(colour, vision));
}

}  // namespace ipsi::render
