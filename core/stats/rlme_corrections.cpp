// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/stats/rlme_parts.h"

namespace ipsi::stats::rlme {
namespace {

constexpr int kAxis = 13;                        // nodes an axis
constexpr int kPlane = (kAxis * kAxis + 1) / 2;  // (z, z') and (-z, -z') count the same: one of each pair, and 0
constexpr double kClose = 1e-13;                 // relative
constexpr int kMostSteps = 200;

/// Gauss-Hermite rule for a standard normal variable, by Golub & Welsch.
struct Rule {
  std::array<double, kAxis> node{}, weight{};
  Rule() {
    MatrixXd jacobi = MatrixXd::Zero(kAxis, kAxis);
    for (int i = 1; i < kAxis; ++i) jacobi(i, i - 1) = jacobi(i - 1, i) = std::sqrt(static_cast<double>(i));
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(jacobi);
    for (int i = 0; i < kAxis; ++i) {
      const auto s = static_cast<std::size_t>(i);
      node[s] = eigen.eigenvalues()[i];
      weight[s] = eigen.eigenvectors()(0, i) * eigen.eigenvectors()(0, i);
    }
    for (int i = 0; i < kAxis / 2; ++i) {  // symmetric to the last bit
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(kAxis - 1 - i);
      node[b] = -node[a];
      weight[b] = weight[a];
    }
    node[kAxis / 2] = 0.0;
  }
};
const Rule& rule() {
  static const Rule rule;
  return rule;
}

/// Half of the nodes of a plane: first axis z, second z'.
struct Plane {
  using Values = Eigen::Array<double, kPlane, 1>;
  Values z, other, weight;
  Plane() {
    const Rule& r = rule();
    Index at = 0;
    for (std::size_t i = 0; i < kAxis; ++i)
      for (std::size_t j = 0; j < kAxis; ++j) {
        const std::size_t place = i * kAxis + j;
        if (place > kAxis * kAxis / 2) continue;
        z[at] = r.node[i];
        other[at] = r.node[j];
        weight[at++] = r.weight[i] * r.weight[j] * (place == kAxis * kAxis / 2 ? 1.0 : 2.0);
      }
  }
};
const Plane& plane() {
  static const Plane plane;
  return plane;
}

/// psi at the plane's nodes of z, once for each psi.
Plane::Values psi_of(const SmoothedHuber& psi) {
  Plane::Values out;
  for (Index i = 0; i < kPlane; ++i) out[i] = psi.psi(plane().z[i]);
  return out;
}

/// The root of q = E[w^2(t) v^2] / (kappa E w^2(t)), t = v / sqrt(q), v = z - a psi(z) - s z'; at most 1.
class ScalarRoot {
 public:
  ScalarRoot(const SmoothedHuber& psi, double kappa) : psi_(psi), kappa_(kappa), psi_z_(psi_of(psi)) {}

  double solve(double a, double s, double start) {
    const Plane& at = plane();
    size_ = (at.z - a * psi_z_ - s * at.other).abs();
    square_ = at.weight * size_.square();
    double q0 = std::clamp(start, 1e-8, 1.0), f0 = step(q0) - q0;
    double q1 = std::clamp(q0 + f0, 1e-12, 1.0);
    for (int i = 0; i < kMostSteps && std::abs(q1 - q0) > kClose * q1; ++i) {
      const double f1 = step(q1) - q1;
      // Secant; where it leads nowhere, the plain fixed point, which always goes the right way.
      double next = f1 != f0 ? q1 - f1 * (q1 - q0) / (f1 - f0) : q1 + f1;
      if (!(next > 0.2 * q1 && next < 5.0 * q1)) next = q1 + f1;
      q0 = q1;
      f0 = f1;
      q1 = std::clamp(next, 1e-12, 1.0);
      if (q1 == 1.0 && q0 == 1.0) break;
    }
    return q1;
  }

 private:
  [[nodiscard]] double step(double q) const {
    const double inverse = 1.0 / std::sqrt(q), k = psi_.k(), c = psi_.c(), d = psi_.d();
    double top = 0.0, bottom = 0.0;
    for (Index i = 0; i < kPlane; ++i) {
      const double t = size_[i] * inverse;
      const double r = 1.0 / (std::max(t, c) - d), r2 = r * r, r4 = r2 * r2;
      const double w = t <= c ? 1.0 : (k - r4 * r4 * r2) / t;
      top += w * w * square_[i];
      bottom += w * w * plane().weight[i];
    }
    return top / (kappa_ * bottom);
  }

