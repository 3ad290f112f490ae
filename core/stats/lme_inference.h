// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/stats/design.h"
#include "core/stats/lme.h"

namespace ipsi::stats {

/// Shape of the likelihood at its maximum, in the free variance parameters (entries of relative Cholesky factors, then
/// log sigma). Parameters on the boundary are taken as fixed.
struct Curvature {
  Eigen::MatrixXd covariance;                ///< [k x k] asymptotic, of the parameters
  std::vector<Eigen::MatrixXd> vcov_change;  ///< [k] of [p x p]: change of LmeFit::vcov
};

/// @error NotConverged  the Hessian is not positive definite
/// @cost  2 k evaluations with derivatives, k (co)variances
[[nodiscard]] Result<Curvature> curvature(const ModelData& data, const LmeFit& fit);

/// Satterthwaite's df of one linear combination of the fixed effects: 2 V^2 / Var(V).
/// @source Satterthwaite (1946); Kuznetsova, Brockhoff & Christensen (2017), J. Stat. Softw. 82(13)
/// @checked tests/reference/lmm (R lmerTest)
[[nodiscard]] double satterthwaite(const Curvature& curvature, const Eigen::MatrixXd& vcov,
                                   const Eigen::VectorXd& combination);

/// Replaces df, p, intervals and effect sizes of the table, and df and p of the marginal F tests.
void use_satterthwaite(LmeFit& fit, const ModelData& data, const Curvature& curvature);

/// 95 % interval of one parameter; NaN where the profile could not be followed.
struct ProfileInterval {
  std::string name;  ///< a coefficient, "sd((Intercept)) by cohort", "sigma"
  double low = 0.0, high = 0.0;
};

/// Where the likelihood (ML, as lme4's confint) has fallen by half of chi-square's 95 % point: fixed effects, sigma,
/// and the sd of each grouping factor with one random column.
/// @cost some 10 ML fits a fixed effect, some 1,000 evaluations an sd
/// @checked tests/reference/lmm (R lme4)
[[nodiscard]] Result<std::vector<ProfileInterval>> profile_intervals(const ModelData& data, const LmeFit& fit,
                                                                     const Task& task = {});

/// A linear combination of the fixed effects.
struct Combination {
  std::string name;
  Eigen::VectorXd of;  ///< [p]
};
struct Estimate {
  std::string name;
  double value = 0.0, se = 0.0, df = 0.0, t = 0.0, p = 0.0, low = 0.0, high = 0.0;
};

/// @param curvature  nullptr: containment, the smallest df of the coefficients that take part
[[nodiscard]] Estimate estimate(const LmeFit& fit, const Combination& combination, const Curvature* curvature);

/// "name = x + 0.5 * `x:sideR` - 2 sexM": numbers times coefficients, `name =` may be left out; names that hold an
/// operator go in backticks, but `x:sideR` needs none.
/// @error Usage, NotFound  not understood; a name that is no coefficient (the nearest is offered)
[[nodiscard]] Result<Combination> parse_combination(const std::string& text, const std::vector<std::string>& names);

/// Estimated marginal means: averages over the cells of all factors with equal weights, numeric variables at their
/// mean over the rows of the model.
/// @param factor  "side" or "side:sex"
/// @error NotFound, InvalidInput  no such factor in the fixed part
/// @source Searle, Speed & Milliken (1980)
[[nodiscard]] Result<std::vector<Combination>> marginal_means(const Formula& formula, const Design& design,
                                                              const table::Table& data, const std::string& factor);
/// Each mean less each later one.
[[nodiscard]] std::vector<Combination> pairwise(const std::vector<Combination>& means);

/// How the p of a likelihood-ratio test was found.
enum class LrtKind { plain, mixture, simulated };
struct Comparison {
  std::string name;  ///< what was taken away
  double log_likelihood_small = 0.0, log_likelihood_large = 0.0, chisq = 0.0;
  int df = 0;
  double p = 0.0, p_plain = 0.0;
  LrtKind kind = LrtKind::plain;
  Criterion criterion = Criterion::reml;  ///< of both fits
  int simulations = 0;
  std::string note;
};

struct CompareOptions {
  Criterion criterion = Criterion::reml;
  int simulations = 0;  ///< parametric bootstrap; 0 = none
  std::uint64_t seed = 1;
};

/// Likelihood-ratio test of `small` inside `large`, over the same rows. Different fixed parts: both are fitted by ML.
/// One variance more (with r covariances): 50:50 mixture of chi-square r and r + 1; several: plain (p too large), or
/// simulated.
/// @error InvalidInput  not nested, or other rows
/// @source Stram & Lee (1994); Self & Liang (1987)
[[nodiscard]] Result<Comparison> compare(const ModelData& small, const ModelData& large, const CompareOptions& options,
                                         const Task& task = {});

/// Each grouping factor against the model without it; for several factors.
[[nodiscard]] Result<std::vector<Comparison>> test_random_parts(const ModelData& data, const CompareOptions& options,
                                                                const Task& task = {});

[[nodiscard]] Json to_json(const Comparison& comparison);
[[nodiscard]] Json to_json(const std::vector<Estimate>& estimates);

/// Does the side of the lesion change the relation of `x` to the outcome? In words, with the numbers.
/// @param side  factor of two levels in the formula `.. x * side ..`
/// @error InvalidInput  the model holds no x:side, or side has other than two levels
[[nodiscard]] Result<std::vector<std::string>> side_in_words(const LmeFit& fit, const std::string& x,
                                                             const std::string& side, const Curvature* curvature);

}  // namespace ipsi::stats
