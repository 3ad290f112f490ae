// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "core/voxelwise/model.h"

// Inside core/voxelwise only: what all places share.
namespace ipsi::voxelwise {

/// The restricted likelihood of a random intercept as a function of the variance ratio l: of the response it needs
/// e = U'Z'My and y'My only.
struct RatioProfile {
  double nu = 0.0;            ///< rows less columns
  Eigen::MatrixXd u;          ///< [m x m] eigenvectors of Z'MZ
  Eigen::VectorXd d;          ///< [m] its eigenvalues
  Eigen::VectorXd ladder;     ///< [L] ratios to look at first
  Eigen::MatrixXd rung;       ///< [m x L] weight of e^2 at each
  Eigen::VectorXd rung_logs;  ///< [L] sum of log(1 + l d)

  /// @param size  [m] rows of each group; @param c [p x m] sums by group of orthonormal columns
  [[nodiscard]] static RatioProfile of(double nu, const Eigen::VectorXd& size, const Eigen::MatrixXd& c);
  struct Minimum {
    double l = 0.0;
    bool converged = true;
  };
  /// @param e2  [m] squares of e; @param rr  y'My
  [[nodiscard]] Minimum minimise(const double* e2, double rr) const;
  /// y'V^-1 y of what the columns leave, V in units of sigma^2.
  [[nodiscard]] double rss(const double* e2, double rr, double l) const;
};

struct VoxelModel::Parts {
  stats::Columns columns;
  Eigen::MatrixXd x;         ///< [n x p]
  Eigen::MatrixXd q, back;   ///< X = Q R: [n x p], R^-1 [p x p]
  std::vector<int> group;    ///< [n]; empty without a random term
  Eigen::VectorXd size;      ///< [m] rows of each group
  Eigen::MatrixXd c;         ///< [p x m] sums of the rows of Q by group
  RatioProfile ratio;        ///< of places that know every row
  std::vector<bool> varies;  ///< [p] inside at least one group

  [[nodiscard]] Eigen::Index n() const { return x.rows(); }
  [[nodiscard]] Eigen::Index p() const { return x.cols(); }
  [[nodiscard]] Eigen::Index m() const { return size.size(); }
  /// Degrees of freedom of each column by nlme's rule, for rows and groups that are left.
  [[nodiscard]] Eigen::VectorXd freedom(double rows, double groups, const std::vector<bool>& inner) const;
};

/// What rows the place at hand knows, and the model less those it does not.
struct Reduced {
  Fitted state = Fitted::yes;
  Eigen::MatrixXd inverse;  ///< [p x p] (Q'Q)^-1 over the rows that are left
  Eigen::MatrixXd basis;    ///< [p x p] Q basis: orthonormal over those rows
  Eigen::MatrixXd c;        ///< [p x m'] sums of the rows of Q by group
  Eigen::VectorXd size;     ///< [m']
  std::vector<int> kept;    ///< [m'] groups with a row
  Eigen::VectorXd df;       ///< [p]
  int n = 0;
};
/// @param missing  rows that are not there, ascending
[[nodiscard]] Reduced reduce(const VoxelModel::Parts& parts, const std::vector<int>& missing);

}  // namespace ipsi::voxelwise
