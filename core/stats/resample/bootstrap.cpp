// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/parallel.h"
#include "core/numeric/distributions.h"
#include "core/numeric/random.h"
#include "core/stats/influence.h"
#include "core/stats/lm.h"
#include "core/stats/resample/resample.h"
#include "core/stats/resample/wald.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kTogether = 16;  // draws between two looks at the task

using Rows = std::vector<std::vector<Index>>;  // of each block

Rows rows_of(const Blocks& blocks) {
  Rows out(blocks.names.size());
  for (std::size_t i = 0; i < blocks.code.size(); ++i)
    out[static_cast<std::size_t>(blocks.code[i])].push_back(static_cast<Index>(i));
  return out;
}

/// These rows as data, for a mixed model with these groups (any codes below m).
ModelData taken(const ModelData& data, const std::vector<Index>& rows, const std::vector<int>& group, std::size_t m) {
  ModelData out;
  out.y = data.y(rows);
  out.x = data.x(rows, Eigen::all);
  out.columns = data.columns;
  if (data.weights.size() != 0) out.weights = data.weights(rows);
  if (data.random.empty()) return out;
  const RandomPart& random = data.random.front();
  RandomPart part;
  part.z = random.z(rows, Eigen::all);
  part.columns = random.columns;
  part.block = random.block;
  part.name = random.name;
  std::vector<int> number(m, -1);  // groups without a row are gone
  for (const int g : group) {
    int& at = number[static_cast<std::size_t>(g)];
    if (at < 0) {
      at = static_cast<int>(part.groups.size());
      part.groups.push_back(std::to_string(at));
    }
    part.group.push_back(at);
  }
  out.random = {std::move(part)};
  return out;
}

/// Rows inside their blocks: sizes of blocks stay.
ModelData draw_cases(const ModelData& data, const Rows& blocks, numeric::Stream& stream) {
  std::vector<Index> rows;
  std::vector<int> group;
  for (const auto& block : blocks)
    for (std::size_t i = 0; i < block.size(); ++i) rows.push_back(block[stream.below(block.size())]);
  if (!data.random.empty())
    for (const Index i : rows) group.push_back(data.random.front().group[static_cast<std::size_t>(i)]);
  return taken(data, rows, group, data.random.empty() ? 0 : data.random.front().groups.size());
}

ModelData draw_groups(const ModelData& data, const Rows& blocks, numeric::Stream& stream) {
  std::vector<Index> rows;
  std::vector<int> group;
  for (std::size_t g = 0; g < blocks.size(); ++g) {
    const auto& block = blocks[stream.below(blocks.size())];
    rows.insert(rows.end(), block.begin(), block.end());
    group.insert(group.end(), block.size(), static_cast<int>(g));
  }
  return taken(data, rows, group, blocks.size());
}

/// What a fit of the data gives to all kinds.
struct Start {
  VectorXd b, mean;  ///< coefficients; X b
  std::vector<std::string> names;
  double sigma = 0.0;
  MatrixXd factor;     ///< of the random covariance
  MatrixXd influence;  ///< [k x p] empirical influence over the block's size
};

/// l_i = (n_s - 1) (mean of the block's deleted estimates - its own) / n_s.
MatrixXd influence_of(const MatrixXd& deleted, const Rows& blocks) {
  MatrixXd out = MatrixXd::Zero(deleted.rows(), deleted.cols());
  for (const auto& block : blocks) {
    const auto n = static_cast<double>(block.size());
    for (Index j = 0; j < deleted.cols(); ++j) {
      double sum = 0.0, count = 0.0;
      for (const Index i : block)
        if (!std::isnan(deleted(i, j))) {
          sum += deleted(i, j);
          count += 1.0;
        }
      for (const Index i : block)
        if (!std::isnan(deleted(i, j))) out(i, j) = (n - 1.0) / n * (sum / count - deleted(i, j));
    }
  }
  return out;
}

Result<MatrixXd> deleted_lm(const ModelData& data, const LmFit& fit, const Rows& blocks, BootstrapKind kind) {
  const Index n = data.y.size(), p = data.x.cols();
  if (kind == BootstrapKind::cases) {
    MatrixXd out(n, p);
    const MatrixXd inverse = fit.vcov / (fit.sigma * fit.sigma);
    for (Index i = 0; i < n; ++i) {
      const double w = data.weights.size() != 0 ? data.weights(i) : 1.0;
      const double left = 1.0 - fit.leverage(i);
      out.row(i) =
          left > 1e-10
              ? VectorXd(fit.coefficients.value - inverse * data.x.row(i).transpose() * (w * fit.residual(i) / left))
                    .transpose()
              : Eigen::RowVectorXd(Eigen::RowVectorXd::Constant(p, kNaN));
    }
    return out;
  }
  MatrixXd out = MatrixXd::Constant(static_cast<Index>(blocks.size()), p, kNaN);
  for (std::size_t g = 0; g < blocks.size(); ++g) {
    std::vector<Index> rows;
    for (std::size_t other = 0; other < blocks.size(); ++other)
      if (other != g) rows.insert(rows.end(), blocks[other].begin(), blocks[other].end());
    if (const auto left = fit_lm(taken(data, rows, {}, 0))) out.row(static_cast<Index>(g)) = left->coefficients.value;
  }
  return out;
}

