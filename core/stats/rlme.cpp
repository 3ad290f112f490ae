// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rlme.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/stats/checks.h"
#include "core/stats/lme.h"
#include "core/stats/rlme_parts.h"

namespace ipsi::stats {
namespace {

using rlme::Corrections;
using rlme::Index;
using rlme::MatrixXd;
using rlme::Model;
using rlme::Moments;
using rlme::Rows;
using rlme::VectorXd;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kClose = 1e-13;
constexpr int kMostRounds = 2000;
constexpr double kSmallest = 1e-5;  ///< relative sd of a random effect that counts as none

/// Everything at one U: effects, scale, and the two sides of the equation for U.
class Fitter {
 public:
  Fitter(const Rows& rows, const Model& model, const RlmeOptions& options, const Task& task)
      : rows_(rows), model_(model), options_(options), task_(task) {
    b_ = rows.x.householderQr().solve(rows.y);
    u_ = MatrixXd::Zero(rows.q, rows.m);
    zu_ = MatrixXd::Zero(rows.n, rows.q);
    weight_ = VectorXd::Ones(rows.n);
    r_ = rows.y - rows.x * b_;
    sigma_ = std::sqrt(r_.squaredNorm() / static_cast<double>(rows.n - rows.p));
  }

  void start_at(double sigma) { sigma_ = sigma; }

  /// False: stopped, or numbers that are none (`failed` tells which).
  bool evaluate(const MatrixXd& factor) {
    ++evaluations;
    factor_ = factor;
    zu_ = rows_.z * factor;
    if (!rlme::moments(rows_, factor, model_.residual.slope, model_.lambda, moments_)) return fail();
    if (options_.scale == ScaleEstimator::das_var)
      rlme::das_var(model_, moments_, corrections_);
    else if (!rlme::das_tau(model_, moments_, corrections_, task_))
      return false;
    return effects() || fail();
  }

  /// sum w2(u / (tau sigma)) (u / sigma)^2 over kappa sum w2 tau^2: 1 at the estimate of a single variance.
  [[nodiscard]] double ratio() const {
    double top = 0.0, bottom = 0.0;
    for (Index g = 0; g < rows_.m; ++g) {
      const double tau2 = corrections_.spread[static_cast<std::size_t>(g)](0, 0);
      const double u = u_(0, g) / sigma_, w = model_.psi_random.weight(u / std::sqrt(tau2));
      top += w * w * u * u;
      bottom += w * w * tau2;
    }
    return top / (model_.random.kappa * bottom);
  }

  /// The factor that a block's equation asks for, from the one it was evaluated at.
  [[nodiscard]] MatrixXd next_factor() const {
    MatrixXd seen = MatrixXd::Zero(rows_.q, rows_.q), due = seen;
    const double q = static_cast<double>(rows_.q);
    for (Index g = 0; g < rows_.m; ++g) {
      const MatrixXd& t = corrections_.spread[static_cast<std::size_t>(g)];
      const VectorXd u = u_.col(g) / sigma_;
      const double d = u.dot(t.llt().solve(u));
      const auto& psi = model_.psi_random;
      seen += psi.weight(d) * u * u.transpose();
      due += (psi.psi(d) - psi.psi(d - q * model_.random.kappa)) / q * t;
    }
    const MatrixXd top = seen.llt().matrixL(), bottom = due.llt().matrixL();
    return factor_ * bottom.triangularView<Eigen::Lower>().solve<Eigen::OnTheRight>(top);
  }

  const Rows& rows_;
  const Model& model_;
  const RlmeOptions& options_;
  const Task& task_;
  Moments moments_;
  Corrections corrections_;
  MatrixXd factor_, u_, zu_;
  VectorXd b_, r_, weight_;
  double sigma_ = 1.0;
  int evaluations = 0;
  bool failed = false, settled = true;

 private:
  bool fail() {
    failed = !task_.cancelled();
    return false;
  }

  [[nodiscard]] double group_weight(Index g) const {
    const double size = u_.col(g).squaredNorm() / (sigma_ * sigma_);
    return model_.q == 1 ? model_.psi_random.weight(std::sqrt(size)) : model_.psi_random.weight(size);
  }

  /// Weighted least squares with ridge-like terms, again and again, the scale between.
  bool effects() {
    settled = false;
    for (int round = 0; round < kMostRounds; ++round) {
      for (Index i = 0; i < rows_.n; ++i) weight_[i] = model_.psi.weight(r_[i] / sigma_);
      const VectorXd before = b_;
      const MatrixXd u_before = u_;
      const double sigma_before = sigma_;
      if (!solve()) return false;
      rescale();
      if (!std::isfinite(sigma_) || !(sigma_ > 0.0) || !b_.allFinite()) return false;
      const double moved = (rows_.x * (b_ - before)).cwiseAbs().maxCoeff() + (u_ - u_before).cwiseAbs().maxCoeff();
      if (moved < kClose * 10.0 * sigma_ && std::abs(sigma_ - sigma_before) < kClose * sigma_) {
        settled = true;
        break;
      }
      if (round % 64 == 63 && task_.cancelled()) return false;
    }
    return true;
  }

