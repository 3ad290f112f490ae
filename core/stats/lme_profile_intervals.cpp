// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <Eigen/Dense>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/stats/lme_inference.h"
#include "core/stats/lme_profile.h"
#include "core/stats/mixed_search.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kFailed = std::numeric_limits<double>::infinity();

// Where the deviance has risen by `rise` on one side of its minimum at `from`: false position in the signed root, which
// is nearly straight. `bound` is where the parameter ends; NaN when nothing is found.
double crossing(const std::function<double(double)>& deviance, double lowest, double from, double step, double rise,
                double bound) {
  const double goal = std::sqrt(rise);
  const auto root = [&](double at) { return std::sqrt(std::max(0.0, deviance(at) - lowest)) - goal; };
  double inside = from, at_inside = -goal, outside = from, at_outside = -goal;
  for (int k = 0; k < 40 && at_outside < 0.0; ++k, step *= 1.6) {
    inside = outside;
    at_inside = at_outside;
    outside = step < 0.0 ? std::max(outside + step, bound) : std::min(outside + step, bound);
    at_outside = root(outside);
    if (at_outside < 0.0 && outside == bound) return bound;
  }
  if (!(at_outside >= 0.0)) return kNaN;
  int kept = 0;  // Illinois: halve the value of an end that stays
  for (int k = 0; k < 60; ++k) {
    const double next = std::isfinite(at_outside)
                            ? (inside * at_outside - outside * at_inside) / (at_outside - at_inside)
                            : 0.5 * (inside + outside);
    const double at_next = root(next);
    if (std::abs(at_next) < 1e-9 || std::abs(outside - inside) < 1e-10 * std::max(1e-300, std::abs(next))) return next;
    if (at_next < 0.0) {
      inside = next;
      at_inside = at_next;
      if (kept == -1) at_outside *= 0.5;
      kept = -1;
    } else {
      outside = next;
      at_outside = at_next;
      if (kept == 1) at_inside *= 0.5;
      kept = 1;
    }
  }
  return kNaN;
}

class Profiler {
 public:
  Profiler(const ModelData& data, const lme::Weighted& rows, const Task& task)
      : data_(data),
        task_(task),
        random_(data.weights.size() > 0 ? rows.random : data.random),
        sums_(lme::mixed_sums(rows.basis.q, rows.r, random_, false)),
        profile_(sums_) {
    best_ = lme::search(sums_, profile_, task);
    n_ = static_cast<double>(sums_.n);
    sigma_ = std::sqrt(profile_.rss / n_);
    lowest_ = n_ * (std::log(profile_.rss / n_) + 1.0) + profile_.log_det;
  }

  [[nodiscard]] bool usable() const { return best_.converged && !best_.cancelled; }
  [[nodiscard]] double lowest() const { return lowest_; }
  [[nodiscard]] double sigma() const { return sigma_; }
  [[nodiscard]] const lme::MixedSums& sums() const { return sums_; }
  [[nodiscard]] double parameter(Index at) const { return best_.parameters(at); }

  /// With the response less value times column j, and without that column.
  double without_column(Index j, double value) {
    ModelData less = data_;
    less.y -= value * data_.x.col(j);
    const Index p = data_.x.cols();
    MatrixXd x(data_.x.rows(), p - 1);
    x << data_.x.leftCols(j), data_.x.rightCols(p - 1 - j);
    lme::Weighted rows;
    const bool plain = data_.weights.size() == 0;
    const VectorXd root = plain ? VectorXd::Ones(less.y.size()) : VectorXd(data_.weights.cwiseSqrt());
    const VectorXd y = root.cwiseProduct(less.y);
    MatrixXd q(x.rows(), 0);
    VectorXd r = y;
    if (p > 1) {
      q = numeric::orthonormal(root.asDiagonal() * x).q;
      r -= q * (q.transpose() * y);
      r -= q * (q.transpose() * r);
    }
    const lme::MixedSums sums = lme::mixed_sums(q, r, random_, false);
    lme::MixedProfile profile(sums);
    const lme::MixedSolution found = lme::search(sums, profile, task_, start());
    return found.converged ? n_ * (std::log(profile.rss / n_) + 1.0) + profile.log_det : kFailed;
  }

