// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

namespace ipsi::numeric {

/// X = Q R with Q'Q = I and R upper triangular with a positive diagonal.
struct Orthonormal {
  /// A column that the columns before it explain, and by how much of each.
  struct Dependent {
    int column = 0;
    std::vector<int> on;  ///< earlier columns with a share that is not rounding error
  };
  Eigen::MatrixXd q;                 ///< [n x p]
  Eigen::MatrixXd r;                 ///< [p x p]
  std::vector<Dependent> dependent;  ///< empty: full rank (q and r are only then of use)
  double log_det_r = 0.0;            ///< log |det R|
};

/// Gram-Schmidt done twice, as accurate as Householder reflections and quicker for few columns.
/// A column counts as dependent when less than `tolerance` of its length is left (R's lm uses 1e-7).
/// @cost O(n p^2)
/// @source Giraud, Langou & Rozloznik (2005), Comput. Math. Appl. 50: "twice is enough"
[[nodiscard]] Orthonormal orthonormal(const Eigen::MatrixXd& x, double tolerance = 1e-7);

}  // namespace ipsi::numeric
