// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/stats/lme_profile.h"

namespace ipsi::stats::lme {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Small =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, kMaxRandomColumns, kMaxRandomColumns>;

// -2 log-likelihood as a function of D~, with B_g = (I + S_g D~)^-1:
//   W_g = Z'V~^-1 Z = B_g S_g,  U_g = Z'V~^-1 Q = B_g C_g,  e_g = Z'V~^-1 (r - Q b) = B_g (c_g - C_g b),
//   A = Q'V~^-1 Q = I - sum C_g' D~ U_g,  rss = r'r - sum c_g' D~ B_g (c_g - C_g b).
class Profile {
 public:
  explicit Profile(const CrossProducts& sums) : sums_(sums) {
    w_ = MatrixXd::Zero(sums.q, static_cast<Index>(sums.q) * sums.m);
    u_ = MatrixXd::Zero(sums.q, static_cast<Index>(sums.p) * sums.m);
    e_ = MatrixXd::Zero(sums.q, sums.m);
    inverses_ = MatrixXd::Zero(sums.q, static_cast<Index>(sums.q) * sums.m);
    a_ = inverse_ = MatrixXd::Zero(sums.p, sums.p);
    b_ = VectorXd::Zero(sums.p);
  }

  double rss = 0.0, log_det = 0.0;
  int evaluations = 0;

  [[nodiscard]] double deviance() const { return sums_.nu() * std::log(rss) + log_det; }
  [[nodiscard]] const VectorXd& b() const { return b_; }
  [[nodiscard]] const MatrixXd& inverse() const { return inverse_; }
  [[nodiscard]] MatrixXd blups(const Small& d) const { return d * e_; }

  /// False where D~ is so large that nothing can be computed.
  bool evaluate(const Small& d) {
    ++evaluations;
    const Index q = sums_.q, p = sums_.p;
    a_.setIdentity();
    b_.setZero();
    log_det = 0.0;
    for (Index g = 0; g < sums_.m; ++g) {
      const auto s = sums_.zz.middleCols(g * q, q);
      const auto c = sums_.zx.middleCols(g * p, p);
      Small h = Small::Identity(q, q);
      h.noalias() += s.lazyProduct(d);
      const Eigen::PartialPivLU<Small> lu(h);
      inverses_.middleCols(g * q, q) = lu.inverse();
      const auto inverse = inverses_.middleCols(g * q, q);
      w_.middleCols(g * q, q).noalias() = inverse.lazyProduct(s);
      u_.middleCols(g * p, p).noalias() = inverse.lazyProduct(c);
      log_det += std::log(std::abs(lu.determinant()));
      a_.noalias() -= c.transpose() * (d * u_.middleCols(g * p, p));
      b_.noalias() -= u_.middleCols(g * p, p).transpose() * (d * sums_.zr.col(g));
    }
    const Eigen::LLT<MatrixXd> llt(a_);
    if (llt.info() != Eigen::Success) return false;
    inverse_ = llt.solve(MatrixXd::Identity(p, p));
    b_ = llt.solve(b_).eval();
    rss = sums_.rr;
    for (Index g = 0; g < sums_.m; ++g) {
      e_.col(g).noalias() = inverses_.middleCols(g * q, q) * (sums_.zr.col(g) - sums_.zx.middleCols(g * p, p) * b_);
      rss -= sums_.zr.col(g).dot(d * e_.col(g));
    }
    if (sums_.reml) log_det += 2.0 * llt.matrixLLT().diagonal().array().log().sum();
    return rss > 0.0 && std::isfinite(log_det);
  }

  /// d(log_det) + weight * d(rss) as a symmetric matrix G: the change is trace(G dD~).
  [[nodiscard]] Small gradient(double weight) const {
    const Index q = sums_.q, p = sums_.p;
    Small out = Small::Zero(q, q);
    for (Index g = 0; g < sums_.m; ++g) {
      out += w_.middleCols(g * q, q);
      if (sums_.reml) out -= u_.middleCols(g * p, p) * inverse_ * u_.middleCols(g * p, p).transpose();
      out -= weight * e_.col(g) * e_.col(g).transpose();
    }
    return 0.5 * (out + out.transpose().eval());
  }
  [[nodiscard]] Small gradient() const { return gradient(sums_.nu() / rss); }

