// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/robust.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/numeric/random.h"

namespace ipsi::numeric {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Robust, MiddlesAndQuantilesAreRs) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, kNaN, 3, 2}), 2.5);
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_NEAR(mad({1, 2, 3, 4, 100}, 3), 1.4826, 1e-4);                     // mad(c(1, 2, 3, 4, 100))
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.25), 3.25);  // quantile(1:10, .25)
  EXPECT_DOUBLE_EQ(quantile({5}, 0.9), 5);
}

TEST(Robust, APlaneIsFoundThoughOneInFiveIsWild) {
  constexpr Eigen::Index kRows = 200;
  Eigen::MatrixXd x(kRows, 3);
  Eigen::VectorXd y(kRows);
  Stream random(5);
  for (Eigen::Index i = 0; i < kRows; ++i) {
    x.row(i) << 1, random.normal(), random.normal();
    y[i] = 5000 + 300 * x(i, 1) - 200 * x(i, 2) + 100 * random.normal();
    if (i % 5 == 0) y[i] *= 0.4;
  }
  const RobustFit fit = robust_fit(x, y);
  ASSERT_TRUE(fit.good);
  EXPECT_NEAR(fit.beta[0], 5000, 40);
  EXPECT_NEAR(fit.beta[1], 300, 40);
  EXPECT_NEAR(fit.beta[2], -200, 40);
  EXPECT_NEAR(fit.scale, 130, 30) << "a MAD with one fifth far out is the 62.5 % point of the rest";
}

TEST(Robust, SaysWhenThereIsNoPlane) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(12, 2);
  EXPECT_FALSE(robust_fit(x, Eigen::VectorXd::LinSpaced(12, 0, 1)).good);
  EXPECT_FALSE(robust_fit(Eigen::MatrixXd::Ones(1, 1), Eigen::VectorXd::Ones(1)).good);
  const RobustFit same = robust_fit(Eigen::MatrixXd::Ones(12, 1), Eigen::VectorXd::Constant(12, 7));
  EXPECT_TRUE(same.good);
  EXPECT_DOUBLE_EQ(same.beta[0], 7);
  EXPECT_EQ(same.scale, 0);
}

}  // namespace
}  // namespace ipsi::numeric
