// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/shapiro.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/numeric/distributions.h"

namespace ipsi::stats {
namespace {

// c0 + c1 x + c2 x^2 + ..
double polynomial(std::initializer_list<double> coefficients, double x) {
  double out = 0.0;
  for (auto it = std::rbegin(coefficients); it != std::rend(coefficients); ++it) out = out * x + *it;
  return out;
}

// Royston's approximation to the weights of the upper half; antisymmetric for the lower.
std::vector<double> royston_weights(int n) {
  const int half = n / 2;
  std::vector<double> a(half);
  if (n == 3) {
    a[0] = std::numbers::sqrt2 / 2.0;
    return a;
  }
  std::vector<double> m(half);
  double squares = 0.0;
  for (int i = 0; i < half; ++i) {
    m[i] = numeric::normal_quantile((i + 1 - 0.375) / (n + 0.25));
    squares += 2.0 * m[i] * m[i];
  }
  const double root = std::sqrt(squares);
  const double u = 1.0 / std::sqrt(static_cast<double>(n));
  a[0] = polynomial({0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056}, u) - m[0] / root;
  if (n <= 5) {
    const double phi = std::sqrt((squares - 2.0 * m[0] * m[0]) / (1.0 - 2.0 * a[0] * a[0]));
    for (int i = 1; i < half; ++i) a[i] = -m[i] / phi;
    return a;
  }
  a[1] = polynomial({0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633}, u) - m[1] / root;
  const double phi =
      std::sqrt((squares - 2.0 * m[0] * m[0] - 2.0 * m[1] * m[1]) / (1.0 - 2.0 * a[0] * a[0] - 2.0 * a[1] * a[1]));
  for (int i = 2; i < half; ++i) a[i] = -m[i] / phi;
  return a;
}

double shapiro_p(double one_minus_w, int n) {
  if (n == 3) {
    const double p = 6.0 / std::numbers::pi * (std::asin(std::sqrt(1.0 - one_minus_w)) - std::asin(std::sqrt(0.75)));
    return std::max(p, 0.0);
  }
  const double size = n;
  double y = std::log(one_minus_w);
  const double log_n = std::log(size);
  double mean = 0.0, sd = 0.0;
  if (n <= 11) {
    const double gamma = -2.273 + 0.459 * size;
    if (y >= gamma) return 1e-99;
    y = -std::log(gamma - y);
    mean = polynomial({0.544, -0.39978, 0.025054, -6.714e-4}, size);
    sd = std::exp(polynomial({1.3822, -0.77857, 0.062767, -0.0020322}, size));
  } else {
    mean = polynomial({-1.5861, -0.31082, -0.083751, 0.0038915}, log_n);
    sd = std::exp(polynomial({-0.4803, -0.082676, 0.0030302}, log_n));
  }
  return numeric::normal_above((y - mean) / sd);
}

}  // namespace

Result<Shapiro> shapiro(std::vector<double> x) {
  std::erase_if(x, [](double v) { return std::isnan(v); });
  const int n = static_cast<int>(x.size());
  if (n < 3 || n > 5000)
    return fail(Code::InvalidInput, fmt::format("Shapiro-Wilk needs 3 to 5000 values, there are {}", n), "",
                n < 3 ? "use more rows" : "look at a quantile plot instead");
  std::sort(x.begin(), x.end());
  const double range = x.back() - x.front();
  if (!(range > 0.0) || !std::isfinite(range))
    return fail(Code::InvalidInput, fmt::format("all {} values are equal", n), "",
                "the test says nothing about a constant");
  const std::vector<double> a = royston_weights(n);
  // Weights of all n values; then W is the squared correlation of values and weights, 1 - W without cancellation.
  const double centre = x[n / 2];
  double mean = 0.0;
  for (double& v : x) mean += (v = (v - centre) / range);
  mean /= n;
  double sxx = 0.0, saa = 0.0, sax = 0.0;
  for (int i = 0; i < n; ++i) {
    const int mirror = n - 1 - i;
    const double weight = i == mirror ? 0.0 : (i < mirror ? -a[i] : a[mirror]);
    const double d = x[i] - mean;
    sxx += d * d;
    saa += weight * weight;
    sax += weight * d;
  }
  const double root = std::sqrt(saa * sxx);
  const double one_minus_w = (root - sax) * (root + sax) / (saa * sxx);
  return Shapiro{.n = n, .w = 1.0 - one_minus_w, .p = shapiro_p(one_minus_w, n)};
}

Json to_json(const Shapiro& result) {
  return Json{{"n", result.n}, {"W", number(result.w)}, {"p", number(result.p)}};
}

}  // namespace ipsi::stats