  /// Change of `gradient()` for a change `t` of D~.
  [[nodiscard]] Small gradient_change(const Small& t) const {
    const Index q = sums_.q, p = sums_.p;
    MatrixXd utu = MatrixXd::Zero(p, p);
    VectorXd ute = VectorXd::Zero(p);
    double ete = 0.0;
    for (Index g = 0; g < sums_.m; ++g) {
      const auto u = u_.middleCols(g * p, p);
      const VectorXd te = t * e_.col(g);
      utu += u.transpose() * (t * u);
      ute += u.transpose() * te;
      ete += e_.col(g).dot(te);
    }
    const double weight = sums_.nu() / rss;
    const VectorXd db = -(inverse_ * ute);
    const MatrixXd middle = inverse_ * utu * inverse_;
    Small out = Small::Zero(q, q);
    for (Index g = 0; g < sums_.m; ++g) {
      const auto w = w_.middleCols(g * q, q);
      const auto u = u_.middleCols(g * p, p);
      const auto e = e_.col(g);
      out -= w * t * w;
      if (sums_.reml) {
        const Small half = w * t * (u * inverse_ * u.transpose());
        out += half + half.transpose() - Small(u * middle * u.transpose());
      }
      const VectorXd de = -(w * (t * e)) - u * db;
      out -= weight * (de * e.transpose() + e * de.transpose() + (ete / rss) * e * e.transpose());
    }
    return 0.5 * (out + out.transpose().eval());
  }

