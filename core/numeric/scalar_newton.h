// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace ipsi::numeric {

struct Slope {
  double first = 0.0;   ///< derivative of the function that is minimised
  double second = 0.0;  ///< its derivative
};

struct ScalarRoot {
  double x = 0.0;
  int evaluations = 0;
  bool converged = false;
};

/// Root of a derivative inside [low, high], where it is negative at `low` and positive at `high`: Newton's step when
/// it stays inside the bracket and shrinks it, bisection otherwise. Ends when x no longer moves.
/// @param slope  double -> Slope
template <class Function>
[[nodiscard]] ScalarRoot newton_in_bracket(Function&& slope, double low, double high, double start,
                                           double tolerance = 4e-16, int limit = 200) {
  ScalarRoot root{.x = start};
  double step_before = high - low;
  for (; root.evaluations < limit; ++root.evaluations) {
    const Slope at = slope(root.x);
    if (at.first == 0.0) {
      root.converged = true;
      ++root.evaluations;
      return root;
    }
    (at.first < 0.0 ? low : high) = root.x;
    double next = at.second > 0.0 ? root.x - at.first / at.second : low - 1.0;
    // A Newton step must stay inside and at least halve the last one, or the bracket is halved.
    if (!(next > low && next < high) || std::abs(next - root.x) > 0.5 * std::abs(step_before))
      next = 0.5 * (low + high);
    const double step = next - root.x;
    if (std::abs(step) <= tolerance * std::fmax(1.0, std::abs(root.x)) || next == low || next == high) {
      root.x = next;
      root.converged = true;
      ++root.evaluations;
      return root;
    }
    step_before = step;
    root.x = next;
  }
  return root;
}

}  // namespace ipsi::numeric
