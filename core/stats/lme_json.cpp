// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/stats/lme.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;

Json whole(double df) {
  return df == std::floor(df) && std::abs(df) < 1e9 ? Json(static_cast<int>(df)) : number(df);
}

Json fixed_json(const LmeFit& fit) {
  const Coefficients& c = fit.coefficients;
  Json df = Json::array();
  for (const double v : c.df) df.push_back(whole(v));
  return Json{{"name", c.name},
              {"value", numbers(c.value)},
              {"se", numbers(c.se)},
              {"df", df},
              {"t", numbers(c.t)},
              {"p", numbers(c.p)},
              {"ci95_lower", numbers(c.ci_low)},
              {"ci95_upper", numbers(c.ci_high)},
              {"effect_size_d", numbers(fit.effect_size)}};
}

Json intervals_of(const LmeFit& fit, const std::string& group) {
  Json name = Json::array(), low = Json::array(), estimate = Json::array(), high = Json::array();
  for (const VarianceInterval& interval : fit.random_intervals) {
    if (interval.group != group) continue;
    name.push_back(interval.name);
    low.push_back(number(interval.low));
    estimate.push_back(number(interval.estimate));
    high.push_back(number(interval.high));
  }
  return Json{{"name", name}, {"lower", low}, {"est", estimate}, {"upper", high}};
}

Json intervals_json(const LmeFit& fit, const ModelData& data) {
  if (!fit.has_intervals) return nullptr;
  Json random = Json::object();
  for (const RandomPart& part : data.random) random[part.name] = intervals_of(fit, part.name);
  return Json{{"fixed_lower", numbers(fit.fixed_low)},
              {"fixed_upper", numbers(fit.fixed_high)},
              {"sigma", {fit.sigma_low, fit.sigma, fit.sigma_high}},
              {"random", random}};
}

Json terms_json(const LmeFit& fit) {
  Json term = Json::array(), df1 = Json::array(), df2 = Json::array(), f = Json::array(), p = Json::array();
  for (const TermTest& test : fit.terms) {
    term.push_back(test.term);
    df1.push_back(test.df1);
    df2.push_back(whole(test.df2));
    f.push_back(number(test.f));
    p.push_back(number(test.p));
  }
  return Json{{"term", term}, {"numDF", df1}, {"denDF", df2}, {"F", f}, {"p", p}};
}

Json random_test_json(const RandomTest& test) {
  Json out{{"gls_logLik", number(test.log_likelihood_without)},
           {"chisq", number(test.chisq)},
           {"df", test.df},
           {"p", number(test.p)}};
  out["p_mixture"] = test.p_mixture ? number(*test.p_mixture) : Json(nullptr);
  return out;
}

Json first_rows_json(const LmeFit& fit, const ModelData& data) {
  const Index k = std::min<Index>(20, fit.fitted.size());
  const Eigen::VectorXd residual = fit.residual.head(k);
  Eigen::VectorXd pearson = residual / fit.sigma;
  if (data.weights.size() > 0) pearson.array() *= data.weights.head(k).array().sqrt();
  return Json{{"fitted", numbers(fit.fitted.head(k))},
              {"fitted_population", numbers(fit.fitted_population.head(k))},
              {"resid_response", numbers(residual)},
              {"resid_pearson", numbers(pearson)},
              {"resid_normalized", numbers(pearson)}};
}

// One for each grouping factor.
Json random_parts_json(const LmeFit& fit, const ModelData& data) {
  Json out = Json::array();
  for (std::size_t k = 0; k < data.random.size(); ++k) {
    const RandomPart& part = data.random[k];
    const RandomEstimate estimate = fit.estimate(k);
    out.push_back(Json{{"group", part.name},
                       {"n_groups", part.groups.size()},
                       {"columns", part.columns},
                       {"sd", numbers(estimate.sd)},
                       {"corr", matrix_json(estimate.corr)},
                       {"cov", matrix_json(estimate.cov)},
                       {"blups", {{"groups", part.groups}, {"values", matrix_json(estimate.blups)}}}});
  }
  return out;
}

}  // namespace

Json to_json(const LmeFit& fit, const ModelData& data) {
  const RandomPart& random = data.random.front();
  Json out = Json::object();
  out["method"] = fit.criterion == Criterion::reml ? "REML" : "ML";
  out["fixed"] = fixed_json(fit);
  out["vcov"] = matrix_json(fit.vcov);
  out["intervals"] = intervals_json(fit, data);
  out["sigma"] = number(fit.sigma);
  out["random"] = Json{{"columns", random.columns},
                       {"sd", numbers(fit.random_sd)},
                       {"corr", matrix_json(fit.random_corr)},
                       {"cov", matrix_json(fit.random_cov)}};
  out["logLik"] = number(fit.log_likelihood);
  out["AIC"] = number(fit.aic);
  out["BIC"] = number(fit.bic);
  out["n_parameters"] = fit.n_parameters;
  out["n_obs"] = fit.n;
  out["n_groups"] = fit.n_groups;
  out["anova_marginal"] = terms_json(fit);
  out["lrt_no_random"] = random_test_json(fit.random_test);
  out["vif"] = to_json(fit.vif);
  out["blups"] = Json{{"groups", random.groups}, {"columns", random.columns}, {"values", matrix_json(fit.blups)}};
  out["first20"] = first_rows_json(fit, data);
  if (data.random.size() > 1) out["random_parts"] = random_parts_json(fit, data);
  out["converged"] = fit.converged;
  out["boundary"] = fit.boundary;
  out["findings"] = fit.findings;
  return out;
}

}  // namespace ipsi::stats
