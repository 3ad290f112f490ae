// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/mixed_search.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace ipsi::stats::lme {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kFlat = 1e-8;  // a variance below this share of the mean square is none

VectorXd identity(const MixedSums& sums) {
  VectorXd out = VectorXd::Zero(sums.parameters);
  for (const Factor& f : sums.factors)
    for (std::size_t e = 0; e < f.entries.size(); ++e)
      if (f.entries[e].first == f.entries[e].second) out(f.first_parameter + static_cast<Index>(e)) = 1.0;
  return out;
}

MatrixXd factor_of(const Factor& f, const VectorXd& parameters) {
  MatrixXd out = MatrixXd::Zero(f.q, f.q);
  for (std::size_t e = 0; e < f.entries.size(); ++e)
    out(f.entries[e].first, f.entries[e].second) = parameters(f.first_parameter + static_cast<Index>(e));
  return out;
}

// Lower factor of a positive semi-definite matrix; a direction without variance gets a zero column.
MatrixXd semi_cholesky(const MatrixXd& d) {
  const Index q = d.rows();
  MatrixXd l = MatrixXd::Zero(q, q);
  for (Index j = 0; j < q; ++j) {
    const double pivot = d(j, j) - l.row(j).head(j).squaredNorm();
    if (!(pivot > 1e-14 * d(j, j))) continue;
    l(j, j) = std::sqrt(pivot);
    for (Index i = j + 1; i < q; ++i) l(i, j) = (d(i, j) - l.row(i).head(j).dot(l.row(j).head(j))) / l(j, j);
  }
  return l;
}

void put(const Factor& f, const MatrixXd& l, VectorXd& parameters) {
  for (std::size_t e = 0; e < f.entries.size(); ++e)
    parameters(f.first_parameter + static_cast<Index>(e)) = l(f.entries[e].first, f.entries[e].second);
}

VectorXd newton_step(const MixedProfile& profile, const VectorXd& g, std::optional<Index> fixed) {
  MatrixXd h = profile.average_information();
  VectorXd slope = g;
  if (fixed) {
    h.row(*fixed).setZero();
    h.col(*fixed).setZero();
    h(*fixed, *fixed) = 1.0;
    slope(*fixed) = 0.0;
  }
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(h);
  const double floor = 1e-10 * std::max(1.0, eigen.eigenvalues().cwiseAbs().maxCoeff());
  const VectorXd curvature = eigen.eigenvalues().cwiseAbs().cwiseMax(floor);
  return -(eigen.eigenvectors() * (eigen.eigenvectors().transpose() * slope).cwiseQuotient(curvature));
}

double size_of(const VectorXd& g, std::optional<Index> fixed) {
  VectorXd free = g;
  if (fixed) free(*fixed) = 0.0;
  return free.size() == 0 ? 0.0 : free.lpNorm<Eigen::Infinity>();
}

// The step is halved until the deviance falls. Near the end, where the deviance no longer tells, whole steps for as
// long as they shrink the gradient.
MixedSolution newton(MixedProfile& profile, VectorXd at, std::optional<Index> fixed, const Task& task) {
  MixedSolution out;
  out.parameters = at;
  if (!profile.evaluate(at)) return out;
  profile.differentiate();
  VectorXd g = profile.gradient();
  for (int count = 0; count < 200; ++count) {
    if (task.cancelled()) {
      out.cancelled = true;
      return out;
    }
    out.gradient_norm = size_of(g, fixed);
    VectorXd step = newton_step(profile, g, fixed);
    const double limit = 2.0 * std::max(1.0, at.norm());
    if (step.norm() > limit) step *= limit / step.norm();
    const double now = profile.deviance(), promised = -0.5 * g.dot(step) + (fixed ? 0.5 * g(*fixed) * step(*fixed) : 0);
    if (promised < 1e-16 || out.gradient_norm == 0.0) {
      out.converged = true;
      break;
    }
    const bool near_end = promised < 1e-9;
    double share = 1.0;
    bool moved = false;
    VectorXd next;
    for (int half = 0; half < 40 && !moved; ++half, share *= 0.5) {
      next = at + share * step;
      if (!profile.evaluate(next)) continue;
      moved = near_end || profile.deviance() <= now - 1e-4 * share * promised;
    }
    if (!moved) break;
    profile.differentiate();
    VectorXd slope = profile.gradient();
    if (near_end && !(size_of(slope, fixed) < out.gradient_norm)) {
      out.converged = true;
      break;
    }
    at = next;
    out.parameters = at;
    g = std::move(slope);
    if (at.norm() > 1e7) break;
  }
  return out;
}