 private:
  const CrossProducts& sums_;
  MatrixXd w_, u_, e_, inverses_, a_, inverse_;
  VectorXd b_;
};

using Entries = std::vector<std::pair<Index, Index>>;  // free places of the Cholesky factor

Entries free_entries(const std::vector<int>& block) {
  Entries out;
  for (Index j = 0; j < static_cast<Index>(block.size()); ++j)
    for (Index i = j; i < static_cast<Index>(block.size()); ++i)
      if (block[i] == block[j]) out.emplace_back(i, j);
  return out;
}

// Lower factor of a positive semi-definite matrix; a direction without variance gets a zero column.
Small semi_cholesky(const Small& d) {
  const Index q = d.rows();
  Small l = Small::Zero(q, q);
  for (Index j = 0; j < q; ++j) {
    double pivot = d(j, j);
    for (Index k = 0; k < j; ++k) pivot -= l(j, k) * l(j, k);
    if (!(pivot > 1e-14 * d(j, j))) continue;
    l(j, j) = std::sqrt(pivot);
    for (Index i = j + 1; i < q; ++i) {
      double sum = d(i, j);
      for (Index k = 0; k < j; ++k) sum -= l(i, k) * l(j, k);
      l(i, j) = sum / l(j, j);
    }
  }
  return l;
}

struct Search {
  Small l;
  bool converged = false;
  bool cancelled = false;
  double gradient_norm = 0.0;
};

VectorXd gradient_at(const Profile& profile, const Small& l, const Entries& entries) {
  const Small gl = 2.0 * profile.gradient() * l;
  VectorXd out(static_cast<Index>(entries.size()));
  for (Index k = 0; k < out.size(); ++k) out(k) = gl(entries[k].first, entries[k].second);
  return out;
}

MatrixXd hessian_at(const Profile& profile, const Small& l, const Entries& entries) {
  const Index k = static_cast<Index>(entries.size());
  const Index q = l.rows();
  const Small g = profile.gradient();
  MatrixXd out(k, k);
  for (Index a = 0; a < k; ++a) {
    Small unit = Small::Zero(q, q);
    unit(entries[a].first, entries[a].second) = 1.0;
    const Small change = profile.gradient_change(Small(unit * l.transpose() + l * unit.transpose()));
    const Small column = 2.0 * (change * l + g * unit);
    for (Index b = 0; b < k; ++b) out(b, a) = column(entries[b].first, entries[b].second);
  }
  return 0.5 * (out + out.transpose().eval());
}

Small moved(const Small& l, const Entries& entries, const VectorXd& step) {
  Small out = l;
  for (Index k = 0; k < step.size(); ++k) out(entries[k].first, entries[k].second) += step(k);
  return out;
}

// Newton with the Hessian's eigenvalues made positive and the step halved until the deviance falls; near the end, where
// the deviance no longer tells, whole steps for as long as they shrink the gradient.
Search newton(Profile& profile, Small l, const Entries& entries, const Task& task) {
  Search out;
  profile.evaluate(l * l.transpose());
  for (int step_count = 0; step_count < 200; ++step_count) {
    if (task.cancelled()) {
      out.cancelled = true;
      return out;
    }
    const double now = profile.deviance();
    const VectorXd g = gradient_at(profile, l, entries);
    out.gradient_norm = g.lpNorm<Eigen::Infinity>();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(hessian_at(profile, l, entries));
    const double floor = 1e-10 * std::max(1.0, eigen.eigenvalues().cwiseAbs().maxCoeff());
    const VectorXd curvature = eigen.eigenvalues().cwiseAbs().cwiseMax(floor);
    VectorXd step = -(eigen.eigenvectors() * (eigen.eigenvectors().transpose() * g).cwiseQuotient(curvature));
    const double limit = 2.0 * std::max(1.0, l.norm());
    if (step.norm() > limit) step *= limit / step.norm();
    const double promised = -0.5 * g.dot(step);
    if (promised < 1e-9) {
      const Small next = moved(l, entries, step);
      if (!profile.evaluate(next * next.transpose())) break;
      const double norm = gradient_at(profile, next, entries).lpNorm<Eigen::Infinity>();
      const bool better = norm < out.gradient_norm;
      if (better) {
        l = next;
        out.gradient_norm = norm;
      }
      if (!better || norm == 0.0) {
        out.converged = true;
        break;
      }
      continue;
    }
    double share = 1.0;
    bool fell = false;
    for (int half = 0; half < 50 && !fell; ++half, share *= 0.5) {
      const Small next = moved(l, entries, share * step);
      if (!profile.evaluate(next * next.transpose())) continue;
      if (profile.deviance() <= now - 1e-4 * share * promised) {
        l = next;
        fell = true;
      }
    }
    if (!fell || l.norm() > 1e7) break;
  }
  out.l = l;
  profile.evaluate(l * l.transpose());
  return out;
}

// Where D~ is singular the gradient in the factor vanishes whatever the likelihood wants: look at the gradient in D~
// itself along the directions without variance. True when the deviance would fall there; `l` is then moved that way.
bool escape(Profile& profile, Small& l, const std::vector<int>& block) {
  const Index q = l.rows();
  const Small g = profile.gradient();
  const double now = profile.deviance();
  for (Index from = 0; from < q;) {
    Index to = from;
    while (to < q && block[to] == block[from]) ++to;
    const Index k = to - from;
    const Small part = l.block(from, from, k, k);
    const Eigen::SelfAdjointEigenSolver<Small> eigen(Small(part * part.transpose()));
    Index flat = 0;
    while (flat < k && eigen.eigenvalues()(flat) < 1e-8) ++flat;
    if (flat > 0) {
      const Small base = eigen.eigenvectors().leftCols(flat);
      const Eigen::SelfAdjointEigenSolver<Small> pull(Small(base.transpose() * g.block(from, from, k, k) * base));
      if (pull.eigenvalues()(0) < -1e-6) {
        const Small direction = base * pull.eigenvectors().col(0);
        for (double size = 1.0; size > 1e-9; size *= 0.25) {
          Small d = l * l.transpose();
          d.block(from, from, k, k) += size * direction * direction.transpose();
          const Small next = semi_cholesky(d);
          if (profile.evaluate(next * next.transpose()) && profile.deviance() < now) {
            l = next;
            return true;
          }
        }
      }
    }
    from = to;
  }
  return false;
}

// Within each block Z is replaced by Z T^-1 with the mean of S_g equal to I, so that one unit means the same
// everywhere.
MatrixXd standardise(CrossProducts& sums, const std::vector<int>& block) {
  const Index q = sums.q;
  Small mean = Small::Zero(q, q);
  for (Index g = 0; g < sums.m; ++g) mean += sums.zz.middleCols(g * q, q) / sums.m;
  for (Index i = 0; i < q; ++i)
    for (Index j = 0; j < q; ++j)
      if (block[i] != block[j]) mean(i, j) = 0.0;
  const MatrixXd factor = MatrixXd(mean).llt().matrixU();  // mean = T'T
  const MatrixXd inverse = factor.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(q, q));
  for (Index g = 0; g < sums.m; ++g) {
    sums.zz.middleCols(g * q, q) = (inverse.transpose() * sums.zz.middleCols(g * q, q) * inverse).eval();
    sums.zx.middleCols(g * sums.p, sums.p) = (inverse.transpose() * sums.zx.middleCols(g * sums.p, sums.p)).eval();
  }
  sums.zr = (inverse.transpose() * sums.zr).eval();
  return inverse;  // D = T^-1 D_standardised T^-T
}

