// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>

#include "core/base/text.h"
#include "core/numeric/distributions.h"
#include "core/stats/checks.h"
#include "core/stats/sem_parts.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Smallest share of information that is left of a parameter when the others are known.
constexpr double kSingular = 1e-10;

Result<void> check_rows(const SemModel& model, const Eigen::MatrixXd& rows) {
  const auto p = static_cast<Eigen::Index>(model.observed.size());
  if (rows.cols() != p)
    return fail(Code::InvalidInput, fmt::format("{} columns of data for {} observed variables", rows.cols(), p));
  if (!rows.allFinite()) return fail(Code::InvalidInput, "a value is not finite", "", "leave out incomplete rows");
  for (Eigen::Index j = 0; j < p && rows.rows() > 0; ++j)
    if (rows.col(j).maxCoeff() == rows.col(j).minCoeff())
      return fail(Code::InvalidInput,
                  fmt::format("{} is {} in all {} rows", model.observed[static_cast<std::size_t>(j)],
                              format_double(rows(0, j)), rows.rows()),
                  "model", "leave it out, or widen the rows");
  if (rows.rows() <= p)
    return fail(Code::InvalidInput, fmt::format("{} rows are too few for {} variables", rows.rows(), p), "",
                "a covariance needs more rows than variables");
  return {};
}

Eigen::MatrixXd covariance_of(const Eigen::MatrixXd& rows) {
  const Eigen::MatrixXd centred = rows.rowwise() - rows.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(rows.rows());
}

/// Inverse of the information, scaled to a unit diagonal first; empty when it is singular.
Eigen::MatrixXd inverse_information(const Eigen::MatrixXd& information) {
  const Eigen::VectorXd scale = information.diagonal().cwiseSqrt();
  if (scale.size() == 0 || !(scale.minCoeff() > 0.0)) return {};
  const Eigen::MatrixXd unit = scale.cwiseInverse().asDiagonal() * information * scale.cwiseInverse().asDiagonal();
  const Eigen::LLT<Eigen::MatrixXd> factor(unit);
  if (factor.info() != Eigen::Success) return {};
  const Eigen::VectorXd left = factor.matrixLLT().diagonal().array().square();
  if (left.minCoeff() < kSingular) return {};
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(unit.rows(), unit.cols()));
  return scale.cwiseInverse().asDiagonal() * inverse * scale.cwiseInverse().asDiagonal();
}

void add_findings(const SemModel& model, const SemDiscrepancy& at, SemFit& fit) {
  if (!fit.converged)
    fit.findings.push_back(
        fmt::format("no maximum was found in {} steps: the numbers must not be used", fit.iterations));
  for (std::size_t r = 0; r < model.n_paths(); ++r) {
    const SemRow& row = model.rows[r];
    const double value = fit.parameters.value[static_cast<Eigen::Index>(r)];
    if (row.op == "~~" && row.lhs == row.rhs && row.free > 0 && value < 0.0)
      fit.findings.push_back(
          fmt::format("the variance of {} is estimated as negative ({:.4g}): a Heywood case; the model "
                      "may be wrong or the sample small",
                      row.lhs, value));
  }
  const auto q = static_cast<Eigen::Index>(model.latent.size());
  if (q == 0) return;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(at.covariance().bottomRightCorner(q, q),
                                                             Eigen::EigenvaluesOnly);
  const double most = std::abs(at.covariance().bottomRightCorner(q, q).diagonal().cwiseAbs().maxCoeff());
  if (eigen.eigenvalues()[0] < -1e-10 * most)
    fit.findings.push_back(
        "the covariance of the latent variables is not positive definite (a correlation beyond 1, or a "
        "negative variance)");
}

std::vector<std::pair<std::string, double>> r_squared_of(const SemModel& model, const SemDiscrepancy& at) {
  std::vector<bool> explained(static_cast<std::size_t>(model.variables()), false);
  for (std::size_t r = 0; r < model.n_paths(); ++r)
    if (at.positions()[r].path) explained[static_cast<std::size_t>(at.positions()[r].i)] = true;
  std::vector<std::pair<std::string, double>> out;
  for (int v = 0; v < model.variables(); ++v) {
    if (!explained[static_cast<std::size_t>(v)]) continue;
    const double residual = at.residual()(v, v);
    out.emplace_back(model.variable(v), residual < 0.0 ? kNaN : 1.0 - residual / at.covariance()(v, v));
  }
  return out;
}

Result<void> check_identified(const SemModel& model, const Eigen::MatrixXd& sample) {
  if (model.n_free == 0)
    return fail(Code::InvalidInput, "the model has no free parameter", "model", "free at least one path");
  const std::vector<std::string> names = unidentified(model, sample);
  if (names.empty()) return {};
  const auto p = static_cast<int>(model.observed.size()), x = static_cast<int>(model.exogenous.size());
  const int moments = p * (p + 1) / 2 - x * (x + 1) / 2;
  const std::string why =
      model.n_free > moments ? fmt::format(" ({} parameters, {} moments)", model.n_free, moments) : std::string();
  return fail(Code::RankDeficient,
              fmt::format("the model is not identified{}: no data tell {} apart", why, join(names, ", ")), "model",
              "fix one of them, or give equal ones the same label");
}

}  // namespace

SemEstimates normal_tests(const Eigen::VectorXd& value, const Eigen::VectorXd& se) {
  const Eigen::Index n = value.size();
  SemEstimates out{value, se, Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n)};
  const double reach = numeric::normal_quantile(0.975);
  for (Eigen::Index i = 0; i < n; ++i) {
    if (out.se[i] < 1e-10 * std::fmax(1.0, std::abs(value[i]))) out.se[i] = 0.0;
    out.z[i] = out.se[i] > 0.0 ? value[i] / out.se[i] : kNaN;
    out.p[i] = out.se[i] > 0.0 ? numeric::normal_two_sided(out.z[i]) : kNaN;
    out.ci_low[i] = value[i] - reach * out.se[i];
    out.ci_high[i] = value[i] + reach * out.se[i];
  }
  return out;
}

