// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/lme.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/numeric/random.h"
#include "core/stats/lm.h"
#include "core/table/delimited.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// `m` groups of `size` rows, one predictor, a random intercept (and slope) of given sd. Deterministic by seed.
ModelData simulated(int m, int size, double sd, double slope_sd, std::uint64_t seed) {
  numeric::Stream stream(seed, 7);
  const int n = m * size;
  ModelData data;
  data.y.resize(n);
  data.x = MatrixXd::Ones(n, 2);
  RandomPart random;
  random.name = "site";
  for (int g = 0; g < m; ++g) {
    random.groups.push_back("site" + std::to_string(g));
    const double u = sd * stream.normal(), v = slope_sd * stream.normal();
    for (int k = 0; k < size; ++k) {
      const int i = g * size + k;
      data.x(i, 1) = stream.normal();
      data.y(i) = 1.0 + 0.5 * data.x(i, 1) + u + v * data.x(i, 1) + stream.normal();
      random.group.push_back(g);
    }
  }
  random.z = slope_sd > 0.0 ? data.x : MatrixXd(MatrixXd::Ones(n, 1));
  random.columns =
      slope_sd > 0.0 ? std::vector<std::string>{"(Intercept)", "x"} : std::vector<std::string>{"(Intercept)"};
  random.block.assign(random.columns.size(), 0);
  data.random.push_back(std::move(random));
  return data;
}

double distance(const VectorXd& a, const VectorXd& b) {
  return (a - b).lpNorm<Eigen::Infinity>();
}

// Balanced one-way layout: the textbook estimates from the two mean squares (Searle, Casella & McCulloch 1992, ch. 3).
TEST(FitLme, BalancedOneWayLayoutHasItsClosedForm) {
  constexpr int kGroups = 9, kSize = 5;
  ModelData data = simulated(kGroups, kSize, 1.2, 0.0, 3);
  data.x = MatrixXd::Ones(kGroups * kSize, 1);
  VectorXd mean = VectorXd::Zero(kGroups);
  for (int i = 0; i < kGroups * kSize; ++i) mean(i / kSize) += data.y(i) / kSize;
  double within = 0.0;
  for (int i = 0; i < kGroups * kSize; ++i) within += std::pow(data.y(i) - mean(i / kSize), 2);
  const double between = kSize * (mean.array() - mean.mean()).square().sum();
  const double msw = within / (kGroups * (kSize - 1));
  for (const Criterion criterion : {Criterion::reml, Criterion::ml}) {
    const auto fit = fit_lme(data, {.criterion = criterion});
    ASSERT_OK(fit);
    const double msb = between / (criterion == Criterion::reml ? kGroups - 1 : kGroups);
    ASSERT_GT(msb, msw);
    EXPECT_NEAR(fit->sigma * fit->sigma, msw, 1e-12 * msw);
    EXPECT_NEAR(fit->random_cov(0, 0), (msb - msw) / kSize, 1e-11 * msb);
    EXPECT_NEAR(fit->coefficients.value(0), mean.mean(), 1e-13);
    EXPECT_NEAR(fit->vcov(0, 0), msb / (kGroups * kSize), 1e-12);
  }
}

TEST(FitLme, LargerWithinThanBetweenMeanSquareIsABoundaryFit) {
  ModelData data = simulated(6, 4, 0.0, 0.0, 5);
  // Make every group mean equal: nothing is left for the random intercept.
  VectorXd mean = VectorXd::Zero(6);
  for (int i = 0; i < 24; ++i) mean(i / 4) += data.y(i) / 4.0;
  for (int i = 0; i < 24; ++i) data.y(i) -= mean(i / 4);
  data.x = MatrixXd::Ones(24, 1);
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  EXPECT_TRUE(fit->boundary);
  EXPECT_TRUE(fit->converged);
  EXPECT_EQ(fit->random_sd(0), 0.0);
  EXPECT_EQ(fit->random_test.chisq, 0.0);
  EXPECT_EQ(fit->random_test.p, 1.0);
  EXPECT_EQ(fit->random_test.p_mixture, 1.0);
  EXPECT_FALSE(fit->has_intervals);
  EXPECT_EQ(fit->blups.norm(), 0.0);
  ASSERT_EQ(fit->findings.size(), 1U);
  EXPECT_NE(fit->findings[0].find("boundary"), std::string::npos);
  ModelData plain = data;
  plain.random.clear();
  const auto lm = fit_lm(plain);
  ASSERT_OK(lm);
  EXPECT_NEAR(fit->log_likelihood, lm->reml_log_likelihood, 1e-11);
  EXPECT_NEAR(fit->sigma, lm->sigma, 1e-13);
}

