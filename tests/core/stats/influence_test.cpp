// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/influence.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "core/numeric/random.h"
#include "core/stats/registry.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// What is left without the rows of `gone`, written without any help of the code under test.
ModelData without(const ModelData& data, const std::vector<int>& gone) {
  std::vector<Index> rows;
  for (Index i = 0; i < data.y.size(); ++i)
    if (std::find(gone.begin(), gone.end(), static_cast<int>(i)) == gone.end()) rows.push_back(i);
  ModelData out;
  out.columns = data.columns;
  out.y = data.y(rows);
  out.x = data.x(rows, Eigen::all);
  if (data.weights.size() != 0) out.weights = data.weights(rows);
  const RandomPart& random = data.random.front();
  RandomPart part{random.z(rows, Eigen::all), random.columns, random.block, {}, {}, random.name};
  std::vector<int> number(random.groups.size(), -1);
  for (const Index i : rows) {
    int& at = number[random.group[i]];
    if (at < 0) {
      at = static_cast<int>(part.groups.size());
      part.groups.push_back(random.groups[random.group[i]]);
    }
    part.group.push_back(at);
  }
  out.random = {part};
  return out;
}

std::vector<int> rows_of(const ModelData& data, int group) {
  std::vector<int> out;
  for (std::size_t i = 0; i < data.random.front().group.size(); ++i)
    if (data.random.front().group[i] == group) out.push_back(static_cast<int>(i));
  return out;
}

/// y = 1 + x/2 + u + e with groups of 1 to 8 rows.
ModelData simulated(int groups, double sd, std::uint64_t seed, bool slope = false) {
  numeric::Stream stream(seed);
  std::vector<double> y, x;
  ModelData data;
  RandomPart random;
  for (int g = 0; g < groups; ++g) {
    random.groups.push_back("g" + std::to_string(g));
    const double u = sd * stream.normal(), v = slope ? 0.7 * sd * stream.normal() : 0.0;
    const int size = 1 + static_cast<int>(stream.below(8));
    for (int i = 0; i < size; ++i) {
      x.push_back(stream.normal());
      y.push_back(1.0 + (0.5 + v) * x.back() + u + stream.normal());
      random.group.push_back(g);
    }
  }
  const auto n = static_cast<Index>(y.size());
  data.y = Eigen::Map<VectorXd>(y.data(), n);
  data.x = MatrixXd::Ones(n, 2);
  data.x.col(1) = Eigen::Map<VectorXd>(x.data(), n);
  data.columns = {{"(Intercept)", "x"}, {-1, 0}, {"x"}};
  random.z = slope ? data.x : MatrixXd::Ones(n, 1);
  random.columns = slope ? std::vector<std::string>{"(Intercept)", "x"} : std::vector<std::string>{"(Intercept)"};
  random.block = slope ? std::vector<int>{0, 0} : std::vector<int>{0};
  random.name = "g";
  data.random = {random};
  return data;
}

/// Every refit against fit_lme on what is left. Distances in standard errors.
void expect_exact(const ModelData& data, const LmeOptions& options, double tolerance) {
  const auto fit = fit_lme(data, options);
  ASSERT_OK(fit);
  ASSERT_TRUE(fit->converged);
  const auto found = influence(data, *fit);
  ASSERT_OK(found);
  const MatrixXd precision = fit->vcov.inverse();
  const auto check = [&](const Deletions& d, Index k, const std::vector<int>& gone, const std::string& what) {
    const auto refit = fit_lme(without(data, gone), options);
    if (!refit) {
      EXPECT_TRUE(std::isnan(d.beta(k, 0))) << what << ": " << to_line(refit.error());
      return;
    }
    for (Index j = 0; j < fit->coefficients.value.size(); ++j) {
      const double se = std::sqrt(refit->vcov(j, j));
      EXPECT_NEAR(d.beta(k, j), refit->coefficients.value(j), tolerance * se) << what << ' ' << j;
      EXPECT_NEAR(d.se(k, j), se, tolerance * se) << what << ' ' << j;
    }
    EXPECT_NEAR(d.sigma(k), refit->sigma, tolerance * refit->sigma) << what;
    const VectorXd change = refit->coefficients.value - fit->coefficients.value;
    const double cook = change.dot(precision * change) / static_cast<double>(change.size());
    EXPECT_NEAR(d.cooks_standard(k), cook, 10.0 * tolerance * std::max(1e-3, cook)) << what;
  };
  const auto counts = count_influential(data, *fit);
  ASSERT_OK(counts);
  EXPECT_EQ(counts->rows, static_cast<int>(found->observation.influential.size()));
  EXPECT_EQ(counts->groups, static_cast<int>(found->group.influential.size()));
  for (Index i = 0; i < data.y.size(); ++i)
    check(found->observation, i, {static_cast<int>(i)}, "row " + std::to_string(i));
  for (Index g = 0; g < fit->n_groups; ++g) {
    const auto gone = rows_of(data, static_cast<int>(g));
    check(found->group, g, gone, "group " + std::to_string(g));
    const auto refit = fit_lme(without(data, gone), options);
    if (!refit) continue;
    for (Index j = 0; j < found->df.cols(); ++j) {
      EXPECT_EQ(found->df(g, j), refit->coefficients.df(j));
      EXPECT_NEAR(found->ci_low(g, j), refit->coefficients.ci_low(j), 10.0 * tolerance * refit->coefficients.se(j));
      EXPECT_NEAR(found->ci_high(g, j), refit->coefficients.ci_high(j), 10.0 * tolerance * refit->coefficients.se(j));
    }
  }
}

