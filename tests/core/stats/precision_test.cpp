// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/precision.h"

#include <Eigen/Dense>
#include <cmath>

#include "core/numeric/distributions.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Twice the restricted log-likelihood at an intraclass correlation, sigma and b at their best, written out with the
/// matrix V of all rows.
double twice_likelihood(const ModelData& data, double icc) {
  const Eigen::Index n = data.y.size();
  MatrixXd v = MatrixXd::Identity(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      if (data.random.front().group[static_cast<std::size_t>(i)] ==
          data.random.front().group[static_cast<std::size_t>(j)])
        v(i, j) += icc / (1.0 - icc);
  const Eigen::LLT<MatrixXd> llt(v);
  const MatrixXd a = data.x.transpose() * llt.solve(data.x);
  const VectorXd b = a.llt().solve(data.x.transpose() * llt.solve(data.y));
  const VectorXd r = data.y - data.x * b;
  const double nu = static_cast<double>(n - data.x.cols());
  return -nu * std::log(r.dot(llt.solve(r))) - 2.0 * llt.matrixLLT().diagonal().array().log().sum() -
         std::log(a.determinant());
}

TEST(Icc, EndsOfTheIntervalLieWhereTheLikelihoodSays) {
  for (const char* name : {"lme/sleepstudy_int", "lme/stroke_ipsi_put", "lme/orthodont_int"}) {
    const auto oracle = test::load_case(test::tests_path(std::string("reference/stats/") + name));
    const auto design = test::design_of(oracle);
    const auto fit = fit_lme(design.data);
    ASSERT_OK(fit);
    for (const double level : {0.8, 0.95}) {
      const auto found = icc(design.data, *fit, level);
      ASSERT_OK(found);
      const double between = fit->random_sd(0) * fit->random_sd(0), within = fit->sigma * fit->sigma;
      EXPECT_NEAR(found->value, between / (between + within), 1e-12);
      const double top = twice_likelihood(design.data, found->value);
      EXPECT_NEAR(top - twice_likelihood(design.data, found->low), numeric::chi2_quantile(level, 1.0), 1e-6) << name;
      EXPECT_NEAR(top - twice_likelihood(design.data, found->high), numeric::chi2_quantile(level, 1.0), 1e-6) << name;
      EXPECT_LT(found->low, found->value);
      EXPECT_GT(found->high, found->value);
    }
  }
}

TEST(Icc, OnTheBoundaryTheIntervalBeginsAtZero) {
  ModelData data;
  data.y.resize(12);
  data.y << 1, 5, 2, 6, 1.5, 5.5, 1.2, 5.2, 6, 1, 5, 2;  // pairs that differ more inside than between
  data.x = MatrixXd::Ones(12, 1);
  data.random = {{MatrixXd::Ones(12, 1),
                  {"(Intercept)"},
                  {0},
                  {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5},
                  {"a", "b", "c", "d", "e", "f"},
                  "g"}};
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  ASSERT_TRUE(fit->boundary);
  const auto found = icc(data, *fit);
  ASSERT_OK(found);
  EXPECT_EQ(found->value, 0.0);
  EXPECT_EQ(found->low, 0.0);
  EXPECT_GT(found->high, 0.0);
  data.random.front().z.col(0) *= 2.0;
  EXPECT_EQ(icc(data, *fit).error().code, Code::InvalidInput);
}

TEST(Detectable, AgreesWithTheNoncentralTOfR) {  // uniroot on pt(.., ncp)
  struct Case {
    double df, alpha, power, delta;
  };
  for (const Case& c : {Case{187, 0.05, 0.8, 2.816072195851}, Case{187, 0.05 / 12, 0.8, 3.748085270235},
                        Case{10, 0.05, 0.9, 3.603749259244}, Case{3, 0.01, 0.8, 7.440483922345},
                        Case{1000, 0.05, 0.95, 3.608284926149}}) {
    EXPECT_NEAR(detectable_delta(c.df, c.alpha, c.power), c.delta, 1e-8);
    EXPECT_NEAR(power_of_t(c.delta, c.df, c.alpha), c.power, 1e-9);
  }
  EXPECT_NEAR(detectable_delta(1e7, 0.05, 0.8), 1.959963985 + 0.841621234, 1e-5);  // the normal's
  EXPECT_NEAR(power_of_t(0.0, 30, 0.05), 0.05, 1e-12);
  EXPECT_TRUE(std::isnan(detectable_delta(0, 0.05, 0.8)));
  EXPECT_TRUE(std::isnan(detectable_delta(10, 0.05, 0.01)));
}

}  // namespace
}  // namespace ipsi::stats
