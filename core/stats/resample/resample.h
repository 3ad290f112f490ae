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

// Bootstrap and permutation of the fixed effects of a linear model (no random part) or of a mixed model with one
// grouping factor. Draw i has a random stream of its own, made from (seed, i): results do not depend on threads.
namespace ipsi::stats {

/// Rows that belong together; blocks of rows that are resampled or permuted among themselves.
struct Blocks {
  std::vector<int> code;           ///< [n] 0..m-1
  std::vector<std::string> names;  ///< [m]
  std::string name;                ///< of the column; empty = all rows are one block
};
/// All rows in one block.
[[nodiscard]] Blocks one_block(Eigen::Index n);
/// The grouping factor of a mixed model.
[[nodiscard]] Blocks blocks_of(const RandomPart& random);

enum class BootstrapKind {
  cases,       ///< rows with replacement, inside each block
  groups,      ///< whole blocks with replacement, each drawn one a group of its own
  parametric,  ///< the same X, a new response from the fitted model
};

struct BootstrapOptions {
  BootstrapKind kind = BootstrapKind::cases;
  int draws = 2000;
  std::uint64_t seed = 1;
  double level = 0.95;
  int threads = 0;  ///< 0 = processors
  Criterion criterion = Criterion::reml;
};

/// Vectors are [p]; NaN where not defined.
struct Bootstrap {
  BootstrapKind kind = BootstrapKind::cases;
  std::vector<std::string> name;
  Eigen::VectorXd estimate, se;  ///< of the data; SD of the draws
  Eigen::VectorXd bias;          ///< mean of the draws - estimate
  Eigen::VectorXd percentile_low, percentile_high;
  Eigen::VectorXd bca_low, bca_high;
  Eigen::VectorXd z0, acceleration;  ///< of BCa; parametric: acceleration 0 (then BC)
  Eigen::MatrixXd draws;             ///< [draws x p]; NaN in rows that could not be fitted
  int failed = 0;                    ///< draws without a fit: counted, not in any interval
  double level = 0.95;
  std::vector<std::string> findings;
};

/// Percentile and BCa intervals of every coefficient.
///
/// Quantiles of R draws stand at (R + 1) alpha, between two draws on the normal scale. The acceleration comes from
/// leaving out each row (inside its block) or each block: for mixed models from `influence`, refits included.
/// @param blocks  of the rows; for a mixed model its grouping factor
/// @error InvalidInput   fewer than 20 draws, sizes disagree, groups: fewer than 5 blocks; as fit_lm and fit_lme
/// @error NotConverged   fewer than half of the draws could be fitted
/// @error Cancelled      polled once per 16 draws
/// @source Efron & Tibshirani (1993), chapter 14; Davison & Hinkley (1997), 5.3 (quantiles; acceleration in strata)
/// @checked tests/core/stats/resample_test.cpp: boot::boot.ci on stored draws; closed forms
[[nodiscard]] Result<Bootstrap> bootstrap(const ModelData& data, const Blocks& blocks, const BootstrapOptions& options,
                                          const Task& task = {});

/// Interval ends from draws, an estimate and its jackknife values; what `bootstrap` does for one coefficient.
struct BootstrapInterval {
  double percentile_low, percentile_high, bca_low, bca_high, z0, acceleration;
};
/// @param influence  [k] empirical influence of each row over its block's size; empty: acceleration 0
[[nodiscard]] BootstrapInterval bootstrap_interval(std::vector<double> draws, double estimate,
                                                   const Eigen::VectorXd& influence, double level);

struct PermutationOptions {
  int permutations = 4999;
  std::uint64_t seed = 1;
  int threads = 0;
  Criterion criterion = Criterion::reml;
};

struct Permutation {
  std::string term;
  std::vector<std::string> columns;  ///< tested together
  std::string blocks;                ///< permuted inside levels of; empty = all rows
  double statistic = 0.0;            ///< Wald F of the data: b' V^-1 b / columns, t^2 for one
  int permutations = 0;              ///< with a fit
  int failed = 0;
  int as_large = 0;     ///< of these, with a statistic at least as large
  double p = 0.0;       ///< (as_large + 1) / (permutations + 1)
  double p_wald = 0.0;  ///< of the same statistic by F with the model's own df
  std::vector<std::string> findings;
};

/// Test of one coefficient, or of all columns of a term, by Freedman & Lane: residuals of the model without it,
/// permuted inside blocks and added to its fitted values, make the responses whose statistics are compared.
///
/// In a mixed model the residuals are those about the fixed part, random effects included: rows of one group of a
/// random intercept are exchangeable, which is why blocks should be its groups (or finer).
/// @param term  name of a coefficient ("sexM"), else of a term ("sex")
/// @error NotFound      no such coefficient or term (those there are are named)
/// @error InvalidInput  the columns do not vary inside any block; fewer than 99 permutations
/// @error Cancelled     polled once per 16 permutations
/// @source Freedman & Lane (1983), J. Business & Economic Statistics 1; Winkler et al. (2014), NeuroImage 92 (blocks);
///         Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9 (p never 0)
/// @checked tests/core/stats/resample_test.cpp; tests/simulation/resample_test.cpp (type I error)
[[nodiscard]] Result<Permutation> permute(const ModelData& data, const Blocks& blocks, const std::string& term,
                                          const PermutationOptions& options, const Task& task = {});

[[nodiscard]] Json to_json(const Bootstrap& bootstrap);
[[nodiscard]] Json to_json(const Permutation& permutation);
[[nodiscard]] std::string_view to_string(BootstrapKind kind);

}  // namespace ipsi::stats