TEST(FitLme, ShiftingTheResponseMovesOnlyTheIntercept) {
  for (const double slope_sd : {0.0, 0.7}) {
    ModelData data = simulated(12, 8, 1.0, slope_sd, 11);
    const auto before = fit_lme(data);
    data.y.array() += 1000.0;
    const auto after = fit_lme(data);
    ASSERT_OK(before);
    ASSERT_OK(after);
    EXPECT_NEAR(after->coefficients.value(0) - before->coefficients.value(0), 1000.0, 1e-9);
    EXPECT_NEAR(after->coefficients.value(1), before->coefficients.value(1), 1e-10);
    EXPECT_NEAR(after->log_likelihood, before->log_likelihood, 1e-9);
    EXPECT_LT(distance(after->random_sd, before->random_sd), 1e-8);
    EXPECT_LT(distance(after->residual, before->residual), 1e-8);
  }
}

TEST(FitLme, ScalingTheResponseScalesEverythingInItsUnit) {
  ModelData data = simulated(12, 8, 1.0, 0.7, 12);
  const auto before = fit_lme(data);
  data.y *= 2500.0;
  const auto after = fit_lme(data);
  ASSERT_OK(after);
  EXPECT_LT(distance(after->coefficients.value, 2500.0 * before->coefficients.value), 2500.0 * 1e-9);
  EXPECT_LT(distance(after->random_sd, 2500.0 * before->random_sd), 2500.0 * 1e-8);
  EXPECT_LT(distance(after->coefficients.t, before->coefficients.t), 1e-8);
  EXPECT_NEAR(after->random_test.chisq, before->random_test.chisq, 1e-9);
}

TEST(FitLme, UnitsOfAPredictorDoNotMatter) {
  ModelData data = simulated(12, 8, 1.0, 0.7, 13);
  const auto before = fit_lme(data);
  data.x.col(1) = (data.x.col(1).array() * 1e5 + 1.5e6).matrix();  // like an intracranial volume in mm^3
  data.random.front().z.col(1) = data.x.col(1);
  const auto after = fit_lme(data);
  ASSERT_OK(after);
  EXPECT_NEAR(after->coefficients.value(1) * 1e5, before->coefficients.value(1), 1e-7);
  EXPECT_NEAR(after->random_sd(1) * 1e5, before->random_sd(1), 1e-6);
  // Only the determinant of X changes.
  EXPECT_NEAR(after->log_likelihood + std::log(1e5), before->log_likelihood, 1e-7);
  EXPECT_LT(distance(after->residual, before->residual), 1e-6);
}

TEST(FitLme, OrderOfRowsAndGroupsDoesNotMatter) {
  for (const double slope_sd : {0.0, 0.7}) {
    const ModelData data = simulated(10, 7, 1.0, slope_sd, 17);
    const auto before = fit_lme(data);
    const std::size_t n = data.random.front().group.size();
    numeric::Stream stream(1, 2);
    const auto order = stream.permutation(n);
    const auto names = stream.permutation(10);
    ModelData other = data;
    for (std::size_t i = 0; i < n; ++i) {
      const auto from = static_cast<Eigen::Index>(order[i]);
      const auto to = static_cast<Eigen::Index>(i);
      other.y(to) = data.y(from);
      other.x.row(to) = data.x.row(from);
      other.random.front().z.row(to) = data.random.front().z.row(from);
      other.random.front().group[i] = static_cast<int>(names[data.random.front().group[order[i]]]);
    }
    const auto after = fit_lme(other);
    ASSERT_OK(after);
    EXPECT_LT(distance(after->coefficients.value, before->coefficients.value), 1e-10);
    EXPECT_LT(distance(after->coefficients.se, before->coefficients.se), 1e-9);
    EXPECT_NEAR(after->log_likelihood, before->log_likelihood, 1e-10);
    for (int g = 0; g < 10; ++g)
      EXPECT_LT(distance(after->blups.row(static_cast<Eigen::Index>(names[g])), before->blups.row(g)), 1e-8);
  }
}

