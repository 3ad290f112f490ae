// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "core/numeric/scalar_newton.h"
#include "core/voxelwise/model_parts.h"

namespace ipsi::voxelwise {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// First and second derivative of the deviance in l.
numeric::Slope slope_of(const RatioProfile& profile, const double* e2, double rr, double l) {
  double rss = rr, rss1 = 0.0, rss2 = 0.0, logs1 = 0.0, logs2 = 0.0;
  for (Index k = 0; k < profile.d.size(); ++k) {
    const double inverse = 1.0 / (1.0 + l * profile.d(k));
    const double share = e2[k] * inverse, ratio = profile.d(k) * inverse;
    rss -= share * l;
    rss1 -= share * inverse;
    rss2 += 2.0 * share * inverse * ratio;
    logs1 += ratio;
    logs2 -= ratio * ratio;
  }
  const double relative = rss1 / rss;
  return {profile.nu * relative + logs1, profile.nu * (rss2 / rss - relative * relative) + logs2};
}

double deviance_of(const RatioProfile& profile, const double* e2, double rr, double l) {
  double product = 1.0, logs = 0.0;  // logarithms are dear: multiply first
  for (Index k = 0; k < profile.d.size(); ++k)
    if ((product *= 1.0 + l * profile.d(k)) > 1e200) {
      logs += std::log(product);
      product = 1.0;
    }
  return profile.nu * std::log(profile.rss(e2, rr, l)) + logs + std::log(product);
}

}  // namespace

RatioProfile RatioProfile::of(double nu, const VectorXd& size, const MatrixXd& c) {
  RatioProfile out;
  out.nu = nu;
  MatrixXd s = size.asDiagonal();  // Z'MZ = S - C'C
  s.noalias() -= c.transpose() * c;
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(s);
  out.u = eigen.eigenvectors();
  out.d = eigen.eigenvalues().cwiseMax(0.0);
  const double unit = 1.0 / size.mean();
  constexpr Index kRungs = 10;  // the decades that fit_lme looks at
  out.ladder.resize(kRungs);
  out.rung.resize(size.size(), kRungs);
  out.rung_logs.resize(kRungs);
  for (Index k = 0; k < kRungs; ++k) {
    const double l = std::pow(10.0, static_cast<double>(k) - 4.0) * unit;
    out.ladder(k) = l;
    out.rung.col(k) = l / (1.0 + l * out.d.array());
    out.rung_logs(k) = (l * out.d.array()).log1p().sum();
  }
  return out;
}

double RatioProfile::rss(const double* e2, double rr, double l) const {
  for (Index k = 0; k < d.size(); ++k) rr -= e2[k] * l / (1.0 + l * d(k));
  return rr;
}

RatioProfile::Minimum RatioProfile::minimise(const double* e2, double rr) const {
  const Eigen::Map<const VectorXd> squares(e2, d.size());
  Index best = 0;
  double best_value = std::numeric_limits<double>::infinity();
  for (Index k = 0; k < ladder.size(); ++k) {
    const double value = nu * std::log(rr - squares.dot(rung.col(k))) + rung_logs(k);
    if (value < best_value) {
      best_value = value;
      best = k;
    }
  }
  const double unit = ladder(0) * 1e4;
  double l = ladder(best);
  if (best == 0) {
    const double at_zero = nu * std::log(rr);
    if (slope_of(*this, e2, rr, 0.0).first >= 0.0 && at_zero <= best_value) return {0.0, true};
    const auto root = numeric::newton_in_bracket(
        [&](double at) {
          const numeric::Slope s = slope_of(*this, e2, rr, at);
          return numeric::Slope{s.first / unit, s.second / unit};
        },
        0.0, 10.0 * l, l);
    // A place this small that is no better than zero is zero: the slope there is rounding error.
    return {deviance_of(*this, e2, rr, root.x) < at_zero ? root.x : 0.0, root.converged};
  }
  if (best == ladder.size() - 1)  // still falling at the last place looked at
    for (double next = deviance_of(*this, e2, rr, 10.0 * l); next < best_value;
         next = deviance_of(*this, e2, rr, 10.0 * l)) {
      best_value = next;
      l *= 10.0;
      if (l > 1e13 * unit) return {l, false};
    }
  const double middle = std::log(l), reach = std::log(10.0);
  const auto root = numeric::newton_in_bracket(
      [&](double v) {
        const double at = std::exp(v);
        const numeric::Slope s = slope_of(*this, e2, rr, at);
        return numeric::Slope{s.first * at, (s.second * at + s.first) * at};
      },
      middle - reach, middle + reach, middle, 1e-15);
  return {std::exp(root.x), root.converged};
}

}  // namespace ipsi::voxelwise
