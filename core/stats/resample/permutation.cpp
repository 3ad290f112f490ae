// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/numeric/distributions.h"
#include "core/numeric/random.h"
#include "core/stats/checks.h"
#include "core/stats/lm.h"
#include "core/stats/resample/resample.h"
#include "core/stats/resample/wald.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr std::size_t kTogether = 16;
constexpr std::uint64_t kKeys = std::uint64_t{1} << 40;  // permutations draw from other streams than bootstraps

/// Positions of the columns that a coefficient's or a term's name means.
Result<std::vector<Index>> tested(const Columns& columns, const std::string& term) {
  for (std::size_t j = 0; j < columns.names.size(); ++j)
    if (columns.names[j] == term) return std::vector<Index>{static_cast<Index>(j)};
  std::vector<Index> out;
  for (std::size_t j = 0; j < columns.names.size(); ++j)
    if (columns.term[j] >= 0 && columns.terms[static_cast<std::size_t>(columns.term[j])] == term)
      out.push_back(static_cast<Index>(j));
  if (!out.empty()) return out;
  return fail(Code::NotFound, fmt::format("the model has no coefficient or term '{}'", term), "permute",
              "it has " + join(columns.names, ", "));
}

/// A column that is constant in every block looks the same after any permutation.
Result<void> check_varies(const ModelData& data, const Blocks& blocks, const std::vector<Index>& columns,
                          const std::string& term) {
  for (const Index j : columns) {
    std::vector<double> first(blocks.names.size(), std::numeric_limits<double>::quiet_NaN());
    for (Index i = 0; i < data.x.rows(); ++i) {
      double& value = first[static_cast<std::size_t>(blocks.code[static_cast<std::size_t>(i)])];
      if (std::isnan(value)) value = data.x(i, j);
      if (value != data.x(i, j)) return {};
    }
  }
  if (blocks.name.empty())
    return fail(Code::InvalidInput, fmt::format("{} is the same in all rows", term), "permute",
                "name a coefficient that varies");
  return fail(Code::InvalidInput,
              fmt::format("{} does not vary inside any level of {}: permuting inside them says nothing about it", term,
                          blocks.name),
              "permute", "name other blocks, or another coefficient");
}

double wald(const ManyResponses::Fit& fit, const std::vector<Index>& columns) {
  const VectorXd b = fit.b(columns);
  const MatrixXd v = fit.vcov(columns, columns);
  if (columns.size() == 1) return b(0) * b(0) / v(0, 0);
  return b.dot(v.llt().solve(b)) / static_cast<double>(columns.size());
}

/// Fitted values of the fixed part without the tested columns.
Result<VectorXd> fitted_without(const ModelData& data, const std::vector<Index>& columns, const Criterion criterion) {
  std::vector<Index> kept;
  for (Index j = 0; j < data.x.cols(); ++j)
    if (std::find(columns.begin(), columns.end(), j) == columns.end()) kept.push_back(j);
  if (kept.empty()) return VectorXd(VectorXd::Zero(data.y.size()));
  ModelData reduced = data;
  reduced.x = data.x(Eigen::all, kept);
  const auto fit = ManyResponses(reduced, criterion).fit(data.y);
  if (!fit) return fail(Code::NotConverged, "the model without the tested term cannot be fitted", "permute", "");
  return VectorXd(reduced.x * fit->b);
}

/// The p-value of the same test by the model itself; and the check of everything that a fit needs.
Result<double> wald_p(const ModelData& data, const Criterion criterion, const std::vector<Index>& columns,
                      const std::string& term, const Task& task) {
  if (data.random.empty()) {
    const auto fit = fit_lm(data);
    if (!fit) return tl::unexpected(fit.error());
    return numeric::f_above(wald({fit->coefficients.value, fit->vcov}, columns), static_cast<double>(columns.size()),
                            fit->df_residual);
  }
  const auto fit = fit_lme(data, {.criterion = criterion}, task);
  if (!fit) return tl::unexpected(fit.error());
  if (!fit->converged)
    return fail(Code::NotConverged, "the model has no maximum that could be found; it cannot be permuted", "",
                "change the model");
  if (columns.size() == 1) return fit->coefficients.p(columns[0]);
  const auto test = std::find_if(fit->terms.begin(), fit->terms.end(), [&](const auto& t) { return t.term == term; });
  return test == fit->terms.end() ? std::numeric_limits<double>::quiet_NaN() : test->p;
}

}  // namespace