// Where D_k is singular the gradient in its factor vanishes whatever the likelihood wants: look whether the deviance
// falls along a direction without variance.
bool escape(const MixedSums& sums, MixedProfile& profile, VectorXd& at) {
  if (!profile.evaluate(at)) return false;
  const double now = profile.deviance();
  for (const Factor& f : sums.factors) {
    const MatrixXd l = factor_of(f, at);
    for (Index from = 0; from < f.q;) {
      Index to = from;
      while (to < f.q && f.block[to] == f.block[from]) ++to;
      const Index k = to - from;
      const MatrixXd part = l.block(from, from, k, k);
      const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(part * part.transpose());
      for (Index flat = 0; flat < k && eigen.eigenvalues()(flat) < kFlat; ++flat)
        for (const double size : {1.0, 1e-2, 1e-4}) {
          MatrixXd d = l * l.transpose();
          d.block(from, from, k, k) +=
              size * eigen.eigenvectors().col(flat) * eigen.eigenvectors().col(flat).transpose();
          VectorXd next = at;
          put(f, semi_cholesky(d), next);
          if (profile.evaluate(next) && profile.deviance() < now - 1e-9) {
            at = next;
            return true;
          }
        }
      from = to;
    }
  }
  return false;
}

// A direction without variance: none at all, not 1e-20. True when there is one.
bool snap(const MixedSums& sums, VectorXd& at) {
  bool any = false;
  for (const Factor& f : sums.factors) {
    const MatrixXd l = factor_of(f, at);
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(l * l.transpose());
    if (eigen.eigenvalues()(0) >= kFlat) continue;
    any = true;
    const VectorXd kept = eigen.eigenvalues().unaryExpr([](double v) { return v < kFlat ? 0.0 : v; });
    MatrixXd d = eigen.eigenvectors() * kept.asDiagonal() * eigen.eigenvectors().transpose();
    for (Index i = 0; i < f.q; ++i)
      for (Index j = 0; j < f.q; ++j)
        if (f.block[i] != f.block[j]) d(i, j) = 0.0;
    put(f, semi_cholesky(d), at);
  }
  return any;
}

}  // namespace

MixedSolution search(const MixedSums& sums, MixedProfile& profile, const Task& task,
                     const std::optional<VectorXd>& start, std::optional<Index> fixed) {
  MixedSolution out = newton(profile, start ? *start : identity(sums), fixed, task);
  if (!fixed)
    for (int again = 0; again < 5 && out.converged && snap(sums, out.parameters); ++again) {
      if (!escape(sums, profile, out.parameters)) break;
      out = newton(profile, out.parameters, fixed, task);
    }
  if (out.cancelled) return out;
  for (const Factor& f : sums.factors) {  // columns of a factor may change sign freely
    MatrixXd l = factor_of(f, out.parameters);
    for (Index j = 0; j < f.q; ++j)
      if (l(j, j) < 0.0) l.col(j) = -l.col(j);
    put(f, l, out.parameters);
    out.boundary = out.boundary || (l.diagonal().array() == 0.0).any();
  }
  if (out.parameters.size() > 0 && out.parameters.lpNorm<Eigen::Infinity>() > 1e5) out.converged = false;
  if (!profile.evaluate(out.parameters)) {
    out.converged = false;
    return out;
  }
  profile.differentiate();
  return out;
}

}  // namespace ipsi::stats::lme