class InfluenceOracle : public testing::TestWithParam<std::filesystem::path> {};

/// Differences relative to the largest of all.
void expect_close(const Json& actual, const Json& expected, double tolerance, const std::string& what) {
  double most = 0.0;
  const std::function<void(const Json&)> largest = [&](const Json& one) {
    if (one.is_array())
      for (const Json& item : one) largest(item);
    else
      most = std::max(most, std::abs(one.get<double>()));
  };
  largest(expected);
  test::expect_near(actual, expected, 0.0, tolerance * most, what);
}

TEST_P(InfluenceOracle, AgreesWithLme4AndExactRefits) {
  const auto oracle = test::load_case(GetParam());
  const auto design = test::design_of(oracle);
  const auto fit = fit_lme(design.data);
  ASSERT_OK(fit);
  const auto found = influence(design.data, *fit);
  ASSERT_OK(found);
  EXPECT_TRUE(found->findings.empty());
  const Json json = to_json(*found, *fit, design.data, design.rows);
  const Json& e = oracle.expected;
  EXPECT_EQ(json["full"]["name"], e["full"]["name"]);
  expect_close(json["full"]["beta"], e["full"]["beta"], 1e-6, "beta");
  expect_close(json["full"]["vcov"], e["full"]["vcov"], 4e-5, "vcov");
  expect_close(json["full"]["theta"], e["full"]["theta"], 5e-5, "theta");
  EXPECT_EQ(json["group"]["groups"], e["group"]["groups"]);
  for (const char* kind : {"observation", "group"}) {
    const std::string name = kind;
    expect_close(json[kind]["cooks_optimum"], e[kind]["cooks_optimum"], 1e-5, name + " cooks_optimum");
    expect_close(json[kind]["cooks_standard"], e[kind]["cooks_standard"], 1e-5, name + " cooks_standard");
    expect_close(json[kind]["cooks_lme4"], e[kind]["cooks_lme4"], 1e-4, name + " cooks_lme4");
    expect_close(json[kind]["dfbeta"], e[kind]["dfbeta"], 1e-4, name + " dfbeta");
    expect_close(json[kind]["beta_deleted_optimum"], e[kind]["beta_deleted_optimum"], 1e-8, name + " beta");
  }
  expect_close(json["one_step"]["cooks"], e["one_step"]["cooks"], 5e-5, "one_step");
  expect_close(json["one_step"]["hat"], e["one_step"]["hat"], 5e-5, "hat");
}

TEST_P(InfluenceOracle, EveryRefitEqualsAFitOfWhatIsLeft) {
  const auto design = test::design_of(test::load_case(GetParam()));
  expect_exact(design.data, {}, 1e-8);
  if (design.data.random.front().z.cols() == 1) expect_exact(design.data, {Criterion::ml}, 1e-8);
}

INSTANTIATE_TEST_SUITE_P(Cases, InfluenceOracle, testing::ValuesIn(test::oracle_cases("influence")),
                         [](const auto& one) { return one.param.filename().string(); });

