// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/orthonormal.h"

#include <Eigen/Dense>
#include <cmath>

namespace ipsi::numeric {

Orthonormal orthonormal(const Eigen::MatrixXd& x, double tolerance) {
  const Eigen::Index p = x.cols();
  Orthonormal out;
  out.q = x;
  out.r = Eigen::MatrixXd::Zero(p, p);
  std::vector<int> kept;  // positions in q with a unit column
  for (Eigen::Index j = 0; j < p; ++j) {
    auto column = out.q.col(j);
    const double length = column.norm();
    for (int pass = 0; pass < 2; ++pass) {
      for (const int k : kept) {
        const double share = out.q.col(k).dot(column);
        column.noalias() -= share * out.q.col(k);
        out.r(k, j) += share;
      }
    }
    const double left = column.norm();
    if (!(left > tolerance * length)) {
      // Express the column by earlier ones: solve R c = share over the kept columns.
      Orthonormal::Dependent found{.column = static_cast<int>(j), .on = {}};
      const Eigen::Index m = static_cast<Eigen::Index>(kept.size());
      Eigen::MatrixXd r(m, m);
      Eigen::VectorXd share(m);
      for (Eigen::Index a = 0; a < m; ++a) {
        share(a) = out.r(kept[a], j);
        for (Eigen::Index b = 0; b < m; ++b) r(a, b) = out.r(kept[a], kept[b]);
      }
      if (m > 0) {
        const Eigen::VectorXd c = r.triangularView<Eigen::Upper>().solve(share);
        for (Eigen::Index a = 0; a < m; ++a)
          if (std::abs(c(a)) * x.col(kept[a]).norm() > 1e-6 * length) found.on.push_back(kept[a]);
      }
      out.dependent.push_back(std::move(found));
      column.setZero();
      continue;
    }
    column /= left;
    out.r(j, j) = left;
    out.log_det_r += std::log(left);
    kept.push_back(static_cast<int>(j));
  }
  return out;
}

}  // namespace ipsi::numeric
