// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lme.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/base/text.h"
#include "core/numeric/distributions.h"
#include "core/numeric/orthonormal.h"
#include "core/stats/checks.h"
#include "core/stats/lme_freedom.h"
#include "core/stats/lme_profile.h"

namespace ipsi::stats {
namespace lme {

CrossProducts cross_products(const Eigen::MatrixXd& q, const Eigen::VectorXd& r, const RandomPart& random, bool reml) {
  using Eigen::Index;
  CrossProducts out;
  out.n = static_cast<int>(q.rows());
  out.p = static_cast<int>(q.cols());
  out.q = static_cast<int>(random.z.cols());
  out.m = static_cast<int>(random.groups.size());
  out.reml = reml;
  out.rr = r.squaredNorm();
  out.zz = Eigen::MatrixXd::Zero(out.q, static_cast<Index>(out.q) * out.m);
  out.zx = Eigen::MatrixXd::Zero(out.q, static_cast<Index>(out.p) * out.m);
  out.zr = Eigen::MatrixXd::Zero(out.q, out.m);
  for (Index a = 0; a < out.q; ++a) {
    const double* z = random.z.col(a).data();
    for (Index i = 0; i < out.n; ++i) out.zr(a, random.group[i]) += z[i] * r(i);
    for (Index b = 0; b < out.q; ++b)
      for (Index i = 0; i < out.n; ++i)
        out.zz(a, static_cast<Index>(random.group[i]) * out.q + b) += z[i] * random.z(i, b);
    for (Index j = 0; j < out.p; ++j) {
      const double* x = q.col(j).data();
      for (Index i = 0; i < out.n; ++i) out.zx(a, static_cast<Index>(random.group[i]) * out.p + j) += z[i] * x[i];
    }
  }
  return out;
}

}  // namespace lme

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Result<void> check_part(const RandomPart& random, Index n) {
  const auto q = random.z.cols();
  if (random.z.rows() != n || static_cast<Index>(random.group.size()) != n || q == 0 ||
      static_cast<Index>(random.columns.size()) != q || static_cast<Index>(random.block.size()) != q)
    return fail(Code::InvalidInput, fmt::format("sizes disagree: {} rows of y, z is {} x {}, {} group codes", n,
                                                random.z.rows(), q, random.group.size()));
  if (q > lme::kMaxRandomColumns)
    return fail(Code::InvalidInput, fmt::format("{} random columns are too many", q), "random part",
                fmt::format("use at most {}", lme::kMaxRandomColumns));
  if (!random.z.allFinite())
    return fail(Code::InvalidInput, "a random-effects column holds a value that is not finite");
  const int m = static_cast<int>(random.groups.size());
  if (m < 2)
    return fail(Code::InvalidInput, fmt::format("'{}' has {} level; a random effect needs two", random.name, m), "",
                "use lm, or widen the rows");
  std::vector<int> size(random.groups.size(), 0);
  for (const int g : random.group) {
    if (g < 0 || g >= m) return fail(Code::InvalidInput, fmt::format("group code {} is not in 0..{}", g, m - 1));
    ++size[g];
  }
  const auto empty = std::find(size.begin(), size.end(), 0);
  if (empty != size.end())
    return fail(Code::InvalidInput,
                fmt::format("level '{}' of '{}' has no row", random.groups[empty - size.begin()], random.name));
  if (*std::max_element(size.begin(), size.end()) == 1)
    return fail(
        Code::InvalidInput,
        fmt::format("every level of '{}' has one row; its variance cannot be told from the residual", random.name), "",
        "group by something that repeats, or use lm");
  if (q * m >= n)
    return fail(Code::InvalidInput,
                fmt::format("{} random effects ({} for each of {} levels of '{}') are too many for {} rows", q * m, q,
                            m, random.name, n),
                "random part", "take a slope out, or group by something with fewer levels");
  if (q > 1) {
    const numeric::Orthonormal z = numeric::orthonormal(random.z);
    if (auto ok = check_rank(z, random.z, random.columns, "random part"); !ok) return ok;
  }
  return {};
}

Result<void> check_random(const ModelData& data) {
  if (data.random.empty())
    return fail(Code::InvalidInput, "the model has no random effect", "", "add (1 | group), or use lm");
  for (std::size_t k = 0; k < data.random.size(); ++k) {
    const RandomPart& random = data.random[k];
    if (auto ok = check_part(random, data.y.size()); !ok) return ok;
    for (std::size_t j = 0; j < k; ++j)
      if (data.random[j].groups.size() == random.groups.size() && lme::nested(random, data.random[j]))
        return fail(Code::InvalidInput,
                    fmt::format("'{}' and '{}' divide the rows into the same groups", data.random[j].name, random.name),
                    "random part", "keep one of them");
  }
  return {};
}

void test_coefficients(LmeFit& fit, double scale) {
  Coefficients& c = fit.coefficients;
  const Index p = c.value.size();
  const VectorXd plain = fit.vcov.diagonal().cwiseSqrt();
  c.se = scale * plain;
  c.t = c.value.cwiseQuotient(c.se);
  c.p.resize(p);
  c.ci_low.resize(p);
  c.ci_high.resize(p);
  fit.fixed_low.resize(p);
  fit.fixed_high.resize(p);
  fit.effect_size.resize(p);
  double last_df = kNaN, reach = kNaN;
  for (Index j = 0; j < p; ++j) {
    const double df = c.df(j);
    if (df != last_df) reach = numeric::t_quantile(0.975, df);
    last_df = df;
    c.p(j) = numeric::t_two_sided(c.t(j), df);
    c.ci_low(j) = c.value(j) - reach * c.se(j);
    c.ci_high(j) = c.value(j) + reach * c.se(j);
    fit.fixed_low(j) = c.value(j) - reach * plain(j);
    fit.fixed_high(j) = c.value(j) + reach * plain(j);
    fit.effect_size(j) = df > 0.0 ? 2.0 * c.t(j) / std::sqrt(df) : kNaN;
  }
}

void test_terms(LmeFit& fit, const Columns& columns, const lme::Freedom& freedom, double scale) {
  const Coefficients& c = fit.coefficients;
  const Index p = c.value.size();
  for (Index at = 0; at < p;) {
    Index width = 1;
    while (at + width < p && columns.term[at + width] == columns.term[at]) ++width;
    TermTest test;
    test.term = columns.term[at] < 0 ? "(Intercept)" : columns.terms[columns.term[at]];
    test.df1 = static_cast<int>(width);
    if (width == 1) {
      test.df2 = c.df(at);
      test.f = c.t(at) * c.t(at);
      test.p = c.p(at);
    } else {
      const auto b = c.value.segment(at, width);
      test.df2 = freedom.term(at, width);
      test.f =
          b.dot(fit.vcov.block(at, at, width, width).llt().solve(b)) / (scale * scale * static_cast<double>(width));
      test.p = numeric::f_above(test.f, test.df1, test.df2);
    }
    fit.terms.push_back(std::move(test));
    at += width;
  }
}

std::string correlation_name(const RandomPart& random, Index i, Index j) {
  return fmt::format("cor({},{})", random.columns[i], random.columns[j]);
}

RandomEstimate estimate_of(const MatrixXd& d, const MatrixXd& u, double sigma) {
  const Index q = d.rows();
  RandomEstimate out;
  out.cov = sigma * sigma * d;
  out.sd = out.cov.diagonal().cwiseMax(0.0).cwiseSqrt();
  out.corr = MatrixXd::Identity(q, q);
  for (Index i = 0; i < q; ++i)
    for (Index j = 0; j < q; ++j)
      if (i != j) out.corr(i, j) = out.cov(i, j) / (out.sd(i) * out.sd(j));
  if (q > 1)
    for (Index i = 0; i < q; ++i)
      for (Index j = 0; j < q; ++j)
        if (i != j && !(out.sd(i) > 0.0 && out.sd(j) > 0.0)) out.corr(i, j) = kNaN;
  out.blups = u.transpose();
  return out;
}

// Empty where nothing is on the boundary.
std::string boundary_finding(const RandomEstimate& estimate, const RandomPart& random, bool only_part) {
  std::vector<std::string> none;
  const Index q = estimate.sd.size();
  for (Index i = 0; i < q; ++i)
    if (!(estimate.sd(i) > 0.0)) none.push_back(random.columns[i]);
  if (!none.empty())
    return fmt::format("boundary fit: the variance of {} between levels of {} is estimated as 0", join(none, ", "),
                       random.name);
  bool singular = only_part;
  if (!singular && q > 1) {
    const MatrixXd scaled =
        estimate.sd.cwiseInverse().asDiagonal() * estimate.cov * estimate.sd.cwiseInverse().asDiagonal();
    singular = Eigen::SelfAdjointEigenSolver<MatrixXd>(scaled).eigenvalues()(0) < 1e-8;
  }
  if (!singular) return {};
  return fmt::format("boundary fit: the random effects of {} are estimated as perfectly correlated", random.name);
}

void describe_random(LmeFit& fit, const ModelData& data, const lme::Solution& solution) {
  RandomEstimate first = estimate_of(solution.d, solution.u, fit.sigma);
  fit.boundary = solution.boundary;
  fit.converged = solution.converged;
  for (std::size_t k = 0; k < solution.more_d.size(); ++k)
    fit.further.push_back(estimate_of(solution.more_d[k], solution.more_u[k], fit.sigma));
  if (!fit.converged)
    fit.findings.push_back("the likelihood has no maximum that could be found; do not use these numbers");
  if (fit.boundary)
    for (std::size_t k = 0; k < data.random.size(); ++k) {
      const std::string said =
          boundary_finding(k == 0 ? first : fit.further[k - 1], data.random[k], data.random.size() == 1);
      if (!said.empty()) fit.findings.push_back(said);
    }
  fit.random_cov = std::move(first.cov);
  fit.random_corr = std::move(first.corr);
  fit.random_sd = std::move(first.sd);
  fit.blups = std::move(first.blups);
}

void interval_variances(LmeFit& fit, const ModelData& data, const MatrixXd& hessian) {
  if (hessian.size() == 0 || !hessian.allFinite()) return;
  const Eigen::LLT<MatrixXd> llt(hessian);
  if (llt.info() != Eigen::Success) return;
  const Index k = hessian.rows();
  const VectorXd se = (2.0 * llt.solve(MatrixXd::Identity(k, k)).diagonal()).cwiseSqrt();
  const double reach = numeric::normal_quantile(0.975);
  const RandomPart& random = data.random.front();
  const Index q = fit.random_sd.size();
  for (Index i = 0; i < q; ++i) {
    const double sd = fit.random_sd(i);
    const double by = std::exp(reach * se(i));
    fit.random_intervals.push_back({fmt::format("sd({})", random.columns[i]), random.name, sd / by, sd, sd * by});
  }
  Index at = q;
  for (Index i = 0; i < q; ++i)
    for (Index j = i + 1; j < q; ++j) {
      if (random.block[i] != random.block[j]) continue;
      const double rho = fit.random_corr(i, j);
      const double half = std::atanh(rho);
      const double by = 0.5 * reach * se(at++);
      fit.random_intervals.push_back(
          {correlation_name(random, i, j), random.name, std::tanh(half - by), rho, std::tanh(half + by)});
    }
  const double by = std::exp(reach * se(at));
  fit.sigma_low = fit.sigma / by;
  fit.sigma_high = fit.sigma * by;
  fit.has_intervals = true;
}

double log_likelihood_of(double rss, double nu, double log_det) {
  return -0.5 * (nu * (std::log(2.0 * std::numbers::pi * rss / nu) + 1.0) + log_det);
}

void test_random(LmeFit& fit, double log_likelihood_without, int parameters) {
  RandomTest& test = fit.random_test;
  test.log_likelihood_without = log_likelihood_without;
  // The larger model cannot fit worse; a negative difference on the boundary is rounding.
  test.chisq = std::max(0.0, 2.0 * (fit.log_likelihood - log_likelihood_without));
  test.df = parameters;
  test.p = numeric::chi2_above(test.chisq, parameters);
  if (parameters == 1) test.p_mixture = test.chisq > 0.0 ? 0.5 * test.p : 1.0;
}

// `least_squares` and q are those of the weighted rows.
void predict(LmeFit& fit, const ModelData& data, const VectorXd& least_squares, const MatrixXd& q, const VectorXd& b) {
  const Index n = data.y.size();
  fit.fitted_population = least_squares + q * b;
  if (data.weights.size() > 0) fit.fitted_population.array() /= data.weights.array().sqrt();
  fit.fitted = fit.fitted_population;
  for (std::size_t part = 0; part < data.random.size(); ++part) {
    const RandomPart& random = data.random[part];
    const MatrixXd& blups = part == 0 ? fit.blups : fit.further[part - 1].blups;
    for (Index k = 0; k < blups.cols(); ++k)
      for (Index i = 0; i < n; ++i) fit.fitted(i) += random.z(i, k) * blups(random.group[i], k);
  }
  fit.residual = data.y - fit.fitted;
}

int count_parameters(const std::vector<RandomPart>& random) {
  int out = 0;
  for (const RandomPart& part : random)
    for (std::size_t i = 0; i < part.block.size(); ++i)
      for (std::size_t j = i; j < part.block.size(); ++j) out += part.block[i] == part.block[j] ? 1 : 0;
  return out;
}

}  // namespace

