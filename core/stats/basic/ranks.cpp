// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/ranks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/numeric/distributions.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void drop_missing(std::vector<double>& x) {
  std::erase_if(x, [](double v) { return std::isnan(v); });
}

std::string magnitude_of(double r) {
  if (std::isnan(r)) return {};
  return r < 0.3 ? "small" : (r < 0.5 ? "moderate" : "large");
}

// Half a step towards the middle.
double corrected(double shift) {
  return shift - (shift > 0.0 ? 0.5 : (shift < 0.0 ? -0.5 : 0.0));
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

// P(V <= v) and P(V >= v) of n ranks with random signs, each summed from its own, smaller end.
std::pair<double, double> signed_tails(int n, double v) {
  const std::size_t top = static_cast<std::size_t>(n) * (static_cast<std::size_t>(n) + 1) / 2;
  std::vector<double> f(top + 1, 0.0);
  f[0] = 1.0;
  for (std::size_t k = 1, reach = 0; k <= static_cast<std::size_t>(n); ++k) {
    reach += k;
    for (std::size_t s = reach + 1; s-- > 0;) f[s] = 0.5 * (f[s] + (s >= k ? f[s - k] : 0.0));
  }
  const auto at = static_cast<std::size_t>(std::llround(v));
  double below = 0.0, above = 0.0;
  for (std::size_t s = 0; s <= at; ++s) below += f[s];
  for (std::size_t s = top + 1; s-- > at;) above += f[s];
  return {std::min(below, 1.0), std::min(above, 1.0)};
}

}  // namespace

double Ranks::tie_sum() const {
  return std::accumulate(ties.begin(), ties.end(), 0.0, [](double sum, double t) { return sum + t * t * t - t; });
}

Ranks ranks_of(const std::vector<double>& x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  Ranks out;
  out.rank.resize(x.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && x[order[j]] == x[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) out.rank[order[k]] = 0.5 * static_cast<double>(i + 1 + j);
    if (j - i > 1) out.ties.push_back(static_cast<double>(j - i));
    i = j;
  }
  return out;
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
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  const Ranks ranked = ranks_of(all);
  out.w = std::accumulate(ranked.rank.begin(), ranked.rank.begin() + out.n_a, 0.0) - na * (na + 1.0) / 2.0;
  const double variance = na * nb / 12.0 * ((n + 1.0) - ranked.tie_sum() / (n * (n - 1.0)));
  const double sd = variance > 0.0 ? std::sqrt(variance) : kNaN;
  const double shift = out.w - na * nb / 2.0;
  out.z = shift / sd;
  out.r = std::abs(out.z) / std::sqrt(n);
  out.magnitude = magnitude_of(out.r);
  out.p_normal = std::min(1.0, numeric::normal_two_sided(corrected(shift) / sd));
  out.p_normal_uncorrected = numeric::normal_two_sided(out.z);
  const bool ties = !ranked.ties.empty();
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

Result<SignedRank> signed_rank(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size())
    return fail(Code::InvalidInput, fmt::format("{} values against {}: these are no pairs", x.size(), y.size()));
  SignedRank out;
  std::vector<double> size;
  std::vector<bool> positive;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = x[i] - y[i];
    if (std::isnan(d)) continue;
    ++out.n;
    if (d == 0.0) continue;
    size.push_back(std::abs(d));
    positive.push_back(d > 0.0);
  }
  out.n_nonzero = static_cast<int>(size.size());
  if (size.empty())
    return fail(Code::InvalidInput,
                out.n == 0 ? "there is no complete pair" : fmt::format("all {} pairs are equal", out.n), "",
                "a signed-rank test needs pairs that differ");
  const Ranks ranked = ranks_of(size);
  for (std::size_t i = 0; i < size.size(); ++i) out.v += positive[i] ? ranked.rank[i] : 0.0;
  const double n = out.n_nonzero;
  const double sd = std::sqrt(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranked.tie_sum() / 48.0);
  const double shift = out.v - n * (n + 1.0) / 4.0;
  out.z = shift / sd;
  out.r = std::abs(out.z) / std::sqrt(n);
  out.magnitude = magnitude_of(out.r);
  out.p_normal = std::min(1.0, numeric::normal_two_sided(corrected(shift) / sd));
  out.p_normal_uncorrected = numeric::normal_two_sided(out.z);
  const bool plain = ranked.ties.empty() && out.n_nonzero == out.n;
  out.exact_by_default = plain && out.n_nonzero < 50;
  if (plain && out.n_nonzero <= 1000) {
    const auto [below, above] = signed_tails(out.n_nonzero, out.v);
    out.p_exact = std::min(1.0, 2.0 * std::min(below, above));
  }
  out.p = out.exact_by_default ? *out.p_exact : out.p_normal;
  return out;
}

