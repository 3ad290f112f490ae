// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/correlation.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/numeric/distributions.h"
#include "core/stats/basic/ranks.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kExactSpearman = 9, kSeriesSpearman = 1290;

struct Line {
  double r = 0.0, rest = 0.0;  // rest: 1 - r^2, without cancellation
};

// Unit vectors: 1 - r^2 is the squared length of what x leaves of y.
Line product_moment(const std::vector<double>& x, const std::vector<double>& y) {
  const auto unit = [](std::vector<double> v) {
    const double largest =
        std::abs(*std::max_element(v.begin(), v.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
    if (largest > 0.0)
      for (double& e : v) e /= largest;
    for (int twice = 0; twice < 2; ++twice) {
      const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
      for (double& e : v) e -= mean;
    }
    const double length = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
    for (double& e : v) e /= length;
    return v;
  };
  const std::vector<double> a = unit(x), b = unit(y);
  Line out;
  out.r = std::clamp(std::inner_product(a.begin(), a.end(), b.begin(), 0.0), -1.0, 1.0);
  for (std::size_t i = 0; i < a.size(); ++i) out.rest += (b[i] - out.r * a[i]) * (b[i] - out.r * a[i]);
  return out;
}

double t_of(const Line& line, double df) {
  return line.r / std::sqrt(line.rest / df);
}

Interval around(double r, double se) {
  if (!std::isfinite(se)) return {kNaN, kNaN};
  const double centre = std::atanh(r), reach = numeric::normal_quantile(0.975) * se;
  return {std::tanh(centre - reach), std::tanh(centre + reach)};
}

// 1 / sqrt(n - lost), NaN where there is nothing to divide by.
double root_of_rest(double numerator, double rest) {
  return rest > 0.0 ? std::sqrt(numerator / rest) : kNaN;
}

// Permutations of 0..n-1 counted by their sum of squared differences: ranks are given out one by one.
std::vector<double> spearman_counts(int n) {
  const int top = (n * n * n - n) / 3;
  const auto sets = std::size_t{1} << n;
  std::vector<std::vector<double>> ways(sets);
  ways[0].assign(static_cast<std::size_t>(top) + 1, 0.0);
  ways[0][0] = 1.0;
  for (std::size_t set = 1; set < sets; ++set) {
    const int last = std::popcount(set) - 1;
    std::vector<double>& at = ways[set];
    at.assign(static_cast<std::size_t>(top) + 1, 0.0);
    for (int k = 0; k < n; ++k) {
      if ((set >> k & 1U) == 0) continue;
      const std::vector<double>& from = ways[set & ~(std::size_t{1} << k)];
      const int d = (k - last) * (k - last);
      for (int s = d; s <= top; ++s) at[s] += from[s - d];
    }
  }
  return ways[sets - 1];
}

// P(S >= s) by an Edgeworth series (coefficients of AS 89).
double series_above(double s, double n) {
  const double b = 1.0 / n;
  const double x = (6.0 * (s - 1.0) * b / (n * n - 1.0) - 1.0) * std::sqrt(n - 1.0);
  const double y = x * x;
  const double high = 0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y);
  const double middle = 0.0879 + 0.0151 * b - y * high;
  const double low = -0.0758 + b * (0.1033 + 0.3932 * b) - y * b * middle;
  const double u = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * low);
  return std::clamp(u / std::exp(y / 2.0) + numeric::normal_above(x), 0.0, 1.0);
}

Spearman spearman_of(const Ranks& x, const Ranks& y) {
  const double n = static_cast<double>(x.rank.size());
  const Line line = product_moment(x.rank, y.rank);
  Spearman out;
  out.rho = line.r;
  out.ties = !x.ties.empty() || !y.ties.empty();
  const double most = (n * n * n - n) / 6.0;
  out.s = most * (1.0 - out.rho);
  out.p_t = numeric::t_two_sided(t_of(line, n - 2.0), n - 2.0);
  out.p = out.p_t;
  if (!out.ties && n < kSeriesSpearman) {
    const double s = 2.0 * std::round(out.s / 2.0);
    const Tails tails = spearman_tails(s, static_cast<int>(n));
    out.p = std::min(1.0, 2.0 * (s > most ? tails.above : tails.below));
  }
  out.fisher = around(out.rho, root_of_rest(1.0, n - 3.0));
  out.bonett_wright = around(out.rho, root_of_rest(1.0 + 0.5 * out.rho * out.rho, n - 3.0));
  return out;
}

// Swaps that sorting by merging takes: the pairs that stand in the wrong order.
double count_swaps(std::vector<double>& v) {
  double swaps = 0.0;
  std::vector<double> other(v.size());
  for (std::size_t width = 1; width < v.size(); width *= 2) {
    for (std::size_t low = 0; low < v.size(); low += 2 * width) {
      const std::size_t middle = std::min(low + width, v.size()), high = std::min(low + 2 * width, v.size());
      for (std::size_t a = low, b = middle, at = low; at < high; ++at) {
        if (b >= high || (a < middle && v[a] <= v[b])) {
          other[at] = v[a++];
        } else {
          swaps += static_cast<double>(middle - a);
          other[at] = v[b++];
        }
      }
    }
    v.swap(other);
  }
  return swaps;
}

