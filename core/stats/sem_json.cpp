// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "core/stats/coefficients.h"
#include "core/stats/sem.h"

namespace ipsi::stats {
namespace {

Json rows_json(const SemModel& model, const SemEstimates& e) {
  Json lhs = Json::array(), op = Json::array(), rhs = Json::array();
  for (const SemRow& row : model.rows) {
    lhs.push_back(row.lhs);
    op.push_back(row.op);
    rhs.push_back(row.rhs);
  }
  return {{"lhs", lhs},
          {"op", op},
          {"rhs", rhs},
          {"est", numbers(e.value)},
          {"se", numbers(e.se)},
          {"z", numbers(e.z)},
          {"p", numbers(e.p)},
          {"ci95_lower", numbers(e.ci_low)},
          {"ci95_upper", numbers(e.ci_high)}};
}

Json measures_json(const SemMeasures& m, int n) {
  return {{"npar", m.npar},
          {"fmin", number(m.fmin)},
          {"chisq", number(m.chisq)},
          {"df", m.df},
          {"pvalue", number(m.p)},
          {"baseline.chisq", number(m.baseline_chisq)},
          {"baseline.df", m.baseline_df},
          {"baseline.pvalue", number(m.baseline_p)},
          {"cfi", number(m.cfi)},
          {"tli", number(m.tli)},
          {"nnfi", number(m.tli)},
          {"rfi", number(m.rfi)},
          {"nfi", number(m.nfi)},
          {"ifi", number(m.ifi)},
          {"rni", number(m.rni)},
          {"logl", number(m.logl)},
          {"unrestricted.logl", number(m.unrestricted_logl)},
          {"aic", number(m.aic)},
          {"bic", number(m.bic)},
          {"bic2", number(m.bic2)},
          {"ntotal", n},
          {"rmsea", number(m.rmsea)},
          {"rmsea.ci.lower", number(m.rmsea_low)},
          {"rmsea.ci.upper", number(m.rmsea_high)},
          {"rmsea.pvalue", number(m.rmsea_p)},
          {"srmr", number(m.srmr)},
          {"gfi", number(m.gfi)},
          {"agfi", number(m.agfi)},
          {"mfi", number(m.mfi)},
          {"ecvi", number(m.ecvi)}};
}

Json interval_json(const SemBootstrap::Interval& i) {
  return {{"se", number(i.se)},
          {"percentile", numbers(std::array{i.low, i.high})},
          {"bias_corrected", numbers(std::array{i.corrected_low, i.corrected_high})}};
}

Json effects_json(const SemFit& fit) {
  Json out = Json::array();
  for (std::size_t i = 0; i < fit.effects.size(); ++i) {
    const SemEffect& e = fit.effects[i];
    Json one{{"from", e.from},
             {"to", e.to},
             {"direct", number(e.direct)},
             {"direct_se", number(e.direct_se)},
             {"direct_std", number(e.direct_std)},
             {"indirect", number(e.indirect)},
             {"indirect_se", number(e.indirect_se)},
             {"indirect_std", number(e.indirect_std)},
             {"total", number(e.total)},
             {"total_se", number(e.total_se)},
             {"total_std", number(e.total_std)}};
    if (!fit.bootstrap.total.empty())
      one["bootstrap"] = {{"direct", interval_json(fit.bootstrap.direct[i])},
                          {"indirect", interval_json(fit.bootstrap.indirect[i])},
                          {"total", interval_json(fit.bootstrap.total[i])}};
    out.push_back(std::move(one));
  }
  return out;
}

Json routes_json(const SemFit& fit) {
  Json out = Json::array();
  for (std::size_t i = 0; i < fit.routes.size(); ++i) {
    const SemRoute& r = fit.routes[i];
    Json one{{"through", r.through}, {"est", number(r.value)}, {"se", number(r.se)}, {"std", number(r.standardized)}};
    if (!fit.bootstrap.routes.empty()) one["bootstrap"] = interval_json(fit.bootstrap.routes[i]);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Json to_json(const SemFit& fit, const SemModel& model) {
  Json r_squared = Json::object();
  for (const auto& [name, value] : fit.r_squared) r_squared[name] = number(value);
  Json labels = Json::array(), free = Json::array();
  for (const SemRow& row : model.rows) {
    labels.push_back(row.label);
    free.push_back(row.free);
  }
  Json out{{"n_obs", fit.n},
           {"observed", model.observed},
           {"latent", model.latent},
           {"exogenous", model.exogenous},
           {"sample_cov", matrix_json(fit.sample)},
           {"implied_cov", matrix_json(fit.implied)},
           {"parameters", rows_json(model, fit.parameters)},
           {"standardized", rows_json(model, fit.standardized)},
           {"fit", measures_json(fit.measures, fit.n)},
           {"r_squared", r_squared},
           {"effects", effects_json(fit)},
           {"routes", routes_json(fit)}};
  out["parameters"]["label"] = labels;
  out["parameters"]["free"] = free;
  if (fit.bootstrap.wanted > 0) {
    Json rows = Json::array();
    for (const auto& row : fit.bootstrap.rows) rows.push_back(interval_json(row));
    out["bootstrap"] = {{"wanted", fit.bootstrap.wanted}, {"used", fit.bootstrap.used}, {"parameters", rows}};
  }
  out["iterations"] = fit.iterations;
  out["converged"] = fit.converged;
  out["identified"] = fit.identified;
  out["findings"] = fit.findings;
  return out;
}

}  // namespace ipsi::stats