TEST(Influence, RefitsAreExactOnUnevenGroupsOnAndNearTheBoundary) {
  int singular = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const ModelData data = simulated(9, seed % 3 == 0 ? 0.0 : 0.4, seed);
    const auto fit = fit_lme(data);
    ASSERT_OK(fit);
    singular += fit->boundary ? 1 : 0;
    expect_exact(data, {}, 1e-8);
  }
  EXPECT_GT(singular, 0);  // the seeds hold both kinds
  EXPECT_LT(singular, 12);
}

TEST(Influence, CountsEqualThoseOfExactRefits) {
  int rows = 0;
  for (std::uint64_t seed = 100; seed < 500; ++seed) {
    ModelData data = simulated(6 + static_cast<int>(seed % 20), 0.2 * static_cast<double>(seed % 5), seed);
    if (seed % 4 == 0) data.y(3) += 9.0;
    for (const Criterion criterion : {Criterion::reml, Criterion::ml}) {
      const auto fit = fit_lme(data, {criterion});
      ASSERT_OK(fit);
      const auto all = influence(data, *fit);
      const auto counts = count_influential(data, *fit);
      ASSERT_OK(all);
      ASSERT_OK(counts);
      EXPECT_EQ(counts->rows, static_cast<int>(all->observation.influential.size())) << seed;
      EXPECT_EQ(counts->groups, static_cast<int>(all->group.influential.size())) << seed;
      rows += counts->rows;
    }
  }
  EXPECT_GT(rows, 800);
}

TEST(Influence, RefitsOfASlopeModelAreExact) {
  for (std::uint64_t seed : {3, 4}) expect_exact(simulated(12, 0.9, seed, true), {}, 1e-7);
}

TEST(Influence, RefitsAreExactWithPriorWeights) {
  ModelData data = simulated(10, 0.6, 78);
  numeric::Stream stream(5);
  data.weights = VectorXd::NullaryExpr(data.y.size(), [&] { return 0.3 + 2.0 * stream.uniform(); });
  expect_exact(data, {}, 1e-8);
}

TEST(Influence, RefitsAreExactWithAWildRow) {
  ModelData data = simulated(10, 0.6, 77);
  data.y(5) += 40.0;
  expect_exact(data, {}, 1e-8);
  const auto fit = fit_lme(data);
  const auto found = influence(data, *fit);
  ASSERT_OK(found);
  Index worst = 0;
  found->observation.cooks_standard.maxCoeff(&worst);
  EXPECT_EQ(worst, 5);
  EXPECT_EQ(std::count(found->observation.influential.begin(), found->observation.influential.end(), 5), 1);
  EXPECT_DOUBLE_EQ(found->observation.threshold, 4.0 / static_cast<double>(data.y.size()));
  EXPECT_DOUBLE_EQ(found->group.threshold, 0.4);
}

TEST(Influence, AColumnThatOnlyTheDeletedCarryIsSaidAndNotMadeUp) {
  ModelData data = simulated(8, 0.7, 5);
  // A level of a factor that only group 2 has, and one that only row 0 has.
  const Index n = data.y.size();
  data.x.conservativeResize(n, 4);
  data.x.col(2).setZero();
  data.x.col(3).setZero();
  for (const int i : rows_of(data, 2)) data.x(i, 2) = 1.0;
  data.x(rows_of(data, 1).front(), 3) = 1.0;
  data.columns = {{"(Intercept)", "x", "armB", "armC"}, {-1, 0, 1, 1}, {"x", "arm"}};
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  const auto found = influence(data, *fit);
  ASSERT_OK(found);
  ASSERT_EQ(found->group.notes.size(), 2u);
  EXPECT_EQ(found->group.notes[1].text, "without g g2: armB cannot be estimated");
  EXPECT_EQ(found->group.notes[0].text, "without g g1: armC cannot be estimated");
  EXPECT_TRUE(std::isnan(found->group.beta(2, 2)));
  EXPECT_TRUE(std::isnan(found->group.cooks_standard(2)));
  EXPECT_TRUE(std::isnan(found->ci_low(2, 2)));
  // What can still be estimated equals the fit without that column.
  ModelData left = without(data, rows_of(data, 2));
  left.x.col(2) = left.x.col(3).eval();
  left.x.conservativeResize(left.y.size(), 3);
  left.columns = {{"(Intercept)", "x", "armC"}, {-1, 0, 1}, {"x", "arm"}};
  const auto refit = fit_lme(left);
  ASSERT_OK(refit);
  EXPECT_NEAR(found->group.beta(2, 1), refit->coefficients.value(1), 1e-9);
  EXPECT_NEAR(found->group.beta(2, 3), refit->coefficients.value(2), 1e-9);
  EXPECT_NEAR(found->ci_high(2, 1), refit->coefficients.ci_high(1), 1e-8);
  ASSERT_EQ(found->observation.notes.size(), 1u);
  EXPECT_EQ(found->observation.notes[0].at, rows_of(data, 1).front());
  EXPECT_EQ(found->findings.size(), 3u);
  EXPECT_EQ(found->observation.influential.size(),
            std::set<int>(found->observation.influential.begin(), found->observation.influential.end()).size());
}

