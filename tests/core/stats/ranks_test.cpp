// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/numeric/random.h"
#include "core/stats/basic/ranks.h"
#include "core/stats/basic/shapiro.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

TEST(Shapiro, AgreesWithR) {
  const auto oracle = test::load_case(test::tests_path("reference/stats/basic/shapiro"));
  std::map<std::string, std::vector<double>> samples;
  for (std::size_t i = 0; i < oracle.data.rows(); ++i)
    samples[oracle.data.find("id")->texts[i]].push_back(oracle.data.find("x")->values[i]);
  for (const auto& [id, e] : oracle.expected["results"].items()) {
    SCOPED_TRACE(id);
    const auto result = shapiro(samples[id]);
    ASSERT_OK(result);
    EXPECT_EQ(result->n, e["n"].get<int>());
    EXPECT_TRUE(test::near(result->w, e["W"].get<double>(), 1e-10)) << result->w << " " << e["W"];
    EXPECT_TRUE(test::near(result->p, e["p"].get<double>(), 1e-6)) << result->p << " " << e["p"];
  }
}

TEST(Shapiro, DoesNotDependOnUnitOrOrderAndLeavesOutMissing) {
  const std::vector<double> x{2.1, 3.7, 3.1, 8.9, 4.4, 5.0, 2.2};
  std::vector<double> other{NAN};
  for (auto it = x.rbegin(); it != x.rend(); ++it) other.push_back(-40.0 - 3.0 * *it);
  const auto a = shapiro(x);
  const auto b = shapiro(other);
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_NEAR(a->w, b->w, 1e-14);
  EXPECT_NEAR(a->p, b->p, 1e-13);
}

TEST(Shapiro, RefusesTooFewTooManyAndConstants) {
  EXPECT_FALSE(shapiro({1.0, 2.0}));
  EXPECT_FALSE(shapiro(std::vector<double>(5001, 1.0)));
  const auto constant = shapiro({2.0, 2.0, 2.0, 2.0});
  ASSERT_FALSE(constant);
  EXPECT_NE(constant.error().what.find("all 4 values are equal"), std::string::npos);
}

TEST(RankSum, AgreesWithR) {
  const auto oracle = test::load_case(test::tests_path("reference/stats/basic/wilcoxon"));
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> samples;
  for (std::size_t i = 0; i < oracle.data.rows(); ++i) {
    auto& [a, b] = samples[oracle.data.find("id")->texts[i]];
    const std::string& group = oracle.data.find("group")->texts[i];
    (group == "A" ? a : b).push_back(oracle.data.find("x")->values[i]);
  }
  for (const auto& [id, e] : oracle.expected["results"].items()) {
    SCOPED_TRACE(id);
    const auto result = rank_sum(samples[id].first, samples[id].second);
    ASSERT_OK(result);
    test::expect_near(to_json(*result), e, 1e-10, 0.0, id);
  }
}

TEST(RankSum, ExactDistributionCountsEverySubset) {
  // 4 of 9 ranks: W over all 126 subsets, counted by hand.
  std::vector<int> count(21, 0);
  for (int mask = 0; mask < 512; ++mask) {
    int sum = 0, size = 0;
    for (int k = 0; k < 9; ++k)
      if ((mask >> k & 1) != 0) {
        sum += k + 1;
        ++size;
      }
    if (size == 4) ++count[sum - 10];
  }
  const std::vector<double> b{10, 20, 30, 40, 50};
  const std::vector<double> a{5, 15, 33, 45};  // W = 0 + 1 + 3 + 4 = 8
  const auto result = rank_sum(a, b);
  ASSERT_OK(result);
  EXPECT_EQ(result->w, 8.0);
  double below = 0.0, above = 0.0;
  for (int w = 0; w <= 20; ++w) {
    if (w <= 8) below += count[w] / 126.0;
    if (w >= 8) above += count[w] / 126.0;
  }
  EXPECT_NEAR(result->p_less, below, 1e-15);
  EXPECT_NEAR(result->p_greater, above, 1e-15);
}

TEST(RankSum, SwappingTheGroupsMirrors) {
  numeric::Stream stream(3);
  std::vector<double> a, b;
  for (int i = 0; i < 70; ++i) (i % 3 == 0 ? a : b).push_back(std::round(10.0 * stream.normal()));
  const auto ab = rank_sum(a, b);
  const auto ba = rank_sum(b, a);
  ASSERT_OK(ab);
  ASSERT_OK(ba);
  EXPECT_EQ(ab->w + ba->w, static_cast<double>(a.size() * b.size()));
  EXPECT_NEAR(ab->p, ba->p, 1e-15);
  EXPECT_NEAR(ab->p_less, ba->p_greater, 1e-15);
  EXPECT_NEAR(ab->z, -ba->z, 1e-15);
}

TEST(RankSum, AnEmptyGroupIsAnErrorAndEqualValuesHaveNoZ) {
  EXPECT_FALSE(rank_sum({}, {1.0}));
  EXPECT_FALSE(rank_sum({1.0}, {NAN}));
  const auto equal = rank_sum({1.0, 1.0}, {1.0, 1.0});
  ASSERT_OK(equal);
  EXPECT_TRUE(std::isnan(equal->z));
  EXPECT_TRUE(to_json(*equal)["effsize_r"].is_null());
}

}  // namespace
}  // namespace ipsi::stats
