// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rlme.h"

namespace ipsi::stats {
namespace {

Json list(const Eigen::VectorXd& v) {
  Json out = Json::array();
  for (Eigen::Index i = 0; i < v.size(); ++i) out.push_back(v[i]);
  return out;
}

}  // namespace

Json to_json(const RlmeFit& fit, const ModelData& data) {
  const Coefficients& c = fit.coefficients;
  const RobustConstants &e = fit.constants_residual, &b = fit.constants_random;
  return {{"method", fit.scale == ScaleEstimator::das_tau ? "DAStau" : "DASvar"},
          {"setting", "RSEn"},
          {"fixed",
           {{"name", c.name},
            {"value", list(c.value)},
            {"se", list(c.se)},
            {"t", list(c.t)},
            {"p_normal", list(c.p)},
            {"ci_low", list(c.ci_low)},
            {"ci_high", list(c.ci_high)}}},
          {"vcov", matrix_json(fit.vcov)},
          {"sigma", fit.sigma},
          {"theta", list(fit.theta)},
          {"random", {{"sd", list(fit.random_sd)}, {"corr", matrix_json(fit.random_corr)}}},
          {"n_obs", fit.n},
          {"n_groups", fit.n_groups},
          {"robustness_weights",
           {{"observation", list(fit.weight)},
            {"observation_scale", list(fit.weight_scale)},
            {"groups", data.random.front().groups},
            {"group", list(fit.weight_group)}}},
          {"blups", {{"groups", data.random.front().groups}, {"values", matrix_json(fit.blups)}}},
          {"constants",
           {{"k_e", fit.bound_residual},
            {"k_b", fit.bound_random},
            {"s", 10},
            {"E_dpsi", e.slope},
            {"E_psi2", e.square},
            {"D_b", b.slope_random},
            {"E_psi2_b", b.square},
            {"lambda_b", e.slope / b.slope_random},
            {"kappa_e", e.kappa},
            {"kappa_b", b.kappa}}},
          {"tau", {{"observation", list(fit.tau)}, {"group", list(fit.tau_group)}}},
          {"converged", fit.converged},
          {"boundary", fit.boundary},
          {"findings", fit.findings}};
}

}  // namespace ipsi::stats
