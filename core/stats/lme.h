// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/stats/coefficients.h"
#include "core/stats/design.h"

namespace ipsi::stats {

enum class Criterion { reml, ml };

struct LmeOptions {
  Criterion criterion = Criterion::reml;
};

/// 95 % interval of one variance parameter, normal on the log (correlation: logit) scale.
struct VarianceInterval {
  std::string name;   ///< "sd((Intercept))", "cor((Intercept),Days)"
  std::string group;  ///< name of the grouping factor
  double low = 0.0, estimate = 0.0, high = 0.0;
};

/// Marginal Wald test of one term.
struct TermTest {
  std::string term;
  int df1 = 0;
  double df2 = 0.0;  ///< whole, but for Satterthwaite's
  double f = 0.0, p = 0.0;
};

/// Against the same model without random effects, same criterion.
struct RandomTest {
  double log_likelihood_without = 0.0;
  double chisq = 0.0;
  int df = 0;
  double p = 0.0;                   ///< plain chi-square
  std::optional<double> p_mixture;  ///< 50:50 mixture of chi-square 0 and 1; for one variance only
};

/// What varies between the levels of one grouping factor.
struct RandomEstimate {
  Eigen::MatrixXd cov;    ///< [q x q] in data units
  Eigen::MatrixXd corr;   ///< [q x q] NaN where a variance is 0
  Eigen::VectorXd sd;     ///< [q]
  Eigen::MatrixXd blups;  ///< [m x q]
};

struct LmeFit {
  Criterion criterion = Criterion::reml;
  Coefficients coefficients;    ///< se, t, p, interval as nlme prints them (ML: se times sqrt(N/(N-p)))
  Eigen::VectorXd effect_size;  ///< [p] 2 t / sqrt(df)
  Eigen::MatrixXd vcov;         ///< [p x p] never scaled
  double sigma = 0.0;
  Eigen::MatrixXd random_cov;   ///< [q x q] in data units
  Eigen::MatrixXd random_corr;  ///< [q x q] NaN where a variance is 0
  Eigen::VectorXd random_sd;    ///< [q]
  double log_likelihood = 0.0, aic = 0.0, bic = 0.0;
  int n_parameters = 0, n = 0, n_groups = 0;  ///< n_groups: levels of the first grouping factor
  std::vector<TermTest> terms;                ///< intercept first
  RandomTest random_test;
  Vif vif;
  Eigen::MatrixXd blups;                      ///< [m x q]
  std::vector<RandomEstimate> further;        ///< of the grouping factors after the first
  Eigen::VectorXd fitted, fitted_population;  ///< [n] with and without the BLUPs
  Eigen::VectorXd residual;                   ///< [n] y - fitted
  bool has_intervals = false;                 ///< false on the boundary: the normal approximation does not hold there
  double sigma_low = 0.0, sigma_high = 0.0;
  Eigen::VectorXd fixed_low, fixed_high;  ///< [p] intervals from the unscaled se (nlme's intervals())
  std::vector<VarianceInterval> random_intervals;
  bool converged = true;       ///< false: a finding to show, not an error; the numbers must not be used
  bool boundary = false;       ///< a variance of 0, or a correlation of +-1
  int evaluations = 0;         ///< of the profiled likelihood
  double gradient_norm = 0.0;  ///< of the profiled deviance at the solution, scaled parameters
  std::vector<std::string> findings;

  /// Of the k-th grouping factor.
  [[nodiscard]] RandomEstimate estimate(std::size_t k) const;
};

/// Fit y = X b + Z u + e, u ~ N(0, D) per group of each grouping factor, Var(e_i) = sigma^2 / w_i, by (restricted)
/// likelihood.
///
/// X is orthonormalised, y replaced by its least-squares residual, and rows are summed to per-group cross-products
/// once; the deviance, profiled over b and sigma, is then minimised over D / sigma^2 by Newton's method with exact
/// derivatives: over the variance ratio for a single random column, over a Cholesky factor otherwise. Several grouping
/// factors: the effects of the largest are eliminated group by group, what is left is factorised (dense or sparse), and
/// Newton's method takes the average information for the Hessian.
/// @return  `converged == false` and `boundary == true` are findings to show, not errors
/// @error   InvalidInput   no random part, sizes disagree, a value is not finite, fewer than two groups, every group
///                         has one row, as many random effects as rows, too few rows, the fixed part fits y exactly
/// @error   RankDeficient  columns of x (or z) depend on each other; the message names them
/// @error   Cancelled      `task` is polled once per Newton step
/// @cost    O(n (p+q)^2 + evaluations * m (q^3 + q p^2)); for a random intercept an evaluation is O(m p^2); crossed
///          factors: evaluations * (effects of all but the largest)^3
/// @source  Pinheiro & Bates (2000), chapter 2; Lindstrom & Bates (1988), JASA 83; Bates et al. (2015)
/// @checked oracles/stats/lme, oracles/stats/enigma_sim (R nlme), tests/reference/lmm (R lme4)
[[nodiscard]] Result<LmeFit> fit_lme(const ModelData& data, const LmeOptions& options = {}, const Task& task = {});

/// Keys and nesting of oracles/stats/lme expected.json, and "converged", "boundary", "findings".
[[nodiscard]] Json to_json(const LmeFit& fit, const ModelData& data);

}  // namespace ipsi::stats