Rows one_of_each(Index n) {
  Rows out(1);
  for (Index i = 0; i < n; ++i) out[0].push_back(i);
  return out;
}

Result<Start> start_lm(const ModelData& data, const Rows& blocks, BootstrapKind kind) {
  const auto fit = fit_lm(data);
  if (!fit) return tl::unexpected(fit.error());
  Start out{.b = fit->coefficients.value, .mean = fit->fitted, .names = fit->coefficients.name, .sigma = fit->sigma};
  if (kind == BootstrapKind::parametric) return out;
  const auto deleted = deleted_lm(data, *fit, blocks, kind);
  if (!deleted) return tl::unexpected(deleted.error());
  out.influence = influence_of(*deleted, kind == BootstrapKind::cases ? blocks : one_of_each(deleted->rows()));
  return out;
}

Result<Start> start_lme(const ModelData& data, const Rows& blocks, const BootstrapOptions& options, const Task& task) {
  const auto fit = fit_lme(data, {.criterion = options.criterion}, task);
  if (!fit) return tl::unexpected(fit.error());
  if (!fit->converged)
    return fail(Code::NotConverged, "the model has no maximum that could be found; it cannot be resampled", "",
                "change the model");
  Start out{.b = fit->coefficients.value,
            .mean = fit->fitted_population,
            .names = fit->coefficients.name,
            .sigma = fit->sigma};
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(fit->random_cov);
  out.factor = eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
  if (options.kind == BootstrapKind::parametric) return out;
  const bool rows = options.kind == BootstrapKind::cases;
  const auto found = influence(data, *fit, {.observations = rows, .groups = !rows}, task);
  if (!found) return tl::unexpected(found.error());
  out.influence = rows ? influence_of(found->observation.beta, blocks)
                       : influence_of(found->group.beta, one_of_each(found->group.beta.rows()));
  return out;
}

VectorXd draw_response(const ModelData& data, const Start& start, numeric::Stream& stream) {
  VectorXd y = start.mean;
  if (!data.random.empty()) {
    const RandomPart& random = data.random.front();
    MatrixXd u(start.factor.cols(), static_cast<Index>(random.groups.size()));
    for (double& v : u.reshaped()) v = stream.normal();
    u = start.factor * u;
    for (Index i = 0; i < y.size(); ++i) y(i) += random.z.row(i).dot(u.col(random.group[static_cast<std::size_t>(i)]));
  }
  for (Index i = 0; i < y.size(); ++i)
    y(i) += start.sigma * stream.normal() / (data.weights.size() != 0 ? std::sqrt(data.weights(i)) : 1.0);
  return y;
}

Result<void> check(const ModelData& data, const Blocks& blocks, const BootstrapOptions& options) {
  if (options.draws < 20)
    return fail(Code::InvalidInput, fmt::format("{} draws are too few", options.draws), "bootstrap",
                "use 1000 or more");
  if (static_cast<Index>(blocks.code.size()) != data.y.size())
    return fail(Code::InvalidInput, fmt::format("{} block codes for {} rows", blocks.code.size(), data.y.size()));
  if (options.kind == BootstrapKind::groups && blocks.names.size() < 5)
    return fail(Code::InvalidInput, fmt::format("{} blocks are too few to draw whole blocks", blocks.names.size()),
                "bootstrap-kind", "draw cases, or name a column with more levels");
  if (data.random.size() > 1)
    return fail(Code::InvalidInput, fmt::format("the bootstrap takes one grouping factor, not {}", data.random.size()),
                "random part", "leave one");
  if (options.kind == BootstrapKind::groups && !data.random.empty() && blocks.code != data.random.front().group)
    return fail(Code::InvalidInput,
                fmt::format("whole groups of a mixed model are those of {}", data.random.front().name), "blocks",
                "leave --blocks out");
  return {};
}

void summarise(Bootstrap& out, const Start& start) {
  const Index p = start.b.size();
  for (VectorXd* v : {&out.se, &out.bias, &out.percentile_low, &out.percentile_high, &out.bca_low, &out.bca_high,
                      &out.z0, &out.acceleration})
    *v = VectorXd::Constant(p, kNaN);
  for (Index j = 0; j < p; ++j) {
    std::vector<double> kept;
    for (const double v : out.draws.col(j))
      if (!std::isnan(v)) kept.push_back(v);
    const Eigen::Map<const VectorXd> draws(kept.data(), static_cast<Index>(kept.size()));
    const double mean = draws.mean();
    out.bias(j) = mean - start.b(j);
    out.se(j) = std::sqrt((draws.array() - mean).square().sum() / (static_cast<double>(kept.size()) - 1.0));
    const VectorXd influence = start.influence.size() == 0 ? VectorXd() : VectorXd(start.influence.col(j));
    const BootstrapInterval interval = bootstrap_interval(std::move(kept), start.b(j), influence, out.level);
    out.percentile_low(j) = interval.percentile_low;
    out.percentile_high(j) = interval.percentile_high;
    out.bca_low(j) = interval.bca_low;
    out.bca_high(j) = interval.bca_high;
    out.z0(j) = interval.z0;
    out.acceleration(j) = interval.acceleration;
  }
}

