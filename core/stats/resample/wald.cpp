// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/resample/wald.h"

#include <Eigen/Dense>

#include "core/numeric/orthonormal.h"

namespace ipsi::stats {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

ManyResponses::ManyResponses(const ModelData& data, Criterion criterion) : reml_(criterion == Criterion::reml) {
  if (data.weights.size() != 0) root_ = data.weights.cwiseSqrt();
  const auto basis = numeric::orthonormal(root_.size() != 0 ? MatrixXd(root_.asDiagonal() * data.x) : data.x);
  q_ = basis.q;
  const Index p = q_.cols();
  back_ = basis.r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(p, p));
  if (data.random.empty()) return;
  random_ = data.random.front();
  if (root_.size() != 0) random_->z = root_.asDiagonal() * random_->z;
  sums_ = lme::cross_products(q_, VectorXd::Zero(q_.rows()), *random_, reml_);
}

std::optional<ManyResponses::Fit> ManyResponses::fit(const VectorXd& y) const {
  const VectorXd scaled = root_.size() != 0 ? VectorXd(y.cwiseProduct(root_)) : y;
  const VectorXd share = q_.transpose() * scaled;
  const VectorXd r = scaled - q_ * share;
  const double rr = r.squaredNorm();
  if (!(rr > 1e-26 * scaled.squaredNorm())) return std::nullopt;
  Fit out;
  if (!random_) {
    out.b = back_ * share;
    out.vcov = rr / static_cast<double>(q_.rows() - q_.cols()) * (back_ * back_.transpose());
    return out;
  }
  lme::CrossProducts sums = sums_;
  sums.rr = rr;
  for (Index a = 0; a < sums.q; ++a)
    for (Index i = 0; i < r.size(); ++i)
      sums.zr(a, random_->group[static_cast<std::size_t>(i)]) += random_->z(i, a) * r(i);
  const lme::Solution solution =
      sums.q == 1 ? lme::solve_single(sums, {}) : lme::solve_blocks(sums, random_->block, {});
  if (!solution.converged) return std::nullopt;
  out.b = back_ * (share + solution.b);
  out.vcov = solution.rss / sums.nu() * (back_ * solution.inverse * back_.transpose());
  return out;
}

}  // namespace ipsi::stats