Result<Permutation> permute(const ModelData& data, const Blocks& blocks, const std::string& term,
                            const PermutationOptions& options, const Task& task) {
  if (auto ok = check_model_data(data); !ok) return tl::unexpected(ok.error());
  if (options.permutations < 99)
    return fail(Code::InvalidInput, fmt::format("{} permutations are too few", options.permutations), "permutations",
                "use 999 or more");
  if (static_cast<Index>(blocks.code.size()) != data.y.size())
    return fail(Code::InvalidInput, fmt::format("{} block codes for {} rows", blocks.code.size(), data.y.size()));
  if (data.random.size() > 1)
    return fail(Code::InvalidInput, fmt::format("permutation takes one grouping factor, not {}", data.random.size()),
                "random part", "leave one");
  const auto columns = tested(named_columns(data), term);
  if (!columns) return tl::unexpected(columns.error());
  if (auto ok = check_varies(data, blocks, *columns, term); !ok) return tl::unexpected(ok.error());
  const auto p_wald = wald_p(data, options.criterion, *columns, term, task);
  if (!p_wald) return tl::unexpected(p_wald.error());
  const ManyResponses model(data, options.criterion);
  const auto full = model.fit(data.y);
  const auto base = fitted_without(data, *columns, options.criterion);
  if (!base) return tl::unexpected(base.error());
  if (!full) return fail(Code::NotConverged, "the model cannot be fitted", "permute", "");
  const VectorXd root = data.weights.size() != 0 ? VectorXd(data.weights.cwiseSqrt()) : VectorXd::Ones(data.y.size());
  const VectorXd residual = (data.y - *base).cwiseProduct(root);  // of equal variance

  Permutation out;
  out.term = term;
  for (const Index j : *columns) out.columns.push_back(named_columns(data).names[static_cast<std::size_t>(j)]);
  out.blocks = blocks.name;
  out.statistic = wald(*full, *columns);
  out.p_wald = *p_wald;
  std::vector<std::vector<Index>> rows(blocks.names.size());
  for (std::size_t i = 0; i < blocks.code.size(); ++i)
    rows[static_cast<std::size_t>(blocks.code[i])].push_back(static_cast<Index>(i));
  const auto total = static_cast<std::size_t>(options.permutations);
  std::vector<signed char> verdict(total, -1);       // -1 no fit, 0 smaller, 1 as large
  const double bar = out.statistic * (1.0 - 1e-10);  // the same arrangement again counts, whatever its rounding
  const auto draw = [&](std::size_t d) {
    numeric::Stream stream(options.seed, kKeys + d);
    VectorXd y = *base;
    for (const auto& block : rows) {
      const auto order = stream.permutation(block.size());
      for (std::size_t i = 0; i < block.size(); ++i) y(block[i]) += residual(block[order[i]]) / root(block[i]);
    }
    if (const auto fit = model.fit(y)) verdict[d] = wald(*fit, *columns) >= bar ? 1 : 0;
  };
  const bool done =
      parallel_for((total + kTogether - 1) / kTogether, options.threads, task, "permutations", [&](std::size_t chunk) {
        for (std::size_t d = chunk * kTogether; d < std::min(total, (chunk + 1) * kTogether); ++d) draw(d);
      });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  out.failed = static_cast<int>(std::count(verdict.begin(), verdict.end(), -1));
  out.as_large = static_cast<int>(std::count(verdict.begin(), verdict.end(), 1));
  out.permutations = options.permutations - out.failed;
  out.p = (out.as_large + 1.0) / (out.permutations + 1.0);
  if (out.failed > 0)
    out.findings.push_back(fmt::format("{} of {} permutations could not be fitted", out.failed, options.permutations));
  if (data.random.size() == 1 && blocks.name.empty())
    out.findings.push_back(
        "rows were permuted across groups, which a random effect forbids: name the grouping factor as blocks");
  return out;
}

}  // namespace ipsi::stats
