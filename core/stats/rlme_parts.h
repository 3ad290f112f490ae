// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "core/stats/rlme.h"

// The parts of a robust mixed fit; private to the library. u are spherical random effects, b = U u with U = `factor`,
// G = [X, Z U], and a group's rows meet no other group's effects.
namespace ipsi::stats::rlme {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Rows sorted by group.
struct Rows {
  MatrixXd x, z;  ///< [n x p], [n x q]
  VectorXd y;
  std::vector<Index> start;         ///< [m + 1] first row of each group
  std::vector<std::size_t> origin;  ///< [n] row of the caller
  Index n = 0, m = 0, p = 0, q = 0;
};
[[nodiscard]] Rows sorted_rows(const ModelData& data);

/// What the distribution of residuals and effects is made of, at one U. With H = slope (G'G + J), for row i and group
/// k:
struct Moments {
  VectorXd leverage;                        ///< [n] A_ii, A = G H^-1 G'
  VectorXd other_residuals;                 ///< [n] sum_j A_ij^2
  VectorXd from_effects;                    ///< [n] sum_k B_ik^2, B = lambda G H^-1[, u]
  std::vector<MatrixXd> own;                ///< [m] L_kk [q x q], L = lambda H^-1[u, u]
  std::vector<MatrixXd> residuals;          ///< [m] K_k'K_k, K = G H^-1[, u]
  std::vector<MatrixXd> effects;            ///< [m] sum_l L_kl L_kl'
  MatrixXd fixed_residuals, fixed_effects;  ///< [p x p] of H^-1 G'G H^-1 and H^-1 J H^-1: the fixed block
};
[[nodiscard]] bool moments(const Rows& rows, const MatrixXd& factor, double slope, double lambda, Moments& out);

/// Correction factors. `tau` and `spread` keep their last values as the place to start from.
struct Corrections {
  VectorXd tau;                  ///< [n] of residuals
  std::vector<MatrixXd> spread;  ///< [m] T_k [q x q]; q = 1: tau_k^2
};

struct Model {
  SmoothedHuber psi{1.345}, psi_random{1.345};
  RobustConstants residual, random;
  double lambda = 1.0;
  Index q = 1;
  Whitening whitening = Whitening::as_rlmer;
};
void das_var(const Model& model, const Moments& moments, Corrections& out);
/// False when cancelled.
[[nodiscard]] bool das_tau(const Model& model, const Moments& moments, Corrections& out, const Task& task);

}  // namespace ipsi::stats::rlme
