// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/numeric/scalar_newton.h"
#include "core/stats/lme_profile.h"

namespace ipsi::stats::lme {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// With h_g = 1 + l S_g and w_g = l / h_g, for a ratio l = D~:
//   A = Q'V~^-1 Q = I - sum w_g C_g'C_g,  b = A^-1 (- sum w_g C_g'c_g),  e_g = c_g - C_g b,
//   rss = r'r - sum w_g c_g (c_g - C_g b).
// Derivatives of w_g: 1 / h_g^2 and -2 S_g / h_g^3. Products C_g'C_g are kept packed, so that A and its derivatives
// are one small matrix product.
class Profile {
 public:
  explicit Profile(const CrossProducts& sums) { reset(sums); }

  /// Other sums; memory of the same size is used again.
  void reset(const CrossProducts& sums) {
    sums_ = &sums;
    p_ = sums.p;
    s_ = sums.zz.row(0).transpose();
    c_ = sums.zr.row(0).transpose();
    x_ = Eigen::Map<const MatrixXd>(sums.zx.data(), sums.p, sums.m);
    const Index m = sums.m;
    packed_.resize(p_ * (p_ + 1) / 2, m);
    for (Index g = 0; g < m; ++g) {
      double* at = packed_.col(g).data();
      for (Index j = 0; j < p_; ++j)
        for (Index i = j; i < p_; ++i) *at++ = x_(i, g) * x_(j, g);
    }
    weights_.resize(m, 3);
    sums_packed_.resize(packed_.rows(), 3);
    for (MatrixXd* matrix : {&a_, &a1_, &a2_, &product_, &lower_, &inverse_}) matrix->setZero(p_, p_);
    for (VectorXd* vector : {&b_, &u_, &v_, &pivot_}) vector->setZero(p_);
    for (VectorXd* vector : {&e_, &h_, &scratch_}) vector->setZero(m);
  }

  double deviance = 0.0, first = 0.0, second = 0.0;  // of -2 log-likelihood but for constants, in l
  double rss = 0.0, rss1 = 0.0, rss2 = 0.0;          // and its parts
  double log_det = 0.0, log_det1 = 0.0, log_det2 = 0.0;
  int evaluations = 0;

  void value(double l) { evaluate(l, 1); }
  void derivatives(double l) { evaluate(l, 3); }

  [[nodiscard]] const VectorXd& b() const { return b_; }
  /// (Q'V~^-1 Q)^-1 of the last evaluation.
  [[nodiscard]] const MatrixXd& inverse() {
    invert();
    return inverse_;
  }
  [[nodiscard]] VectorXd blups(double l) const { return (l * e_.array() / h_.array()).matrix(); }
  [[nodiscard]] double mean_square() const { return s_.mean(); }

 private:
  void unpack(Index column, MatrixXd& into, double diagonal, double sign) const {
    const double* at = sums_packed_.col(column).data();
    for (Index j = 0; j < p_; ++j)
      for (Index i = j; i < p_; ++i, ++at) into(i, j) = into(j, i) = (i == j ? diagonal : 0.0) + sign * *at;
  }

  // In place, lower triangle; p is small and this runs at every evaluation.
  double factorise() {
    double log_determinant = 0.0;
    for (Index j = 0; j < p_; ++j) {
      double d = a_(j, j);
      for (Index k = 0; k < j; ++k) d -= a_(j, k) * a_(j, k);
      if (!(d > 0.0)) return std::numeric_limits<double>::infinity();
      log_determinant += std::log(d);
      d = std::sqrt(d);
      a_(j, j) = d;
      pivot_(j) = 1.0 / d;
      for (Index i = j + 1; i < p_; ++i) {
        double sum = a_(i, j);
        for (Index k = 0; k < j; ++k) sum -= a_(i, k) * a_(j, k);
        a_(i, j) = sum * pivot_(j);
      }
    }
    return log_determinant;
  }
  void solve(VectorXd& x) const {
    for (Index i = 0; i < p_; ++i) {
      double sum = x(i);
      for (Index k = 0; k < i; ++k) sum -= a_(i, k) * x(k);
      x(i) = sum * pivot_(i);
    }
    for (Index i = p_ - 1; i >= 0; --i) {
      double sum = x(i);
      for (Index k = i + 1; k < p_; ++k) sum -= a_(k, i) * x(k);
      x(i) = sum * pivot_(i);
    }
  }
  // A^-1 = L^-T L^-1.
  void invert() {
    for (Index j = 0; j < p_; ++j) {
      lower_(j, j) = pivot_(j);
      for (Index i = j + 1; i < p_; ++i) {
        double sum = 0.0;
        for (Index k = j; k < i; ++k) sum -= a_(i, k) * lower_(k, j);
        lower_(i, j) = sum * pivot_(i);
      }
    }
    for (Index j = 0; j < p_; ++j)
      for (Index i = j; i < p_; ++i) {
        double sum = 0.0;
        for (Index k = i; k < p_; ++k) sum += lower_(k, i) * lower_(k, j);
        inverse_(i, j) = inverse_(j, i) = sum;
      }
  }

