// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lm.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/numeric/distributions.h"
#include "core/stats/checks.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void test_coefficients(LmFit& fit) {
  Coefficients& c = fit.coefficients;
  const Index p = c.value.size();
  const double df = fit.df_residual;
  c.df = Eigen::VectorXd::Constant(p, df);
  c.se = fit.vcov.diagonal().cwiseSqrt();
  c.t = c.value.cwiseQuotient(c.se);
  c.p = c.t.unaryExpr([df](double t) { return numeric::t_two_sided(t, df); });
  const double reach = numeric::t_quantile(0.975, df);
  c.ci_low = c.value - reach * c.se;
  c.ci_high = c.value + reach * c.se;
}

void describe_fit(LmFit& fit, const Eigen::VectorXd& w, double rss, bool intercept) {
  const double n = fit.n;
  const double p = static_cast<double>(fit.coefficients.value.size());
  const double shift = intercept ? w.dot(fit.fitted) / w.sum() : 0.0;
  const double explained = (w.array() * (fit.fitted.array() - shift).square()).sum();
  const double df1 = p - (intercept ? 1.0 : 0.0);
  if (df1 > 0.0) {
    fit.r_squared = explained / (explained + rss);
    fit.adj_r_squared = 1.0 - (1.0 - fit.r_squared) * (n - (intercept ? 1.0 : 0.0)) / fit.df_residual;
    fit.f = explained / df1 / (rss / fit.df_residual);
    fit.f_p = numeric::f_above(fit.f, df1, fit.df_residual);
  } else {
    fit.f = fit.f_p = kNaN;
  }
  fit.f_df1 = df1;
  fit.f_df2 = fit.df_residual;
  const double log_weights = w.array().log().sum();
  fit.log_likelihood = 0.5 * (log_weights - n * (std::log(2.0 * std::numbers::pi * rss / n) + 1.0));
  fit.aic = -2.0 * fit.log_likelihood + 2.0 * (p + 1.0);
  fit.bic = -2.0 * fit.log_likelihood + std::log(n) * (p + 1.0);
}

void diagnose(LmFit& fit, const Eigen::MatrixXd& q, const Eigen::VectorXd& w, double rss) {
  const Index n = q.rows();
  const double p = static_cast<double>(q.cols());
  const double df = fit.df_residual;
  const double s2 = fit.sigma * fit.sigma;
  fit.leverage = q.rowwise().squaredNorm();
  fit.standardized.resize(n);
  fit.studentized.resize(n);
  fit.cooks.resize(n);
  fit.dffits.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double h = fit.leverage(i);
    const double left = 1.0 - h;
    if (left < 10.0 * std::numeric_limits<double>::epsilon()) {  // the row fits itself: its residual says nothing
      fit.standardized(i) = fit.studentized(i) = fit.cooks(i) = fit.dffits(i) = kNaN;
      continue;
    }
    const double r2 = w(i) * fit.residual(i) * fit.residual(i);
    const double r = std::sqrt(w(i)) * fit.residual(i);
    const double s2_without = df > 1.0 ? (rss - r2 / left) / (df - 1.0) : kNaN;
    fit.standardized(i) = r / std::sqrt(s2 * left);
    fit.studentized(i) = r / std::sqrt(s2_without * left);
    fit.cooks(i) = r2 * h / (s2 * p * left * left);
    fit.dffits(i) = fit.studentized(i) * std::sqrt(h / left);
  }
}

}  // namespace

