// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/stats/coefficients.h"
#include "core/stats/design.h"
#include "core/stats/robust_psi.h"

namespace ipsi::stats {

enum class ScaleEstimator {
  das_tau,  ///< design adaptive scale, correction factors from the distribution of residuals (default)
  das_var,  ///< correction factors from their variances alone: faster, a little less exact
};

/// How blocks of several random effects are whitened inside the fixed point for their correction matrices.
enum class Whitening {
  as_rlmer,   ///< with the other Cholesky factor, as R's robustlmm does it (results agree with that package)
  corrected,  ///< with the inverse of the matrix itself, as the formula says
};

struct RlmeOptions {
  ScaleEstimator scale = ScaleEstimator::das_tau;
  Whitening whitening = Whitening::as_rlmer;
};

/// Beside `Coefficients` of the fit: there are no degrees of freedom; p and intervals are of the normal approximation.
struct RlmeFit {
  ScaleEstimator scale = ScaleEstimator::das_tau;
  Coefficients coefficients;  ///< df NaN; t = value / se, p and 95 % interval by the normal distribution
  Eigen::MatrixXd vcov;       ///< [p x p]
  double sigma = 0.0;
  Eigen::VectorXd theta;         ///< lower Cholesky factor of the random covariance over sigma^2, column by column
  Eigen::MatrixXd random_cov;    ///< [q x q] data units
  Eigen::MatrixXd random_corr;   ///< [q x q] NaN where a variance is 0
  Eigen::VectorXd random_sd;     ///< [q]
  Eigen::VectorXd weight;        ///< [n] of residuals: w(r / sigma)
  Eigen::VectorXd weight_scale;  ///< [n] of residuals in the scale's equation
  Eigen::VectorXd weight_group;  ///< [m] of random effects
  Eigen::MatrixXd blups;         ///< [m x q]
  Eigen::VectorXd fitted;        ///< [n] with random effects
  Eigen::VectorXd residual;      ///< [n]
  Eigen::VectorXd tau;           ///< [n] correction factors of the residuals
  Eigen::VectorXd tau_group;     ///< [m] of a random intercept; empty for a block
  RobustConstants constants_residual, constants_random;
  double bound_residual = 0, bound_random = 0;
  int n = 0, n_groups = 0, evaluations = 0;
  bool converged = true, boundary = false;  ///< boundary: a random variance of 0
  std::vector<std::string> findings;
};

/// Robust fit of y = X b + Z u + e with one grouping factor: bounded influence of rows and of groups by the smoothed
/// Huber function (k = 1.345, blocks of random effects by their squared norm), scales by Proposal 2 with design
/// adaptive corrections (setting "RSEn" of robustlmm).
/// @error   InvalidInput   as fit_lme; more than two random columns; correlated blocks other than one of two
/// @error   RankDeficient  columns of x depend on each other
/// @error   Cancelled
/// @cost    random intercept: O(n p^2) an evaluation, some 15 of them; das_tau adds 85 nodes a row
/// @source  Koller (2013), Robust estimation of linear mixed models; Koller & Stahel (2022), robust mixed models
/// @checked oracles/stats/robust_lme (R robustlmm 3.2-2)
[[nodiscard]] Result<RlmeFit> fit_rlme(const ModelData& data, const RlmeOptions& options = {}, const Task& task = {});

/// Keys of oracles/stats/robust_lme expected.json, and "converged", "boundary", "findings".
[[nodiscard]] Json to_json(const RlmeFit& fit, const ModelData& data);

}  // namespace ipsi::stats