// The likelihood written out with the whole covariance matrix, next to the one from cross-products.
double written_out(const ModelData& data, const MatrixXd& d, double sigma, bool reml) {
  const Eigen::Index n = data.y.size(), p = data.x.cols();
  MatrixXd v = MatrixXd::Identity(n, n) * sigma * sigma;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      if (data.random.front().group[i] == data.random.front().group[j])
        v(i, j) += data.random.front().z.row(i).dot(d * data.random.front().z.row(j).transpose());
  const Eigen::LLT<MatrixXd> llt(v);
  const MatrixXd vx = llt.solve(data.x);
  const MatrixXd a = data.x.transpose() * vx;
  const VectorXd b = a.llt().solve(vx.transpose() * data.y);
  const VectorXd r = data.y - data.x * b;
  double out = 2.0 * llt.matrixLLT().diagonal().array().log().sum() + r.dot(llt.solve(r));
  if (reml) out += std::log(a.determinant());
  return -0.5 * (out + static_cast<double>(reml ? n - p : n) * std::log(2.0 * std::numbers::pi));
}

TEST(FitLme, NoNearbyPointIsMoreLikely) {
  for (const double slope_sd : {0.0, 0.6})
    for (const Criterion criterion : {Criterion::reml, Criterion::ml}) {
      const bool reml = criterion == Criterion::reml;
      const ModelData data = simulated(8, 6, 0.8, slope_sd, 23);
      const auto fit = fit_lme(data, {.criterion = criterion});
      ASSERT_OK(fit);
      ASSERT_FALSE(fit->boundary);
      const double best = written_out(data, fit->random_cov, fit->sigma, reml);
      EXPECT_NEAR(fit->log_likelihood, best, 1e-9);
      numeric::Stream stream(4);
      for (int k = 0; k < 40; ++k) {
        MatrixXd step =
            MatrixXd::NullaryExpr(fit->random_cov.rows(), fit->random_cov.rows(), [&] { return stream.normal(); });
        const MatrixXd d = fit->random_cov + 0.02 * (step + step.transpose());
        const double sigma = fit->sigma * (1.0 + 0.02 * stream.normal());
        if (Eigen::SelfAdjointEigenSolver<MatrixXd>(d).eigenvalues()(0) <= 0.0) continue;
        EXPECT_LT(written_out(data, d, sigma, reml), best);
      }
    }
}

TEST(FitLme, UncorrelatedBlocksNeverFitBetterAndGiveADiagonal) {
  ModelData data = simulated(14, 7, 0.9, 0.8, 29);
  const auto full = fit_lme(data);
  data.random.front().block = {0, 1};
  const auto diagonal = fit_lme(data);
  ASSERT_OK(full);
  ASSERT_OK(diagonal);
  EXPECT_EQ(diagonal->random_cov(0, 1), 0.0);
  EXPECT_EQ(diagonal->n_parameters, full->n_parameters - 1);
  EXPECT_LE(diagonal->log_likelihood, full->log_likelihood + 1e-10);
  EXPECT_NEAR(diagonal->log_likelihood, written_out(data, diagonal->random_cov, diagonal->sigma, true), 1e-9);
  for (const double factor : {0.97, 1.03})
    for (int k = 0; k < 2; ++k) {
      MatrixXd d = diagonal->random_cov;
      d(k, k) *= factor;
      EXPECT_LT(written_out(data, d, diagonal->sigma, true), diagonal->log_likelihood);
    }
}