Result<LmFit> fit_lm(const ModelData& data) {
  if (auto ok = check_model_data(data); !ok) return tl::unexpected(ok.error());
  const Columns columns = named_columns(data);
  const Index n = data.y.size();
  const Index p = data.x.cols();
  const bool weighted = data.weights.size() != 0;
  const Eigen::VectorXd w = weighted ? data.weights : Eigen::VectorXd::Ones(n);
  const Eigen::VectorXd root = w.cwiseSqrt();
  const numeric::Orthonormal basis =
      numeric::orthonormal(weighted ? Eigen::MatrixXd(root.asDiagonal() * data.x) : data.x);
  if (n <= p)
    return fail(Code::InvalidInput, fmt::format("{} rows are too few for {} coefficients", n, p), "",
                "use more rows or fewer predictors");
  if (auto ok = check_rank(basis, data.x, columns.names, "fixed part"); !ok) return tl::unexpected(ok.error());

  LmFit fit;
  fit.n = static_cast<int>(n);
  fit.df_residual = static_cast<int>(n - p);
  fit.coefficients.name = columns.names;
  const Eigen::VectorXd y = root.cwiseProduct(data.y);
  const auto r = basis.r.triangularView<Eigen::Upper>();
  // Projecting twice removes the rounding of the first projection from the residual.
  Eigen::VectorXd share = basis.q.transpose() * y;
  Eigen::VectorXd left = y - basis.q * share;
  const Eigen::VectorXd more = basis.q.transpose() * left;
  share += more;
  left -= basis.q * more;
  fit.coefficients.value = r.solve(share);
  fit.residual = left.cwiseQuotient(root);
  fit.fitted = data.y - fit.residual;
  const double rss = left.squaredNorm();
  fit.sigma = std::sqrt(rss / fit.df_residual);
  const Eigen::MatrixXd inverse = r.solve(Eigen::MatrixXd::Identity(p, p));
  fit.vcov = fit.sigma * fit.sigma * (inverse * inverse.transpose());
  test_coefficients(fit);
  describe_fit(fit, w, rss, columns.has_intercept());
  diagnose(fit, basis.q, w, rss);
  fit.vif = vif(fit.vcov, columns);
  if (rss <= 1e-28 * y.squaredNorm())
    fit.findings.push_back("the predictors explain the response exactly; tests and intervals mean nothing");
  if (weighted) {
    fit.ml_log_likelihood = fit.reml_log_likelihood = kNaN;
  } else {
    fit.ml_log_likelihood = fit.log_likelihood;
    fit.reml_log_likelihood = -0.5 * (static_cast<double>(fit.df_residual) *
                                          (std::log(2.0 * std::numbers::pi * rss / fit.df_residual) + 1.0) +
                                      2.0 * basis.log_det_r);
  }
  return fit;
}

namespace {

Json likelihood_json(const LmFit& fit, double log_likelihood, double bic_n, double sigma) {
  const double k = static_cast<double>(fit.coefficients.value.size()) + 1.0;
  return Json{{"logLik", number(log_likelihood)},
              {"AIC", number(-2.0 * log_likelihood + 2.0 * k)},
              {"BIC", number(-2.0 * log_likelihood + std::log(bic_n) * k)},
              {"sigma", number(sigma)},
              {"se", numbers(fit.coefficients.se)},
              {"p", numbers(fit.coefficients.p)}};
}

}  // namespace

Json to_json(const LmFit& fit) {
  const Coefficients& c = fit.coefficients;
  Json out = Json::object();
  out["coefficients"] = Json{{"name", c.name},
                             {"value", numbers(c.value)},
                             {"se", numbers(c.se)},
                             {"t", numbers(c.t)},
                             {"p", numbers(c.p)},
                             {"ci95_lower", numbers(c.ci_low)},
                             {"ci95_upper", numbers(c.ci_high)}};
  out["vcov"] = matrix_json(fit.vcov);
  out["sigma"] = number(fit.sigma);
  out["df_residual"] = fit.df_residual;
  out["n_obs"] = fit.n;
  out["r_squared"] = number(fit.r_squared);
  out["adj_r_squared"] = number(fit.adj_r_squared);
  out["F"] = nullptr;
  if (fit.f_df1 > 0.0)
    out["F"] = Json{{"value", number(fit.f)}, {"df1", fit.f_df1}, {"df2", fit.f_df2}, {"p", number(fit.f_p)}};
  out["logLik"] = number(fit.log_likelihood);
  out["AIC"] = number(fit.aic);
  out["BIC"] = number(fit.bic);
  out["vif"] = to_json(fit.vif);
  out["per_observation"] = Json{{"fitted", numbers(fit.fitted)},
                                {"residual", numbers(fit.residual)},
                                {"leverage", numbers(fit.leverage)},
                                {"standardized", numbers(fit.standardized)},
                                {"studentized", numbers(fit.studentized)},
                                {"cooks", numbers(fit.cooks)},
                                {"dffits", numbers(fit.dffits)}};
  out["gls"] = nullptr;
  if (!std::isnan(fit.reml_log_likelihood)) {
    const double n = fit.n;
    const double ml_sigma = fit.sigma * std::sqrt(fit.df_residual / n);
    out["gls"] = Json{{"ML", likelihood_json(fit, fit.ml_log_likelihood, n, ml_sigma)},
                      {"REML", likelihood_json(fit, fit.reml_log_likelihood, fit.df_residual, fit.sigma)}};
  }
  out["findings"] = fit.findings;
  return out;
}

}  // namespace ipsi::stats
