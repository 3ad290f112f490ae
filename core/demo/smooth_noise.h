// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "core/demo/random.h"

namespace ipsi::demo {

/// A random function of space without detail finer than `spacing`: cubic B-splines with normal coefficients, scaled so
/// that values have mean 0 and, on average over space, standard deviation 1.
class SmoothNoise {
 public:
  /// Covers the box [low, high] mm; beyond it the edge goes on.
  SmoothNoise(const std::array<double, 3>& low, const std::array<double, 3>& high, double spacing,
              const Stream& stream);

  [[nodiscard]] float at(double x, double y, double z) const;

  /// Values at origin + step * (i, j, k), i fastest: as `at` on each, but along one axis after the other.
  [[nodiscard]] std::vector<float> on_lattice(const std::array<double, 3>& origin, double step,
                                              const std::array<int, 3>& size) const;

 private:
  struct Taps {
    int first = 0;
    std::array<float, 4> weight{};
  };
  [[nodiscard]] Taps taps(std::size_t axis, double where) const;

  std::array<double, 3> low_;
  double spacing_;
  std::array<int, 3> size_{};
  std::vector<float> coefficients_;
};

}  // namespace ipsi::demo
