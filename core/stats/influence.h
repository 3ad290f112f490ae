// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/stats/design.h"
#include "core/stats/lme.h"

namespace ipsi::stats {

/// Something a reader must know of one deletion: a column that cannot be estimated without it, or no fit at all.
struct DeletionNote {
  int at = 0;
  std::string text;
};

/// What every deletion of one kind (a row, or all rows of a group) does to the fixed effects.
/// Undefined numbers are NaN; `notes` says why.
struct Deletions {
  Eigen::MatrixXd beta;            ///< [k x p] estimates without it
  Eigen::MatrixXd se;              ///< [k x p] of those, unscaled
  Eigen::MatrixXd dfbeta;          ///< [k x p] beta without it - beta of all
  Eigen::MatrixXd dfbetas;         ///< [k x p] dfbeta / se without it
  Eigen::VectorXd cooks;           ///< [k] dfbeta' V^-1 dfbeta (k - p) / (k p), as lme4 defines it
  Eigen::VectorXd cooks_standard;  ///< [k] dfbeta' V^-1 dfbeta / p, as influence.ME does
  Eigen::VectorXd sigma;           ///< [k] residual SD without it
  double threshold = 0.0;          ///< 4 / k
  std::vector<int> influential;    ///< cooks_standard above the threshold, ascending
  std::vector<DeletionNote> notes;
  int boundary = 0;  ///< refits whose random covariance is singular

  [[nodiscard]] int size() const { return static_cast<int>(cooks.size()); }
};

struct Influence {
  Deletions observation;                ///< k = n
  Deletions group;                      ///< k = groups
  Eigen::MatrixXd df, ci_low, ci_high;  ///< [groups x p] of the estimates without a group: containment, 95 %
  std::vector<int> group_size;          ///< [groups] rows
  Eigen::VectorXd hat;                  ///< [n] diagonal of the conditional hat matrix
  Eigen::VectorXd one_step;             ///< [n] Cook's distance from `hat` and conditional residuals, no refits
  std::vector<std::string> findings;
};

struct InfluenceOptions {
  bool observations = true, groups = true;  ///< what is deleted; what is not asked for stays empty
};

/// Refit a mixed model without each row and without each group.
///
/// Every refit is exact. The cross-products of the full fit lose the deleted rows and are brought to orthonormal
/// columns again (a p x p Cholesky factor), the search starts at the full fit's variances, and falls back to a whole
/// search where the maximum may have moved elsewhere. Where the deleted rows carry a column alone, the refit is made
/// from the data without that column: what can still be estimated is given, Cook's distance is not defined.
/// @param fit    of `data`, by either criterion
/// @error InvalidInput  no random part, `fit` is not of these data or has not converged
/// @error Cancelled     `task` is polled once per deletion
/// @cost  random intercept: O(groups p^2 + p^3) a deletion, some 5 us at 16 groups and 5 columns
/// @source Cook (1977); Demidenko & Stukel (2005), Statistics in Medicine 24 (deletion in mixed models);
///         Nieuwenhuis, te Grotenhuis & Pelzer (2012), R Journal 4(2) (thresholds)
/// @checked oracles/stats/influence (R lme4 and exact refits); tests/core/stats/influence_test.cpp: fit_lme on what is
///          left, to 1e-8
[[nodiscard]] Result<Influence> influence(const ModelData& data, const LmeFit& fit,
                                          const InfluenceOptions& options = {}, const Task& task = {});

/// How many rows and groups lie above 4/n and 4/G.
struct InfluentialCounts {
  int rows = 0, groups = 0;
};

/// The counts of `influence`, at a fraction of the cost: with a random intercept away from the boundary each row's
/// Cook's distance is first taken from the closed form for fixed variances and one Newton step of the variance ratio;
/// only rows that come near the threshold (0.7 to 1.5 of it) are refitted. Groups are all refitted.
/// @error as `influence`
/// @cost  O(n groups p) + refits of one row in twenty
/// @checked tests/core/stats/influence_test.cpp, tests/core/engine: equal to counts from exact refits
[[nodiscard]] Result<InfluentialCounts> count_influential(const ModelData& data, const LmeFit& fit,
                                                          const Task& task = {});

/// Keys and nesting of oracles/stats/influence expected.json, and dfbetas, se_deleted, threshold, influential.
/// @param rows  [n] rows of the table the observations are, from 0; empty = in order
[[nodiscard]] Json to_json(const Influence& influence, const LmeFit& fit, const ModelData& data,
                           const std::vector<std::size_t>& rows = {});

}  // namespace ipsi::stats
