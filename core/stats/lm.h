// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/stats/coefficients.h"
#include "core/stats/design.h"

namespace ipsi::stats {

/// Result of an ordinary or weighted least-squares fit; everything as R's lm, summary.lm and influence give it.
struct LmFit {
  Coefficients coefficients;  ///< df = df_residual for all
  Eigen::MatrixXd vcov;       ///< [p x p]
  double sigma = 0.0;
  int n = 0, df_residual = 0;
  double r_squared = 0.0, adj_r_squared = 0.0;
  double f = 0.0, f_df1 = 0.0, f_df2 = 0.0, f_p = 0.0;  ///< against the intercept alone; NaN without predictors
  double log_likelihood = 0.0, aic = 0.0, bic = 0.0;
  Vif vif;
  Eigen::VectorXd fitted, residual, leverage, standardized, studentized, cooks, dffits;  ///< [n]
  /// The same model's likelihoods by the conventions of mixed models; NaN with weights.
  double ml_log_likelihood = 0.0, reml_log_likelihood = 0.0;
  std::vector<std::string> findings;
};

/// Fit y = X b + e, Var(e_i) = sigma^2 / w_i, by an orthogonal decomposition.
/// @error InvalidInput   sizes disagree, a value is not finite, a weight is not positive, n <= p
/// @error RankDeficient  columns of x depend on each other; the message names them
/// @cost  O(n p^2)
/// @checked oracles/stats/ols (R lm)
[[nodiscard]] Result<LmFit> fit_lm(const ModelData& data);

/// Keys and nesting of oracles/stats/ols expected.json.
[[nodiscard]] Json to_json(const LmFit& fit);

}  // namespace ipsi::stats
