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

Result<void> check_random(const ModelData& data) {
  if (data.random.empty())
    return fail(Code::InvalidInput, "the model has no random effect", "", "add (1 | group), or use lm");
  if (data.random.size() > 1)
    return fail(Code::InvalidInput,
                fmt::format("several grouping factors are not supported yet ('{}' and '{}')", data.random[0].name,
                            data.random[1].name),
                "formula", "keep one of the random terms");
  const RandomPart& random = data.random.front();
  const Index n = data.y.size();
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
  if (data.weights.size() != 0)
    return fail(Code::InvalidInput, "a mixed model takes no weights", "", "leave them out or use lm");
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
  return {};
}

// nlme's rule: a column that varies inside at least one group is tested against the rows, else against the groups.
struct Freedom {
  VectorXd column;
  double intercept = 0.0, inner = 0.0, outer = 0.0;
  std::vector<bool> varies;
};

Freedom degrees_of_freedom(const ModelData& data, const Columns& columns) {
  const RandomPart& random = data.random.front();
  const Index n = data.x.rows();
  const Index p = data.x.cols();
  const int m = static_cast<int>(random.groups.size());
  Freedom out;
  out.varies.assign(p, false);
  std::vector<double> first(m);
  std::vector<char> seen(m);
  int inner = 0;
  for (Index j = columns.has_intercept() ? 1 : 0; j < p; ++j) {
    std::fill(seen.begin(), seen.end(), 0);
    const double* x = data.x.col(j).data();
    for (Index i = 0; i < n && !out.varies[j]; ++i) {
      const int g = random.group[i];
      if (seen[g] == 0) {
        seen[g] = 1;
        first[g] = x[i];
      } else if (x[i] != first[g]) {
        out.varies[j] = true;
      }
    }
    inner += out.varies[j] ? 1 : 0;
  }
  const int intercept = columns.has_intercept() ? 1 : 0;
  const int outer = static_cast<int>(p) - intercept - inner;
  out.outer = m - intercept - outer;
  out.inner = static_cast<double>(n - m) - inner + (intercept == 0 ? 1 : 0);
  out.intercept = std::max(out.inner, out.outer);
  out.column.resize(p);
  for (Index j = 0; j < p; ++j)
    out.column(j) = columns.term[j] < 0 ? out.intercept : (out.varies[j] ? out.inner : out.outer);
  return out;
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

void test_terms(LmeFit& fit, const Columns& columns, const Freedom& freedom, double scale) {
  const Coefficients& c = fit.coefficients;
  const Index p = c.value.size();
  for (Index at = 0; at < p;) {
    Index width = 1;
    while (at + width < p && columns.term[at + width] == columns.term[at]) ++width;
    TermTest test;
    test.term = columns.term[at] < 0 ? "(Intercept)" : columns.terms[columns.term[at]];
    test.df1 = static_cast<int>(width);
    if (width == 1) {
      test.df2 = static_cast<int>(c.df(at));
      test.f = c.t(at) * c.t(at);
      test.p = c.p(at);
    } else {
      const bool inner =
          std::any_of(freedom.varies.begin() + at, freedom.varies.begin() + at + width, [](bool v) { return v; });
      const auto b = c.value.segment(at, width);
      test.df2 = static_cast<int>(inner ? freedom.inner : freedom.outer);
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

void describe_random(LmeFit& fit, const ModelData& data, const lme::Solution& solution) {
  const Index q = solution.d.rows();
  fit.random_cov = fit.sigma * fit.sigma * solution.d;
  fit.random_sd = fit.random_cov.diagonal().cwiseMax(0.0).cwiseSqrt();
  fit.random_corr = MatrixXd::Identity(q, q);
  for (Index i = 0; i < q; ++i)
    for (Index j = 0; j < q; ++j)
      if (i != j) fit.random_corr(i, j) = fit.random_cov(i, j) / (fit.random_sd(i) * fit.random_sd(j));
  if (q > 1)
    for (Index i = 0; i < q; ++i)
      for (Index j = 0; j < q; ++j)
        if (i != j && !(fit.random_sd(i) > 0.0 && fit.random_sd(j) > 0.0)) fit.random_corr(i, j) = kNaN;
  fit.boundary = solution.boundary;
  fit.converged = solution.converged;
  const RandomPart& random = data.random.front();
  if (!fit.converged)
    fit.findings.push_back("the likelihood has no maximum that could be found; do not use these numbers");
  if (!fit.boundary) return;
  std::vector<std::string> none;
  for (Index i = 0; i < q; ++i)
    if (!(fit.random_sd(i) > 0.0)) none.push_back(random.columns[i]);
  if (!none.empty())
    fit.findings.push_back(fmt::format("boundary fit: the variance of {} between levels of {} is estimated as 0",
                                       join(none, ", "), random.name));
  else
    fit.findings.push_back(
        fmt::format("boundary fit: the random effects of {} are estimated as perfectly correlated", random.name));
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
    fit.random_intervals.push_back({fmt::format("sd({})", random.columns[i]), sd / by, sd, sd * by});
  }
  Index at = q;
  for (Index i = 0; i < q; ++i)
    for (Index j = i + 1; j < q; ++j) {
      if (random.block[i] != random.block[j]) continue;
      const double rho = fit.random_corr(i, j);
      const double half = std::atanh(rho);
      const double by = 0.5 * reach * se(at++);
      fit.random_intervals.push_back({correlation_name(random, i, j), std::tanh(half - by), rho, std::tanh(half + by)});
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

void predict(LmeFit& fit, const ModelData& data, const VectorXd& least_squares, const MatrixXd& q, const VectorXd& b) {
  const RandomPart& random = data.random.front();
  const Index n = data.y.size();
  fit.fitted_population = least_squares + q * b;
  fit.fitted = fit.fitted_population;
  for (Index k = 0; k < fit.blups.cols(); ++k)
    for (Index i = 0; i < n; ++i) fit.fitted(i) += random.z(i, k) * fit.blups(random.group[i], k);
  fit.residual = data.y - fit.fitted;
}

}  // namespace

Result<LmeFit> fit_lme(const ModelData& data, const LmeOptions& options, const Task& task) {
  if (auto ok = check_model_data(data); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_random(data); !ok) return tl::unexpected(ok.error());
  const Index n = data.y.size();
  const Index p = data.x.cols();
  const bool reml = options.criterion == Criterion::reml;
  if (n <= p + 1)
    return fail(Code::InvalidInput, fmt::format("{} rows are too few for {} coefficients and two variances", n, p), "",
                "use more rows or fewer predictors");
  const Columns columns = named_columns(data);
  const numeric::Orthonormal basis = numeric::orthonormal(data.x);
  if (auto ok = check_rank(basis, data.x, columns.names, "fixed part"); !ok) return tl::unexpected(ok.error());
  const RandomPart& random = data.random.front();
  if (random.z.cols() > 1) {
    const numeric::Orthonormal z = numeric::orthonormal(random.z);
    if (auto ok = check_rank(z, random.z, random.columns, "random part"); !ok) return tl::unexpected(ok.error());
  }

  VectorXd share = basis.q.transpose() * data.y;
  VectorXd r = data.y - basis.q * share;
  const VectorXd more = basis.q.transpose() * r;  // projecting twice removes the rounding of the first projection
  share += more;
  r -= basis.q * more;
  if (r.squaredNorm() <= 1e-26 * data.y.squaredNorm())
    return fail(Code::InvalidInput, "the predictors explain the response exactly; there is no variance to divide", "",
                "check that the response is not among the predictors");

  const lme::CrossProducts sums = lme::cross_products(basis.q, r, random, reml);
  const lme::Solution solution =
      sums.q == 1 ? lme::solve_single(sums, task) : lme::solve_blocks(sums, random.block, task);
  if (solution.cancelled) return fail(Code::Cancelled, "stopped by the user");

  LmeFit fit;
  fit.criterion = options.criterion;
  fit.n = static_cast<int>(n);
  fit.n_groups = sums.m;
  fit.evaluations = solution.evaluations;
  fit.gradient_norm = solution.gradient_norm;
  const double nu = sums.nu();
  fit.sigma = std::sqrt(solution.rss / nu);
  const MatrixXd back = basis.r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(p, p));
  fit.coefficients.name = columns.names;
  fit.coefficients.value = back * (share + solution.b);
  fit.vcov = (fit.sigma * fit.sigma) * (back * solution.inverse * back.transpose());

  const double log_det_x = reml ? 2.0 * basis.log_det_r : 0.0;
  fit.log_likelihood = log_likelihood_of(solution.rss, nu, solution.log_det + log_det_x);
  int parameters = 0;
  for (Index i = 0; i < sums.q; ++i)
    for (Index j = i; j < sums.q; ++j) parameters += random.block[i] == random.block[j] ? 1 : 0;
  fit.n_parameters = static_cast<int>(p) + parameters + 1;
  fit.aic = -2.0 * fit.log_likelihood + 2.0 * fit.n_parameters;
  fit.bic = -2.0 * fit.log_likelihood + std::log(nu) * fit.n_parameters;
  test_random(fit, log_likelihood_of(sums.rr, nu, log_det_x), parameters);

  const Freedom freedom = degrees_of_freedom(data, columns);
  fit.coefficients.df = freedom.column;
  const double scale = reml ? 1.0 : std::sqrt(static_cast<double>(n) / static_cast<double>(n - p));
  test_coefficients(fit, scale);
  test_terms(fit, columns, freedom, scale);
  fit.vif = vif(fit.vcov, columns);
  describe_random(fit, data, solution);
  interval_variances(fit, data, solution.natural_hessian);
  fit.blups = solution.u.transpose();
  predict(fit, data, data.y - r, basis.q, solution.b);
  return fit;
}

}  // namespace ipsi::stats
