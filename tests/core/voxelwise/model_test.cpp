// SPDX-License-Identifier: GPL-3.0-or-later
// Every place of a stack against the model fitted to its rows alone.
#include "core/voxelwise/model.h"

#include <gtest/gtest.h>

#include "core/numeric/distributions.h"
#include "core/stats/lm.h"
#include "core/stats/lme.h"
#include "core/voxelwise/maps.h"
#include "tests/core/voxelwise/sample.h"
#include "tests/support/support.h"

namespace ipsi::voxelwise {
namespace {

using test::near;

/// The rows of one place as a model of their own; groups without a row are gone.
stats::ModelData rows_of(const stats::ModelData& data, const Eigen::VectorXf& y) {
  std::vector<int> rows;
  for (Eigen::Index i = 0; i < y.size(); ++i)
    if (!std::isnan(y(i))) rows.push_back(static_cast<int>(i));
  stats::ModelData out = data;
  out.y = y(rows).cast<double>();
  out.x = data.x(rows, Eigen::all);
  for (stats::RandomPart& part : out.random) {
    const stats::RandomPart whole = part;
    std::vector<int> code(whole.groups.size(), -1);
    part.groups.clear();
    part.group.clear();
    part.z = whole.z(rows, Eigen::all);
    for (const int i : rows) {
      int& g = code[whole.group[i]];
      if (g < 0) {
        g = static_cast<int>(part.groups.size());
        part.groups.push_back(whole.groups[whole.group[i]]);
      }
      part.group.push_back(g);
    }
  }
  return out;
}

void expect_place(const Maps& maps, Eigen::Index v, const stats::Coefficients& c, double sigma, double sd) {
  for (std::size_t k = 0; k < maps.columns.size(); ++k) {
    const auto at = static_cast<Eigen::Index>(k);
    const int j = maps.columns[k];
    // A coefficient may be near 0: its error is that of its se.
    EXPECT_TRUE(near(maps.beta(v, at), c.value(j), 1e-8, 1e-8 * c.se(j))) << maps.beta(v, at) << " " << c.value(j);
    EXPECT_TRUE(near(maps.se(v, at), c.se(j), 1e-8)) << maps.se(v, at) << " " << c.se(j);
    EXPECT_EQ(maps.df(v, at), c.df(j));
    EXPECT_TRUE(near(maps.t(v, at), c.t(j), 1e-8, 1e-8));
    EXPECT_TRUE(near(maps.p(v, at), c.p(j), 1e-7, 1e-14)) << maps.p(v, at) << " " << c.p(j);
  }
  EXPECT_TRUE(near(maps.sigma(v), sigma, 1e-8));
  EXPECT_TRUE(near(maps.group_sd(v), sd, 1e-7, 1e-12)) << maps.group_sd(v) << " " << sd;
}

void expect_same_as_one_by_one(const std::string& formula, double missing) {
  constexpr int kPlaces = 300;
  const auto sample = test::sample(90, 9, formula);
  const Eigen::MatrixXf y = test::values(sample.data, kPlaces, missing);
  const auto model = VoxelModel::make(sample.data);
  ASSERT_OK(model);
  std::vector<int> columns(static_cast<std::size_t>(sample.data.x.cols()));
  std::iota(columns.begin(), columns.end(), 0);
  const auto maps = fit_stack(*model, test::stack_of(y, 10, 10, 3), columns, 2, {});
  ASSERT_OK(maps);
  int boundary = 0, fitted = 0;
  for (Eigen::Index v = 0; v < kPlaces; ++v) {
    const stats::ModelData here = rows_of(sample.data, y.row(v).transpose());
    SCOPED_TRACE(v);
    EXPECT_EQ(maps->n(v), here.y.size());
    ASSERT_TRUE(usable(maps->state[v]));
    ++fitted;
    if (here.random.empty()) {
      const auto fit = stats::fit_lm(here);
      ASSERT_OK(fit);
      expect_place(*maps, v, fit->coefficients, fit->sigma, 0.0);
      continue;
    }
    const auto fit = stats::fit_lme(here);
    ASSERT_OK(fit);
    EXPECT_EQ(maps->state[v] == Fitted::boundary, fit->boundary);
    boundary += fit->boundary ? 1 : 0;
    expect_place(*maps, v, fit->coefficients, fit->sigma, fit->random_sd(0));
  }
  EXPECT_EQ(fitted, kPlaces);
  if (!sample.data.random.empty()) {
    EXPECT_GT(boundary, 10) << "half of the places have no difference between cohorts";
  }
}

TEST(VoxelModel, EveryPlaceIsTheMixedModelOfItsRows) {
  expect_same_as_one_by_one("y ~ age + sex + scanner + (1 | cohort)", 0.0);
}
TEST(VoxelModel, AndWhereRowsAreMissing) {
  expect_same_as_one_by_one("y ~ age + sex + scanner + (1 | cohort)", 0.15);
}
TEST(VoxelModel, EveryPlaceIsTheLinearModelOfItsRows) {
  expect_same_as_one_by_one("y ~ age * sex", 0.0);
  expect_same_as_one_by_one("y ~ age * sex", 0.1);
}
TEST(VoxelModel, WithoutAnIntercept) {
  expect_same_as_one_by_one("y ~ 0 + sex + age + (1 | cohort)", 0.0);
  expect_same_as_one_by_one("y ~ 0 + sex + age + (1 | cohort)", 0.1);
}

TEST(VoxelModel, SaysWhyAPlaceIsNotFitted) {
  const auto sample = test::sample(60, 6, "y ~ age + sex + (1 | cohort)");
  Eigen::MatrixXf y = test::values(sample.data, 8, 0.0);
  const float nan = std::nanf("");
  y.row(0).setConstant(3.25F);                                                                          // constant
  for (Eigen::Index i = 4; i < 60; ++i) y(1, i) = nan;                                                  // four rows
  for (Eigen::Index i = 0; i < 60; ++i) y(2, i) = sample.data.x(i, 2) != 0.0 ? nan : y(2, i);           // one sex
  for (Eigen::Index i = 0; i < 60; ++i) y(3, i) = static_cast<float>(sample.data.x(i, 2));              // explained
  for (Eigen::Index i = 0; i < 60; ++i) y(4, i) = sample.data.random[0].group[i] != 2 ? nan : y(4, i);  // one cohort
  y.row(5).setConstant(nan);
  const auto model = VoxelModel::make(sample.data);
  ASSERT_OK(model);
  const BlockFit fit = model->fit(y.cast<double>());
  const std::vector<Fitted> expected{Fitted::constant, Fitted::too_few, Fitted::dependent,
                                     Fitted::exact,    Fitted::too_few, Fitted::too_few};
  for (std::size_t v = 0; v < expected.size(); ++v) {
    EXPECT_EQ(fit.state[v], expected[v]) << v;
    EXPECT_TRUE(std::isnan(fit.beta(static_cast<Eigen::Index>(v), 1)));
  }
  EXPECT_TRUE(usable(fit.state[6]));
  EXPECT_EQ(fit.n(4), 10);
}

TEST(VoxelModel, RefusesWhatItCannotDo) {
  EXPECT_FALSE(VoxelModel::make(test::sample(40, 4, "y ~ age + (age | cohort)").data));
  EXPECT_FALSE(VoxelModel::make(test::sample(40, 4, "y ~ age + (1 | cohort) + (1 | sex)").data));
  const auto dependent = VoxelModel::make(test::sample(40, 4, "y ~ age + I(2 * age)").data);
  ASSERT_FALSE(dependent);
  EXPECT_EQ(dependent.error().code, Code::RankDeficient);
}

TEST(FitStack, TheSameNumbersForAnyThreadsAndStopsWhenCancelled) {
  const auto sample = test::sample(50, 5, "y ~ age + (1 | cohort)");
  const auto stack = test::stack_of(test::values(sample.data, 1000, 0.05), 10, 10, 10);
  const auto model = VoxelModel::make(sample.data);
  ASSERT_OK(model);
  const auto one = fit_stack(*model, stack, {1}, 1, {});
  const auto three = fit_stack(*model, stack, {1}, 3, {});
  ASSERT_OK(one);
  ASSERT_OK(three);
  EXPECT_TRUE((one->t.array() == three->t.array()).all());
  const Task task;
  task.cancel();
  const auto stopped = fit_stack(*model, stack, {1}, 2, task);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
}

}  // namespace
}  // namespace ipsi::voxelwise
