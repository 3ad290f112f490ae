// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include "core/stats/sem_parts.h"

namespace ipsi::stats {
namespace {

/// Rows of definitions below those of paths: d definition / d theta = (d definition / d rows) (d rows / d theta).
SemDerived with_definitions(const SemModel& model, SemDerived rows) {
  if (model.definitions.empty()) return rows;
  const Eigen::Index n = rows.value.size(), extra = static_cast<Eigen::Index>(model.definitions.size());
  const auto defined = evaluate_definitions(model, rows.value);
  rows.value.conservativeResize(n + extra);
  const Eigen::MatrixXd own = rows.slope;
  rows.slope.conservativeResize(n + extra, Eigen::NoChange);
  for (Eigen::Index i = 0; i < extra; ++i) {
    rows.value[n + i] = defined[static_cast<std::size_t>(i)].value;
    rows.slope.row(n + i) = defined[static_cast<std::size_t>(i)].slope.transpose() * own;
  }
  return rows;
}

}  // namespace

SemDerived table_values(const SemModel& model, const SemDiscrepancy& at, const Eigen::VectorXd& theta) {
  SemDerived out{at.row_values(theta), Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(model.n_paths()), model.n_free)};
  for (std::size_t r = 0; r < model.n_paths(); ++r)
    if (const int k = at.positions()[r].free; k >= 0) out.slope(static_cast<Eigen::Index>(r), k) = 1.0;
  return with_definitions(model, std::move(out));
}

SemDerived standardized_values(const SemModel& model, const SemDiscrepancy& at, const Eigen::VectorXd& theta) {
  const auto& positions = at.positions();
  const Eigen::VectorXd raw = at.row_values(theta);
  const Eigen::VectorXd variance = at.covariance().diagonal();
  const Eigen::VectorXd sd = variance.cwiseSqrt();
  const Eigen::Index m = model.variables();
  // How each variance, and each diagonal entry of S, moves with each parameter.
  Eigen::MatrixXd dc = Eigen::MatrixXd::Zero(m, model.n_free), ds = dc;
  for (const auto& q : positions) {
    if (q.free < 0) continue;
    for (Eigen::Index v = 0; v < m; ++v) dc(v, q.free) += at.variance_slope(q, static_cast<int>(v));
    if (!q.path && q.i == q.j) ds(q.i, q.free) += 1.0;
  }
  SemDerived out{Eigen::VectorXd(raw.size()), Eigen::MatrixXd::Zero(raw.size(), model.n_free)};
  for (std::size_t r = 0; r < positions.size(); ++r) {
    const auto& x = positions[r];
    const auto row = static_cast<Eigen::Index>(r);
    auto slope = out.slope.row(row);
    double unit = 0.0;  // what the raw value is multiplied by
    if (x.path) {
      unit = sd[x.j] / sd[x.i];
      slope = 0.5 * raw[row] * unit * (dc.row(x.j) / variance[x.j] - dc.row(x.i) / variance[x.i]);
    } else if (x.i == x.j) {
      unit = 1.0 / variance[x.i];
      slope = -raw[row] * unit * dc.row(x.i) / variance[x.i];
    } else {
      const double si = at.residual()(x.i, x.i), sj = at.residual()(x.j, x.j);
      unit = 1.0 / std::sqrt(si * sj);  // NaN where one is negative: there is no such correlation
      if (!(si > 0.0 && sj > 0.0)) unit = std::numeric_limits<double>::quiet_NaN();
      slope = -0.5 * raw[row] * unit * (ds.row(x.i) / si + ds.row(x.j) / sj);
    }
    out.value[row] = raw[row] * unit;
    if (x.free >= 0) slope[x.free] += unit;
  }
  return with_definitions(model, std::move(out));
}

}  // namespace ipsi::stats