  const SmoothedHuber& psi_;
  double kappa_;
  Plane::Values psi_z_, size_, square_;
};

/// Half of the nodes of (z1, z2, z1', z2').
struct Cube {
  Eigen::Matrix<double, 2, Eigen::Dynamic> z, other;
  VectorXd weight;
  Cube() {
    const Rule& r = rule();
    constexpr std::size_t all = kAxis * kAxis * kAxis * kAxis;
    const auto half = static_cast<Index>(all / 2 + 1);
    z.resize(2, half);
    other.resize(2, half);
    weight.resize(half);
    for (std::size_t place = 0; place <= all / 2; ++place) {
      const auto at = static_cast<Index>(place);
      const std::array<std::size_t, 4> i{place / (kAxis * kAxis * kAxis), place / (kAxis * kAxis) % kAxis,
                                         place / kAxis % kAxis, place % kAxis};
      z.col(at) << r.node[i[0]], r.node[i[1]];
      other.col(at) << r.node[i[2]], r.node[i[3]];
      weight[at] = r.weight[i[0]] * r.weight[i[1]] * r.weight[i[2]] * r.weight[i[3]] * (place == all / 2 ? 1.0 : 2.0);
    }
  }
};
const Cube& cube() {
  static const Cube cube;
  return cube;
}

/// The fixed point T = E[w(d) t t'] / E w_d(d) of a block of two, t = z - L psi(z) - S z'.
Eigen::Matrix2d block_root(const Model& model, const Eigen::Matrix2d& own, const Eigen::Matrix2d& spread,
                           Eigen::Matrix2d t_matrix) {
  const Cube& at = cube();
  const SmoothedHuber& psi = model.psi_random;
  const Eigen::Matrix2d s = spread.llt().matrixL();
  Eigen::Matrix<double, 2, Eigen::Dynamic> t(2, at.weight.size());
  for (Index i = 0; i < t.cols(); ++i) {
    const Eigen::Vector2d z = at.z.col(i);
    t.col(i) = z - own * (psi.weight(z.squaredNorm()) * z) - s * at.other.col(i);
  }
  const double middle = 2.0 * model.random.kappa;
  for (int round = 0; round < kMostSteps; ++round) {
    const Eigen::Matrix2d lower = t_matrix.llt().matrixL();  // T = R'R with R = lower'
    const Eigen::Matrix2d whole = model.whitening == Whitening::as_rlmer ? Eigen::Matrix2d(lower.transpose() * lower)
                                                                         : Eigen::Matrix2d(lower * lower.transpose());
    const Eigen::Matrix2d inverse = whole.inverse();
    double xx = 0, xy = 0, yy = 0, bottom = 0;
    for (Index i = 0; i < t.cols(); ++i) {
      const double a = t(0, i), b = t(1, i);
      const double d = inverse(0, 0) * a * a + 2.0 * inverse(0, 1) * a * b + inverse(1, 1) * b * b;
      const double w = at.weight[i] * psi.weight(d);
      xx += w * a * a;
      xy += w * a * b;
      yy += w * b * b;
      bottom += at.weight[i] * 0.5 * (psi.psi(d) - psi.psi(d - middle));
    }
    Eigen::Matrix2d next;
    next << xx, xy, xy, yy;
    next /= bottom;
    const double change = (next - t_matrix).norm() / next.norm();
    t_matrix = next;
    if (change < kClose) break;
  }
  return t_matrix;
}

MatrixXd spread_of(const Model& model, const Moments& moments, std::size_t g) {
  const MatrixXd& own = moments.own[g];
  return model.residual.square * moments.residuals[g] +
         model.random.square * (moments.effects[g] - own * own.transpose());
}

}  // namespace

void das_var(const Model& model, const Moments& moments, Corrections& out) {
  const RobustConstants& e = model.residual;
  const RobustConstants& b = model.random;
  out.tau = (1.0 - 2.0 * e.slope * moments.leverage.array() + e.square * moments.other_residuals.array() +
             b.square * moments.from_effects.array())
                .max(1e-12)
                .sqrt();
  out.spread.resize(moments.own.size());
  for (std::size_t g = 0; g < moments.own.size(); ++g) {
    const MatrixXd& own = moments.own[g];
    out.spread[g] = MatrixXd::Identity(model.q, model.q) - b.product * (own + own.transpose()) +
                    e.square * moments.residuals[g] + b.square * moments.effects[g];
  }
}

bool das_tau(const Model& model, const Moments& moments, Corrections& out, const Task& task) {
  const bool first = out.tau.size() == 0;
  Corrections from = out;
  if (first) das_var(model, moments, from);
  out.tau.resize(moments.leverage.size());
  out.spread.resize(moments.own.size());
  ScalarRoot residual(model.psi, model.residual.kappa);
  for (Index i = 0; i < out.tau.size(); ++i) {
    const double a = moments.leverage[i];
    const double s2 =
        model.residual.square * (moments.other_residuals[i] - a * a) + model.random.square * moments.from_effects[i];
    out.tau[i] = std::sqrt(residual.solve(a, std::sqrt(std::max(s2, 0.0)), from.tau[i] * from.tau[i]));
  }
  if (task.cancelled()) return false;
  ScalarRoot scalar(model.psi_random, model.random.kappa);
  for (std::size_t g = 0; g < out.spread.size(); ++g) {
    const MatrixXd spread = spread_of(model, moments, g);
    if (model.q == 1) {
      out.spread[g] = MatrixXd::Constant(
          1, 1, scalar.solve(moments.own[g](0, 0), std::sqrt(std::max(spread(0, 0), 0.0)), from.spread[g](0, 0)));
      continue;
    }
    if (task.cancelled()) return false;
    // Groups of one design have one answer.
    std::size_t same = 0;
    const auto equal = [&](std::size_t other) {
      return (moments.own[other] - moments.own[g]).norm() < 1e-14 * moments.own[g].norm() &&
             (moments.residuals[other] - moments.residuals[g]).norm() < 1e-14 * moments.residuals[g].norm();
    };
    while (same < g && !equal(same)) ++same;
    out.spread[g] = same < g ? out.spread[same] : MatrixXd(block_root(model, moments.own[g], spread, from.spread[g]));
  }
  return true;
}

}  // namespace ipsi::stats::rlme