  double with_sigma(double sigma) {
    profile_.sigma2 = sigma * sigma;
    const lme::MixedSolution found = lme::search(sums_, profile_, task_, start());
    const double out = found.converged ? profile_.deviance() + 2.0 * n_ * std::log(sigma) : kFailed;
    profile_.sigma2.reset();
    return out;
  }

  /// A standard deviation in data units, of a factor with one column; sigma and all others at their best.
  double with_sd(const lme::Factor& f, double sd) {
    const auto at_sigma = [&](double log_sigma) {
      const double sigma = std::exp(log_sigma);
      profile_.sigma2 = sigma * sigma;
      VectorXd at = start();
      at(f.first_parameter) = sd / (sigma * f.back(0, 0));
      const lme::MixedSolution found = lme::search(sums_, profile_, task_, at, f.first_parameter);
      return found.converged ? profile_.deviance() + 2.0 * n_ * log_sigma : 1e300;
    };
    const double middle = std::log(sigma_);
    const auto found = boost::math::tools::brent_find_minima(at_sigma, middle - 1.0, middle + 1.0, 36);
    profile_.sigma2.reset();
    return found.second < 1e300 ? found.second : kFailed;
  }

 private:
  // From the best point, but never from where a variance is 0: the gradient vanishes there.
  [[nodiscard]] VectorXd start() const {
    VectorXd out = best_.parameters;
    for (const lme::Factor& f : sums_.factors)
      for (std::size_t e = 0; e < f.entries.size(); ++e)
        if (f.entries[e].first == f.entries[e].second) {
          double& v = out(f.first_parameter + static_cast<Index>(e));
          v = std::max(v, 0.05);
        }
    return out;
  }

  const ModelData& data_;
  const Task& task_;
  std::vector<RandomPart> random_;
  lme::MixedSums sums_;
  lme::MixedProfile profile_;
  lme::MixedSolution best_;
  double n_ = 0.0, sigma_ = 0.0, lowest_ = 0.0;
};

}  // namespace

Result<std::vector<ProfileInterval>> profile_intervals(const ModelData& data, const LmeFit& fit, const Task& task) {
  auto rows = lme::weighted(data);
  if (!rows) return tl::unexpected(rows.error());
  Profiler profiler(data, *rows, task);
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  if (!profiler.usable()) return fail(Code::NotConverged, "the ML fit did not converge, so nothing can be profiled");
  constexpr double kRise = 3.841458820694124;  // 95 % point of chi-square, 1 df
  constexpr double kNone = std::numeric_limits<double>::infinity();
  std::vector<ProfileInterval> out;
  const double lowest = profiler.lowest();
  const auto add = [&](const std::string& name, double middle, double step, double bound,
                       const std::function<double(double)>& deviance) {
    out.push_back({name, crossing(deviance, lowest, middle, -step, kRise, bound),
                   crossing(deviance, lowest, middle, step, kRise, kNone)});
  };
  const auto ml = fit_lme(data, {.criterion = Criterion::ml}, task);
  if (!ml) return tl::unexpected(ml.error());
  for (Index j = 0; j < data.x.cols(); ++j)
    add(fit.coefficients.name[j], ml->coefficients.value(j), 1.5 * std::sqrt(ml->vcov(j, j)), -kNone,
        [&](double value) { return task.cancelled() ? kFailed : profiler.without_column(j, value); });
  for (std::size_t part = 0; part < data.random.size(); ++part)
    for (const lme::Factor& f : profiler.sums().factors) {
      if (f.part != static_cast<int>(part) || f.q != 1) continue;
      const double sd = profiler.parameter(f.first_parameter) * f.back(0, 0) * profiler.sigma();
      add(fmt::format("sd({}) by {}", data.random[part].columns[0], data.random[part].name), sd,
          std::max(0.4 * sd, 0.05 * profiler.sigma()), 0.0,
          [&](double value) { return task.cancelled() ? kFailed : profiler.with_sd(f, value); });
    }
  add("sigma", profiler.sigma(), 1.5 * profiler.sigma() / std::sqrt(2.0 * fit.n), 0.0,
      [&](double value) { return task.cancelled() || !(value > 0.0) ? kFailed : profiler.with_sigma(value); });
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  return out;
}

}  // namespace ipsi::stats