Small best_start(Profile& profile, Index q) {
  Small best = Small::Identity(q, q);
  double lowest = std::numeric_limits<double>::infinity();
  for (double size = 1e-4; size < 2e4; size *= 10.0) {
    if (!profile.evaluate(Small(size * Small::Identity(q, q))) || !(profile.deviance() < lowest)) continue;
    lowest = profile.deviance();
    best = std::sqrt(size) * Small::Identity(q, q);
  }
  return best;
}

// ---- natural parameters: log sd, logit cor within blocks, log sigma ----

MatrixXd covariance_of(const VectorXd& natural, const std::vector<int>& block) {
  const Index q = static_cast<Index>(block.size());
  MatrixXd out = MatrixXd::Zero(q, q);
  for (Index i = 0; i < q; ++i) out(i, i) = std::exp(2.0 * natural(i));
  Index at = q;
  for (Index i = 0; i < q; ++i)
    for (Index j = i + 1; j < q; ++j)
      if (block[i] == block[j])
        out(i, j) = out(j, i) = std::tanh(0.5 * natural(at++)) * std::exp(natural(i) + natural(j));
  return out;
}

// Gradient of -2 log-likelihood, not profiled over sigma, in the natural parameters.
VectorXd natural_gradient(Profile& profile, const CrossProducts& sums, const MatrixXd& back, const VectorXd& natural,
                          const std::vector<int>& block) {
  const Index q = sums.q;
  const double shrink = std::exp(-2.0 * natural(natural.size() - 1));
  const MatrixXd cov = covariance_of(natural, block);
  const MatrixXd to = back.inverse();  // T: D~ standardised = T D T' / sigma^2
  const MatrixXd d = to * cov * to.transpose() * shrink;
  profile.evaluate(Small(d));
  const MatrixXd g = MatrixXd(profile.gradient(shrink));
  const MatrixXd in_cov = shrink * to.transpose() * g * to;
  VectorXd out(natural.size());
  for (Index i = 0; i < q; ++i) {
    double sum = 0.0;  // d cov / d log sd_i touches row and column i
    for (Index j = 0; j < q; ++j) sum += 2.0 * in_cov(i, j) * cov(i, j);
    out(i) = sum;
  }
  Index at = q;
  for (Index i = 0; i < q; ++i)
    for (Index j = i + 1; j < q; ++j) {
      if (block[i] != block[j]) continue;
      const double rho = std::tanh(0.5 * natural(at));
      out(at++) = in_cov(i, j) * (1.0 - rho * rho) * std::exp(natural(i) + natural(j));
    }
  out(at) = -2.0 * (g * d).trace() + 2.0 * sums.nu() - 2.0 * profile.rss * shrink;
  return out;
}