Result<Kruskal> kruskal(const std::vector<double>& x, const std::vector<int>& group) {
  if (x.size() != group.size())
    return fail(Code::InvalidInput, fmt::format("{} values, {} group codes", x.size(), group.size()));
  std::vector<double> kept;
  std::vector<std::size_t> code;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || group[i] < 0) continue;
    kept.push_back(x[i]);
    code.push_back(static_cast<std::size_t>(group[i]));
  }
  const Ranks ranked = ranks_of(kept);
  std::vector<double> sum(code.empty() ? 0 : *std::max_element(code.begin(), code.end()) + 1, 0.0), count = sum;
  for (std::size_t i = 0; i < code.size(); ++i) {
    sum[code[i]] += ranked.rank[i];
    count[code[i]] += 1.0;
  }
  const auto k = std::count_if(count.begin(), count.end(), [](double c) { return c > 0.0; });
  if (k < 2)
    return fail(Code::InvalidInput, fmt::format("{} group has values; the test compares two or more", k), "",
                "check the grouping column");
  Kruskal out;
  out.n = static_cast<int>(kept.size());
  out.df = static_cast<int>(k) - 1;
  const double n = out.n;
  // Deviations of the groups' mean ranks: no difference of two large numbers.
  double between = 0.0;
  for (std::size_t g = 0; g < sum.size(); ++g)
    if (count[g] > 0.0) {
      const double d = sum[g] / count[g] - (n + 1.0) / 2.0;
      between += count[g] * d * d;
    }
  const double varying = 1.0 - ranked.tie_sum() / (n * n * n - n);
  if (!(varying > 0.0))
    return fail(Code::InvalidInput, fmt::format("all {} values are equal", out.n), "", "there is nothing to compare");
  out.h = 12.0 / (n * (n + 1.0)) * between / varying;
  out.p = numeric::chi2_above(out.h, out.df);
  out.eta2 = n > static_cast<double>(k) ? (out.h - out.df) / (n - static_cast<double>(k)) : kNaN;
  out.epsilon2 = out.h / (n - 1.0);
  return out;
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

Json to_json(const SignedRank& result) {
  const auto test = [&](double p) { return Json{{"V", number(result.v)}, {"p", number(p)}}; };
  return Json{{"n", result.n},
              {"n_nonzero", result.n_nonzero},
              {"exact_by_default", result.exact_by_default},
              {"default", test(result.p)},
              {"normal_corrected", test(result.p_normal)},
              {"normal_uncorrected", test(result.p_normal_uncorrected)},
              {"exact", result.p_exact ? test(*result.p_exact) : Json(nullptr)},
              {"z_uncorrected", number(result.z)},
              {"effsize_r", number(result.r)},
              {"magnitude", result.magnitude.empty() ? Json(nullptr) : Json(result.magnitude)}};
}

Json to_json(const Kruskal& result) {
  return Json{{"n", result.n},         {"H", number(result.h)},         {"df", result.df},
              {"p", number(result.p)}, {"eta2_H", number(result.eta2)}, {"epsilon2", number(result.epsilon2)}};
}

}  // namespace ipsi::stats
