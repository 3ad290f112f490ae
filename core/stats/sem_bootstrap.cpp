// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/numeric/random.h"
#include "core/numeric/robust.h"
#include "core/stats/sem_parts.h"

namespace ipsi::stats {
namespace {

/// @param draws  of one quantity; sorted here
SemBootstrap::Interval interval(std::vector<double> draws, double estimate) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  SemBootstrap::Interval out{kNaN, kNaN, kNaN, kNaN, kNaN};
  if (draws.size() < 20) return out;
  std::sort(draws.begin(), draws.end());
  const auto n = static_cast<double>(draws.size());
  if (draws.front() == draws.back()) return {0.0, draws[0], draws[0], draws[0], draws[0]};
  double mean = 0.0, squares = 0.0;
  for (const double x : draws) mean += x / n;
  for (const double x : draws) squares += (x - mean) * (x - mean);
  out.se = std::sqrt(squares / (n - 1.0));
  out.low = numeric::quantile(draws, 0.025);
  out.high = numeric::quantile(draws, 0.975);
  const double below = static_cast<double>(std::lower_bound(draws.begin(), draws.end(), estimate) - draws.begin()) / n;
  if (below <= 0.0 || below >= 1.0) return out;  // the estimate is outside all draws: no correction is known
  const double shift = 2.0 * numeric::normal_quantile(below), reach = numeric::normal_quantile(0.975);
  out.corrected_low = numeric::quantile(draws, numeric::normal_below(shift - reach));
  out.corrected_high = numeric::quantile(draws, numeric::normal_below(shift + reach));
  return out;
}

}  // namespace

Result<SemBootstrap> sem_bootstrap(const SemModel& model, const Eigen::MatrixXd& rows, const SemFit& fit,
                                   const SemOptions& options, const Task& task) {
  const Eigen::Index n = rows.rows();
  const SemGraph graph = sem_graph(model);
  const auto n_table = static_cast<Eigen::Index>(model.rows.size());
  const Eigen::MatrixXd centred = rows.rowwise() - rows.colwise().mean();
  SemDiscrepancy at(model, fit.sample);
  if (!at.move(fit.theta)) return SemBootstrap{.wanted = options.bootstrap};
  const Eigen::VectorXd estimates = effect_values(graph, at, model.n_free).value;
  std::vector<std::vector<double>> draws(static_cast<std::size_t>(n_table + estimates.size()));
  SemBootstrap out{.wanted = options.bootstrap};
  Eigen::MatrixXd resample(n, rows.cols());
  for (int b = 0; b < options.bootstrap; ++b) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    if (b % 50 == 0) task.progress(static_cast<double>(b) / options.bootstrap, "bootstrap");
    numeric::Stream stream(options.seed, static_cast<std::uint64_t>(b) + 1);
    for (Eigen::Index i = 0; i < n; ++i)
      resample.row(i) = centred.row(static_cast<Eigen::Index>(stream.below(static_cast<std::uint64_t>(n))));
    resample.rowwise() -= resample.colwise().mean().eval();
    const Eigen::MatrixXd s = resample.transpose() * resample / static_cast<double>(n);
    at.set_sample(s);
    if (!std::isfinite(at.log_det_sample())) continue;
    SemSolution solution = minimise(at, fit.theta, task);
    if (!solution.converged) solution = minimise(at, sem_start(model, s), task);
    if (!solution.converged) continue;
    ++out.used;
    const Eigen::VectorXd table = table_values(model, at, solution.theta).value;
    const Eigen::VectorXd effects = effect_values(graph, at, model.n_free).value;
    for (Eigen::Index i = 0; i < n_table; ++i) draws[static_cast<std::size_t>(i)].push_back(table[i]);
    for (Eigen::Index i = 0; i < effects.size(); ++i)
      draws[static_cast<std::size_t>(n_table + i)].push_back(effects[i]);
  }
  const auto of = [&](Eigen::Index i, double estimate) {
    return interval(std::move(draws[static_cast<std::size_t>(i)]), estimate);
  };
  for (Eigen::Index i = 0; i < n_table; ++i) out.rows.push_back(of(i, fit.parameters.value[i]));
  const auto n_pairs = static_cast<Eigen::Index>(graph.pairs.size());
  for (Eigen::Index i = 0; i < n_pairs; ++i) {
    out.direct.push_back(of(n_table + 3 * i, estimates[3 * i]));
    out.indirect.push_back(of(n_table + 3 * i + 1, estimates[3 * i + 1]));
    out.total.push_back(of(n_table + 3 * i + 2, estimates[3 * i + 2]));
  }
  for (Eigen::Index i = 3 * n_pairs; i < estimates.size(); ++i) out.routes.push_back(of(n_table + i, estimates[i]));
  return out;
}

}  // namespace ipsi::stats