  void evaluate(double l, Index orders) {
    ++evaluations;
    h_ = (1.0 + l * s_.array()).matrix();
    weights_.col(0) = (l / h_.array()).matrix();
    if (orders == 3) {
      weights_.col(1) = h_.array().square().inverse().matrix();
      weights_.col(2) = (-2.0 * s_.array() * weights_.col(1).array() / h_.array()).matrix();
    }
    sums_packed_.leftCols(orders).noalias() = packed_.lazyProduct(weights_.leftCols(orders));
    unpack(0, a_, 1.0, -1.0);
    const double log_det_a = factorise();
    scratch_ = weights_.col(0).cwiseProduct(c_);
    b_.noalias() = -(x_ * scratch_);
    solve(b_);
    e_.noalias() = c_ - x_.transpose() * b_;
    rss = sums_->rr - scratch_.dot(e_);
    // Logarithms are dear: multiply first, take one for many groups.
    double log_h = 0.0;
    for (Index g = 0; g < h_.size();) {
      double product = 1.0;
      for (; g < h_.size() && product < 1e200; ++g) product *= h_(g);
      log_h += std::log(product);
    }
    log_det = log_h + (sums_->reml ? log_det_a : 0.0);
    const double nu = sums_->nu();
    deviance = nu * std::log(rss) + log_det;
    if (orders == 3) differentiate(nu);
  }

  void differentiate(double nu) {
    const auto w1 = weights_.col(1).array();
    scratch_ = (w1 * e_.array()).matrix();
    rss1 = -scratch_.dot(e_);
    u_.noalias() = x_ * scratch_;
    v_ = u_;
    solve(v_);
    rss2 = -(weights_.col(2).array() * e_.array().square()).sum() - 2.0 * u_.dot(v_);
    log_det1 = (s_.array() / h_.array()).sum();
    log_det2 = -(s_.array() / h_.array()).square().sum();
    if (sums_->reml) {
      unpack(1, a1_, 0.0, -1.0);
      unpack(2, a2_, 0.0, -1.0);
      invert();
      product_.noalias() = inverse_.lazyProduct(a1_);
      log_det1 += product_.trace();
      log_det2 += inverse_.cwiseProduct(a2_).sum() - product_.cwiseProduct(product_.transpose()).sum();
    }
    first = nu * rss1 / rss + log_det1;
    second = nu * (rss2 / rss - (rss1 / rss) * (rss1 / rss)) + log_det2;
  }

  const CrossProducts* sums_ = nullptr;
  Index p_ = 0;
  VectorXd s_, c_;
  MatrixXd x_, packed_, weights_, sums_packed_, a_, a1_, a2_, product_, lower_, inverse_;
  VectorXd b_, u_, v_, pivot_, e_, h_, scratch_;
};

struct Minimum {
  double l = 0.0;
  bool converged = true;
};

// A coarse look over eighteen decades, then Newton between the neighbours of the best place: the profile may have more
// than one minimum, and Newton alone would find whichever is near.
Minimum minimise(Profile& profile) {
  const double unit = 1.0 / profile.mean_square();
  constexpr double kStep = 10.0;
  double best = 1e-4 * unit;
  profile.value(best);
  double best_value = profile.deviance;
  for (double at = 1e-3; at < 2e5; at *= kStep) {
    profile.value(at * unit);
    if (profile.deviance < best_value) {
      best_value = profile.deviance;
      best = at * unit;
    }
  }
  while (best > 0.9e5 * unit) {  // still falling at the last place looked at
    profile.value(best * kStep);
    if (!(profile.deviance < best_value)) break;
    best_value = profile.deviance;
    best *= kStep;
    if (best > 1e13 * unit) return {best, false};
  }
  if (best < 1.1e-4 * unit) {
    profile.derivatives(0.0);
    const double at_zero = profile.deviance;
    if (profile.first >= 0.0 && at_zero <= best_value) return {0.0, true};
    const auto root = numeric::newton_in_bracket(
        [&](double l) {
          profile.derivatives(l);
          return numeric::Slope{profile.first / unit, profile.second / unit};
        },
        0.0, best * kStep, best);
    profile.derivatives(root.x);
    // A place this small that is no better than zero is zero: the slope there is rounding error.
    return {profile.deviance < at_zero ? root.x : 0.0, root.converged};
  }
  const double middle = std::log(best);
  const auto root = numeric::newton_in_bracket(
      [&](double v) {
        const double l = std::exp(v);
        profile.derivatives(l);
        return numeric::Slope{profile.first * l, (profile.second * l + profile.first) * l};
      },
      middle - std::log(kStep), middle + std::log(kStep), middle, 1e-15);
  return {std::exp(root.x), root.converged};
}

}  // namespace

