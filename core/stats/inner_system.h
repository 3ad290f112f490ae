// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <vector>

#include "core/stats/mixed_sums.h"

namespace ipsi::stats::lme {

/// The symmetric system S that is left when the first factor's effects are eliminated: dense for crossed factors, whose
/// levels nearly all meet, sparse for nested ones. Only the lower triangle is written.
class InnerSystem {
 public:
  explicit InnerSystem(const MixedSums& sums);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// S = I + scaled, `scaled` [B x B] with both triangles.
  void reset(const Eigen::SparseMatrix<double>& scaled);
  /// S -= f'f on the effects that group g of the first factor meets; f [q0 x count].
  void subtract(Eigen::Index g, const Eigen::Ref<const Eigen::MatrixXd>& f);
  /// False where S is not positive definite.
  [[nodiscard]] bool factorise();
  [[nodiscard]] double log_det() const;
  [[nodiscard]] Eigen::MatrixXd solve(const Eigen::MatrixXd& b) const;
  /// S^-1 where S is not 0 (everywhere, dense); `inverse(i, j)` reads it, in any order of i and j.
  void invert();
  [[nodiscard]] double inverse(Eigen::Index i, Eigen::Index j) const;

 private:
  void invert_sparse();
  const MixedSums& sums_;
  Eigen::Index size_ = 0;
  bool dense_ = true;
  Eigen::MatrixXd s_, inverse_;
  Eigen::SparseMatrix<double> sparse_;  // lower triangle on the whole pattern
  std::vector<Eigen::Index> position_;  // of the pairs of each group in sparse_, one group after the other
  std::vector<Eigen::Index> position_start_;
  Eigen::SimplicialLLT<Eigen::SparseMatrix<double>, Eigen::Lower> llt_;
  bool analysed_ = false;
  Eigen::SparseMatrix<double> factor_, sparse_inverse_;  // in llt_'s order
};

/// Inverse of a lower triangular matrix, in place. @cost n^3 / 3
void invert_lower(Eigen::Ref<Eigen::MatrixXd> l);
/// Lower triangle of L'L for a lower triangular L, in place. @cost n^3 / 3
void square_lower(Eigen::Ref<Eigen::MatrixXd> l);

}  // namespace ipsi::stats::lme
