// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lme_inference.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/stats/lme_profile.h"
#include "core/stats/mixed_search.h"

namespace ipsi::stats {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

struct Point {
  VectorXd parameters;
  std::vector<Index> free;  // not on the boundary
};

Point point_of(const lme::MixedSums& sums, const LmeFit& fit) {
  Point out;
  out.parameters = VectorXd::Zero(sums.parameters);
  for (const lme::Factor& f : sums.factors) {
    const MatrixXd into = f.back.inverse();
    const MatrixXd d =
        into * fit.estimate(static_cast<std::size_t>(f.part)).cov * into.transpose() / (fit.sigma * fit.sigma);
    MatrixXd l = MatrixXd::Zero(f.q, f.q);
    for (Index j = 0; j < f.q; ++j) {
      const double pivot = d(j, j) - l.row(j).head(j).squaredNorm();
      if (!(pivot > 1e-8)) continue;
      l(j, j) = std::sqrt(pivot);
      for (Index i = j + 1; i < f.q; ++i) l(i, j) = (d(i, j) - l.row(i).head(j).dot(l.row(j).head(j))) / l(j, j);
    }
    for (std::size_t e = 0; e < f.entries.size(); ++e) {
      const auto [i, j] = f.entries[e];
      const Index at = f.first_parameter + static_cast<Index>(e);
      out.parameters(at) = l(i, j);
      if (l(j, j) > 0.0) out.free.push_back(at);
    }
  }
  return out;
}

}  // namespace

Result<Curvature> curvature(const ModelData& data, const LmeFit& fit) {
  auto rows = lme::weighted(data);
  if (!rows) return tl::unexpected(rows.error());
  const bool reml = fit.criterion == Criterion::reml;
  const lme::MixedSums sums =
      lme::mixed_sums(rows->basis.q, rows->r, data.weights.size() > 0 ? rows->random : data.random, reml);
  lme::MixedProfile profile(sums);
  const Point point = point_of(sums, fit);
  const auto k = static_cast<Index>(point.free.size());
  const double shrink = 1.0 / (fit.sigma * fit.sigma);
  const auto failed = [] {
    return fail(Code::NotConverged,
                "the likelihood is too flat in its variances for Satterthwaite's degrees of freedom", "",
                "use --df containment");
  };
  if (!profile.evaluate(point.parameters)) return failed();
  profile.differentiate();
  // -2 log-likelihood in (parameters, s = log sigma): log_det + rss exp(-2 s) + 2 nu s.
  MatrixXd hessian = MatrixXd::Zero(k + 1, k + 1);
  const VectorXd rss_slope = profile.rss_gradient();
  for (Index a = 0; a < k; ++a) hessian(a, k) = hessian(k, a) = -2.0 * shrink * rss_slope(point.free[a]);
  hessian(k, k) = 4.0 * profile.rss * shrink;
  Curvature out;
  const Index p = data.x.cols();
  const MatrixXd back = rows->basis.r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(p, p));
  const std::vector<MatrixXd> changes = profile.inverse_changes();
  for (const Index at : point.free) out.vcov_change.push_back(back * changes[at] * back.transpose() / shrink);
  out.vcov_change.push_back(2.0 * fit.vcov);
  for (Index a = 0; a < k; ++a) {
    const Index at = point.free[a];
    const double step = 1e-4 * std::max(0.1, std::abs(point.parameters(at)));
    VectorXd slope[2];
    for (const int side : {0, 1}) {
      VectorXd moved = point.parameters;
      moved(at) += side == 0 ? step : -step;
      if (!profile.evaluate(moved)) return failed();
      profile.differentiate();
      slope[side] = profile.gradient(shrink);
    }
    for (Index b = 0; b < k; ++b) hessian(b, a) = (slope[0](point.free[b]) - slope[1](point.free[b])) / (2.0 * step);
  }
  hessian = (0.5 * (hessian + hessian.transpose())).eval();
  const Eigen::LLT<MatrixXd> llt(hessian);
  if (llt.info() != Eigen::Success) return failed();
  out.covariance = 2.0 * llt.solve(MatrixXd::Identity(k + 1, k + 1));
  return out;
}

double satterthwaite(const Curvature& curvature, const MatrixXd& vcov, const VectorXd& combination) {
  const auto k = static_cast<Index>(curvature.vcov_change.size());
  VectorXd slope(k);
  for (Index a = 0; a < k; ++a) slope(a) = combination.dot(curvature.vcov_change[a] * combination);
  const double variance = combination.dot(vcov * combination);
  return 2.0 * variance * variance / slope.dot(curvature.covariance * slope);
}