TEST(FitLme, SlopeWithoutVarianceIsABoundaryOfTheBlocks) {
  // Slopes equal in all groups, but for noise orthogonal to them within each group.
  ModelData data = simulated(10, 6, 1.5, 0.5, 31);
  for (int g = 0; g < 10; ++g) {
    VectorXd x = data.x.block(g * 6, 1, 6, 1);
    VectorXd y = data.y.segment(g * 6, 6);
    const double mean = y.mean();
    x.array() -= x.mean();
    y.array() -= mean;
    y -= x * (x.dot(y) / x.squaredNorm());
    data.y.segment(g * 6, 6) = (y + x * 0.5).array() + mean;
  }
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  EXPECT_TRUE(fit->converged);
  EXPECT_TRUE(fit->boundary);
  EXPECT_NEAR(fit->log_likelihood, written_out(data, fit->random_cov, fit->sigma, true), 1e-8);
  ASSERT_FALSE(fit->findings.empty());
  EXPECT_FALSE(fit->has_intervals);
}

// Standard errors by a Hessian of the likelihood written out, taken at nlme's estimate, which is up to 1e-5 away from
// the optimum (oracles/stats/README.md): tests/reference/stats/make_lme_intervals.R.
TEST(FitLme, IntervalsOfVariancesComeFromTheExactHessian) {
  const Json reference = Json::parse(test::slurp(test::tests_path("reference/stats/lme_intervals.json")));
  for (const auto& [name, se] : reference.items()) {
    SCOPED_TRACE(name);
    const auto oracle = test::load_case(test::tests_path("reference/stats/lme/" + name));
    const auto design = test::design_of(oracle);
    const bool ml = oracle.model["method"] == "ML";
    const auto fit = fit_lme(design.data, {.criterion = ml ? Criterion::ml : Criterion::reml});
    ASSERT_OK(fit);
    ASSERT_TRUE(fit->has_intervals);
    constexpr double kReach = 1.959963984540054;
    ASSERT_EQ(fit->random_intervals.size() + 1, se.size());
    for (std::size_t k = 0; k < fit->random_intervals.size(); ++k) {
      const VarianceInterval& interval = fit->random_intervals[k];
      const bool correlation = interval.name.starts_with("cor");
      const double half = correlation ? std::atanh(interval.high) - std::atanh(interval.low)
                                      : 0.5 * std::log(interval.high / interval.low);
      EXPECT_NEAR(half / kReach / se[k].get<double>(), 1.0, 1e-5) << interval.name;
    }
    EXPECT_NEAR(0.5 * std::log(fit->sigma_high / fit->sigma_low) / kReach / se.back().get<double>(), 1.0, 1e-5);
  }
}

TEST(FitLme, RefusesWhatCannotBeFitted) {
  const auto refused = [](const ModelData& data, Code code, const std::string& what) {
    const auto fit = fit_lme(data);
    ASSERT_FALSE(fit) << what;
    EXPECT_EQ(fit.error().code, code) << fit.error();
    EXPECT_NE(fit.error().what.find(what), std::string::npos) << fit.error();
  };
  const ModelData good = simulated(5, 4, 1.0, 0.0, 37);
  ModelData data = good;
  data.random.clear();
  refused(data, Code::InvalidInput, "no random effect");
  data = good;
  data.y(3) = NAN;
  refused(data, Code::InvalidInput, "not finite");
  data = good;
  data.y.conservativeResize(19);
  refused(data, Code::InvalidInput, "sizes disagree");
  data = good;
  data.random.front().groups = {"only"};
  std::fill(data.random.front().group.begin(), data.random.front().group.end(), 0);
  refused(data, Code::InvalidInput, "has 1 level");
  data = good;
  data.random.front().groups.clear();
  for (int i = 0; i < 20; ++i) {
    data.random.front().groups.push_back(std::to_string(i));
    data.random.front().group[i] = i;
  }
  refused(data, Code::InvalidInput, "has one row");
  data = good;
  data.x.conservativeResize(20, 4);
  data.x.col(2) = 12.0 * data.x.col(1);
  data.x.col(3).setConstant(70.0);
  data.columns = {
      {"(Intercept)", "age_years", "age_months", "weight"}, {-1, 0, 1, 2}, {"age_years", "age_months", "weight"}};
  refused(data, Code::RankDeficient, "'age_months' follows from age_years; 'weight' is 70 in all 20 rows");
  data = good;
  data.y = 3.0 * data.x.col(1);
  refused(data, Code::InvalidInput, "exactly");
  data = good;
  data.weights = VectorXd::Ones(20);
  data.weights(7) = NAN;
  refused(data, Code::InvalidInput, "a weight is not a positive number");
  data = simulated(5, 4, 1.0, 0.5, 37);
  data.random.front().z.col(1) = 2.0 * data.random.front().z.col(0);
  refused(data, Code::RankDeficient, "'x' is 2 in all");
}