RandomEstimate LmeFit::estimate(std::size_t k) const {
  return k == 0 ? RandomEstimate{random_cov, random_corr, random_sd, blups} : further[k - 1];
}

Result<lme::Weighted> lme::weighted(const ModelData& data) {
  Weighted out;
  const bool plain = data.weights.size() == 0;
  const VectorXd root = plain ? VectorXd() : VectorXd(data.weights.cwiseSqrt());
  const VectorXd y = plain ? data.y : VectorXd(root.cwiseProduct(data.y));
  const Columns columns = named_columns(data);
  out.basis = numeric::orthonormal(plain ? data.x : MatrixXd(root.asDiagonal() * data.x));
  if (auto ok = check_rank(out.basis, data.x, columns.names, "fixed part"); !ok) return tl::unexpected(ok.error());
  out.share = out.basis.q.transpose() * y;
  out.r = y - out.basis.q * out.share;
  const VectorXd more = out.basis.q.transpose() * out.r;  // twice removes the rounding of the first projection
  out.share += more;
  out.r -= out.basis.q * more;
  if (out.r.squaredNorm() <= 1e-26 * y.squaredNorm())
    return fail(Code::InvalidInput, "the predictors explain the response exactly; there is no variance to divide", "",
                "check that the response is not among the predictors");
  out.least_squares = y - out.r;
  if (plain) return out;
  out.log_weights = data.weights.array().log().sum();
  out.random = data.random;
  for (RandomPart& part : out.random) part.z = root.asDiagonal() * part.z;
  return out;
}

