// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/resample/resample.h"

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <cmath>

#include "core/numeric/random.h"
#include "core/stats/influence.h"
#include "core/stats/lm.h"
#include "core/stats/lme.h"
#include "core/stats/registry.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// y = 1 + effect x + u + e in `groups` groups of 3 to 9 rows; column 2 is a property of the group.
ModelData simulated(int groups, double effect, std::uint64_t seed, bool mixed) {
  numeric::Stream stream(seed);
  std::vector<double> y, x, z;
  RandomPart random;
  for (int g = 0; g < groups; ++g) {
    random.groups.push_back("g" + std::to_string(g));
    const double u = 0.6 * stream.normal();
    const int size = 3 + static_cast<int>(stream.below(7));
    for (int i = 0; i < size; ++i) {
      x.push_back(stream.normal());
      z.push_back(g % 2);
      y.push_back(1.0 + effect * x.back() + u + stream.normal());
      random.group.push_back(g);
    }
  }
  const auto n = static_cast<Index>(y.size());
  ModelData data;
  data.y = Eigen::Map<VectorXd>(y.data(), n);
  data.x = MatrixXd::Ones(n, 3);
  data.x.col(1) = Eigen::Map<VectorXd>(x.data(), n);
  data.x.col(2) = Eigen::Map<VectorXd>(z.data(), n);
  data.columns = {{"(Intercept)", "x", "z"}, {-1, 0, 1}, {"x", "z"}};
  random.z = MatrixXd::Ones(n, 1);
  random.columns = {"(Intercept)"};
  random.block = {0};
  random.name = "g";
  data.random = {random};
  if (!mixed) data.random.clear();
  return data;
}

Blocks blocks_by(const ModelData& mixed) {
  return blocks_of(mixed.random.front());
}

TEST(BootstrapInterval, AgreesWithBootCi) {  // reference/stats/make_bootstrap_intervals.R
  const Json cases = Json::parse(test::slurp(test::tests_path("reference/stats/boot_intervals.json")));
  for (const Json& one : cases) {
    const auto values = one["influence"].get<std::vector<double>>();
    const VectorXd influence = Eigen::Map<const VectorXd>(values.data(), static_cast<Index>(values.size()));
    for (std::size_t k = 0; k < one["level"].size(); ++k) {
      const BootstrapInterval interval =
          bootstrap_interval(one["draws"].get<std::vector<double>>(), one["estimate"], influence, one["level"][k]);
      EXPECT_NEAR(interval.percentile_low, one["percentile"][k][0].get<double>(), 1e-10);
      EXPECT_NEAR(interval.percentile_high, one["percentile"][k][1].get<double>(), 1e-10);
      EXPECT_NEAR(interval.bca_low, one["bca"][k][0].get<double>(), 1e-10);
      EXPECT_NEAR(interval.bca_high, one["bca"][k][1].get<double>(), 1e-10);
    }
  }
}

TEST(Bootstrap, DoesNotDependOnThreadsAndFollowsItsSeed) {
  for (const bool mixed : {false, true})
    for (const BootstrapKind kind : {BootstrapKind::cases, BootstrapKind::groups, BootstrapKind::parametric}) {
      const ModelData data = simulated(9, 0.5, 3, mixed);
      const Blocks blocks = blocks_by(simulated(9, 0.5, 3, true));
      const auto one = bootstrap(data, blocks, {.kind = kind, .draws = 60, .seed = 5, .threads = 1});
      const auto many = bootstrap(data, blocks, {.kind = kind, .draws = 60, .seed = 5, .threads = 3});
      const auto other = bootstrap(data, blocks, {.kind = kind, .draws = 60, .seed = 6, .threads = 3});
      ASSERT_OK(one);
      ASSERT_OK(many);
      ASSERT_OK(other);
      EXPECT_EQ(to_json(*one).dump(), to_json(*many).dump());
      EXPECT_NE(to_json(*one).dump(), to_json(*other).dump());
    }
}

/// Relative error of an SD of 4,000 draws: 1.1 %; 6 % is past 5 standard errors.
TEST(Bootstrap, ParametricDrawsSpreadLikeTheModelSays) {
  for (const bool mixed : {false, true}) {
    const ModelData data = simulated(14, 0.5, 7, mixed);
    const auto found = bootstrap(data, one_block(data.y.size()), {.kind = BootstrapKind::parametric, .draws = 4000});
    ASSERT_OK(found);
    const MatrixXd vcov = mixed ? fit_lme(data)->vcov : fit_lm(data)->vcov;
    for (Index j = 0; j < 3; ++j) {
      EXPECT_NEAR(found->se(j) / std::sqrt(vcov(j, j)), 1.0, 0.06);
      EXPECT_LT(std::abs(found->bias(j)), 5.0 * found->se(j) / std::sqrt(4000.0));
      EXPECT_EQ(found->acceleration(j), 0.0);
    }
  }
}