MatrixXd natural_hessian(Profile& profile, const CrossProducts& sums, const MatrixXd& back, const MatrixXd& cov,
                         double sigma, const std::vector<int>& block) {
  const Index q = sums.q;
  std::vector<double> start;
  for (Index i = 0; i < q; ++i) start.push_back(0.5 * std::log(cov(i, i)));
  for (Index i = 0; i < q; ++i)
    for (Index j = i + 1; j < q; ++j)
      if (block[i] == block[j]) start.push_back(2.0 * std::atanh(cov(i, j) / std::sqrt(cov(i, i) * cov(j, j))));
  start.push_back(std::log(sigma));
  const VectorXd natural = Eigen::Map<VectorXd>(start.data(), static_cast<Index>(start.size()));
  MatrixXd out(natural.size(), natural.size());
  constexpr double kStep = 1e-4;  // central differences of an exact gradient: error near 1e-8
  for (Index k = 0; k < natural.size(); ++k) {
    VectorXd up = natural, down = natural;
    up(k) += kStep;
    down(k) -= kStep;
    out.col(k) =
        (natural_gradient(profile, sums, back, up, block) - natural_gradient(profile, sums, back, down, block)) /
        (2.0 * kStep);
  }
  return 0.5 * (out + out.transpose().eval());
}

// ---- the search ----

/// @param start  D~ to begin from; a coarse look along multiples of one when null
/// @param hessian  also the Hessian in natural parameters
Solution search_blocks(const CrossProducts& given, const std::vector<int>& block, const MatrixXd* start, bool hessian,
                       const Task& task) {
  CrossProducts sums = given;
  const MatrixXd back = standardise(sums, block);
  const Entries entries = free_entries(block);
  Profile profile(sums);
  Small first;
  if (start == nullptr) {
    first = best_start(profile, sums.q);
  } else {
    const MatrixXd to = back.inverse();
    first = semi_cholesky(Small(to * *start * to.transpose()));
  }
  Search search = newton(profile, first, entries, task);
  for (int again = 0; again < 5 && !search.cancelled && search.converged && escape(profile, search.l, block); ++again)
    search = newton(profile, search.l, entries, task);
  Solution out;
  out.cancelled = search.cancelled;
  if (out.cancelled) return out;
  Small d = search.l * search.l.transpose();
  const Eigen::SelfAdjointEigenSolver<Small> eigen(d);
  out.boundary = eigen.eigenvalues()(0) < 1e-8;
  out.converged = search.converged && eigen.eigenvalues().maxCoeff() < 1e10;
  if (out.boundary) {  // a direction without variance: none at all, not 1e-20
    const Small kept = eigen.eigenvalues().unaryExpr([](double v) { return v < 1e-8 ? 0.0 : v; }).asDiagonal();
    d = eigen.eigenvectors() * kept * eigen.eigenvectors().transpose();
    for (Index i = 0; i < d.rows(); ++i)
      for (Index j = 0; j < d.cols(); ++j)
        if (block[i] != block[j]) d(i, j) = 0.0;
  }
  profile.evaluate(d);
  out.d = back * d * back.transpose();
  out.b = profile.b();
  out.inverse = profile.inverse();
  out.u = back * profile.blups(d);
  out.rss = profile.rss;
  out.log_det = profile.log_det;
  out.gradient_norm = search.gradient_norm;
  if (hessian && !out.boundary && out.converged) {
    const double s2 = out.rss / sums.nu();
    out.natural_hessian = natural_hessian(profile, sums, back, s2 * out.d, std::sqrt(s2), block);
  }
  out.evaluations = profile.evaluations;
  return out;
}

}  // namespace

Solution solve_blocks(const CrossProducts& sums, const std::vector<int>& block, const Task& task) {
  return search_blocks(sums, block, nullptr, true, task);
}

Solution solve_blocks_near(const CrossProducts& sums, const std::vector<int>& block, const MatrixXd& d,
                           const Task& task) {
  return search_blocks(sums, block, &d, false, task);
}

}  // namespace ipsi::stats::lme
