// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/robust_psi.h"

#include <array>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/roots.hpp>
#include <cstdint>

namespace ipsi::stats {
namespace {

constexpr double kFar = 39.0;        // beyond it a normal density is 0 in doubles
constexpr double kFarSquare = 80.0;  // chi-square with few degrees of freedom: below 1e-16

/// Integral in pieces that end where the integrand has a kink.
template <class F>
double integral(const F& f, double from, double to) {
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  double sum = 0.0;
  constexpr int kPieces = 24;
  for (int i = 0; i < kPieces; ++i) {
    const double a = from + (to - from) * i / kPieces, b = from + (to - from) * (i + 1) / kPieces;
    sum += Rule::integrate(f, a, b, 0);  // analytic in each piece: one rule of 61 nodes is exact to rounding
  }
  return sum;
}

/// E f(z) of an even f, z standard normal; `kink` > 0.
template <class F>
double normal_mean(const F& f, double kink) {
  const auto g = [&](double z) { return f(z) * std::exp(-0.5 * z * z); };
  return 2.0 / std::sqrt(2.0 * M_PI) * (integral(g, 0.0, kink) + integral(g, kink, kFar));
}

/// E f(v), v chi-square with q degrees of freedom, by v = r^2 so that nothing is singular at 0.
template <class F>
double square_mean(const F& f, int q, double kink_low, double kink_high) {
  const double scale = 2.0 / (std::pow(2.0, 0.5 * q) * std::tgamma(0.5 * q));
  const auto g = [&](double r) { return f(r * r) * std::pow(r, q - 1) * std::exp(-0.5 * r * r); };
  const double low = kink_low > 0.0 ? std::sqrt(kink_low) : 0.0;
  const double high = kink_high > 0.0 ? std::sqrt(kink_high) : 0.0;
  const double end = std::sqrt(kFarSquare + 8.0 * q);
  double sum = low > 0.0 ? integral(g, 0.0, low) : 0.0;
  if (high > low) sum += integral(g, low, high);
  return scale * (sum + integral(g, std::max(low, high), end));
}

}  // namespace

SmoothedHuber::SmoothedHuber(double k) : k_(k) {
  const double a = std::pow(kS, 1.0 / (kS + 1.0));
  c_ = k - std::pow(a, -kS);
  d_ = c_ - a;
}

double bound_of_block(int q) {
  constexpr std::array bounds{1.345, 5.14, 5.55, 5.91, 6.25, 6.55, 6.84};
  return bounds[static_cast<std::size_t>(q - 1)];
}

RobustConstants scalar_constants(const SmoothedHuber& psi) {
  RobustConstants out;
  const double c = psi.c();
  out.slope = out.slope_random = normal_mean([&](double z) { return psi.slope(z); }, c);
  out.square = normal_mean([&](double z) { return psi.psi(z) * psi.psi(z); }, c);
  out.product = normal_mean([&](double z) { return psi.psi(z) * z; }, c);
  const double w = normal_mean([&](double z) { return psi.weight(z) * psi.weight(z); }, c);
  out.kappa = out.square / w;
  return out;
}

RobustConstants block_constants(const SmoothedHuber& psi, int q) {
  if (q == 1) return scalar_constants(psi);
  RobustConstants out;
  const double c = psi.c();
  const auto mean = [&](const auto& f) { return square_mean(f, q, c, 0.0); };
  const double slope = mean([&](double v) { return psi.slope(v); });
  const double weight = mean([&](double v) { return psi.weight(v); });
  out.slope = slope;
  out.slope_random = 2.0 / q * slope * 1.0 + (1.0 - 2.0 / q) * weight;
  out.square = mean([&](double v) { return psi.weight(v) * psi.weight(v) * v; }) / q;
  out.product = mean([&](double v) { return psi.weight(v) * v; }) / q;
  const auto off = [&](double kappa) {
    const double middle = q * kappa;
    return square_mean([&](double v) { return psi.psi(v - middle); }, q, std::max(middle - c, 0.0), middle + c);
  };
  std::uintmax_t steps = 200;
  const auto bracket =
      boost::math::tools::toms748_solve(off, 0.5, 1.5, boost::math::tools::eps_tolerance<double>(50), steps);
  out.kappa = 0.5 * (bracket.first + bracket.second);
  return out;
}

}  // namespace ipsi::stats