TEST(Influence, AReferenceLevelThatGoesTakesTheMeaningOfTheOthersWithIt) {
  ModelData data = simulated(8, 0.7, 5);
  data.x.col(1).setOnes();
  for (const int i : rows_of(data, 0)) data.x(i, 1) = 0.0;  // group 0 alone is the reference
  data.columns = {{"(Intercept)", "armB"}, {-1, 0}, {"arm"}};
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  const auto found = influence(data, *fit);
  ASSERT_OK(found);
  ASSERT_EQ(found->group.notes.size(), 1u);
  EXPECT_EQ(found->group.notes[0].text, "without g g0: armB, (Intercept) cannot be estimated");
  EXPECT_TRUE(std::isnan(found->group.beta(0, 0)));
  EXPECT_TRUE(std::isnan(found->group.beta(0, 1)));
  EXPECT_FALSE(std::isnan(found->group.beta(1, 0)));
}

TEST(Influence, WhatLeavesNoModelIsSaid) {
  ModelData data = simulated(2, 0.7, 11);
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  const auto found = influence(data, *fit);
  ASSERT_OK(found);
  ASSERT_EQ(found->group.notes.size(), 2u);
  EXPECT_NE(found->group.notes[0].text.find("'g' has 1 level"), std::string::npos) << found->group.notes[0].text;
  EXPECT_TRUE(std::isnan(found->group.beta(0, 0)));
  EXPECT_FALSE(to_json(*found, *fit, data).dump().find("nan") != std::string::npos);
}

/// Rows are named by the table that was given, whatever the row condition and missing values left out.
TEST(Influence, RowsAreThoseOfTheGivenTable) {
  const auto oracle = test::load_case(test::tests_path("reference/stats/lme/stroke_ipsi_put"));
  spec::Spec spec{.method = "lme",
                  .formula = "volume_z ~ primary_score + age_z + (1 | cohort)",
                  .rows = "sex == 'M'",
                  .options = Json{{"influence", true}}};
  for (const auto& method : methods()) {
    if (method->info().key != "lme") continue;
    const auto result = method->run(spec, oracle.data, {});
    ASSERT_OK(result);
    const Json& observation = result->json["influence"]["observation"];
    const auto* sex = oracle.data.find("sex");
    std::vector<std::size_t> men;
    for (std::size_t r = 0; r < oracle.data.rows(); ++r)
      if (sex->cell(r) == "M") men.push_back(r + 1);
    EXPECT_EQ(observation["row"].get<std::vector<std::size_t>>(), men);
    for (const Json& row : observation["influential"])
      EXPECT_NE(std::find(men.begin(), men.end(), row.get<std::size_t>()), men.end());
    const auto table = std::find_if(result->tables.begin(), result->tables.end(),
                                    [](const auto& t) { return t.key == "influence_rows"; });
    ASSERT_NE(table, result->tables.end());
    EXPECT_EQ(table->table.find("row")->values.front(), static_cast<double>(men.front()));
  }
}

TEST(Influence, RefusesAFitOfOtherData) {
  const ModelData data = simulated(6, 0.7, 3), other = simulated(7, 0.7, 4);
  const auto fit = fit_lme(data);
  const auto found = influence(other, *fit);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::InvalidInput);
  Task task;
  task.cancel();
  const auto stopped = influence(data, *fit, {}, task);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
}

}  // namespace
}  // namespace ipsi::stats
