// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/numeric/distributions.h"
#include "core/numeric/orthonormal.h"
#include "core/numeric/random.h"
#include "core/stats/lm.h"
#include "core/stats/lme_inference.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Are the columns of `small` combinations of those of `large`?
bool spanned(const MatrixXd& small, const MatrixXd& large) {
  const MatrixXd q = numeric::orthonormal(large).q;
  const MatrixXd rest = small - q * (q.transpose() * small);
  return rest.colwise().norm().maxCoeff() <= 1e-7 * std::max(1.0, small.colwise().norm().maxCoeff());
}

int count_of(const RandomPart& part) {
  int out = 0;
  for (std::size_t i = 0; i < part.block.size(); ++i)
    for (std::size_t j = i; j < part.block.size(); ++j) out += part.block[i] == part.block[j] ? 1 : 0;
  return out;
}

struct RandomDifference {
  bool nested = true;
  int variances = 0, parameters = 0;
};

RandomDifference difference(const std::vector<RandomPart>& small, const std::vector<RandomPart>& large) {
  RandomDifference out;
  for (const RandomPart& part : large) {
    out.variances += static_cast<int>(part.columns.size());
    out.parameters += count_of(part);
  }
  for (const RandomPart& part : small) {
    const auto same =
        std::find_if(large.begin(), large.end(), [&](const RandomPart& l) { return l.group == part.group; });
    if (same == large.end()) {
      out.nested = false;
      return out;
    }
    for (std::size_t i = 0; i < part.columns.size(); ++i) {
      const auto at = std::find(same->columns.begin(), same->columns.end(), part.columns[i]) - same->columns.begin();
      if (at == static_cast<std::ptrdiff_t>(same->columns.size())) out.nested = false;
    }
    out.variances -= static_cast<int>(part.columns.size());
    out.parameters -= count_of(part);
  }
  out.nested = out.nested && out.variances >= 0 && out.parameters >= 0;
  return out;
}

Result<double> log_likelihood(const ModelData& data, Criterion criterion, const Task& task) {
  if (data.random.empty()) {
    auto fit = fit_lm(data);
    if (!fit) return tl::unexpected(fit.error());
    return criterion == Criterion::ml ? fit->ml_log_likelihood : fit->reml_log_likelihood;
  }
  auto fit = fit_lme(data, {.criterion = criterion}, task);
  if (!fit) return tl::unexpected(fit.error());
  return fit->log_likelihood;
}

// A response as the fitted smaller model would bring it forth.
VectorXd simulated(const ModelData& data, const LmeFit& fit, numeric::Stream& stream) {
  VectorXd y = fit.fitted_population;
  for (std::size_t k = 0; k < data.random.size(); ++k) {
    const RandomPart& part = data.random[k];
    const MatrixXd cov = fit.estimate(k).cov;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(cov);
    const MatrixXd half = eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
    MatrixXd u(cov.rows(), static_cast<Index>(part.groups.size()));
    for (Index g = 0; g < u.cols(); ++g)
      for (Index c = 0; c < u.rows(); ++c) u(c, g) = stream.normal();
    u = half * u;
    for (Index i = 0; i < y.size(); ++i) y(i) += part.z.row(i).dot(u.col(part.group[i]));
  }
  for (Index i = 0; i < y.size(); ++i)
    y(i) += fit.sigma * stream.normal() / (data.weights.size() > 0 ? std::sqrt(data.weights(i)) : 1.0);
  return y;
}

Result<double> simulated_p(const ModelData& small, const ModelData& large, const Comparison& observed,
                           const CompareOptions& options, const Task& task) {
  auto fit = fit_lme(small, {.criterion = observed.criterion}, task);
  if (!fit) return tl::unexpected(fit.error());
  ModelData low = small, high = large;
  int as_large = 0;
  for (int run = 0; run < options.simulations; ++run) {
    numeric::Stream stream(options.seed, static_cast<std::uint64_t>(run) + 1);
    low.y = high.y = simulated(small, *fit, stream);
    const auto a = log_likelihood(low, observed.criterion, task);
    if (!a) return tl::unexpected(a.error());
    const auto b = log_likelihood(high, observed.criterion, task);
    if (!b) return tl::unexpected(b.error());
    if (2.0 * (*b - *a) >= observed.chisq - 1e-9) ++as_large;
    task.progress(static_cast<double>(run + 1) / options.simulations, "simulating under the smaller model");
  }
  return (1.0 + as_large) / (1.0 + options.simulations);
}

}  // namespace