/// The mean of n values: its bootstrap SD is sqrt(m2 / n), its acceleration the skewness over 6 sqrt(n).
TEST(Bootstrap, OfAMeanHasItsClosedForm) {
  numeric::Stream stream(12);
  ModelData data;
  data.y.resize(40);
  for (double& v : data.y) v = -std::log(stream.uniform());
  data.x = MatrixXd::Ones(40, 1);
  const auto found = bootstrap(data, one_block(40), {.draws = 4000});
  ASSERT_OK(found);
  const VectorXd d = data.y.array() - data.y.mean();
  EXPECT_NEAR(found->estimate(0), data.y.mean(), 1e-12);
  EXPECT_NEAR(found->se(0) / (d.norm() / 40.0), 1.0, 0.06);
  EXPECT_NEAR(found->acceleration(0), d.array().cube().sum() / (6.0 * std::pow(d.squaredNorm(), 1.5)), 1e-10);
  EXPECT_GT(found->bca_high(0), found->percentile_high(0));  // skewed to the right: BCa reaches further there
}

/// Drawing inside blocks keeps every block's size, so its share of the variance between blocks is gone.
TEST(Bootstrap, StaysInsideBlocks) {
  ModelData data = simulated(10, 0.0, 4, false);
  const Blocks blocks = blocks_by(simulated(10, 0.0, 4, true));
  for (Index i = 0; i < data.y.size(); ++i) data.y(i) = blocks.code[static_cast<std::size_t>(i)];
  data.x = MatrixXd::Ones(data.y.size(), 1);
  data.columns = {};
  const auto inside = bootstrap(data, blocks, {.draws = 50});
  ASSERT_OK(inside);
  EXPECT_LT(inside->se(0), 1e-12);
  const auto groups = bootstrap(data, blocks, {.kind = BootstrapKind::groups, .draws = 50});
  ASSERT_OK(groups);
  EXPECT_GT(groups->se(0), 0.1);
}

TEST(Bootstrap, CountsDrawsWithoutAFit) {
  ModelData data = simulated(8, 0.3, 9, false);
  data.x.col(2).setZero();
  data.x(4, 2) = 1.0;  // a level of one row: missing from a third of the draws
  const auto found = bootstrap(data, one_block(data.y.size()), {.draws = 400});
  ASSERT_OK(found);
  EXPECT_NEAR(found->failed, 400 * std::exp(-1.0), 60.0);
  ASSERT_EQ(found->findings.size(), 1u);
  EXPECT_EQ(to_json(*found).dump().find("nan"), std::string::npos);
}

TEST(Bootstrap, RefusesWhatCannotBeDrawn) {
  const ModelData data = simulated(8, 0.3, 9, true);
  const Blocks blocks = blocks_of(data.random.front());
  EXPECT_EQ(bootstrap(data, blocks, {.draws = 5}).error().code, Code::InvalidInput);
  EXPECT_EQ(bootstrap(data, one_block(3), {.draws = 50}).error().code, Code::InvalidInput);
  EXPECT_EQ(bootstrap(data, one_block(data.y.size()), {.kind = BootstrapKind::groups}).error().code,
            Code::InvalidInput);
  Task task;
  task.cancel();
  EXPECT_EQ(bootstrap(data, blocks, {.draws = 50}, task).error().code, Code::Cancelled);
}

/// Two groups of four: Freedman-Lane without covariates is the permutation test itself, whose p can be counted.
TEST(Permute, AgreesWithAllArrangements) {
  ModelData data;
  data.y = (VectorXd(8) << 1.2, 0.4, 2.2, 1.9, 2.5, 3.1, 1.7, 2.9).finished();
  data.x = MatrixXd::Ones(8, 2);
  data.x.col(1) = (VectorXd(8) << 0, 0, 0, 0, 1, 1, 1, 1).finished();
  data.columns = {{"(Intercept)", "arm"}, {-1, 0}, {"arm"}};
  const auto gap = [&](unsigned mask) {
    double a = 0.0, b = 0.0;
    for (unsigned i = 0; i < 8; ++i) (mask >> i & 1U ? b : a) += data.y(i);
    return std::abs(b - a);
  };
  int all = 0, large = 0;
  for (unsigned mask = 0; mask < 256; ++mask) {
    if (std::popcount(mask) != 4) continue;
    ++all;
    large += gap(mask) >= gap(0xF0) - 1e-12 ? 1 : 0;
  }
  const double exact = static_cast<double>(large) / all;
  const auto found = permute(data, one_block(8), "arm", {.permutations = 20000, .seed = 3});
  ASSERT_OK(found);
  EXPECT_NEAR(found->p, exact, 5.0 * std::sqrt(exact * (1.0 - exact) / 20000.0));
  EXPECT_NEAR(found->statistic, std::pow(fit_lm(data)->coefficients.t(1), 2), 1e-10);
  EXPECT_NEAR(found->p_wald, fit_lm(data)->coefficients.p(1), 1e-12);
}