TEST(FitLme, StopsWhenAsked) {
  for (const double slope_sd : {0.0, 0.5}) {
    const Task task;
    task.cancel();
    const auto fit = fit_lme(simulated(5, 4, 1.0, slope_sd, 37), {}, task);
    ASSERT_FALSE(fit);
    EXPECT_EQ(fit.error().code, Code::Cancelled);
  }
}

TEST(FitLme, GroupsWithoutNoiseWithinAreNoFit) {
  ModelData data = simulated(5, 4, 1.0, 0.0, 41);
  data.x = MatrixXd::Ones(20, 1);
  for (int i = 0; i < 20; ++i) data.y(i) = i / 4;
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  EXPECT_FALSE(fit->converged);
  EXPECT_FALSE(fit->findings.empty());
}

TEST(FitLm, RefusesWhatCannotBeFitted) {
  ModelData data;
  data.y = VectorXd::LinSpaced(4, 0.0, 3.0);
  data.x = MatrixXd::Ones(4, 2);
  const auto constant = fit_lm(data);
  ASSERT_FALSE(constant);
  EXPECT_EQ(constant.error().code, Code::RankDeficient);
  EXPECT_NE(constant.error().what.find("'x2' is 1 in all 4 rows"), std::string::npos);
  data.x = MatrixXd::Identity(4, 4);
  ASSERT_FALSE(fit_lm(data));
  EXPECT_NE(fit_lm(data).error().what.find("too few"), std::string::npos);
}

TEST(FitLm, WeightsCountLikeCopiesOfRows) {
  numeric::Stream stream(9);
  ModelData weighted;
  const int n = 15;
  weighted.y.resize(n);
  weighted.x = MatrixXd::Ones(n, 2);
  weighted.weights.resize(n);
  std::vector<int> copies;
  for (int i = 0; i < n; ++i) {
    weighted.x(i, 1) = stream.normal();
    weighted.y(i) = stream.normal();
    weighted.weights(i) = 1 + i % 3;
    for (int k = 0; k < 1 + i % 3; ++k) copies.push_back(i);
  }
  ModelData repeated;
  repeated.y.resize(static_cast<Eigen::Index>(copies.size()));
  repeated.x.resize(static_cast<Eigen::Index>(copies.size()), 2);
  for (std::size_t k = 0; k < copies.size(); ++k) {
    repeated.y(static_cast<Eigen::Index>(k)) = weighted.y(copies[k]);
    repeated.x.row(static_cast<Eigen::Index>(k)) = weighted.x.row(copies[k]);
  }
  const auto a = fit_lm(weighted);
  const auto b = fit_lm(repeated);
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_LT(distance(a->coefficients.value, b->coefficients.value), 1e-13);
  EXPECT_NEAR(a->r_squared, b->r_squared, 1e-13);
  EXPECT_NEAR(a->sigma * a->sigma * a->df_residual, b->sigma * b->sigma * b->df_residual, 1e-12);
}

}  // namespace
}  // namespace ipsi::stats