Result<Comparison> compare(const ModelData& small, const ModelData& large, const CompareOptions& options,
                           const Task& task) {
  if (small.y.size() != large.y.size() || (small.y - large.y).lpNorm<Eigen::Infinity>() != 0.0)
    return fail(Code::InvalidInput, "the two models are not of the same rows and response", "compare",
                "compare models of one outcome");
  const bool fixed_nested = spanned(small.x, large.x);
  const bool same_fixed = fixed_nested && small.x.cols() == large.x.cols();
  const RandomDifference random = difference(small.random, large.random);
  const int fixed = static_cast<int>(large.x.cols() - small.x.cols());
  if (!fixed_nested || !random.nested || fixed + random.parameters == 0)
    return fail(Code::InvalidInput,
                fixed + random.parameters == 0 && fixed_nested && random.nested
                    ? "the two models are the same"
                    : "the second model is not contained in the first",
                "compare", "leave terms of the first formula out in the second");
  Comparison out;
  out.criterion = same_fixed ? options.criterion : Criterion::ml;
  if (!same_fixed && options.criterion == Criterion::reml)
    out.note =
        "the fixed parts differ: both models were refitted by ML, as REML likelihoods of different fixed parts cannot "
        "be compared";
  const auto low = log_likelihood(small, out.criterion, task);
  if (!low) return tl::unexpected(low.error());
  const auto high = log_likelihood(large, out.criterion, task);
  if (!high) return tl::unexpected(high.error());
  out.log_likelihood_small = *low;
  out.log_likelihood_large = *high;
  out.chisq = std::max(0.0, 2.0 * (*high - *low));
  out.df = fixed + random.parameters;
  out.p = out.p_plain = numeric::chi2_above(out.chisq, out.df);
  if (random.variances == 0) return out;
  if (random.variances == 1 && fixed == 0) {
    // One variance and its r covariances: with probability one half the estimate lies on the boundary.
    out.kind = LrtKind::mixture;
    const double below = out.df == 1 ? (out.chisq > 0.0 ? 0.0 : 1.0) : numeric::chi2_above(out.chisq, out.df - 1);
    out.p = 0.5 * out.p_plain + 0.5 * below;
  } else if (options.simulations == 0) {
    out.note += std::string(out.note.empty() ? "" : "; ") +
                "several variances at once: the plain p is too large; --simulate N finds it by simulation";
  }
  if (options.simulations > 0 && !small.random.empty()) {
    const auto p = simulated_p(small, large, out, options, task);
    if (!p) return tl::unexpected(p.error());
    out.kind = LrtKind::simulated;
    out.simulations = options.simulations;
    out.p = *p;
  }
  return out;
}

Result<std::vector<Comparison>> test_random_parts(const ModelData& data, const CompareOptions& options,
                                                  const Task& task) {
  std::vector<Comparison> out;
  if (data.random.size() < 2) return out;
  for (std::size_t k = 0; k < data.random.size(); ++k) {
    ModelData small = data;
    small.random.erase(small.random.begin() + static_cast<std::ptrdiff_t>(k));
    auto test = compare(small, data, options, task);
    if (!test) return tl::unexpected(test.error());
    test->name = data.random[k].name;
    out.push_back(std::move(*test));
  }
  return out;
}

Json to_json(const Comparison& c) {
  const char* kind = c.kind == LrtKind::plain ? "plain" : (c.kind == LrtKind::mixture ? "mixture" : "simulated");
  Json out{{"without", c.name},
           {"method", c.criterion == Criterion::reml ? "REML" : "ML"},
           {"logLik_small", number(c.log_likelihood_small)},
           {"logLik_large", number(c.log_likelihood_large)},
           {"chisq", number(c.chisq)},
           {"df", c.df},
           {"p", number(c.p)},
           {"p_kind", kind},
           {"p_plain", number(c.p_plain)}};
  if (c.simulations > 0) out["simulations"] = c.simulations;
  if (!c.note.empty()) out["note"] = c.note;
  return out;
}

}  // namespace ipsi::stats
