// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace ipsi::stats {

/// The smoothed Huber function: the identity up to `c`, then a curve towards the bound `k` with a continuous
/// derivative.
///
///     psi(x) = x for |x| <= c, sign(x) (k - (|x| - d)^-s) beyond;  s = 10, a = s^(1/(s+1)), c = k - a^-s, d = c - a
///
/// @source Koller (2013), Robust estimation of linear mixed models, ETH Zurich, section 2.1
class SmoothedHuber {
 public:
  explicit SmoothedHuber(double k);

  [[nodiscard]] double k() const { return k_; }
  [[nodiscard]] double c() const { return c_; }
  [[nodiscard]] double d() const { return d_; }
  [[nodiscard]] double psi(double x) const {
    const double size = std::abs(x);
    return size <= c_ ? x : std::copysign(k_ - tail(size), x);
  }
  [[nodiscard]] double slope(double x) const {
    const double size = std::abs(x);
    return size <= c_ ? 1.0 : kS * tail(size) / (size - d_);
  }
  /// psi(x) / x, 1 at 0.
  [[nodiscard]] double weight(double x) const {
    const double size = std::abs(x);
    return size <= c_ ? 1.0 : (k_ - tail(size)) / size;
  }

 private:
  static constexpr double kS = 10.0;
  /// (x - d)^-10
  [[nodiscard]] double tail(double x) const {
    const double r = 1.0 / (x - d_), r2 = r * r, r4 = r2 * r2;
    return r4 * r4 * r2;
  }
  double k_, c_, d_;
};

/// Expectations under the normal model: of residuals, standard normal; of random effects in blocks of q, by v = |u|^2,
/// chi-square with q degrees of freedom (q = 1: the scalar u itself).
struct RobustConstants {
  double slope = 0;         ///< E psi'
  double square = 0;        ///< E psi^2; blocks: E[w^2 v] / q
  double product = 0;       ///< E[psi(z) z]; blocks: E[w v] / q
  double slope_random = 0;  ///< D_b: E psi'; blocks: (2/q) E psi'(v) + (1 - 2/q) E w(v) with psi, w of v
  double kappa = 0;         ///< scalar: E[w^2 z^2] / E[w^2]; blocks: root of E psi(v - q kappa) = 0
};
[[nodiscard]] RobustConstants scalar_constants(const SmoothedHuber& psi);
[[nodiscard]] RobustConstants block_constants(const SmoothedHuber& psi, int q);
/// The bound that a block of q needs: 1.345 for 1, 5.14, 5.55, 5.91, 6.25, 6.55, 6.84 for 2..7.
[[nodiscard]] double bound_of_block(int q);

}  // namespace ipsi::stats
