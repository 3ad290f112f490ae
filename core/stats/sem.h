// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/stats/sem_model.h"

namespace ipsi::stats {

/// Rows of a result with normal-theory tests; NaN where a row is not estimated.
struct SemEstimates {
  Eigen::VectorXd value, se, z, p, ci_low, ci_high;
};

/// Of one variable on another along the regressions (`~`), in data units and standardised.
struct SemEffect {
  std::string from, to;
  double direct = 0.0, indirect = 0.0, total = 0.0;
  double direct_se = 0.0, indirect_se = 0.0, total_se = 0.0;  ///< delta method; NaN where nothing is estimated
  double direct_std = 0.0, indirect_std = 0.0, total_std = 0.0;
};

/// The product of coefficients along one route of two or more regressions.
struct SemRoute {
  std::vector<std::string> through;  ///< from, .., to
  double value = 0.0, se = 0.0, standardized = 0.0;
};

/// How well a model fits, in lavaan's words and definitions; NaN where undefined (a saturated model has no p).
struct SemMeasures {
  int npar = 0, df = 0, baseline_df = 0;
  double fmin = 0.0, chisq = 0.0, p = 0.0, baseline_chisq = 0.0, baseline_p = 0.0;
  double cfi = 0.0, tli = 0.0, rfi = 0.0, nfi = 0.0, ifi = 0.0, rni = 0.0;
  double logl = 0.0, unrestricted_logl = 0.0, aic = 0.0, bic = 0.0, bic2 = 0.0;
  double rmsea = 0.0, rmsea_low = 0.0, rmsea_high = 0.0, rmsea_p = 0.0;  ///< 90 % interval; p of RMSEA <= 0.05
  double srmr = 0.0, gfi = 0.0, agfi = 0.0, mfi = 0.0, ecvi = 0.0;
};

/// Intervals from refits to resampled rows.
struct SemBootstrap {
  int wanted = 0, used = 0;  ///< used: refits that converged
  struct Interval {
    double se = 0.0, low = 0.0, high = 0.0;            ///< percentiles 2.5 and 97.5
    double corrected_low = 0.0, corrected_high = 0.0;  ///< corrected for the median's bias
  };
  std::vector<Interval> rows;                     ///< a row of the parameter table each
  std::vector<Interval> direct, indirect, total;  ///< an effect each
  std::vector<Interval> routes;
};

struct SemFit {
  int n = 0;
  Eigen::MatrixXd sample, implied;        ///< [p x p] divisor n, in the order of model.observed
  Eigen::VectorXd theta;                  ///< [n_free]
  Eigen::MatrixXd vcov;                   ///< [n_free x n_free] from the expected information
  SemEstimates parameters, standardized;  ///< a row of the model each; standardised by all variables (std.all)
  std::vector<std::pair<std::string, double>> r_squared;
  std::vector<SemEffect> effects;
  std::vector<SemRoute> routes;
  SemMeasures measures;
  SemBootstrap bootstrap;
  int iterations = 0;
  bool converged = true;   ///< false: a finding to show, not an error; the numbers must not be used
  bool identified = true;  ///< false: the information is singular at the solution; there are no standard errors
  std::vector<std::string> findings;
};

struct SemOptions {
  int bootstrap = 0;  ///< resamples; 0 = none
  std::uint64_t seed = 1;
};

/// Maximum likelihood of a path model on the covariance with divisor n, by Fisher scoring with a line search.
/// @param rows  [n x p] complete data in the order of model.observed
/// @return  `converged == false` and negative variances are findings to show, not errors
/// @error   InvalidInput   sizes disagree, a value is not finite, a column is constant, no more rows than variables
/// @error   RankDeficient  columns depend on each other (named); the model is not identified (its parameters named)
/// @error   Cancelled      `task` is polled in each step and resample
/// @cost    a step O(m^3 + k^2), m variables, k parameters; the data are read once
/// @source  Joreskog (1970), Biometrika 57; McArdle & McDonald (1984) for the matrices; Rosseel (2012) for conventions
/// @checked oracles/stats/sem (lavaan)
[[nodiscard]] Result<SemFit> fit_sem(const SemModel& model, const Eigen::MatrixXd& rows, const SemOptions& options = {},
                                     const Task& task = {});

/// Keys and nesting of oracles/stats/sem expected.json, and effects, routes, bootstrap, converged, findings.
[[nodiscard]] Json to_json(const SemFit& fit, const SemModel& model);

}  // namespace ipsi::stats
