// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem_discrepancy.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <cmath>
#include <limits>

namespace ipsi::stats {

SemDiscrepancy::SemDiscrepancy(const SemModel& model, const Eigen::MatrixXd& sample)
    : model_(model), fixed_(static_cast<Eigen::Index>(model.n_paths())) {
  const Eigen::Index m = model.variables();
  a_ = Eigen::MatrixXd::Zero(m, m);
  s_ = Eigen::MatrixXd::Zero(m, m);
  for (std::size_t r = 0; r < model.n_paths(); ++r) {
    const SemRow& row = model.rows[r];
    const int l = model.index(row.lhs), right = model.index(row.rhs);
    Position at{
        .path = row.op != "~~", .i = row.op == "=~" ? right : l, .j = row.op == "=~" ? l : right, .free = row.free - 1};
    fixed_[static_cast<Eigen::Index>(r)] = row.value;
    if (at.free >= 0) free_rows_.push_back(r);
    positions_.push_back(at);
  }
  set_sample(sample);
}

void SemDiscrepancy::set_sample(const Eigen::MatrixXd& sample) {
  sample_ = sample;
  for (std::size_t r = 0; r < positions_.size(); ++r)
    if (model_.rows[r].exogenous) fixed_[static_cast<Eigen::Index>(r)] = sample_(positions_[r].i, positions_[r].j);
  const Eigen::LLT<Eigen::MatrixXd> factor(sample_);
  log_det_sample_ = factor.info() == Eigen::Success ? 2.0 * factor.matrixLLT().diagonal().array().log().sum()
                                                    : std::numeric_limits<double>::quiet_NaN();
}

Eigen::VectorXd SemDiscrepancy::row_values(const Eigen::VectorXd& theta) const {
  Eigen::VectorXd out = fixed_;
  for (const std::size_t r : free_rows_) out[static_cast<Eigen::Index>(r)] = theta[positions_[r].free];
  return out;
}

bool SemDiscrepancy::move(const Eigen::VectorXd& theta) {
  const Eigen::VectorXd values = row_values(theta);
  for (std::size_t r = 0; r < positions_.size(); ++r) {
    const Position& at = positions_[r];
    const double value = values[static_cast<Eigen::Index>(r)];
    (at.path ? a_ : s_)(at.i, at.j) = value;
    if (!at.path) s_(at.j, at.i) = value;
  }
  const Eigen::Index m = a_.rows(), p = sample_.rows();
  const Eigen::PartialPivLU<Eigen::MatrixXd> solver(Eigen::MatrixXd::Identity(m, m) - a_);
  if (solver.matrixLU().diagonal().cwiseAbs().minCoeff() < 1e-10) return false;
  b_ = solver.inverse();
  const Eigen::MatrixXd half = b_ * s_;
  c_.noalias() = half * b_.transpose();
  const Eigen::LLT<Eigen::MatrixXd> factor(c_.topLeftCorner(p, p));
  if (factor.info() != Eigen::Success || !c_.allFinite()) return false;
  const auto diagonal = factor.matrixLLT().diagonal().array();
  if (!(diagonal.square() > 1e-14 * c_.topLeftCorner(p, p).diagonal().array()).all()) return false;
  v_ = factor.solve(Eigen::MatrixXd::Identity(p, p));
  log_det_ = 2.0 * diagonal.log().sum();
  value_ = log_det_ - log_det_sample_ + v_.cwiseProduct(sample_).sum() - static_cast<double>(p);
  return std::isfinite(value_);
}

void SemDiscrepancy::derivatives(Eigen::VectorXd& gradient, Eigen::MatrixXd& information) {
  const Eigen::Index m = a_.rows(), p = sample_.rows();
  Eigen::MatrixXd z(p, 2 * m);
  z << b_.topRows(p), c_.topRows(p);
  const Eigen::MatrixXd vz = v_ * z;
  const Eigen::MatrixXd k = z.transpose() * vz;                 // products under Sigma^-1
  const Eigen::MatrixXd g = k - vz.transpose() * sample_ * vz;  // and under Sigma^-1 (Sigma - S) Sigma^-1
  struct Pair {
    Eigen::Index u, w;
    double factor;
    int free;
  };
  std::vector<Pair> pairs;
  pairs.reserve(free_rows_.size());
  for (const std::size_t r : free_rows_) {
    const Position& at = positions_[r];
    pairs.push_back({at.i, at.path ? m + at.j : at.j, !at.path && at.i == at.j ? 0.5 : 1.0, at.free});
  }
  gradient = Eigen::VectorXd::Zero(model_.n_free);
  information = Eigen::MatrixXd::Zero(model_.n_free, model_.n_free);
  for (std::size_t x = 0; x < pairs.size(); ++x) {
    const Pair& one = pairs[x];
    gradient[one.free] += 2.0 * one.factor * g(one.u, one.w);
    for (std::size_t y = 0; y <= x; ++y) {
      const Pair& two = pairs[y];
      const double h =
          2.0 * one.factor * two.factor * (k(one.u, two.u) * k(one.w, two.w) + k(one.u, two.w) * k(one.w, two.u));
      information(one.free, two.free) += h;
      if (x != y) information(two.free, one.free) += h;
    }
  }
}

double SemDiscrepancy::variance_slope(const Position& at, int k) const {
  const double u = b_(k, at.i);
  if (at.path) return 2.0 * u * c_(k, at.j);
  return at.i == at.j ? u * u : 2.0 * u * b_(k, at.j);
}

Eigen::MatrixXd SemDiscrepancy::jacobian() const {
  const Eigen::Index p = sample_.rows();
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(p * (p + 1) / 2, model_.n_free);
  for (const std::size_t r : free_rows_) {
    const Position& at = positions_[r];
    const Eigen::VectorXd u = b_.col(at.i).head(p), w = at.path ? c_.col(at.j).head(p) : b_.col(at.j).head(p);
    const double factor = !at.path && at.i == at.j ? 0.5 : 1.0;
    for (Eigen::Index i = 0, row = 0; i < p; ++i)
      for (Eigen::Index j = 0; j <= i; ++j, ++row) out(row, at.free) += factor * (u[i] * w[j] + w[i] * u[j]);
  }
  return out;
}

}  // namespace ipsi::stats
