// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/mixed_profile.h"

#include <Eigen/Dense>
#include <cmath>

namespace ipsi::stats::lme {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MixedProfile::MixedProfile(const MixedSums& sums) : sums_(sums), inner_(sums) {
  for (const Factor& f : sums.factors) l_.push_back(MatrixXd::Zero(f.q, f.q));
  chol_ = sums.s0;
  f_ = cross_ = sums.cross;
}

double MixedProfile::deviance() const {
  return (sigma2 ? rss / *sigma2 : sums_.nu() * std::log(rss)) + log_det;
}

// L_B w, or L_B' w.
MatrixXd MixedProfile::scaled_rest(const MatrixXd& w, bool transposed) const {
  MatrixXd out(w.rows(), w.cols());
  for (std::size_t k = 1; k < sums_.factors.size(); ++k) {
    const Factor& f = sums_.factors[k];
    if (f.q == 1) {
      out.middleRows(f.first, f.m) = l_[k](0, 0) * w.middleRows(f.first, f.m);
      continue;
    }
    for (Index g = 0; g < f.m; ++g) {
      const auto rows = w.middleRows(f.first + g * f.q, f.q);
      if (transposed)
        out.middleRows(f.first + g * f.q, f.q).noalias() = l_[k].transpose() * rows;
      else
        out.middleRows(f.first + g * f.q, f.q).noalias() = l_[k] * rows;
    }
  }
  return out;
}

bool MixedProfile::evaluate(const VectorXd& parameters) {
  ++evaluations;
  for (std::size_t k = 0; k < l_.size(); ++k) {
    const Factor& f = sums_.factors[k];
    for (std::size_t e = 0; e < f.entries.size(); ++e)
      l_[k](f.entries[e].first, f.entries[e].second) = parameters(f.first_parameter + static_cast<Index>(e));
  }
  const Factor& first = sums_.factors[0];
  const Index q = first.q;
  log_det = 0.0;
  if (!inner_.empty()) {
    // L_B on both sides of ZB'ZB and on one side of Z0'ZB.
    std::vector<Eigen::Triplet<double>> entries;
    for (std::size_t k = 1; k < l_.size(); ++k) {
      const Factor& f = sums_.factors[k];
      for (Index g = 0; g < f.m; ++g)
        for (const auto& [i, j] : f.entries)
          entries.emplace_back(static_cast<int>(f.first + g * f.q + i), static_cast<int>(f.first + g * f.q + j),
                               l_[k](i, j));
    }
    Eigen::SparseMatrix<double> lb(sums_.effects_b(), sums_.effects_b());
    lb.setFromTriplets(entries.begin(), entries.end());
    inner_.reset(Eigen::SparseMatrix<double>(lb.transpose() * (sums_.cbb * lb)));
    for (std::size_t t = 0; t < sums_.touch.size(); ++t) {  // columns of one level stand together
      const auto at = static_cast<Index>(t);
      cross_.col(at).setZero();
      for (Eigen::SparseMatrix<double>::InnerIterator it(lb, sums_.touch[t]); it; ++it)
        cross_.col(at) += it.value() * sums_.cross.col(at + it.row() - sums_.touch[t]);
    }
  }
  for (Index g = 0; g < first.m; ++g) {
    auto c = chol_.middleCols(g * q, q);
    const Index from = inner_.empty() ? 0 : sums_.start[g], count = inner_.empty() ? 0 : sums_.start[g + 1] - from;
    if (q == 1) {
      const double root = std::sqrt(1.0 + l_[0](0, 0) * l_[0](0, 0) * sums_.s0(0, g));
      c(0, 0) = root;
      log_det += 2.0 * std::log(root);
      f_.middleCols(from, count) = (l_[0](0, 0) / root) * cross_.middleCols(from, count);
    } else {
      MatrixXd m = MatrixXd::Identity(q, q);
      m.noalias() += l_[0].transpose() * sums_.s0.middleCols(g * q, q) * l_[0];
      const Eigen::LLT<MatrixXd> llt(m);
      if (llt.info() != Eigen::Success) return false;
      c = llt.matrixL();
      log_det += 2.0 * c.diagonal().array().log().sum();
      f_.middleCols(from, count).noalias() = l_[0].transpose() * cross_.middleCols(from, count);
      auto f = f_.middleCols(from, count);
      c.triangularView<Eigen::Lower>().solveInPlace(f);
    }
    if (count > 0) inner_.subtract(g, f_.middleCols(from, count));
  }
  if (!inner_.empty()) {
    if (!inner_.factorise()) return false;
    log_det += inner_.log_det();
  }
  MatrixXd gram;
  shrunk_ = explained({sums_.w0, sums_.wb}, &gram);
  const Index p = sums_.p;
  const MatrixXd a = MatrixXd::Identity(p, p) - gram.topLeftCorner(p, p);
  const Eigen::LLT<MatrixXd> llt(a);
  if (llt.info() != Eigen::Success) return false;
  inverse_ = llt.solve(MatrixXd::Identity(p, p));
  const VectorXd qr = -gram.col(p).head(p);
  b_ = llt.solve(qr);
  rss = sums_.rr - gram(p, p) - qr.dot(b_);
  if (sums_.reml) log_det += 2.0 * llt.matrixLLT().diagonal().array().log().sum();
  return rss > 0.0 && std::isfinite(log_det);
}

// L M^-1 L' w, and w'L M^-1 L'w.
Effects MixedProfile::explained(const Effects& w, MatrixXd* gram) const {
  const Factor& first = sums_.factors[0];
  const Index q = first.q;
  MatrixXd y(w.first.rows(), w.first.cols());
  MatrixXd z = inner_.empty() ? MatrixXd() : scaled_rest(w.rest, true);
  for (Index g = 0; g < first.m; ++g) {
    auto own = y.middleRows(g * q, q);
    own.noalias() = l_[0].transpose() * w.first.middleRows(g * q, q);
    chol_.middleCols(g * q, q).triangularView<Eigen::Lower>().solveInPlace(own);
    if (inner_.empty()) continue;
    for (Index t = sums_.start[g]; t < sums_.start[g + 1]; ++t)
      z.row(sums_.touch[t]).noalias() -= f_.col(t).transpose() * own;
  }
  if (gram != nullptr) *gram = y.transpose() * y;
  Effects out;
  MatrixXd c;
  if (!inner_.empty()) {
    c = inner_.solve(z);
    if (gram != nullptr) gram->noalias() += z.transpose() * c;
    out.rest = scaled_rest(c, false);
  } else {
    out.rest = MatrixXd::Zero(0, w.first.cols());
  }
  out.first.resize(y.rows(), y.cols());
  for (Index g = 0; g < first.m; ++g) {
    auto own = y.middleRows(g * q, q);
    if (!inner_.empty())
      for (Index t = sums_.start[g]; t < sums_.start[g + 1]; ++t) own.noalias() -= f_.col(t) * c.row(sums_.touch[t]);
    chol_.middleCols(g * q, q).triangularView<Eigen::Lower>().transpose().solveInPlace(own);
    out.first.middleRows(g * q, q).noalias() = l_[0] * own;
  }
  return out;
}

Effects MixedProfile::shrink(const Effects& w) const {
  return explained(w, nullptr);
}

Effects MixedProfile::cross_times(const Effects& u) const {
  const Factor& first = sums_.factors[0];
  const Index q = first.q;
  Effects out;
  out.first.resize(u.first.rows(), u.first.cols());
  out.rest = inner_.empty() ? MatrixXd::Zero(0, u.first.cols()) : MatrixXd(sums_.cbb * u.rest);
  for (Index g = 0; g < first.m; ++g) {
    auto own = out.first.middleRows(g * q, q);
    const auto given = u.first.middleRows(g * q, q);
    own.noalias() = sums_.s0.middleCols(g * q, q) * given;
    if (inner_.empty()) continue;
    for (Index t = sums_.start[g]; t < sums_.start[g + 1]; ++t) {
      own.noalias() += sums_.cross.col(t) * u.rest.row(sums_.touch[t]);
      out.rest.row(sums_.touch[t]).noalias() += sums_.cross.col(t).transpose() * given;
    }
  }
  return out;
}

void MixedProfile::differentiate() {
  const Effects known = cross_times(shrunk_);
  const Index p = sums_.p;
  const auto split = [&](const MatrixXd& w, const MatrixXd& k, MatrixXd& u, MatrixXd& e) {
    const MatrixXd rest = w - k;
    u = rest.leftCols(p);
    e = rest.col(p) - u * b_;
  };
  split(sums_.w0, known.first, u_.first, e_.first);
  split(sums_.wb, known.rest, u_.rest, e_.rest);
  if (!inner_.empty()) inner_.invert();
  trace_.clear();
  for (std::size_t k = 0; k < l_.size(); ++k) trace_.push_back(trace_part(k));
}

// Sum over groups of Z_g'V~^-1 Z_g.
MatrixXd MixedProfile::trace_part(std::size_t k) const {
  const Factor& f = sums_.factors[k];
  const Index q = f.q;
  MatrixXd sum = MatrixXd::Zero(q, q);
  if (k == 0) {
    for (Index g = 0; g < f.m; ++g) {
      // (I + S D)^-1 S and (I + S D)^-1 C_gB with D = L L'
      const auto s = sums_.s0.middleCols(g * q, q);
      const auto c = chol_.middleCols(g * q, q).triangularView<Eigen::Lower>();
      const MatrixXd half = c.solve(l_[0].transpose() * s);
      sum += s - half.transpose() * half;
      if (inner_.empty()) continue;
      const Index from = sums_.start[g], count = sums_.start[g + 1] - from;
      const MatrixXd left = cross_.middleCols(from, count) - half.transpose() * f_.middleCols(from, count);
      for (Index a = 0; a < count; ++a)
        for (Index b = 0; b <= a; ++b) {
          const double v = inner_.inverse(sums_.touch[from + a], sums_.touch[from + b]);
          if (q == 1) {
            sum(0, 0) -= (a == b ? 1.0 : 2.0) * v * left(0, a) * left(0, b);
            continue;
          }
          sum.noalias() -= v * left.col(a) * left.col(b).transpose();
          if (a != b) sum.noalias() -= v * left.col(b) * left.col(a).transpose();
        }
    }
    return sum;
  }
  // L^-T (I - S^-1_gg) L^-1: near a singular L the quotient is kept finite.
  for (Index g = 0; g < f.m; ++g)
    for (Index i = 0; i < q; ++i)
      for (Index j = 0; j < q; ++j)
        sum(i, j) += (i == j ? 1.0 : 0.0) - inner_.inverse(f.first + g * q + i, f.first + g * q + j);
  MatrixXd l = l_[k];
  for (Index i = 0; i < q; ++i)
    if (std::abs(l(i, i)) < 1e-7) l(i, i) = l(i, i) < 0.0 ? -1e-7 : 1e-7;
  l.transpose().triangularView<Eigen::Upper>().solveInPlace(sum);
  l.triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(sum);
  return sum;
}

// d log_det + weight d rss = trace(slope dD_k).
MatrixXd MixedProfile::slope(std::size_t k, double weight) const {
  const Factor& f = sums_.factors[k];
  MatrixXd out = trace_[k];
  for (Index g = 0; g < f.m; ++g) {
    const auto u = of(u_, k).middleRows(f.first + g * f.q, f.q);
    const auto e = of(e_, k).middleRows(f.first + g * f.q, f.q);
    if (sums_.reml) out.noalias() -= u * inverse_ * u.transpose();
    out.noalias() -= weight * e * e.transpose();
  }
  return out;
}

VectorXd MixedProfile::gradient(double weight) const {
  VectorXd out(sums_.parameters);
  for (std::size_t k = 0; k < l_.size(); ++k) {
    const Factor& f = sums_.factors[k];
    const MatrixXd full = 2.0 * slope(k, weight) * l_[k];
    for (std::size_t n = 0; n < f.entries.size(); ++n)
      out(f.first_parameter + static_cast<Index>(n)) = full(f.entries[n].first, f.entries[n].second);
  }
  return out;
}

VectorXd MixedProfile::rss_gradient() const {
  return gradient(1.0) - gradient(0.0);
}

// dD_k for one entry of L_k.
MatrixXd MixedProfile::direction(std::size_t k, std::size_t entry) const {
  const auto [i, j] = sums_.factors[k].entries[entry];
  MatrixXd out = MatrixXd::Zero(l_[k].rows(), l_[k].cols());
  out.row(i) += l_[k].col(j).transpose();
  out.col(i) += l_[k].col(j);
  return out;
}

MatrixXd MixedProfile::average_information() const {
  const Index k_all = sums_.parameters;
  Effects a{MatrixXd::Zero(sums_.w0.rows(), k_all), MatrixXd::Zero(sums_.wb.rows(), k_all)};  // dD_j e for each j
  for (std::size_t k = 0; k < l_.size(); ++k) {
    const Factor& f = sums_.factors[k];
    for (std::size_t n = 0; n < f.entries.size(); ++n) {
      const MatrixXd d = direction(k, n);
      for (Index g = 0; g < f.m; ++g)
        of(a, k).block(f.first + g * f.q, f.first_parameter + static_cast<Index>(n), f.q, 1) =
            d * of(e_, k).middleRows(f.first + g * f.q, f.q);
    }
  }
  const Effects ca = cross_times(a);
  MatrixXd known;
  (void)explained(ca, &known);
  const MatrixXd ua = u_.first.transpose() * a.first + u_.rest.transpose() * a.rest;
  const MatrixXd quadratic =
      a.first.transpose() * ca.first + a.rest.transpose() * ca.rest - known - ua.transpose() * inverse_ * ua;
  const VectorXd fall = a.first.transpose() * e_.first + a.rest.transpose() * e_.rest;  // - d rss
  MatrixXd out = weight() * quadratic;
  if (!sigma2) out -= (weight() / rss) * fall * fall.transpose();
  // D = L L' is curved in L itself; this part vanishes at a maximum inside the parameter space.
  for (std::size_t k = 0; k < l_.size(); ++k) {
    const Factor& f = sums_.factors[k];
    const MatrixXd g = slope(k, weight());
    for (std::size_t m = 0; m < f.entries.size(); ++m)
      for (std::size_t n = 0; n < f.entries.size(); ++n)
        if (f.entries[m].second == f.entries[n].second)
          out(f.first_parameter + static_cast<Index>(m), f.first_parameter + static_cast<Index>(n)) +=
              2.0 * g(f.entries[m].first, f.entries[n].first);
  }
  return out;
}

std::vector<MatrixXd> MixedProfile::inverse_changes() const {
  std::vector<MatrixXd> out;
  for (std::size_t k = 0; k < l_.size(); ++k) {
    const Factor& f = sums_.factors[k];
    for (std::size_t n = 0; n < f.entries.size(); ++n) {
      const MatrixXd d = direction(k, n);
      MatrixXd sum = MatrixXd::Zero(sums_.p, sums_.p);
      for (Index g = 0; g < f.m; ++g) {
        const auto u = of(u_, k).middleRows(f.first + g * f.q, f.q);
        sum.noalias() += u.transpose() * d * u;
      }
      out.push_back(inverse_ * sum * inverse_);
    }
  }
  return out;
}

Effects MixedProfile::blups() const {
  const Index p = sums_.p;
  return {shrunk_.first.col(p) - shrunk_.first.leftCols(p) * b_, shrunk_.rest.col(p) - shrunk_.rest.leftCols(p) * b_};
}

}  // namespace ipsi::stats::lme
