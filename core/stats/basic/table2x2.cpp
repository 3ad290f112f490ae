// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/table2x2.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/text.h"
#include "core/numeric/distributions.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// The count a given its margins: P(x) proportional to w(x) psi^x for lowest <= x <= highest.
class Conditional {
 public:
  Conditional(double a, double b, double c, double d) {
    const double row = a + b, column = a + c, n = a + b + c + d;
    lowest_ = std::max(0.0, row + column - n);
    const double highest = std::min(row, column);
    long double log_weight = 0.0L;
    for (double x = lowest_; x <= highest; ++x) {
      log_weight_.push_back(static_cast<double>(log_weight));
      if (x < highest)
        log_weight += std::log(static_cast<long double>((column - x) * (row - x)) /
                               static_cast<long double>((x + 1.0) * (n - column - row + x + 1.0)));
    }
    at_ = static_cast<std::size_t>(a - lowest_);
  }

  [[nodiscard]] bool single() const { return log_weight_.size() == 1; }
  [[nodiscard]] bool at_lowest() const { return at_ == 0; }
  [[nodiscard]] bool at_highest() const { return at_ + 1 == log_weight_.size(); }

  [[nodiscard]] std::vector<double> probabilities(double log_psi) const {
    std::vector<double> p(log_weight_.size());
    for (std::size_t k = 0; k < p.size(); ++k) p[k] = log_weight_[k] + static_cast<double>(k) * log_psi;
    const double largest = *std::max_element(p.begin(), p.end());
    double sum = 0.0;
    for (double& v : p) sum += (v = std::exp(v - largest));
    for (double& v : p) v /= sum;
    return p;
  }
  /// P(X <= a), P(X >= a) and the mean of X less a.
  struct Split {
    double below = 0.0, above = 0.0, mean_shift = 0.0;
  };
  [[nodiscard]] Split split(double log_psi) const {
    const std::vector<double> p = probabilities(log_psi);
    Split out;
    for (std::size_t k = 0; k < p.size(); ++k) {
      if (k <= at_) out.below += p[k];
      if (k >= at_) out.above += p[k];
      out.mean_shift += (static_cast<double>(k) - static_cast<double>(at_)) * p[k];
    }
    return out;
  }
  [[nodiscard]] double two_sided() const {
    const std::vector<double> p = probabilities(0.0);
    const double most = p[at_] * (1.0 + 1e-7);
    double sum = 0.0;
    for (const double v : p) sum += v <= most ? v : 0.0;
    return std::min(sum, 1.0);
  }

 private:
  std::vector<double> log_weight_;
  double lowest_ = 0.0;
  std::size_t at_ = 0;
};

// exp of the root of a rising function of log psi.
template <class Function>
double psi_where_zero(Function&& f) {
  double low = -1.0, high = 1.0;
  while (f(low) > 0.0 && low > -700.0) low *= 2.0;
  while (f(high) < 0.0 && high < 700.0) high *= 2.0;
  std::uintmax_t steps = 200;
  const auto [left, right] = boost::math::tools::toms748_solve(
      f, low, high, [](double a, double b) { return std::abs(b - a) <= 4e-16 * std::max(1.0, std::abs(a)); }, steps);
  return std::exp(0.5 * (left + right));
}

void fisher(const Conditional& given, Table2x2& out) {
  constexpr double kTail = 0.025;
  const Conditional::Split null = given.split(0.0);
  out.fisher_p = given.two_sided();
  out.p_less = std::min(null.below, 1.0);
  out.p_greater = std::min(null.above, 1.0);
  out.low = 0.0;
  out.high = kInf;
  out.odds_ratio_conditional = kNaN;
  if (given.single()) return;  // the margins leave one table only: the data say nothing
  if (given.at_lowest())
    out.odds_ratio_conditional = 0.0;
  else if (given.at_highest())
    out.odds_ratio_conditional = kInf;
  else
    out.odds_ratio_conditional = psi_where_zero([&](double v) { return given.split(v).mean_shift; });
  // Logarithms of tails are nearly straight in log psi: few steps.
  if (!given.at_lowest()) out.low = psi_where_zero([&](double v) { return std::log(given.split(v).above / kTail); });
  if (!given.at_highest()) out.high = psi_where_zero([&](double v) { return -std::log(given.split(v).below / kTail); });
}

}  // namespace

Result<Table2x2> table2x2(double a, double b, double c, double d) {
  for (const double v : {a, b, c, d})
    if (!(v >= 0.0) || v != std::floor(v) || v > 1e7)
      return fail(Code::InvalidInput,
                  std::isnan(v) ? std::string("a count is missing") : fmt::format("{} is no count", format_double(v)),
                  "", "give whole numbers from 0 to 10,000,000");
  Table2x2 out;
  out.n = a + b + c + d;
  if (out.n == 0.0) return fail(Code::InvalidInput, "all four counts are 0", "", "check the columns");
  const double row[2] = {a + b, c + d}, column[2] = {a + c, b + d};
  for (int i = 0; i < 4; ++i) out.expected[i] = row[i / 2] * column[i % 2] / out.n;
  const double margins = row[0] * row[1] * column[0] * column[1];
  const double cross = a * d - b * c;
  const double gap = std::abs(cross) / out.n;  // |O - E|, the same in all four cells
  const double scale = margins > 0.0 ? out.n * out.n * out.n / margins : kNaN;
  out.chisq = gap * gap * scale;
  out.p = numeric::chi2_above(out.chisq, 1.0);
  const double less = gap - std::min(0.5, gap);
  out.chisq_yates = less * less * scale;
  out.p_yates = numeric::chi2_above(out.chisq_yates, 1.0);
  out.phi = margins > 0.0 ? cross / std::sqrt(margins) : kNaN;
  out.odds_ratio = b * c > 0.0 ? a * d / (b * c) : kNaN;
  fisher(Conditional(a, b, c, d), out);
  return out;
}

Json to_json(const Table2x2& t) {
  return Json{
      {"n", number(t.n)},
      {"chisq", number(t.chisq)},
      {"p", number(t.p)},
      {"chisq_yates", number(t.chisq_yates)},
      {"p_yates", number(t.p_yates)},
      {"expected", {{number(t.expected[0]), number(t.expected[1])}, {number(t.expected[2]), number(t.expected[3])}}},
      {"fisher_p", number(t.fisher_p)},
      {"odds_ratio_sample", number(t.odds_ratio)},
      {"fisher_odds_ratio_cmle", number(t.odds_ratio_conditional)},
      {"fisher_ci95", {number(t.low), number(t.high)}},
      {"phi", number(t.phi)},
      {"fisher_p_less", number(t.p_less)},
      {"fisher_p_greater", number(t.p_greater)}};
}

}  // namespace ipsi::stats