Solution solve_single(const CrossProducts& sums, const Task& task) {
  Solution out;
  if (task.cancelled()) {
    out.cancelled = true;
    return out;
  }
  Profile profile(sums);
  const Minimum minimum = minimise(profile);
  const double l = minimum.l;
  profile.derivatives(l);
  out.d = MatrixXd::Constant(1, 1, l);
  out.b = profile.b();
  out.inverse = profile.inverse();
  out.u = profile.blups(l).transpose();
  out.rss = profile.rss;
  out.log_det = profile.log_det;
  out.boundary = l == 0.0;
  out.converged = minimum.converged;
  out.evaluations = profile.evaluations;
  out.gradient_norm = out.boundary ? 0.0 : std::abs(profile.first * l);
  if (out.boundary) return out;
  // f(a, s) = log_det(l) + 2 nu s + rss(l) exp(-2 s) with l = exp(2 a - 2 s), a = log sd, s = log sigma.
  const double s2 = out.rss / sums.nu();
  const double slope = profile.log_det1 + profile.rss1 / s2;
  const double bend = profile.log_det2 + profile.rss2 / s2;
  const double aa = 4.0 * l * (l * bend + slope);
  const double tie = 4.0 * l * profile.rss1 / s2;
  out.natural_hessian.resize(2, 2);
  out.natural_hessian << aa, -aa - tie, -aa - tie, aa + 2.0 * tie + 4.0 * out.rss / s2;
  return out;
}

double single_deviance(const CrossProducts& sums, double l) {
  Profile profile(sums);
  profile.value(l);
  return profile.deviance;
}

// ---- refits near a known solution ----

namespace {
constexpr double kNear = 10.0;   // the new ratio is looked for between a tenth and ten times the known one
constexpr double kRival = 10.0;  // places whose deviance is less than this above the lowest are looked at again
}  // namespace

struct SingleRefit::State {
  Profile profile;
  double known = 0.0;
  double curvature = 0.0;
  std::vector<double> rivals;

  State(const CrossProducts& sums, double l) : profile(sums), known(l) {
    profile.derivatives(known);
    curvature = profile.second;
    if (known == 0.0) return;
    const double lowest = profile.deviance;
    const double unit = 1.0 / profile.mean_square();
    const auto look = [&](double at) {
      if (at > known / kNear && at < known * kNear) return;
      profile.value(at);
      if (profile.deviance < lowest + kRival) rivals.push_back(at);
    };
    look(0.0);
    for (double at = 1e-4; at < 2e5; at *= 10.0) look(at * unit);
  }

  /// Newton's method in log l; false when the minimum is not near, or another place is lower.
  bool step_there(double& l) {
    if (known == 0.0) return false;
    const double start = std::log(known), reach = std::log(kNear);
    const auto root = numeric::newton_in_bracket(
        [&](double v) {
          const double at = std::exp(v);
          profile.derivatives(at);
          return numeric::Slope{profile.first * at, (profile.second * at + profile.first) * at};
        },
        start - reach, start + reach, start, 3e-5);  // the step after one of 3e-5 would be of 1e-9
    if (!root.converged || std::abs(root.x - start) > 0.99 * reach) return false;
    l = std::exp(root.x);
    if (rivals.empty()) return true;
    profile.value(l);
    const double here = profile.deviance;
    for (const double rival : rivals) {
      profile.value(rival);
      if (profile.deviance < here) return false;
    }
    return true;
  }
};

SingleRefit::SingleRefit(const CrossProducts& known, double l) : state_(std::make_unique<State>(known, l)) {}
SingleRefit::~SingleRefit() = default;

double SingleRefit::curvature() const {
  return state_->curvature;
}

Solution SingleRefit::near(const CrossProducts& sums) {
  Profile& profile = state_->profile;
  profile.reset(sums);
  Minimum minimum;
  if (!state_->step_there(minimum.l)) minimum = minimise(profile);
  profile.value(minimum.l);
  Solution out;
  out.d = MatrixXd::Constant(1, 1, minimum.l);
  out.b = profile.b();
  out.inverse = profile.inverse();
  out.rss = profile.rss;
  out.log_det = profile.log_det;
  out.boundary = minimum.l == 0.0;
  out.converged = minimum.converged;
  return out;
}

}  // namespace ipsi::stats::lme
