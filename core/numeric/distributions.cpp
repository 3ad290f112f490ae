// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/distributions.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ipsi::numeric {
namespace {

namespace bm = boost::math;

// Errors as values (NaN, inf), and no promotion to long double: it is slow and the tails need range, not digits.
using Policy = bm::policies::policy<
    bm::policies::domain_error<bm::policies::ignore_error>, bm::policies::pole_error<bm::policies::ignore_error>,
    bm::policies::overflow_error<bm::policies::ignore_error>,
    bm::policies::evaluation_error<bm::policies::ignore_error>, bm::policies::promote_double<false>>;
using Normal = bm::normal_distribution<double, Policy>;
using StudentT = bm::students_t_distribution<double, Policy>;
using FisherF = bm::fisher_f_distribution<double, Policy>;
using ChiSquared = bm::chi_squared_distribution<double, Policy>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

bool is_df(double df) {
  return df > 0.0;
}  // false for NaN

}  // namespace

double normal_density(double z) {
  return std::exp(-0.5 * z * z) * 0.39894228040143267794;
}
double normal_below(double z) {
  return 0.5 * std::erfc(-z * 0.70710678118654752440);
}
double normal_above(double z) {
  return 0.5 * std::erfc(z * 0.70710678118654752440);
}
double normal_two_sided(double z) {
  return std::erfc(std::abs(z) * 0.70710678118654752440);
}

double normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return kNaN;
  if (p == 0.0) return -kInf;
  if (p == 1.0) return kInf;
  return bm::quantile(Normal(), p);
}

double t_above(double t, double df) {
  if (std::isnan(t) || !is_df(df)) return kNaN;
  if (std::isinf(t)) return t > 0 ? 0.0 : 1.0;
  return bm::cdf(bm::complement(StudentT(df), t));
}
double t_below(double t, double df) {
  return t_above(-t, df);
}
double t_two_sided(double t, double df) {
  return 2.0 * t_above(std::abs(t), df);
}

double t_quantile(double p, double df) {
  if (!(p >= 0.0 && p <= 1.0) || !is_df(df)) return kNaN;
  if (p == 0.0) return -kInf;
  if (p == 1.0) return kInf;
  return bm::quantile(StudentT(df), p);
}

double f_above(double f, double df1, double df2) {
  if (std::isnan(f) || !is_df(df1) || !is_df(df2)) return kNaN;
  if (f <= 0.0) return 1.0;
  if (std::isinf(f)) return 0.0;
  return bm::cdf(bm::complement(FisherF(df1, df2), f));
}

double f_quantile(double p, double df1, double df2) {
  if (!(p >= 0.0 && p <= 1.0) || !is_df(df1) || !is_df(df2)) return kNaN;
  if (p == 0.0) return 0.0;
  if (p == 1.0) return kInf;
  return bm::quantile(FisherF(df1, df2), p);
}

double chi2_below(double x, double df) {
  if (std::isnan(x) || !is_df(df)) return kNaN;
  if (x <= 0.0) return 0.0;
  if (std::isinf(x)) return 1.0;
  return bm::cdf(ChiSquared(df), x);
}

double chi2_above(double x, double df) {
  if (std::isnan(x) || !is_df(df)) return kNaN;
  if (x <= 0.0) return 1.0;
  if (std::isinf(x)) return 0.0;
  return bm::cdf(bm::complement(ChiSquared(df), x));
}

double chi2_quantile(double p, double df) {
  if (!(p >= 0.0 && p <= 1.0) || !is_df(df)) return kNaN;
  if (p == 0.0) return 0.0;
  if (p == 1.0) return kInf;
  return bm::quantile(ChiSquared(df), p);
}

double chi2_noncentral_above(double x, double df, double noncentrality) {
  if (std::isnan(x) || !is_df(df) || !(noncentrality >= 0.0)) return kNaN;
  if (noncentrality == 0.0) return chi2_above(x, df);
  if (x <= 0.0) return 1.0;
  return bm::cdf(bm::complement(bm::non_central_chi_squared_distribution<double, Policy>(df, noncentrality), x));
}

double chi2_noncentrality(double x, double df, double p) {
  if (!(x >= 0.0) || !is_df(df) || !(p > 0.0 && p < 1.0)) return kNaN;
  if (chi2_below(x, df) <= p) return 0.0;
  const auto over = [&](double lambda) { return chi2_noncentral_above(x, df, lambda) - (1.0 - p); };
  double high = std::fmax(x, 1.0);
  while (over(high) < 0.0) high *= 2.0;
  std::uintmax_t limit = 200;
  const auto bracket = bm::tools::toms748_solve(over, 0.0, high, bm::tools::eps_tolerance<double>(48), limit);
  return 0.5 * (bracket.first + bracket.second);
}

}  // namespace ipsi::numeric