TEST(Permute, MixedModelsGiveTheStatisticOfTheirFit) {
  const ModelData data = simulated(12, 0.1, 21, true);
  const Blocks blocks = blocks_of(data.random.front());
  const auto one = permute(data, blocks, "x", {.permutations = 499, .threads = 1});
  const auto many = permute(data, blocks, "x", {.permutations = 499, .threads = 4});
  ASSERT_OK(one);
  ASSERT_OK(many);
  EXPECT_EQ(to_json(*one).dump(), to_json(*many).dump());
  const auto fit = fit_lme(data);
  EXPECT_NEAR(one->statistic, std::pow(fit->coefficients.t(1), 2), 1e-8);
  EXPECT_EQ(one->p_wald, fit->coefficients.p(1));
  EXPECT_NEAR(one->p, one->p_wald, 5.0 * std::sqrt(one->p_wald / 499.0) + 0.02);
  EXPECT_TRUE(one->findings.empty());
  EXPECT_EQ(permute(data, one_block(data.y.size()), "x", {.permutations = 99})->findings.size(), 1u);
}

TEST(Permute, FindsALargeEffectAndNeverGivesZero) {
  const ModelData data = simulated(12, 1.5, 22, true);
  const auto found = permute(data, blocks_of(data.random.front()), "x", {.permutations = 199});
  ASSERT_OK(found);
  EXPECT_EQ(found->as_large, 0);
  EXPECT_DOUBLE_EQ(found->p, 1.0 / 200.0);
}

TEST(Permute, RefusesWhatBlocksCannotTell) {
  const ModelData data = simulated(8, 0.3, 9, true);
  const Blocks blocks = blocks_of(data.random.front());
  const auto constant = permute(data, blocks, "z", {});
  ASSERT_FALSE(constant);
  EXPECT_EQ(constant.error().code, Code::InvalidInput);
  EXPECT_NE(constant.error().what.find("does not vary inside any level of g"), std::string::npos);
  const auto unknown = permute(data, blocks, "w", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::NotFound);
  EXPECT_EQ(permute(data, blocks, "x", {.permutations = 3}).error().code, Code::InvalidInput);
  EXPECT_EQ(permute(data, blocks, "(Intercept)", {}).error().code, Code::InvalidInput);
}

/// As a method: keys, tables and the seed of the spec.
TEST(Resampling, IsAnOptionOfBothMethods) {
  const auto oracle = test::load_case(test::tests_path("reference/stats/lme/stroke_ipsi_put"));
  for (const auto& method : methods()) {
    const std::string key = method->info().key;
    if (key != "lm" && key != "lme") continue;
    spec::Spec spec{.method = key, .formula = "volume_z ~ primary_score + age_z + sex"};
    if (key == "lme") spec.formula += " + (1 | cohort)";
    spec.options = Json{{"bootstrap", 40}, {"permute", "sex"}, {"permutations", 199}, {"blocks", "cohort"}};
    const auto first = method->run(spec, oracle.data, {});
    ASSERT_OK(first);
    EXPECT_EQ(first->json["bootstrap"]["draws"], 40);
    EXPECT_EQ(first->json["bootstrap"]["blocks"], "cohort");
    EXPECT_EQ(first->json["permutation"]["columns"], Json::array({"sexM"}));
    EXPECT_EQ(first->json["permutation"]["permutations"], 199);
    spec.seed = 2;
    EXPECT_NE(method->run(spec, oracle.data, {})->json["bootstrap"]["se"], first->json["bootstrap"]["se"]);
    spec.options["blocks"] = "nosuch";
    EXPECT_EQ(method->run(spec, oracle.data, {}).error().code, Code::NotFound);
    spec.options = Json{{"bootstrap", 40}, {"bootstrap-kind", "groups"}};
    const auto groups = method->run(spec, oracle.data, {});
    EXPECT_EQ(groups.has_value(), key == "lme");
  }
}

}  // namespace
}  // namespace ipsi::stats
