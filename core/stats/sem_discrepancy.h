// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/stats/sem_model.h"

// Private to the library.
namespace ipsi::stats {

/// The matrices of a path model at some parameters, and how far its covariance is from the sample's.
///
/// With B = (I - A)^-1 and C = B S B', the model's covariance is the observed part of C. Each parameter moves it by a
/// matrix of rank two, u w' + w u', whose vectors are columns of B and C: gradient and expected information are then
/// entries of small products that are made once.
class SemDiscrepancy {
 public:
  /// @param sample  [p x p] covariance with divisor n, in the order of model.observed
  SemDiscrepancy(const SemModel& model, const Eigen::MatrixXd& sample);

  /// The same model held against another covariance.
  void set_sample(const Eigen::MatrixXd& sample);
  /// Puts the parameters in. False where the model's covariance is not positive definite or I - A is singular.
  /// @param theta  [n_free]
  bool move(const Eigen::VectorXd& theta);
  [[nodiscard]] double value() const { return value_; }  ///< log|Sigma| + tr(S Sigma^-1) - log|S| - p
  /// Gradient of `value` and the expectation of its second derivatives, of the parameters of the last `move`.
  void derivatives(Eigen::VectorXd& gradient, Eigen::MatrixXd& information);

  [[nodiscard]] const Eigen::MatrixXd& paths() const { return a_; }       ///< A [m x m], row: response
  [[nodiscard]] const Eigen::MatrixXd& residual() const { return s_; }    ///< S [m x m]
  [[nodiscard]] const Eigen::MatrixXd& reach() const { return b_; }       ///< B [m x m]
  [[nodiscard]] const Eigen::MatrixXd& covariance() const { return c_; }  ///< C [m x m], of all variables
  [[nodiscard]] const Eigen::MatrixXd& precision() const { return v_; }   ///< Sigma^-1 [p x p]
  [[nodiscard]] double log_det_sample() const { return log_det_sample_; }
  [[nodiscard]] double log_det() const { return log_det_; }
  /// Rows of the parameter table as numbers: estimates and what is fixed. [n_paths]
  [[nodiscard]] Eigen::VectorXd row_values(const Eigen::VectorXd& theta) const;

  /// Where a row of the table stands in A or S.
  struct Position {
    bool path = false;  ///< in A, otherwise in S
    int i = 0, j = 0;
    int free = -1;  ///< index of its parameter; -1 = fixed
  };
  [[nodiscard]] const std::vector<Position>& positions() const { return positions_; }
  /// d C(k, k) / d (value of a row).
  [[nodiscard]] double variance_slope(const Position& at, int k) const;
  /// Columns d vech(Sigma) / d theta at the current place: their rank tells what can be estimated.
  [[nodiscard]] Eigen::MatrixXd jacobian() const;

 private:
  const SemModel& model_;
  Eigen::MatrixXd sample_;
  double log_det_sample_ = 0.0;
  std::vector<Position> positions_;
  std::vector<std::size_t> free_rows_;  ///< of positions
  Eigen::VectorXd fixed_;               ///< [n_paths]
  Eigen::MatrixXd a_, s_, b_, c_, v_;
  double log_det_ = 0.0, value_ = 0.0;
};

}  // namespace ipsi::stats
