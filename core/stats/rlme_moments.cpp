// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Cholesky>
#include <algorithm>
#include <numeric>

#include "core/stats/rlme_parts.h"

namespace ipsi::stats::rlme {

Rows sorted_rows(const ModelData& data) {
  const RandomPart& random = data.random.front();
  Rows out;
  out.n = data.y.size();
  out.m = static_cast<Index>(random.groups.size());
  out.p = data.x.cols();
  out.q = random.z.cols();
  out.origin.resize(static_cast<std::size_t>(out.n));
  std::iota(out.origin.begin(), out.origin.end(), std::size_t{0});
  std::stable_sort(out.origin.begin(), out.origin.end(),
                   [&](std::size_t a, std::size_t b) { return random.group[a] < random.group[b]; });
  out.x.resize(out.n, out.p);
  out.z.resize(out.n, out.q);
  out.y.resize(out.n);
  out.start.assign(static_cast<std::size_t>(out.m) + 1, 0);
  for (Index i = 0; i < out.n; ++i) {
    const auto from = static_cast<Index>(out.origin[static_cast<std::size_t>(i)]);
    out.x.row(i) = data.x.row(from);
    out.z.row(i) = random.z.row(from);
    out.y[i] = data.y[from];
    ++out.start[static_cast<std::size_t>(random.group[static_cast<std::size_t>(from)]) + 1];
  }
  std::partial_sum(out.start.begin(), out.start.end(), out.start.begin());
  return out;
}

// C = (G'G + J)^-1 by its blocks: with S_g = U'Z_g'Z_g U + I, V_g = S_g^-1 U'Z_g'X_g and W = sum V_g'V_g,
//   C_xx = (X'X - sum R_g'V_g)^-1,  C_xg = -C_xx V_g',  C_gh = [g = h] S_g^-1 + V_g C_xx V_h',
// and of Q = C J C
//   Q_xx = C_xx W C_xx,  Q_xg = -C_xx (V_g' S_g^-1 + W C_xx V_g'),
//   Q_gg = S_g^-2 + S_g^-1 V_g C_xx V_g' + (..)' + V_g C_xx W C_xx V_g'.
// C G'G C = C - Q. Everything asked for is a quadratic form of these.
bool moments(const Rows& rows, const MatrixXd& factor, double slope, double lambda, Moments& out) {
  const Index p = rows.p, q = rows.q, m = rows.m;
  const MatrixXd zu = rows.z * factor;
  MatrixXd schur = rows.x.transpose() * rows.x, w = MatrixXd::Zero(p, p);
  std::vector<MatrixXd> s(static_cast<std::size_t>(m)), v(static_cast<std::size_t>(m));
  for (std::size_t g = 0; g < s.size(); ++g) {
    const Index from = rows.start[g], count = rows.start[g + 1] - from;
    const auto zg = zu.middleRows(from, count);
    const MatrixXd r = zg.transpose() * rows.x.middleRows(from, count);
    MatrixXd sg = zg.transpose() * zg;
    sg.diagonal().array() += 1.0;
    s[g] = sg.llt().solve(MatrixXd::Identity(q, q));
    v[g] = s[g] * r;
    schur.noalias() -= r.transpose() * v[g];
    w.noalias() += v[g].transpose() * v[g];
  }
  const Eigen::LLT<MatrixXd> chol(schur);
  if (chol.info() != Eigen::Success) return false;
  const MatrixXd cxx = chol.solve(MatrixXd::Identity(p, p));
  const MatrixXd cw = cxx * w, qxx = cw * cxx, pxx = cxx - qxx;
  const double slope2 = slope * slope;
  out.fixed_residuals = pxx / slope2;
  out.fixed_effects = qxx / slope2;
  out.leverage.resize(rows.n);
  out.other_residuals.resize(rows.n);
  out.from_effects.resize(rows.n);
  out.own.resize(s.size());
  out.residuals.resize(s.size());
  out.effects.resize(s.size());
  for (std::size_t g = 0; g < s.size(); ++g) {
    const Index from = rows.start[g], count = rows.start[g + 1] - from;
    const MatrixXd vc = v[g] * cxx;                             // V C_xx
    const MatrixXd svc = s[g] * v[g] * cxx * v[g].transpose();  // S^-1 V C_xx V'
    const MatrixXd cgg = s[g] + vc * v[g].transpose();
    const MatrixXd qgg = s[g] * s[g] + svc + svc.transpose() + v[g] * qxx * v[g].transpose();
    const MatrixXd cxg = -vc.transpose();
    const MatrixXd qxg = -cxx * (v[g].transpose() * s[g]) - cw * cxx * v[g].transpose();
    out.own[g] = lambda / slope * cgg;
    out.residuals[g] = (cgg - qgg) / slope2;
    out.effects[g] = lambda * lambda / slope2 * qgg;
    const auto x = rows.x.middleRows(from, count);
    const auto z = zu.middleRows(from, count);
    const auto form = [&](const MatrixXd& xx, const MatrixXd& xg, const MatrixXd& gg) -> VectorXd {
      return ((x * xx).cwiseProduct(x).rowwise().sum() + 2.0 * (x * xg).cwiseProduct(z).rowwise().sum() +
              (z * gg).cwiseProduct(z).rowwise().sum());
    };
    const VectorXd c = form(cxx, cxg, cgg), j = form(qxx, qxg, qgg);
    out.leverage.segment(from, count) = c / slope;
    out.other_residuals.segment(from, count) = (c - j) / slope2;
    out.from_effects.segment(from, count) = lambda * lambda / slope2 * j;
  }
  return true;
}

}  // namespace ipsi::stats::rlme