struct TieSums {
  double pairs = 0.0, threes = 0.0, variance = 0.0;  // t (t-1), t (t-1) (t-2), t (t-1) (2t+5)
};
TieSums tie_sums(const std::vector<double>& ties) {
  TieSums out;
  for (const double t : ties) {
    out.pairs += t * (t - 1.0);
    out.threes += t * (t - 1.0) * (t - 2.0);
    out.variance += t * (t - 1.0) * (2.0 * t + 5.0);
  }
  return out;
}

Kendall kendall_of(const Ranks& x, const Ranks& y) {
  const double n = static_cast<double>(x.rank.size());
  std::vector<std::size_t> order(x.rank.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return x.rank[a] != x.rank[b] ? x.rank[a] < x.rank[b] : y.rank[a] < y.rank[b];
  });
  std::vector<double> sorted(order.size());
  double both = 0.0;  // pairs tied in x and in y
  for (std::size_t i = 0, run = 0; i < order.size(); ++i) {
    sorted[i] = y.rank[order[i]];
    const bool same = i > 0 && x.rank[order[i]] == x.rank[order[i - 1]] && sorted[i] == sorted[i - 1];
    run = same ? run + 1 : 0;
    both += static_cast<double>(run);
  }
  const double discordant = count_swaps(sorted);
  const TieSums tx = tie_sums(x.ties), ty = tie_sums(y.ties);
  const double all = n * (n - 1.0) / 2.0, in_x = tx.pairs / 2.0, in_y = ty.pairs / 2.0;
  const double s = all - in_x - in_y + both - 2.0 * discordant;  // concordant - discordant
  Kendall out;
  out.tau = s / std::sqrt((all - in_x) * (all - in_y));
  const double variance = (n * (n - 1.0) * (2.0 * n + 5.0) - tx.variance - ty.variance) / 18.0 +
                          tx.pairs * ty.pairs / (2.0 * n * (n - 1.0)) +
                          tx.threes * ty.threes / (9.0 * n * (n - 1.0) * (n - 2.0));
  out.z = s / std::sqrt(variance);
  out.p = numeric::normal_two_sided(out.z);
  out.ci = around(out.tau, root_of_rest(0.437, n - 4.0));
  return out;
}

}  // namespace

Tails spearman_tails(double s, int n) {
  // The lower tail by the mirror image: never 1 - F.
  if (n > kExactSpearman) return {series_above((static_cast<double>(n) * n * n - n) / 3.0 - s, n), series_above(s, n)};
  const std::vector<double> counts = spearman_counts(n);
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  Tails out;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double at = static_cast<double>(k);
    if (at <= s) out.below += counts[k] / all;
    if (at >= s) out.above += counts[k] / all;
  }
  return out;
}

Result<Correlation> correlation(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size())
    return fail(Code::InvalidInput, fmt::format("{} values against {}: these are no pairs", x.size(), y.size()));
  std::vector<double> a, b;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    a.push_back(x[i]);
    b.push_back(y[i]);
  }
  if (a.size() < 3)
    return fail(Code::InvalidInput, fmt::format("a correlation needs three complete pairs, there are {}", a.size()), "",
                "use more rows");
  for (const auto* v : {&a, &b})
    if (std::all_of(v->begin(), v->end(), [&](double e) { return e == v->front(); }))
      return fail(Code::InvalidInput,
                  fmt::format("{} is {} in all {} pairs", v == &a ? "x" : "y", v->front(), v->size()), "",
                  "a constant correlates with nothing");
  Correlation out;
  out.n = static_cast<int>(a.size());
  const double df = out.n - 2.0;
  const Line line = product_moment(a, b);
  out.pearson.r = line.r;
  out.pearson.df = df;
  out.pearson.t = t_of(line, df);
  out.pearson.p = numeric::t_two_sided(out.pearson.t, df);
  out.pearson.ci = around(line.r, root_of_rest(1.0, out.n - 3.0));
  const Ranks rx = ranks_of(a), ry = ranks_of(b);
  out.spearman = spearman_of(rx, ry);
  out.kendall = kendall_of(rx, ry);
  return out;
}

Json to_json(const Correlation& c) {
  return Json{{"n", c.n},
              {"pearson",
               {{"r", number(c.pearson.r)},
                {"t", number(c.pearson.t)},
                {"df", number(c.pearson.df)},
                {"p", number(c.pearson.p)},
                {"ci95", numbers(c.pearson.ci)}}},
              {"spearman",
               {{"rho", number(c.spearman.rho)},
                {"S", number(c.spearman.s)},
                {"p_default", number(c.spearman.p)},
                {"p_t_approx", number(c.spearman.p_t)},
                {"ties", c.spearman.ties},
                {"ci95_fisher", numbers(c.spearman.fisher)},
                {"ci95_bonett_wright", numbers(c.spearman.bonett_wright)}}},
              {"kendall",
               {{"tau_b", number(c.kendall.tau)},
                {"z", number(c.kendall.z)},
                {"p_normal", number(c.kendall.p)},
                {"ci95_fieller", numbers(c.kendall.ci)}}}};
}

}  // namespace ipsi::stats
