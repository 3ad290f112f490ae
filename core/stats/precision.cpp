// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/precision.h"

#include <Eigen/Dense>
#include <boost/math/distributions/non_central_t.hpp>
#include <cmath>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/numeric/orthonormal.h"
#include "core/stats/checks.h"
#include "core/stats/lme_profile.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

/// Where an increasing function reaches 0 between two places, to rounding.
template <class Function>
double crossing(Function&& above, double low, double high) {
  for (int i = 0; i < 200 && high - low > 1e-13 * std::abs(high); ++i) {
    const double middle = 0.5 * (low + high);
    (above(middle) ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

Result<Icc> icc(const ModelData& data, const LmeFit& fit, double level) {
  if (auto ok = check_model_data(data); !ok) return tl::unexpected(ok.error());
  if (data.random.size() != 1 || data.random.front().z.cols() != 1 || (data.random.front().z.array() != 1.0).any())
    return fail(Code::InvalidInput, "an intraclass correlation needs a random intercept and nothing else",
                "random part", "use (1 | group)");
  if (data.weights.size() != 0)
    return fail(Code::InvalidInput, "rows of unequal weight have no common intraclass correlation", "weights",
                "leave them out");
  const auto basis = numeric::orthonormal(data.x);
  VectorXd r = data.y - basis.q * (basis.q.transpose() * data.y);
  r -= basis.q * (basis.q.transpose() * r);
  const auto sums = lme::cross_products(basis.q, r, data.random.front(), fit.criterion == Criterion::reml);
  const double best = fit.random_cov(0, 0) / (fit.sigma * fit.sigma);
  const auto deviance = [&](double l) { return lme::single_deviance(sums, l); };
  const double bar = deviance(best) + numeric::chi2_quantile(level, 1.0);
  const auto share = [](double l) { return l / (1.0 + l); };
  Icc out;
  out.value = share(best);
  // Both ends are looked for in the share itself, which is bounded.
  const auto at = [&](double icc) { return deviance(icc / (1.0 - icc)); };
  constexpr double kMost = 1.0 - 1e-9;
  out.low = at(0.0) <= bar ? 0.0 : crossing([&](double v) { return at(v) <= bar; }, 0.0, out.value);
  out.high = at(kMost) <= bar ? 1.0 : crossing([&](double v) { return at(v) > bar; }, out.value, kMost);
  return out;
}

double power_of_t(double delta, double df, double alpha) {
  if (!(df > 0.0) || !(alpha > 0.0 && alpha < 1.0) || !std::isfinite(delta))
    return std::numeric_limits<double>::quiet_NaN();
  const double bar = -numeric::t_quantile(0.5 * alpha, df);
  const boost::math::non_central_t t(df, std::abs(delta));
  return boost::math::cdf(boost::math::complement(t, bar)) + boost::math::cdf(t, -bar);
}

double detectable_delta(double df, double alpha, double power) {
  if (!(df > 0.0) || !(alpha > 0.0 && alpha < power && power < 1.0)) return std::numeric_limits<double>::quiet_NaN();
  double high = 1.0;
  while (power_of_t(high, df, alpha) < power && high < 1e6) high *= 2.0;
  return crossing([&](double delta) { return power_of_t(delta, df, alpha) > power; }, 0.0, high);
}

}  // namespace ipsi::stats