  bool solve() {
    const MatrixXd wx = weight_.asDiagonal() * rows_.x;
    MatrixXd schur = wx.transpose() * rows_.x;
    VectorXd right = wx.transpose() * rows_.y;
    std::vector<MatrixXd> v(static_cast<std::size_t>(rows_.m));
    std::vector<VectorXd> c(static_cast<std::size_t>(rows_.m));
    for (std::size_t g = 0; g < v.size(); ++g) {
      const Index from = rows_.start[g], count = rows_.start[g + 1] - from;
      const auto z = zu_.middleRows(from, count);
      const MatrixXd wz = weight_.segment(from, count).asDiagonal() * z;
      MatrixXd s = wz.transpose() * z;
      s.diagonal().array() += model_.lambda * group_weight(static_cast<Index>(g));
      const Eigen::LLT<MatrixXd> chol(s);
      const MatrixXd r = wz.transpose() * rows_.x.middleRows(from, count);
      const VectorXd y = wz.transpose() * rows_.y.segment(from, count);
      v[g] = chol.solve(r);
      c[g] = chol.solve(y);
      schur.noalias() -= r.transpose() * v[g];
      right.noalias() -= r.transpose() * c[g];
    }
    const Eigen::LLT<MatrixXd> chol(schur);
    if (chol.info() != Eigen::Success) return false;
    b_ = chol.solve(right);
    r_ = rows_.y - rows_.x * b_;
    for (std::size_t g = 0; g < v.size(); ++g) {
      const auto k = static_cast<Index>(g);
      const Index from = rows_.start[g], count = rows_.start[g + 1] - from;
      u_.col(k) = c[g] - v[g] * b_;
      r_.segment(from, count) -= zu_.middleRows(from, count) * u_.col(k);
    }
    return true;
  }

