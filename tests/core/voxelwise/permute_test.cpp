// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/permute.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/voxelwise/maps.h"
#include "tests/core/voxelwise/sample.h"
#include "tests/support/support.h"

namespace ipsi::voxelwise {
namespace {

/// What is corrected is what was fitted.
void expect_observed(const std::string& formula, int column, Exchange exchange, double missing) {
  const auto sample = test::sample(60, 6, formula);
  const auto stack = test::stack_of(test::values(sample.data, 120, missing), 10, 6, 2);
  const auto model = VoxelModel::make(sample.data);
  ASSERT_OK(model);
  const auto maps = fit_stack(*model, stack, {column}, 2, {});
  ASSERT_OK(maps);
  const auto corrected = permute(sample.data, column, stack, {.count = 40, .exchange = exchange, .threads = 2}, {});
  ASSERT_OK(corrected);
  for (Eigen::Index v = 0; v < 120; ++v)
    EXPECT_TRUE(test::near(corrected->t[v], maps->t(v, 0), 1e-6, 1e-6)) << formula << " " << v;
  EXPECT_EQ(corrected->largest_t.size(), 40U);
  for (const float p : corrected->p_t) {
    EXPECT_GE(p, 1.0F / 41.0F);
    EXPECT_LE(p, 1.0F);
  }
}

TEST(Permute, TheFirstPermutationIsTheFit) {
  for (const double missing : {0.0, 0.12}) {
    expect_observed("y ~ age + sex", 1, Exchange::shuffles, missing);
    expect_observed("y ~ age + sex", 0, Exchange::sign_flips, missing);
    expect_observed("y ~ age + sex + (1 | cohort)", 2, Exchange::shuffles, missing);
    expect_observed("y ~ age + scanner + (1 | cohort)", 2, Exchange::sign_flips, missing);
  }
}

/// One place, one column of ones: flipping the signs is the classical test, which can be counted out.
TEST(Permute, FlipsOfOneSampleAreItsCounts) {
  const auto sample = test::sample(10, 2, "y ~ 1");
  Eigen::MatrixXf y(1, 10);
  y << 0.9F, -0.2F, 1.4F, 0.3F, 0.8F, -0.5F, 1.1F, 0.7F, 0.1F, 0.6F;
  int reached = 0;
  for (int mask = 0; mask < 1024; ++mask) {
    double sum = 0.0;
    for (int i = 0; i < 10; ++i) sum += (mask >> i & 1) != 0 ? y(0, i) : -y(0, i);
    reached += std::abs(sum) >= y.cast<double>().sum() - 1e-6 ? 1 : 0;  // |t| rises with |sum|
  }
  const auto result =
      permute(sample.data, 0, test::stack_of(y, 1, 1, 1), {.count = 20000, .exchange = Exchange::sign_flips}, {});
  ASSERT_OK(result);
  // Standard error of 20,000 draws at p = 0.02: 0.001.
  EXPECT_NEAR(result->p_t[0], reached / 1024.0, 0.005);
}

TEST(Permute, TheSameNumbersForAnyThreads) {
  const auto sample = test::sample(40, 4, "y ~ age + (1 | cohort)");
  const auto values = test::values(sample.data, 600, 0.02);
  const auto stack = test::stack_of(values, 10, 10, 6);
  const auto near = grid_adjacency(stack.grid(), stack.voxels(), Neighbours::corners);
  PermuteOptions options{.count = 50, .adjacency = &near, .threads = 1};
  const auto one = permute(sample.data, 1, stack, options, {});
  options.threads = 3;
  const auto three = permute(sample.data, 1, stack, options, {});
  ASSERT_OK(one);
  ASSERT_OK(three);
  EXPECT_EQ(one->largest_t, three->largest_t);
  EXPECT_EQ(one->largest_tfce, three->largest_tfce);
  EXPECT_EQ(one->p_tfce, three->p_tfce);
  std::vector<float> enhanced(600);
  Tfce{near}(one->t.data(), enhanced.data());
  EXPECT_EQ(enhanced, one->tfce);
}

/// Pure noise, differences between cohorts: the family-wise rate is that asked for. 200 data sets at 0.05 give 10 false
/// alarms; 2 to 20 contain 99.8 % of what chance gives.
void expect_family_wise_rate(Exchange exchange, const std::string& formula, double missing) {
  int alarms = 0;
  for (int round = 0; round < 200; ++round) {
    const auto seed = static_cast<std::uint64_t>(round);
    const auto sample = test::sample(40, 10, formula, 100 + seed);
    Eigen::MatrixXf y(30, 40);
    numeric::Stream stream(7, seed);
    for (Eigen::Index v = 0; v < 30; ++v) {
      std::vector<double> cohort(10);
      for (double& u : cohort) u = 2.0 * stream.normal();
      for (Eigen::Index i = 0; i < 40; ++i)
        y(v, i) = stream.uniform() < missing
                      ? std::nanf("")
                      : static_cast<float>(stream.normal() + cohort[sample.data.random[0].group[i]]);
    }
    const auto result =
        permute(sample.data, 1, test::stack_of(y, 5, 3, 2), {.count = 99, .exchange = exchange, .threads = 2}, {});
    ASSERT_OK(result);
    alarms += *std::min_element(result->p_t.begin(), result->p_t.end()) <= 0.05F ? 1 : 0;
  }
  EXPECT_GE(alarms, 2);
  EXPECT_LE(alarms, 20);
}

TEST(Permute, KeepsTheFamilyWiseRate) {
  expect_family_wise_rate(Exchange::shuffles, "y ~ sex + age + (1 | cohort)", 0.0);
}
/// A column of the cohorts: flipping people one by one gives 40 % false alarms here.
TEST(Permute, KeepsItWithFlipsOfWholeCohorts) {
  expect_family_wise_rate(Exchange::sign_flips, "y ~ scanner + (1 | cohort)", 0.0);
}
TEST(Permute, KeepsTheFamilyWiseRateWhereRowsAreMissing) {
  expect_family_wise_rate(Exchange::shuffles, "y ~ sex + age + (1 | cohort)", 0.1);
}

/// Blocks as a column instead of the random term's groups: the same shuffles, so the same numbers.
TEST(Permute, BlocksThatAreTheGroupsChangeNothingAndOthersAreTaken) {
  const auto sample = test::sample(40, 4, "y ~ age + (1 | cohort)");
  const auto stack = test::stack_of(test::values(sample.data, 30, 0.05), 5, 3, 2);
  PermuteOptions options{.count = 30};
  const auto plain = permute(sample.data, 1, stack, options, {});
  options.blocks = sample.data.random[0].group;
  const auto named = permute(sample.data, 1, stack, options, {});
  options.blocks.assign(40, 0);
  const auto whole = permute(sample.data, 1, stack, options, {});
  ASSERT_OK(plain);
  ASSERT_OK(named);
  ASSERT_OK(whole);
  EXPECT_EQ(plain->largest_t, named->largest_t);
  EXPECT_NE(plain->largest_t, whole->largest_t);
  options.blocks.assign(3, 0);
  EXPECT_FALSE(permute(sample.data, 1, stack, options, {}));
}

TEST(Permute, RefusesShufflesThatChangeNothing) {
  const auto sample = test::sample(60, 6, "y ~ age + scanner + (1 | cohort)");
  const auto stack = test::stack_of(test::values(sample.data, 4, 0.0), 2, 2, 1);
  const auto refused = permute(sample.data, 2, stack, {.count = 10}, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("'scanner'"), std::string::npos);
  EXPECT_FALSE(permute(sample.data, 0, stack, {.count = 10}, {}));
  const Task task;
  task.cancel();
  const auto stopped = permute(sample.data, 1, stack, {.count = 10}, task);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
}

}  // namespace
}  // namespace ipsi::voxelwise