Result<LmeFit> fit_lme(const ModelData& data, const LmeOptions& options, const Task& task) {
  if (auto ok = check_model_data(data); !ok) return tl::unexpected(ok.error());
  const Index n = data.y.size();
  const Index p = data.x.cols();
  const bool reml = options.criterion == Criterion::reml;
  if (auto ok = check_random(data); !ok) return tl::unexpected(ok.error());
  if (n <= p + 1)
    return fail(Code::InvalidInput, fmt::format("{} rows are too few for {} coefficients and two variances", n, p), "",
                "use more rows or fewer predictors");
  auto rows = lme::weighted(data);
  if (!rows) return tl::unexpected(rows.error());
  const numeric::Orthonormal& basis = rows->basis;
  const std::vector<RandomPart>& random = data.weights.size() > 0 ? rows->random : data.random;
  lme::Solution solution;
  if (random.size() > 1) {
    solution = lme::solve_mixed(basis.q, rows->r, random, reml, task);
  } else {
    const lme::CrossProducts sums = lme::cross_products(basis.q, rows->r, random.front(), reml);
    solution = sums.q == 1 ? lme::solve_single(sums, task) : lme::solve_blocks(sums, random.front().block, task);
  }
  if (solution.cancelled) return fail(Code::Cancelled, "stopped by the user");

  LmeFit fit;
  const Columns columns = named_columns(data);
  fit.criterion = options.criterion;
  fit.n = static_cast<int>(n);
  fit.n_groups = static_cast<int>(random.front().groups.size());
  fit.evaluations = solution.evaluations;
  fit.gradient_norm = solution.gradient_norm;
  const double nu = static_cast<double>(reml ? n - p : n);
  fit.sigma = std::sqrt(solution.rss / nu);
  const MatrixXd back = basis.r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(p, p));
  fit.coefficients.name = columns.names;
  fit.coefficients.value = back * (rows->share + solution.b);
  fit.vcov = (fit.sigma * fit.sigma) * (back * solution.inverse * back.transpose());

  const double log_det_x = (reml ? 2.0 * basis.log_det_r : 0.0) - rows->log_weights;
  fit.log_likelihood = log_likelihood_of(solution.rss, nu, solution.log_det + log_det_x);
  const int parameters = count_parameters(random);
  fit.n_parameters = static_cast<int>(p) + parameters + 1;
  fit.aic = -2.0 * fit.log_likelihood + 2.0 * fit.n_parameters;
  fit.bic = -2.0 * fit.log_likelihood + std::log(nu) * fit.n_parameters;
  test_random(fit, log_likelihood_of(rows->r.squaredNorm(), nu, log_det_x), parameters);

  const lme::Freedom freedom = lme::containment(data, columns);
  fit.coefficients.df = freedom.column;
  const double scale = reml ? 1.0 : std::sqrt(static_cast<double>(n) / static_cast<double>(n - p));
  test_coefficients(fit, scale);
  test_terms(fit, columns, freedom, scale);
  fit.vif = vif(fit.vcov, columns);
  describe_random(fit, data, solution);
  interval_variances(fit, data, solution.natural_hessian);
  predict(fit, data, rows->least_squares, basis.q, solution.b);
  return fit;
}

}  // namespace ipsi::stats