Eigen::VectorXd delta_se(const Eigen::MatrixXd& jacobian, const Eigen::MatrixXd& vcov) {
  if (vcov.size() == 0) return Eigen::VectorXd::Constant(jacobian.rows(), kNaN);
  return (jacobian * vcov).cwiseProduct(jacobian).rowwise().sum().cwiseMax(0.0).cwiseSqrt();
}

SemSolution minimise(SemDiscrepancy& at, const Eigen::VectorXd& start, const Task& task) {
  constexpr int kLimit = 1000;
  SemSolution out{.theta = start};
  if (!at.move(out.theta)) return out;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
  double size_before = std::numeric_limits<double>::infinity();
  for (; out.iterations < kLimit && !task.cancelled(); ++out.iterations) {
    at.derivatives(gradient, information);
    Eigen::VectorXd scale = information.diagonal().cwiseSqrt();
    scale = (scale.array() > 0.0).select(scale, 1.0);
    const auto unscale = scale.cwiseInverse().asDiagonal();
    Eigen::MatrixXd unit = unscale * information * unscale;
    Eigen::LLT<Eigen::MatrixXd> factor(unit);
    // A direction that the data say nothing about here is held back, not followed to infinity.
    for (double ridge = 1e-6; factor.info() != Eigen::Success ||
                              factor.matrixLLT().diagonal().array().square().minCoeff() < 0.5 * std::fmin(ridge, 1e-8);
         ridge *= 10.0) {
      unit.diagonal().array() += ridge;
      factor.compute(unit);
      if (ridge > 1e3) return out;
    }
    const Eigen::VectorXd scaled = -factor.solve(gradient.cwiseQuotient(scale));
    const Eigen::VectorXd step = scaled.cwiseQuotient(scale);
    const double size = scaled.cwiseAbs().maxCoeff(), before = at.value(), slope = gradient.dot(step);
    double t = 1.0;
    const double slack = 1e-13 * (1.0 + std::abs(before));
    bool moved = at.move(out.theta + step);
    while (!(moved && at.value() <= before + 1e-4 * t * slope + slack) && t > 1e-9) {
      t *= 0.5;
      moved = at.move(out.theta + t * step);
    }
    if (!moved || at.value() > before + slack) {
      at.move(out.theta);
      out.converged = size < 1e-6;
      return out;
    }
    out.theta += t * step;
    // In units where a parameter's standard error is sqrt(2 / n): the last steps only stir rounding errors.
    if (size < 1e-11 || (size < 1e-8 && size > 0.7 * size_before)) {
      out.converged = true;
      return out;
    }
    size_before = size;
  }
  return out;
}

Result<SemFit> fit_sem(const SemModel& model, const Eigen::MatrixXd& rows, const SemOptions& options,
                       const Task& task) {
  if (auto ok = check_rows(model, rows); !ok) return tl::unexpected(ok.error());
  const Eigen::MatrixXd centred = rows.rowwise() - rows.colwise().mean();
  const auto basis = numeric::orthonormal(centred);
  if (!basis.dependent.empty())
    if (auto ok = check_rank(basis, centred, model.observed, "model"); !ok) return tl::unexpected(ok.error());
  SemFit fit;
  fit.n = static_cast<int>(rows.rows());
  fit.sample = covariance_of(rows);
  if (auto ok = check_identified(model, fit.sample); !ok) return tl::unexpected(ok.error());
  SemDiscrepancy at(model, fit.sample);
  const SemSolution solution = minimise(at, sem_start(model, fit.sample), task);
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  if (at.precision().size() == 0)
    return fail(Code::NotConverged, "the model's covariance is not positive definite where the search begins", "model",
                "look at the fixed values, or give starts: start(0.5)*x");
  fit.theta = solution.theta;
  fit.iterations = solution.iterations;
  fit.converged = solution.converged;
  const auto p = static_cast<Eigen::Index>(model.observed.size());
  fit.implied = at.covariance().topLeftCorner(p, p);
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
  at.derivatives(gradient, information);
  fit.vcov = inverse_information(0.5 * fit.n * information);
  fit.identified = fit.vcov.size() > 0;
  const SemDerived table = table_values(model, at, fit.theta), standard = standardized_values(model, at, fit.theta);
  fit.parameters = normal_tests(table.value, delta_se(table.slope, fit.vcov));
  fit.standardized = normal_tests(standard.value, delta_se(standard.slope, fit.vcov));
  fit.r_squared = r_squared_of(model, at);
  fit.measures = sem_measures(model, at, fit.sample, fit.n);
  add_effects(model, at, fit);
  fit.findings = model.remarks;
  add_findings(model, at, fit);
  if (!fit.identified)
    fit.findings.push_back(
        "the information is singular at the solution: these data do not tell all parameters apart, "
        "there are no standard errors");
  if (options.bootstrap > 0 && fit.converged) {
    auto bootstrap = sem_bootstrap(model, rows, fit, options, task);
    if (!bootstrap) return tl::unexpected(bootstrap.error());
    fit.bootstrap = std::move(*bootstrap);
    if (const int lost = fit.bootstrap.wanted - fit.bootstrap.used; lost > 0)
      fit.findings.push_back(fmt::format("{} of {} resamples had no solution and are left out of the bootstrap", lost,
                                         fit.bootstrap.wanted));
  }
  return fit;
}

}  // namespace ipsi::stats
