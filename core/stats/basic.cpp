// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/numeric/distributions.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void drop_missing(std::vector<double>& x) {
  std::erase_if(x, [](double v) { return std::isnan(v); });
}

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

struct Ranked {
  double w = 0.0;     // rank sum of A less its smallest value
  double ties = 0.0;  // sum of t^3 - t
};

Ranked rank_pair(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::pair<double, bool>> all;
  for (const double v : a) all.emplace_back(v, true);
  for (const double v : b) all.emplace_back(v, false);
  std::sort(all.begin(), all.end(), [](const auto& l, const auto& r) { return l.first < r.first; });
  Ranked out;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t j = i;
    while (j < all.size() && all[j].first == all[i].first) ++j;
    const double rank = 0.5 * static_cast<double>(i + 1 + j);
    for (std::size_t k = i; k < j; ++k)
      if (all[k].second) out.w += rank;
    const double t = static_cast<double>(j - i);
    out.ties += t * t * t - t;
    i = j;
  }
  const double n = static_cast<double>(a.size());
  out.w -= n * (n + 1.0) / 2.0;
  return out;
}

// Probabilities of W = 0, 1, .. n_a n_b without ties: the chance that A holds the largest value splits the problem.
// Only one row of sizes is kept: f[k] is the distribution for k values of A among those met so far.
std::vector<double> rank_sum_distribution(int n_a, int n_b) {
  const int top = n_a * n_b;
  std::vector<std::vector<double>> f(n_a + 1);
  for (int k = 0; k <= n_a; ++k) f[k].assign(static_cast<std::size_t>(top) + 1, 0.0);
  for (int k = 0; k <= n_a; ++k) f[k][0] = 1.0;  // no value of B: W = 0
  for (int b = 1; b <= n_b; ++b)
    for (int k = 1; k <= n_a; ++k) {  // f[k] (with b - 1) and f[k - 1] (already with b) give f[k] with b
      const double from_a = static_cast<double>(k) / (k + b);
      std::vector<double>& at = f[k];
      const std::vector<double>& less = f[k - 1];
      for (int w = k * b; w >= 0; --w) at[w] = (1.0 - from_a) * at[w] + (w >= b ? from_a * less[w - b] : 0.0);
    }
  return f[n_a];
}

// P(W <= w) and P(W >= w), each summed from its own, smaller end.
std::pair<double, double> exact_tails(int n_a, int n_b, double w) {
  const std::vector<double> f = rank_sum_distribution(n_a, n_b);
  const auto at = static_cast<std::size_t>(std::llround(w));
  double below = 0.0, above = 0.0;
  for (std::size_t i = 0; i <= at; ++i) below += f[i];
  for (std::size_t i = f.size(); i-- > at;) above += f[i];
  return {std::min(below, 1.0), std::min(above, 1.0)};
}

}  // namespace

Result<Shapiro> shapiro(std::vector<double> x) {
  drop_missing(x);
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

Result<RankSum> rank_sum(std::vector<double> a, std::vector<double> b) {
  drop_missing(a);
  drop_missing(b);
  if (a.empty() || b.empty())
    return fail(Code::InvalidInput,
                fmt::format("a rank-sum test needs two groups with values, there are {} and {}", a.size(), b.size()),
                "", "check the grouping column");
  RankSum out;
  out.n_a = static_cast<int>(a.size());
  out.n_b = static_cast<int>(b.size());
  const double na = out.n_a, nb = out.n_b, n = na + nb;
  const Ranked ranked = rank_pair(a, b);
  out.w = ranked.w;
  const double variance = na * nb / 12.0 * ((n + 1.0) - ranked.ties / (n * (n - 1.0)));
  const double sd = variance > 0.0 ? std::sqrt(variance) : kNaN;
  const double shift = out.w - na * nb / 2.0;
  const double corrected = shift - (shift > 0.0 ? 0.5 : (shift < 0.0 ? -0.5 : 0.0));
  out.z = shift / sd;
  out.r = std::abs(out.z) / std::sqrt(n);
  if (!std::isnan(out.r)) out.magnitude = out.r < 0.3 ? "small" : (out.r < 0.5 ? "moderate" : "large");
  out.p_normal = std::min(1.0, numeric::normal_two_sided(corrected / sd));
  out.p_normal_uncorrected = numeric::normal_two_sided(out.z);
  const bool ties = ranked.ties > 0.0;
  out.exact_by_default = !ties && out.n_a < 50 && out.n_b < 50;
  constexpr double kMostOperations = 2e8;
  if (!ties && na * nb * na * nb / 2.0 < kMostOperations) {
    const auto [below, above] = exact_tails(out.n_a, out.n_b, out.w);
    out.p_exact = std::min(1.0, 2.0 * std::min(below, above));
    if (out.exact_by_default) {
      out.p = *out.p_exact;
      out.p_less = below;
      out.p_greater = above;
    }
  }
  if (!out.exact_by_default) {
    out.p = out.p_normal;
    out.p_less = numeric::normal_below((shift + 0.5) / sd);
    out.p_greater = numeric::normal_above((shift - 0.5) / sd);
  }
  return out;
}

Json to_json(const Shapiro& result) {
  return Json{{"n", result.n}, {"W", number(result.w)}, {"p", number(result.p)}};
}

Json to_json(const RankSum& result) {
  const auto test = [&](double p) { return Json{{"W", number(result.w)}, {"p", number(p)}}; };
  Json out{{"n", {result.n_a, result.n_b}},
           {"exact_by_default", result.exact_by_default},
           {"default", test(result.p)},
           {"normal_corrected", test(result.p_normal)},
           {"normal_uncorrected", test(result.p_normal_uncorrected)}};
  out["exact"] = result.p_exact ? test(*result.p_exact) : Json(nullptr);
  out["less"] = test(result.p_less);
  out["greater"] = test(result.p_greater);
  out["z_uncorrected"] = number(result.z);
  out["effsize_r"] = number(result.r);
  out["magnitude"] = result.magnitude.empty() ? Json(nullptr) : Json(result.magnitude);
  return out;
}

}  // namespace ipsi::stats
