// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/smooth_noise.h"

#include <algorithm>
#include <cmath>

namespace ipsi::demo {
namespace {

// Mean over a period of the sum of squared cubic B-spline weights is 151 / 315 along one axis.
const double kUnitVariance = std::pow(315.0 / 151.0, 1.5);

}  // namespace

SmoothNoise::SmoothNoise(const std::array<double, 3>& low, const std::array<double, 3>& high, double spacing,
                         const Stream& stream)
    : low_(low), spacing_(spacing) {
  std::size_t n = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    size_[a] = int(std::ceil((high[a] - low[a]) / spacing)) + 4;
    n *= std::size_t(size_[a]);
  }
  coefficients_.resize(n);
  for (std::size_t i = 0; i < n; ++i) coefficients_[i] = float(kUnitVariance * stream.normal(i));
}

SmoothNoise::Taps SmoothNoise::taps(std::size_t axis, double where) const {
  const double t = std::clamp((where - low_[axis]) / spacing_, 0.0, double(size_[axis] - 4) + 0.999);
  const double floor = std::floor(t);
  const double f = t - floor;
  const double g = 1.0 - f;
  return {int(floor),
          {float(g * g * g / 6.0), float((3 * f * f * f - 6 * f * f + 4) / 6.0),
           float((-3 * f * f * f + 3 * f * f + 3 * f + 1) / 6.0), float(f * f * f / 6.0)}};
}

float SmoothNoise::at(double x, double y, double z) const {
  const std::array<Taps, 3> t{taps(0, x), taps(1, y), taps(2, z)};
  float sum = 0;
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = 0; j < 4; ++j) {
      const std::size_t row =
          std::size_t(t[0].first) +
          std::size_t(size_[0]) * (std::size_t(t[1].first) + j + std::size_t(size_[1]) * (std::size_t(t[2].first) + k));
      float line = 0;
      for (std::size_t i = 0; i < 4; ++i) line += t[0].weight[i] * coefficients_[row + i];
      sum += line * t[1].weight[j] * t[2].weight[k];
    }
  return sum;
}

std::vector<float> SmoothNoise::on_lattice(const std::array<double, 3>& origin, double step,
                                           const std::array<int, 3>& size) const {
  std::vector<float> from = coefficients_;
  std::array<int, 3> now = size_;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::array<int, 3> next = now;
    next[axis] = size[axis];
    std::vector<float> to(std::size_t(next[0]) * std::size_t(next[1]) * std::size_t(next[2]));
    const std::size_t inner = axis == 0   ? 1
                              : axis == 1 ? std::size_t(now[0])
                                          : std::size_t(now[0]) * std::size_t(now[1]);
    const std::size_t outer = from.size() / (inner * std::size_t(now[axis]));
    for (int q = 0; q < size[axis]; ++q) {
      const Taps t = taps(axis, origin[axis] + step * q);
      for (std::size_t o = 0; o < outer; ++o) {
        const float* source = from.data() + (o * std::size_t(now[axis]) + std::size_t(t.first)) * inner;
        float* target = to.data() + (o * std::size_t(size[axis]) + std::size_t(q)) * inner;
        for (std::size_t i = 0; i < inner; ++i)
          target[i] = t.weight[0] * source[i] + t.weight[1] * source[i + inner] + t.weight[2] * source[i + 2 * inner] +
                      t.weight[3] * source[i + 3 * inner];
      }
    }
    from = std::move(to);
    now = next;
  }
  return from;
}

}  // namespace ipsi::demo
