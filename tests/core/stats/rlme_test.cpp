// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/rlme.h"

#include <cmath>

#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

class RlmeOracle : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(RlmeOracle, AgreesWithRobustlmm) {
  const auto oracle = test::load_case(GetParam());
  const auto design = test::design_of(oracle);
  const bool das_var = oracle.model["method"] == "DASvar";
  const auto fit = fit_rlme(design.data, {.scale = das_var ? ScaleEstimator::das_var : ScaleEstimator::das_tau});
  ASSERT_OK(fit);
  EXPECT_TRUE(fit->converged);
  const Json& e = oracle.expected;
  // robustlmm stops where its steps are small: the distance between its results at two tolerances tells how far its
  // own solution is from the root of the equations.
  const Json& loose = e["default_tolerance"];
  const auto slack = [&](const Json& strict, const Json& other, std::size_t i) {
    return other.is_array() ? std::abs(strict[i].get<double>() - other[i].get<double>()) : 0.0;
  };
  const auto near = [&](const Eigen::VectorXd& actual, const Json& expected, const Json& other, double relative,
                        double absolute, const char* what) {
    ASSERT_EQ(static_cast<std::size_t>(actual.size()), expected.size()) << what;
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(actual[static_cast<Eigen::Index>(i)], expected[i].get<double>(),
                  absolute + relative * std::abs(expected[i].get<double>()) + slack(expected, other, i))
          << what << ' ' << i;
  };
  const double sd = e["random"]["sd"][0].get<double>();
  const double drift = sd > 0.0 ? 2.0 * slack(e["random"]["sd"], loose["random"]["sd"], 0) / sd : 0.0;
  const auto& c = e["constants"];
  EXPECT_NEAR(fit->constants_residual.slope, c["E_dpsi"].get<double>(), 1e-9);
  EXPECT_NEAR(fit->constants_residual.square, c["E_psi2"].get<double>(), 1e-9);
  EXPECT_NEAR(fit->constants_residual.kappa, c["kappa_e"].get<double>(), 1e-9);
  EXPECT_NEAR(fit->constants_random.slope_random, c["D_b"].get<double>(), 1e-8);
  EXPECT_NEAR(fit->constants_random.square, c["E_psi2_b"].get<double>(), 1e-8);
  EXPECT_NEAR(fit->constants_random.kappa, c["kappa_b"].get<double>(), 1e-8);
  near(fit->coefficients.value, e["fixed"]["value"], loose["fixed"]["value"], 1e-5, 0, "value");
  near(fit->coefficients.se, e["fixed"]["se"], loose["fixed"]["se"], 1e-5, 0, "se");
  EXPECT_NEAR(fit->sigma, e["sigma"].get<double>(), 1e-5 * fit->sigma);
  near(fit->random_sd, e["random"]["sd"], loose["random"]["sd"], 1e-5, 1e-12, "sd");
  if (e["tau"].is_object()) near(fit->tau_group, e["tau"]["group"], {}, 1e-5, drift, "tau of group");
  near(fit->weight, e["robustness_weights"]["observation"], {}, 0, 1e-5 + drift, "weight");
  near(fit->weight_scale, e["robustness_weights"]["observation_scale"], {}, 0, 2e-5 + drift, "weight of scale");
  near(fit->weight_group, e["robustness_weights"]["group"], {}, 0, 1e-5 + drift, "weight of group");
}

/// The estimating equations themselves, written out: whatever another program says, the solution is their root.
TEST_P(RlmeOracle, SolvesItsEquations) {
  const auto oracle = test::load_case(GetParam());
  const auto design = test::design_of(oracle);
  const ModelData& data = design.data;
  const bool das_var = oracle.model["method"] == "DASvar";
  const auto fit = fit_rlme(data, {.scale = das_var ? ScaleEstimator::das_var : ScaleEstimator::das_tau});
  ASSERT_OK(fit);
  const SmoothedHuber psi(1.345);
  const Eigen::VectorXd wr = fit->weight.cwiseProduct(fit->residual);
  const double size = fit->residual.cwiseAbs().sum();
  EXPECT_LT((data.x.transpose() * wr).cwiseAbs().maxCoeff(), 1e-10 * size * data.x.cwiseAbs().maxCoeff());
  double scale = 0.0, most = 0.0;
  for (Eigen::Index i = 0; i < fit->residual.size(); ++i) {
    const double r = fit->residual[i] / fit->sigma, w = psi.weight(r / fit->tau[i]);
    scale += w * w * (r * r - fit->constants_residual.kappa * fit->tau[i] * fit->tau[i]);
    most += w * w * r * r;
  }
  EXPECT_LT(std::abs(scale), 1e-10 * most);
  if (data.random.front().z.cols() > 1 || fit->boundary) return;
  // theta z'W r = lambda W_b u, lambda = 1 for a random intercept.
  const double theta = fit->theta[0];
  Eigen::VectorXd left = Eigen::VectorXd::Zero(fit->n_groups);
  for (Eigen::Index i = 0; i < wr.size(); ++i)
    left[data.random.front().group[static_cast<std::size_t>(i)]] += theta * data.random.front().z(i, 0) * wr[i];
  const Eigen::VectorXd u = fit->blups.col(0) / theta;
  EXPECT_LT((left - fit->weight_group.cwiseProduct(u)).cwiseAbs().maxCoeff(), 1e-9 * size);
}

TEST_P(RlmeOracle, FollowsShiftAndScaleOfTheResponse) {
  const auto oracle = test::load_case(GetParam());
  auto design = test::design_of(oracle);
  const RlmeOptions options{.scale =
                                oracle.model["method"] == "DASvar" ? ScaleEstimator::das_var : ScaleEstimator::das_tau};
  const auto fit = fit_rlme(design.data, options);
  ASSERT_OK(fit);
  const double times = 37.5;
  const Eigen::VectorXd shift = Eigen::VectorXd::LinSpaced(design.data.x.cols(), -2.0, 3.0);
  design.data.y = times * design.data.y + design.data.x * shift;
  const auto other = fit_rlme(design.data, options);
  ASSERT_OK(other);
  EXPECT_NEAR(other->sigma, times * fit->sigma, 1e-8 * other->sigma);
  for (Eigen::Index i = 0; i < shift.size(); ++i)
    EXPECT_NEAR(other->coefficients.value[i], times * fit->coefficients.value[i] + shift[i],
                1e-7 * other->coefficients.se[i]);
  for (Eigen::Index i = 0; i < fit->random_sd.size(); ++i)
    EXPECT_NEAR(other->random_sd[i], times * fit->random_sd[i], 1e-7 * other->sigma);
}

INSTANTIATE_TEST_SUITE_P(Cases, RlmeOracle, testing::ValuesIn(test::oracle_cases("robust_lme")),
                         [](const auto& one) { return one.param.filename().string(); });

}  // namespace
}  // namespace ipsi::stats