/// Quantile of sorted draws at (R + 1) alpha, between two of them on the normal scale.
double quantile(const std::vector<double>& sorted, double alpha) {
  if (std::isnan(alpha)) return kNaN;
  const auto r = static_cast<double>(sorted.size());
  const double at = (r + 1.0) * alpha, k = std::floor(at);
  if (k < 1.0) return sorted.front();
  if (k >= r) return sorted.back();
  const auto below = static_cast<std::size_t>(k) - 1;
  if (at == k) return sorted[below];
  const double low = numeric::normal_quantile(k / (r + 1.0)), high = numeric::normal_quantile((k + 1.0) / (r + 1.0));
  return sorted[below] + (numeric::normal_quantile(alpha) - low) / (high - low) * (sorted[below + 1] - sorted[below]);
}

}  // namespace

Blocks one_block(Index n) {
  return {std::vector<int>(static_cast<std::size_t>(n), 0), {"all"}, ""};
}

Blocks blocks_of(const RandomPart& random) {
  return {random.group, random.groups, random.name};
}

BootstrapInterval bootstrap_interval(std::vector<double> draws, double estimate, const VectorXd& influence,
                                     double level) {
  BootstrapInterval out{};
  std::sort(draws.begin(), draws.end());
  const double low = 0.5 * (1.0 - level), high = 1.0 - low;
  out.percentile_low = quantile(draws, low);
  out.percentile_high = quantile(draws, high);
  const auto below = static_cast<double>(std::lower_bound(draws.begin(), draws.end(), estimate) - draws.begin());
  out.z0 = numeric::normal_quantile(below / static_cast<double>(draws.size()));
  out.acceleration = 0.0;
  if (const double square = influence.squaredNorm(); square > 0.0)
    out.acceleration = influence.array().cube().sum() / (6.0 * square * std::sqrt(square));
  const auto end = [&](double alpha) {
    if (!std::isfinite(out.z0)) return kNaN;  // all draws on one side of the estimate
    const double z = out.z0 + numeric::normal_quantile(alpha);
    return quantile(draws, numeric::normal_below(out.z0 + z / (1.0 - out.acceleration * z)));
  };
  out.bca_low = end(low);
  out.bca_high = end(high);
  return out;
}

Result<Bootstrap> bootstrap(const ModelData& data, const Blocks& blocks, const BootstrapOptions& options,
                            const Task& task) {
  if (auto ok = check(data, blocks, options); !ok) return tl::unexpected(ok.error());
  const Rows rows = rows_of(blocks);
  const bool mixed = !data.random.empty();
  const auto start = mixed ? start_lme(data, rows, options, task.part(0.0, 0.1)) : start_lm(data, rows, options.kind);
  if (!start) return tl::unexpected(start.error());
  Bootstrap out;
  out.kind = options.kind;
  out.level = options.level;
  out.name = start->names;
  out.estimate = start->b;
  out.draws = MatrixXd::Constant(options.draws, data.x.cols(), kNaN);
  const ManyResponses same_design(data, options.criterion);
  const auto draw = [&](Index d) {
    numeric::Stream stream(options.seed, static_cast<std::uint64_t>(d));
    if (options.kind == BootstrapKind::parametric) {
      if (const auto fit = same_design.fit(draw_response(data, *start, stream))) out.draws.row(d) = fit->b;
      return;
    }
    const ModelData drawn =
        options.kind == BootstrapKind::cases ? draw_cases(data, rows, stream) : draw_groups(data, rows, stream);
    if (mixed) {
      if (const auto fit = fit_lme(drawn, {.criterion = options.criterion}, {}); fit && fit->converged)
        out.draws.row(d) = fit->coefficients.value;
    } else if (const auto fit = fit_lm(drawn)) {
      out.draws.row(d) = fit->coefficients.value;
    }
  };
  const auto total = static_cast<std::size_t>(options.draws);
  const bool done = parallel_for(
      (total + kTogether - 1) / kTogether, options.threads, task.part(0.1, 1.0), "bootstrap", [&](std::size_t chunk) {
        for (std::size_t d = chunk * kTogether; d < std::min(total, (chunk + 1) * kTogether); ++d)
          draw(static_cast<Index>(d));
      });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  for (const double v : out.draws.col(0)) out.failed += std::isnan(v) ? 1 : 0;
  if (2 * out.failed > options.draws)
    return fail(Code::NotConverged, fmt::format("{} of {} draws could not be fitted", out.failed, options.draws),
                "bootstrap", "a level with few rows may be missing from most draws; draw cases within larger blocks");
  if (out.failed > 0)
    out.findings.push_back(
        fmt::format("{} of {} bootstrap draws could not be fitted and are in no interval", out.failed, options.draws));
  summarise(out, *start);
  return out;
}

}  // namespace ipsi::stats