namespace {

// Fai & Cornelius (1996): the F of independent t statistics, df by matching the mean.
double f_df(const Curvature& curvature, const MatrixXd& vcov, Index at, Index width) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(vcov.block(at, at, width, width));
  double sum = 0.0, low = 1e300, high = 0.0;
  for (Index k = 0; k < width; ++k) {
    VectorXd combination = VectorXd::Zero(vcov.rows());
    combination.segment(at, width) = eigen.eigenvectors().col(k);
    const double df = satterthwaite(curvature, vcov, combination);
    low = std::min(low, df);
    high = std::max(high, df);
    if (df > 2.0) sum += df / (df - 2.0);
  }
  if (high - low < 1e-8) return low;
  if (low <= 2.0) return 2.0;
  const auto q = static_cast<double>(width);
  return sum > q ? 2.0 * sum / (sum - q) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void use_satterthwaite(LmeFit& fit, const ModelData& data, const Curvature& curvature) {
  Coefficients& c = fit.coefficients;
  const Index p = c.value.size();
  for (Index j = 0; j < p; ++j) {
    const double df = satterthwaite(curvature, fit.vcov, VectorXd::Unit(p, j));
    const double reach = numeric::t_quantile(0.975, df), plain = std::sqrt(fit.vcov(j, j));
    c.df(j) = df;
    c.p(j) = numeric::t_two_sided(c.t(j), df);
    c.ci_low(j) = c.value(j) - reach * c.se(j);
    c.ci_high(j) = c.value(j) + reach * c.se(j);
    fit.fixed_low(j) = c.value(j) - reach * plain;
    fit.fixed_high(j) = c.value(j) + reach * plain;
    fit.effect_size(j) = 2.0 * c.t(j) / std::sqrt(df);
  }
  const std::vector<int>& term = data.columns.term;
  Index at = 0;
  for (TermTest& test : fit.terms) {
    test.df2 = test.df1 == 1 || term.empty() ? c.df(at) : f_df(curvature, fit.vcov, at, test.df1);
    test.p = test.df1 == 1 ? c.p(at) : numeric::f_above(test.f, test.df1, test.df2);
    at += test.df1;
  }
}

Estimate estimate(const LmeFit& fit, const Combination& combination, const Curvature* curvature) {
  Estimate out;
  out.name = combination.name;
  out.value = combination.of.dot(fit.coefficients.value);
  const double scale = fit.coefficients.se(0) / std::sqrt(fit.vcov(0, 0));  // of ML standard errors
  out.se = scale * std::sqrt(combination.of.dot(fit.vcov * combination.of));
  out.t = out.value / out.se;
  if (curvature != nullptr) {
    out.df = satterthwaite(*curvature, fit.vcov, combination.of);
  } else {
    out.df = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < combination.of.size(); ++j)
      if (combination.of(j) != 0.0) out.df = std::min(out.df, fit.coefficients.df(j));
  }
  out.p = numeric::t_two_sided(out.t, out.df);
  const double reach = numeric::t_quantile(0.975, out.df) * out.se;
  out.low = out.value - reach;
  out.high = out.value + reach;
  return out;
}

Json to_json(const std::vector<Estimate>& estimates) {
  Json out = Json::array();
  for (const Estimate& e : estimates)
    out.push_back(Json{{"name", e.name},
                       {"value", number(e.value)},
                       {"se", number(e.se)},
                       {"df", number(e.df)},
                       {"t", number(e.t)},
                       {"p", number(e.p)},
                       {"ci95_lower", number(e.low)},
                       {"ci95_upper", number(e.high)}});
  return out;
}

Result<std::vector<std::string>> side_in_words(const LmeFit& fit, const std::string& x, const std::string& side,
                                               const Curvature* curvature) {
  const Coefficients& c = fit.coefficients;
  int slope = c.find(x), main = -1, both = -1, found = 0;
  for (std::size_t j = 0; j < c.name.size(); ++j) {
    const std::string& name = c.name[j];
    if (name.starts_with(side) && name.find(':') == std::string::npos && name.size() > side.size()) {
      main = static_cast<int>(j);
      ++found;
    }
  }
  if (main >= 0) both = std::max(c.find(x + ":" + c.name[main]), c.find(c.name[main] + ":" + x));
  if (slope < 0 || both < 0 || found != 1)
    return fail(Code::InvalidInput, fmt::format("the model holds no {} * {} with two sides", x, side), "formula",
                fmt::format("write {} * {} in the formula", x, side));
  const auto say = [](const Estimate& e) {
    return fmt::format("{:.3f} (95 % CI {:.3f} to {:.3f}; t = {:.2f}, df = {:.1f}, p = {})", e.value, e.low, e.high,
                       e.t, e.df, e.p < 1e-4 ? fmt::format("{:.1e}", e.p) : fmt::format("{:.4f}", e.p));
  };
  const Index p = c.value.size();
  const Estimate change = estimate(fit, {"", VectorXd::Unit(p, both)}, curvature);
  const Estimate first = estimate(fit, {"", VectorXd::Unit(p, slope)}, curvature);
  const Estimate second = estimate(fit, {"", VectorXd::Unit(p, slope) + VectorXd::Unit(p, both)}, curvature);
  const Estimate level = estimate(fit, {"", VectorXd::Unit(p, main)}, curvature);
  const std::string other = c.name[main].substr(side.size());
  return std::vector<std::string>{
      fmt::format("{} of the lesion {} the relation with {}: the slope differs by {}.", side,
                  change.p < 0.05 ? "changes" : "is not shown to change", x, say(change)),
      fmt::format("On the reference side the slope is {}.", say(first)),
      fmt::format("With {} = {} the slope is {}.", side, other, say(second)),
      fmt::format("{} = {} itself, at {} = 0, moves the outcome by {}{}.", side, other, x, say(level),
                  level.p < 0.05 ? "" : ", which chance explains too")};
}

}  // namespace ipsi::stats
