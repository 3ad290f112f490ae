// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/stats/sem.h"
#include "core/stats/sem_discrepancy.h"

// Steps of fit_sem; private to the library.
namespace ipsi::stats {

/// Where scoring begins: loadings from ratios of covariances, regressions of observed variables by least squares.
[[nodiscard]] Eigen::VectorXd sem_start(const SemModel& model, const Eigen::MatrixXd& sample);

struct SemSolution {
  Eigen::VectorXd theta;
  int iterations = 0;
  bool converged = false;
};
/// @return  not converged also when the start has no positive definite covariance
[[nodiscard]] SemSolution minimise(SemDiscrepancy& at, const Eigen::VectorXd& start, const Task& task);

/// Parameters that no data could tell apart, by the rank of the moments' derivatives at a generic place; empty when
/// every parameter is identified.
[[nodiscard]] std::vector<std::string> unidentified(const SemModel& model, const Eigen::MatrixXd& sample);

/// z, two-sided p and 95 % interval where se > 0.
[[nodiscard]] SemEstimates normal_tests(const Eigen::VectorXd& value, const Eigen::VectorXd& se);

/// sqrt(diag(J V J')).
[[nodiscard]] Eigen::VectorXd delta_se(const Eigen::MatrixXd& jacobian, const Eigen::MatrixXd& vcov);

/// Values with their derivatives by the free parameters.
struct SemDerived {
  Eigen::VectorXd value;
  Eigen::MatrixXd slope;  ///< [values x n_free]
};
/// The parameter table with its definitions, in data units and standardised by all variables.
[[nodiscard]] SemDerived table_values(const SemModel& model, const SemDiscrepancy& at, const Eigen::VectorXd& theta);
[[nodiscard]] SemDerived standardized_values(const SemModel& model, const SemDiscrepancy& at,
                                             const Eigen::VectorXd& theta);

/// Which variables of the regressions the paths connect, and how; the same for every refit.
struct SemGraph {
  struct Pair {
    int from = 0, to = 0;
    bool indirect = false;  ///< some route has two paths or more
  };
  std::vector<Pair> pairs;
  std::vector<std::vector<int>> routes;  ///< variables, from first to last; two or more paths each
  bool too_many = false;                 ///< routes beyond the limit were left out
};
[[nodiscard]] SemGraph sem_graph(const SemModel& model);
/// Direct, indirect and total effect of every pair, one after the other, then the routes.
[[nodiscard]] SemDerived effect_values(const SemGraph& graph, const SemDiscrepancy& at, Eigen::Index n_free);
void add_effects(const SemModel& model, const SemDiscrepancy& at, SemFit& fit);

[[nodiscard]] SemMeasures sem_measures(const SemModel& model, const SemDiscrepancy& at, const Eigen::MatrixXd& sample,
                                       int n);

/// @error Cancelled
[[nodiscard]] Result<SemBootstrap> sem_bootstrap(const SemModel& model, const Eigen::MatrixXd& rows, const SemFit& fit,
                                                 const SemOptions& options, const Task& task);

}  // namespace ipsi::stats