  void rescale() {
    double top = 0.0, bottom = 0.0;
    for (Index i = 0; i < rows_.n; ++i) {
      const double tau = corrections_.tau[i], w = model_.psi.weight(r_[i] / (tau * sigma_)), w2 = w * w;
      top += w2 * r_[i] * r_[i];
      bottom += w2 * tau * tau;
    }
    sigma_ = std::sqrt(top / (model_.residual.kappa * bottom));
  }
};

MatrixXd one(double theta) {
  return MatrixXd::Constant(1, 1, theta);
}

/// A single variance: the root of log ratio over log theta, from the classical estimate on.
Result<double> fit_scalar(Fitter& fitter, double start, const Task& task) {
  const auto bad = [&]() -> tl::unexpected<Error> {
    if (task.cancelled()) return tl::unexpected<Error>(Error{Code::Cancelled, "stopped by the user", "", ""});
    return tl::unexpected<Error>(
        Error{Code::InvalidInput, "the robust fit has no finite solution", "", "look at the classical fit first"});
  };
  bool broken = false;
  const auto f = [&](double log_theta) {
    if (broken || !fitter.evaluate(one(std::exp(log_theta)))) {
      broken = true;
      return 0.0;
    }
    return std::log(fitter.ratio());
  };
  double at = std::log(std::max(start, 0.02)), value = f(at);
  if (broken) return bad();
  double other = at, other_value = value;
  const double step = value > 0.0 ? 0.35 : -0.35;
  while (other_value * value > 0.0) {
    at = other;
    value = other_value;
    // The next place by the slope of a fixed point, but never a small step.
    other = at + (value > 0.0 ? std::max(step, 0.6 * value) : std::min(step, 0.6 * value));
    if (other < std::log(kSmallest)) return 0.0;
    if (other > std::log(1e6)) return bad();
    other_value = f(other);
    if (broken) return bad();
  }
  std::uintmax_t most = 60;
  const bool up = at < other;
  const auto bracket = boost::math::tools::toms748_solve(
      f, up ? at : other, up ? other : at, up ? value : other_value, up ? other_value : value,
      [](double a, double b) { return std::abs(a - b) < 1e-12; }, most);
  if (broken) return bad();
  return std::exp(0.5 * (bracket.first + bracket.second));
}

/// A block of two: the fixed point of next_factor, with Anderson's mixing of the last steps.
Result<MatrixXd> fit_block(Fitter& fitter, MatrixXd factor, bool& settled, const Task& task) {
  const Index q = factor.rows(), size = q * (q + 1) / 2;
  const auto pack = [&](const MatrixXd& f) {
    VectorXd out(size);
    Index at = 0;
    for (Index j = 0; j < q; ++j)
      for (Index i = j; i < q; ++i) out[at++] = i == j ? std::log(f(i, i)) : f(i, j);
    return out;
  };
  const auto unpack = [&](const VectorXd& v) {
    MatrixXd f = MatrixXd::Zero(q, q);
    Index at = 0;
    for (Index j = 0; j < q; ++j)
      for (Index i = j; i < q; ++i, ++at) f(i, j) = i == j ? std::exp(v[at]) : v[at];
    return f;
  };
  for (Index i = 0; i < q; ++i) factor(i, i) = std::max(factor(i, i), 0.02);
  VectorXd x = pack(factor);
  std::vector<VectorXd> xs, fs;  // places and steps
  constexpr std::size_t kDepth = 4;
  settled = false;
  for (int round = 0; round < 300; ++round) {
    if (!fitter.evaluate(unpack(x))) {
      if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
      return fail(Code::InvalidInput, "the robust fit has no finite solution", "", "try a random intercept alone");
    }
    const MatrixXd wanted = fitter.next_factor();
    if (!wanted.allFinite() || !(wanted.diagonal().minCoeff() > kSmallest))
      return fail(Code::InvalidInput, "a random variance of the block became 0", "random part",
                  "take the random intercept alone");
    const VectorXd f = pack(wanted) - x;
    if (f.cwiseAbs().maxCoeff() < 1e-11) {
      settled = true;
      break;
    }
    xs.push_back(x);
    fs.push_back(f);
    if (xs.size() > kDepth + 1) {
      xs.erase(xs.begin());
      fs.erase(fs.begin());
    }
    VectorXd next = x + f;
    if (xs.size() > 1) {
      const auto depth = static_cast<Index>(xs.size()) - 1;
      MatrixXd df(size, depth), dx(size, depth);
      for (Index k = 0; k < depth; ++k) {
        const auto at = static_cast<std::size_t>(k);
        df.col(k) = fs[at + 1] - fs[at];
        dx.col(k) = xs[at + 1] - xs[at];
      }
      const VectorXd gamma = df.colPivHouseholderQr().solve(f);
      const VectorXd mixed = x + f - (dx + df) * gamma;
      if (mixed.allFinite() && (mixed - x).cwiseAbs().maxCoeff() < 1.0) next = mixed;
    }
    x = next;
  }
  return fitter.factor_;
}

Result<Model> model_of(const ModelData& data, const RlmeOptions& options) {
  const RandomPart& random = data.random.front();
  if (data.random.size() > 1)
    return fail(Code::InvalidInput,
                fmt::format("the robust fit takes one grouping factor, not {} ('{}' and '{}'..)", data.random.size(),
                            data.random[0].name, data.random[1].name),
                "random part", "keep one of the random terms");
  const Index q = random.z.cols();
  if (data.weights.size() > 0)
    return fail(Code::InvalidInput, "the robust fit takes no prior weights", "weights", "leave them out");
  if (q > 2 || (q == 2 && random.block[0] != random.block[1]))
    return fail(Code::InvalidInput, "the robust fit takes one random intercept, or one correlated intercept and slope",
                "random part", "write (1 | group) or (x | group)");
  Model out;
  out.q = q;
  out.whitening = options.whitening;
  out.psi_random = SmoothedHuber(bound_of_block(static_cast<int>(q)));
  out.residual = scalar_constants(out.psi);
  out.random = block_constants(out.psi_random, static_cast<int>(q));
  out.lambda = out.residual.slope / out.random.slope_random;
  return out;
}

void fill_fixed(const Fitter& fitter, const Model& model, const ModelData& data, RlmeFit& fit) {
  const double s2 = fitter.sigma_ * fitter.sigma_;
  fit.vcov = s2 * (model.residual.square * fitter.moments_.fixed_residuals +
                   model.lambda * model.lambda * model.random.square * fitter.moments_.fixed_effects);
  Coefficients& c = fit.coefficients;
  c.value = fitter.b_;
  c.se = fit.vcov.diagonal().cwiseSqrt();
  c.df = VectorXd::Constant(c.value.size(), kNaN);
  c.t = c.value.cwiseQuotient(c.se);
  c.p.resize(c.value.size());
  const double reach = numeric::normal_quantile(0.975);
  for (Index i = 0; i < c.p.size(); ++i) c.p[i] = numeric::normal_two_sided(c.t[i]);
  c.ci_low = c.value - reach * c.se;
  c.ci_high = c.value + reach * c.se;
  for (Index i = 0; i < c.value.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    c.name.push_back(at < data.columns.names.size() ? data.columns.names[at] : fmt::format("x{}", i + 1));
  }
}

void fill_random(const Fitter& fitter, const Model& model, RlmeFit& fit) {
  const Rows& rows = fitter.rows_;
  const MatrixXd& f = fitter.factor_;
  const Index q = rows.q;
  fit.sigma = fitter.sigma_;
  fit.theta.resize(q * (q + 1) / 2);
  Index at = 0;
  for (Index j = 0; j < q; ++j)
    for (Index i = j; i < q; ++i) fit.theta[at++] = f(i, j);
  fit.random_cov = fit.sigma * fit.sigma * f * f.transpose();
  fit.random_sd = fit.random_cov.diagonal().cwiseSqrt();
  fit.random_corr = MatrixXd::Constant(q, q, kNaN);
  for (Index i = 0; i < q; ++i)
    for (Index j = 0; j < q; ++j)
      fit.random_corr(i, j) = i == j ? 1.0 : fit.random_cov(i, j) / (fit.random_sd[i] * fit.random_sd[j]);
  fit.boundary = !(fit.random_sd.minCoeff() > 0.0);
  fit.blups = (f * fitter.u_).transpose();
  fit.weight.resize(rows.n);
  fit.weight_scale.resize(rows.n);
  fit.residual.resize(rows.n);
  fit.fitted.resize(rows.n);
  fit.tau.resize(rows.n);
  for (Index i = 0; i < rows.n; ++i) {
    const auto to = static_cast<Index>(rows.origin[static_cast<std::size_t>(i)]);
    const double r = fitter.r_[i], w = model.psi.weight(r / fit.sigma);
    fit.weight[to] = w;
    fit.weight_scale[to] = w * w;
    fit.residual[to] = r;
    fit.fitted[to] = rows.y[i] - r;
    fit.tau[to] = fitter.corrections_.tau[i];
  }
  fit.weight_group.resize(rows.m);
  if (q == 1) fit.tau_group.resize(rows.m);
  for (Index g = 0; g < rows.m; ++g) {
    if (q == 1) fit.tau_group[g] = std::sqrt(fitter.corrections_.spread[static_cast<std::size_t>(g)](0, 0));
    const double size = fitter.u_.col(g).squaredNorm() / (fit.sigma * fit.sigma);
    fit.weight_group[g] = model.psi_random.weight(q == 1 ? std::sqrt(size) : size);
  }
}

}  // namespace

Result<RlmeFit> fit_rlme(const ModelData& data, const RlmeOptions& options, const Task& task) {
  // What a mixed model needs is checked by the classical fit, which is also where to start.
  if (!data.random.empty() && (data.weights.size() > 0 || data.random.size() > 1)) {
    const auto refused = model_of(data, options);
    return tl::unexpected(refused.error());
  }
  const auto classical = fit_lme(data, {}, task);
  if (!classical) return tl::unexpected(classical.error());
  auto model = model_of(data, options);
  if (!model) return tl::unexpected(model.error());
  const Rows rows = rlme::sorted_rows(data);
  Fitter fitter(rows, *model, options, task);
  fitter.start_at(classical->sigma);
  bool settled = true;
  if (model->q == 1) {
    const auto theta = fit_scalar(fitter, classical->random_sd[0] / classical->sigma, task);
    if (!theta) return tl::unexpected(theta.error());
    if (!fitter.evaluate(one(*theta))) return fail(Code::Cancelled, "stopped by the user");
  } else {
    const MatrixXd relative =
        classical->random_cov / (classical->sigma * classical->sigma) + 1e-4 * MatrixXd::Identity(model->q, model->q);
    const auto factor = fit_block(fitter, relative.llt().matrixL(), settled, task);
    if (!factor) return tl::unexpected(factor.error());
  }
  RlmeFit fit;
  fit.scale = options.scale;
  fit.n = static_cast<int>(rows.n);
  fit.n_groups = static_cast<int>(rows.m);
  fit.constants_residual = model->residual;
  fit.constants_random = model->random;
  fit.bound_residual = model->psi.k();
  fit.bound_random = model->psi_random.k();
  fit.evaluations = fitter.evaluations;
  fit.converged = settled && fitter.settled;
  fill_fixed(fitter, *model, data, fit);
  fill_random(fitter, *model, fit);
  if (!fit.converged) fit.findings.emplace_back("the robust fit has not settled: its numbers must not be used");
  if (fit.boundary)
    fit.findings.push_back(fmt::format("the robust variance between levels of {} is 0", data.random.front().name));
  return fit;
}

}  // namespace ipsi::stats
