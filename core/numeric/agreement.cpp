// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "core/numeric/distributions.h"

namespace ipsi::numeric {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Coefficient kUndefined{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

/// The items that somebody rated, as counts.
struct Counts {
  int categories = 0;
  std::vector<std::vector<int>> count;  ///< [items][categories]
  std::vector<int> raters;              ///< [items]
  std::vector<int> cluster;             ///< [items]
  [[nodiscard]] std::size_t n() const { return count.size(); }
};

Counts counts_of(const RatedItems& rated) {
  Counts out;
  out.categories = rated.categories;
  for (int i = 0; i < rated.items(); ++i) {
    std::vector<int> count(at(rated.categories), 0);
    int raters = 0;
    for (int r = 0; r < rated.raters; ++r) {
      const int code = rated.code[at(i * rated.raters + r)];
      if (code < 0) continue;
      ++count[at(code)];
      ++raters;
    }
    if (raters == 0) continue;
    out.count.push_back(std::move(count));
    out.raters.push_back(raters);
    out.cluster.push_back(rated.cluster.empty() ? i : rated.cluster[at(i)]);
  }
  return out;
}

/// Standard errors of a mean from each item's linearised values, which sum to zero.
/// @param divisor  1 where the variance has n(n - 1) in its divisor, 0 for n^2
void set_errors(Coefficient& c, const std::vector<double>& u, const std::vector<int>& cluster, int divisor) {
  const auto n = static_cast<double>(u.size());
  double squares = 0.0;
  std::map<int, double> sums;
  for (std::size_t i = 0; i < u.size(); ++i) {
    squares += u[i] * u[i];
    sums[cluster[i]] += u[i];
  }
  double cluster_squares = 0.0;
  for (const auto& [key, sum] : sums) cluster_squares += sum * sum;
  const auto groups = static_cast<double>(sums.size());
  if (n > 1.0) c.se = std::sqrt(squares / (n * (n - divisor)));
  if (groups > 1.0)
    c.cluster_se = std::sqrt(cluster_squares / (n * n) * (divisor == 1 ? groups / (groups - 1.0) : 1.0));
}

void set_intervals(Coefficient& c, double z) {
  c.low = std::max(-1.0, c.value - z * c.se);
  c.high = std::min(1.0, c.value + z * c.se);
  c.cluster_low = std::max(-1.0, c.value - z * c.cluster_se);
  c.cluster_high = std::min(1.0, c.value + z * c.cluster_se);
  // max and min drop a NaN on one side only
  if (std::isnan(c.se)) c.low = c.high = kNaN;
  if (std::isnan(c.cluster_se)) c.cluster_low = c.cluster_high = kNaN;
}

/// Wilson's interval of a share p of n.
std::pair<double, double> wilson(double p, double n, double z) {
  const double z2 = z * z / n;
  const double middle = (p + z2 / 2.0) / (1.0 + z2);
  const double half = z / (1.0 + z2) * std::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

/// A share's interval on the number of independent items that would have this standard error: an interval of some
/// width even where nobody ever disagreed.
void set_share_intervals(Coefficient& c, double items, double clusters, double z) {
  const double spread = c.value * (1.0 - c.value);
  const auto effective = [&](double se, double otherwise) {
    return spread > 0.0 && se > 0.0 ? spread / (se * se) : otherwise;
  };
  std::tie(c.low, c.high) = wilson(c.value, effective(c.se, items), z);
  std::tie(c.cluster_low, c.cluster_high) = wilson(c.value, effective(c.cluster_se, clusters), z);
}

/// Chance-corrected agreement (pa - pe) / (1 - pe) with linearised values of both parts.
Coefficient corrected(double pa, double pe, const std::vector<double>& of_pa, const std::vector<double>& of_pe,
                      const std::vector<int>& cluster, int divisor, double z) {
  Coefficient out = kUndefined;
  const double room = 1.0 - pe;
  if (room <= 0.0) return out;
  out.value = (pa - pe) / room;
  std::vector<double> u(of_pa.size());
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = (of_pa[i] - (1.0 - out.value) * of_pe[i]) / room;
  set_errors(out, u, cluster, divisor);
  set_intervals(out, z);
  return out;
}

/// Agreement of pairs of raters, Fleiss' kappa and AC1.
void add_pairwise(Agreement& out, const Counts& c, double z) {
  const auto n = static_cast<double>(c.n());
  const double n2 = out.items;
  std::vector<double> agree(c.n(), 0.0);  // share of an item's pairs of raters
  double pa = 0.0;
  for (std::size_t i = 0; i < c.n(); ++i) {
    const double r = c.raters[i];
    if (c.raters[i] < 2) continue;
    for (const int k : c.count[i]) agree[i] += k * (k - 1.0);
    agree[i] /= r * (r - 1.0);
    pa += agree[i];
  }
  pa /= n2;
  std::vector<double> of_pa(c.n()), of_fleiss(c.n()), of_ac1(c.n());
  double squares = 0.0;
  for (const double p : out.prevalence) squares += p * p;
  for (std::size_t i = 0; i < c.n(); ++i) {
    of_pa[i] = c.raters[i] < 2 ? 0.0 : n / n2 * (agree[i] - pa);
    double mean = 0.0;
    for (std::size_t k = 0; k < out.prevalence.size(); ++k) mean += out.prevalence[k] * c.count[i][k] / c.raters[i];
    of_fleiss[i] = 2.0 * (mean - squares);
    of_ac1[i] = -2.0 * (mean - squares) / (c.categories - 1.0);
  }
  out.percent = kUndefined;
  out.percent.value = pa;
  set_errors(out.percent, of_pa, c.cluster, 1);
  set_share_intervals(out.percent, n2, out.clusters, z);
  out.fleiss = corrected(pa, squares, of_pa, of_fleiss, c.cluster, 1, z);
  out.ac1 = corrected(pa, (1.0 - squares) / (c.categories - 1.0), of_pa, of_ac1, c.cluster, 1, z);
}

/// Cohen's kappa and the table of two raters.
void add_cohen(Agreement& out, const RatedItems& rated, double z) {
  const int q = rated.categories;
  out.confusion.assign(at(q * q), 0);
  std::vector<int> first, second, cluster;
  for (int i = 0; i < rated.items(); ++i) {
    const int a = rated.code[at(2 * i)], b = rated.code[at(2 * i + 1)];
    if (a < 0 || b < 0) continue;
    first.push_back(a);
    second.push_back(b);
    cluster.push_back(rated.cluster.empty() ? i : rated.cluster[at(i)]);
    ++out.confusion[at(a * q + b)];
  }
  if (first.empty()) return;
  const auto n = static_cast<double>(first.size());
  std::vector<double> row(at(q), 0.0), column(at(q), 0.0);
  double po = 0.0, pe = 0.0;
  for (int a = 0; a < q; ++a) {
    for (int b = 0; b < q; ++b) {
      row[at(a)] += out.confusion[at(a * q + b)] / n;
      column[at(b)] += out.confusion[at(a * q + b)] / n;
    }
    po += out.confusion[at(a * q + a)] / n;
  }
  for (int a = 0; a < q; ++a) pe += row[at(a)] * column[at(a)];
  std::vector<double> of_po, of_pe;
  for (std::size_t i = 0; i < first.size(); ++i) {
    of_po.push_back((first[i] == second[i] ? 1.0 : 0.0) - po);
    of_pe.push_back(column[at(first[i])] + row[at(second[i])] - 2.0 * pe);
  }
  out.cohen = corrected(po, pe, of_po, of_pe, cluster, 0, z);
}

}  // namespace

Agreement agreement(const RatedItems& rated, double level) {
  const double z = normal_quantile(0.5 + level / 2.0);
  Agreement out;
  out.percent = out.cohen = out.fleiss = out.ac1 = kUndefined;
  out.prevalence.assign(at(rated.categories), kNaN);
  if (rated.raters == 2) out.confusion.assign(at(rated.categories * rated.categories), 0);
  const Counts counts = counts_of(rated);
  if (counts.n() == 0) return out;
  std::fill(out.prevalence.begin(), out.prevalence.end(), 0.0);
  std::vector<int> clusters;
  for (std::size_t i = 0; i < counts.n(); ++i) {
    ++(counts.raters[i] < 2 ? out.single : out.items);
    if (counts.raters[i] > 1) clusters.push_back(counts.cluster[i]);
    for (std::size_t k = 0; k < out.prevalence.size(); ++k)
      out.prevalence[k] += static_cast<double>(counts.count[i][k]) / counts.raters[i];
  }
  for (double& p : out.prevalence) p /= static_cast<double>(counts.n());
  std::sort(clusters.begin(), clusters.end());
  out.clusters = static_cast<int>(std::unique(clusters.begin(), clusters.end()) - clusters.begin());
  if (out.items == 0) return out;
  add_pairwise(out, counts, z);
  if (rated.raters == 2) add_cohen(out, rated, z);
  return out;
}

}  // namespace ipsi::numeric
