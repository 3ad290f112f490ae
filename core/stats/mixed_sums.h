// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <utility>
#include <vector>

#include "core/stats/design.h"

// What the likelihood of a mixed model with any number of grouping factors needs of the rows; private to the library.
//
// X = Q R with orthonormal Q, r = y - Q Q'y, P = [Q r]. The factor with most effects comes first: its Z0'Z0 is block
// diagonal, so that its effects can be eliminated group by group. The effects of all others are numbered through and
// called B.
namespace ipsi::stats::lme {

struct Factor {
  int part = 0;            ///< index into ModelData::random
  int q = 0, m = 0;        ///< columns and groups
  std::vector<int> block;  ///< [q]
  Eigen::MatrixXd back;    ///< [q x q] T^-1: sums are over Z T^-1, whose mean square is I
  Eigen::Index first = 0;  ///< of its effects in B; 0 for the factor that is eliminated
  std::vector<std::pair<Eigen::Index, Eigen::Index>> entries;  ///< free places of the lower Cholesky factor
  Eigen::Index first_parameter = 0;                            ///< of `entries` among the parameters
};

struct MixedSums {
  int n = 0, p = 0;
  bool reml = true;
  double rr = 0.0;              ///< r'r
  std::vector<Factor> factors;  ///< [0] is eliminated
  Eigen::Index parameters = 0;
  Eigen::MatrixXd s0;               ///< [q0 x q0 m0] Z0'Z0, a block for each group
  Eigen::MatrixXd w0;               ///< [q0 m0 x p + 1] Z0'P
  std::vector<Eigen::Index> start;  ///< [m0 + 1] into `touch`
  std::vector<Eigen::Index> touch;  ///< effects of B that share rows with a group, ascending
  Eigen::MatrixXd cross;            ///< [q0 x touch] Z0'ZB of each group
  Eigen::SparseMatrix<double> cbb;  ///< [B x B] ZB'ZB, both triangles
  Eigen::MatrixXd wb;               ///< [B x p + 1]
  [[nodiscard]] double nu() const { return reml ? n - p : n; }
  [[nodiscard]] Eigen::Index effects_b() const { return wb.rows(); }
};

/// @cost O(n (p + sum q)^2) and a sort of the rows
[[nodiscard]] MixedSums mixed_sums(const Eigen::MatrixXd& q, const Eigen::VectorXd& r,
                                   const std::vector<RandomPart>& random, bool reml);

}  // namespace ipsi::stats::lme
