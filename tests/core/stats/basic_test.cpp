// SPDX-License-Identifier: GPL-3.0-or-later
// Closed forms, invariances and refusals of the simple tests; agreement with R is in basic_oracle_test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/numeric/distributions.h"
#include "core/numeric/random.h"
#include "core/stats/anova.h"
#include "core/stats/basic/correlation.h"
#include "core/stats/basic/on_table.h"
#include "core/stats/basic/p_adjust.h"
#include "core/stats/basic/ranks.h"
#include "core/stats/basic/t_test.h"
#include "core/stats/basic/table2x2.h"
#include "core/stats/lm.h"
#include "tests/support/support.h"

namespace ipsi::stats {
namespace {

std::vector<double> draws(std::uint64_t key, int n, double shift = 0.0) {
  numeric::Stream stream(11, key);
  std::vector<double> out;
  for (int i = 0; i < n; ++i) out.push_back(shift + stream.normal());
  return out;
}

TEST(TTest, PooledIsTheRegressionOnTheGroup) {
  const auto x = draws(1, 17, 3.0), y = draws(2, 9);
  const auto t = t_two_samples(x, y, Variances::pooled);
  ASSERT_OK(t);
  ModelData data;
  data.y.resize(26);
  data.x = Eigen::MatrixXd::Ones(26, 2);
  for (int i = 0; i < 26; ++i) {
    data.y(i) = i < 17 ? x[i] : y[i - 17];
    data.x(i, 1) = i < 17 ? 1.0 : 0.0;
  }
  const auto fit = fit_lm(data);
  ASSERT_OK(fit);
  EXPECT_NEAR(t->t, fit->coefficients.t(1), 1e-12);
  EXPECT_NEAR(t->low, fit->coefficients.ci_low(1), 1e-12);
  EXPECT_NEAR(t->p / fit->coefficients.p(1), 1.0, 1e-10);
}

TEST(TTest, PairsNeedBothSidesAndALargeMeanKeepsItsDigits) {
  std::vector<double> x = draws(3, 8), y = draws(4, 8);
  const auto plain = t_tests(x, y);
  ASSERT_OK(plain);
  ASSERT_TRUE(plain->paired);
  for (auto* v : {&x, &y})
    for (double& e : *v) e = std::ldexp(std::round(std::ldexp(e, 20)), -20) + 1048576.0;
  const auto far = t_tests(x, y);
  ASSERT_OK(far);
  EXPECT_NEAR(far->welch.t, plain->welch.t, 1e-5);
  x[2] = NAN;
  y[5] = NAN;
  const auto apart = t_tests(x, y);
  ASSERT_OK(apart);
  EXPECT_FALSE(apart->paired) << "the values left are no pairs";
  EXPECT_EQ(apart->n_x, 7);
}

TEST(TTest, RefusesTooFewAndConstant) {
  EXPECT_FALSE(t_one_sample({1.0}));
  EXPECT_FALSE(t_one_sample({}));
  EXPECT_FALSE(t_two_samples({1.0, 2.0}, {NAN}, Variances::welch));
  const auto constant = t_two_samples({2.0, 2.0}, {2.0, 2.0}, Variances::pooled);
  ASSERT_FALSE(constant);
  EXPECT_NE(constant.error().what.find("do not vary"), std::string::npos);
  EXPECT_FALSE(t_paired({1.0, 2.0}, {1.0}));
}

TEST(SignedRank, ExactTailCountsEverySign) {
  // n = 10: all 1024 signs, V of this sample and below.
  const std::vector<double> d{0.3, -1.1, 2.2, 0.7, -0.2, 1.9, 3.3, -0.8, 0.5, 1.4};
  const std::vector<double> zero(d.size(), 0.0);
  const auto test = signed_rank(d, zero);
  ASSERT_OK(test);
  int below = 0, above = 0;
  for (int mask = 0; mask < 1024; ++mask) {
    int v = 0;
    for (int k = 0; k < 10; ++k) v += (mask >> k & 1) != 0 ? k + 1 : 0;
    below += v <= test->v ? 1 : 0;
    above += v >= test->v ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(*test->p_exact, 2.0 * std::min(below, above) / 1024.0);
  EXPECT_TRUE(test->exact_by_default);
  const auto mirrored = signed_rank(zero, d);
  ASSERT_OK(mirrored);
  EXPECT_EQ(mirrored->v, 55.0 - test->v);
  EXPECT_DOUBLE_EQ(mirrored->p, test->p);
}

TEST(SignedRank, RefusesEqualPairsAndOddLengths) {
  EXPECT_FALSE(signed_rank({1.0, 2.0}, {1.0}));
  EXPECT_FALSE(signed_rank({1.0, 2.0}, {1.0, 2.0}));
  EXPECT_FALSE(signed_rank({NAN}, {1.0}));
}

TEST(Kruskal, TwoGroupsGiveTheSquareOfTheRankSumZ) {
  std::vector<double> a = draws(5, 12), b = draws(6, 15, 0.5);
  for (auto* v : {&a, &b})
    for (double& e : *v) e = std::round(4.0 * e);  // ties
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::vector<int> group(12, 3);  // codes need not be 0, 1
  group.insert(group.end(), 15, 1);
  const auto k = kruskal(all, group);
  const auto w = rank_sum(a, b);
  ASSERT_OK(k);
  ASSERT_OK(w);
  EXPECT_NEAR(k->h, w->z * w->z, 1e-11);
  EXPECT_NEAR(k->p, w->p_normal_uncorrected, 1e-12);
  EXPECT_EQ(k->df, 1);
  EXPECT_FALSE(kruskal({1.0, 2.0}, {0, 0}));
  EXPECT_FALSE(kruskal({1.0, 1.0}, {0, 1}));
}

TEST(Correlation, SpearmansCountsAreThoseOfAllPermutations) {
  std::vector<int> order(6);
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> count(71, 0.0);
  do {
    int s = 0;
    for (int i = 0; i < 6; ++i) s += (order[i] - i) * (order[i] - i);
    count[s] += 1.0 / 720.0;
  } while (std::next_permutation(order.begin(), order.end()));
  for (int s = 0; s <= 70; s += 2) {
    const double below = std::accumulate(count.begin(), count.begin() + s + 1, 0.0);
    EXPECT_NEAR(spearman_tails(s, 6).below, below, 1e-14) << s;
    EXPECT_NEAR(spearman_tails(s, 6).above, 1.0 - below + count[s], 1e-14) << s;
  }
}

TEST(Correlation, TheSeriesIsNearTheCountAndItsTailsAreTails) {
  // The series at n = 10 against 2e5 random permutations: standard error 0.0005 at most, five of them.
  numeric::Stream stream(5);
  constexpr int kDraws = 200000;
  std::vector<double> count(331, 0.0);
  for (int k = 0; k < kDraws; ++k) {
    const auto order = stream.permutation(10);
    int s = 0;
    for (int i = 0; i < 10; ++i) s += (static_cast<int>(order[i]) - i) * (static_cast<int>(order[i]) - i);
    count[s] += 1.0 / kDraws;
  }
  for (const int s : {60, 110, 164, 220, 280})
    EXPECT_NEAR(spearman_tails(s, 10).below, std::accumulate(count.begin(), count.begin() + s + 1, 0.0), 0.004) << s;
  EXPECT_NEAR(spearman_tails(100, 30).below + spearman_tails(102, 30).above, 1.0, 1e-14);
  EXPECT_GT(spearman_tails(20, 25).below, 0.0);
}

TEST(Correlation, KendallCountsPairsLikeItsDefinition) {
  std::vector<double> x = draws(7, 60), y = draws(8, 60);
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = std::round(2.0 * (y[i] + x[i]));
    x[i] = std::round(3.0 * x[i]);
  }
  double s = 0.0, in_x = 0.0, in_y = 0.0, all = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);
      s += a * b;
      in_x += a == 0.0;
      in_y += b == 0.0;
      all += 1.0;
    }
  const auto c = correlation(x, y);
  ASSERT_OK(c);
  EXPECT_NEAR(c->kendall.tau, s / std::sqrt((all - in_x) * (all - in_y)), 1e-14);
}

TEST(Correlation, PerfectLinesAndRefusals) {
  const std::vector<double> x{1, 2, 3, 4, 5};
  const auto up = correlation(x, {2, 4, 6, 8, 10});
  ASSERT_OK(up);
  EXPECT_DOUBLE_EQ(up->pearson.r, 1.0);
  EXPECT_LT(up->pearson.p, 1e-20);
  EXPECT_NEAR(up->spearman.p, 2.0 / 120.0, 1e-15);
  EXPECT_FALSE(correlation(x, {1, 1, 1, 1, 1}));
  EXPECT_FALSE(correlation({1, 2, NAN, 4}, {1, 2, 3, NAN}));
}

TEST(Table2x2, TheConditionalEstimateSolvesItsEquation) {
  // Sums over all tables with these margins, written out.
  const double a = 12, b = 5, c = 3, d = 14;
  const auto t = table2x2(a, b, c, d);
  ASSERT_OK(t);
  const auto tails = [&](double psi) {
    double sum = 0.0, mean = 0.0, above = 0.0, below = 0.0;
    for (double x = 0; x <= 15; ++x) {
      const double w = std::exp(std::lgamma(18) - std::lgamma(x + 1) - std::lgamma(18 - x) + std::lgamma(18) -
                                std::lgamma(16 - x) - std::lgamma(3 + x)) *
                       std::pow(psi, x);
      sum += w;
      mean += x * w;
      if (x >= a) above += w;
      if (x <= a) below += w;
    }
    return std::array{mean / sum, above / sum, below / sum};
  };
  EXPECT_NEAR(tails(t->odds_ratio_conditional)[0], a, 1e-11);
  EXPECT_NEAR(tails(t->low)[1], 0.025, 1e-13);
  EXPECT_NEAR(tails(t->high)[2], 0.025, 1e-13);
  EXPECT_NEAR(t->p_greater, tails(1.0)[1], 1e-13);
}

TEST(Table2x2, EndsMarginsAndBadCounts) {
  const auto zero = table2x2(0, 5, 4, 3);
  ASSERT_OK(zero);
  EXPECT_EQ(zero->odds_ratio_conditional, 0.0);
  EXPECT_EQ(zero->low, 0.0);
  const auto full = table2x2(5, 0, 3, 4);
  ASSERT_OK(full);
  EXPECT_EQ(to_json(*full)["fisher_odds_ratio_cmle"], "Inf");
  EXPECT_TRUE(to_json(*full)["odds_ratio_sample"].is_null());
  const auto empty_row = table2x2(0, 0, 3, 4);
  ASSERT_OK(empty_row);
  EXPECT_TRUE(to_json(*empty_row)["chisq"].is_null());
  EXPECT_TRUE(to_json(*empty_row)["fisher_odds_ratio_cmle"].is_null());
  EXPECT_EQ(empty_row->fisher_p, 1.0);
  EXPECT_FALSE(table2x2(1, 2, 3, -1));
  EXPECT_FALSE(table2x2(1, 2, 3, 1.5));
  EXPECT_FALSE(table2x2(1, 2, 3, NAN));
  EXPECT_FALSE(table2x2(0, 0, 0, 0));
}

TEST(AdjustP, FamiliesLargerThanTheValuesAndMissing) {
  const std::vector<double> p{0.01, NAN, 0.04, 0.03};
  const auto holm = adjust_p(p, Adjustment::holm, 12);
  EXPECT_DOUBLE_EQ(holm[0], 0.12);
  EXPECT_TRUE(std::isnan(holm[1]));
  EXPECT_DOUBLE_EQ(holm[3], 0.33);
  EXPECT_DOUBLE_EQ(holm[2], 0.40);
  const auto bh = adjust_p(p, Adjustment::bh, 12);
  EXPECT_DOUBLE_EQ(bh[0], 0.12);
  EXPECT_DOUBLE_EQ(bh[2], 0.16);
  EXPECT_DOUBLE_EQ(bh[3], 0.16);
  EXPECT_FALSE(adjustments_json({0.2, 1.2}));
  EXPECT_FALSE(adjustments_json({NAN}));
}

table::Table crossed(bool empty_cell) {
  std::vector<double> y, x;
  std::vector<std::string> a, b;
  numeric::Stream stream(9);
  for (int i = 0; i < 40; ++i) {
    a.push_back(i % 2 == 0 ? "u" : "v");
    b.push_back(empty_cell && i % 2 == 1 ? "p" : (i % 3 == 0 ? "p" : (i % 3 == 1 ? "q" : "r")));
    x.push_back(stream.normal());
    y.push_back(stream.normal() + 0.5 * (i % 3));
  }
  return *table::Table::from(
      {table::numeric("y", y), table::numeric("x", x), table::text("a", a), table::text("b", b)});
}

TEST(Anova, TheLastTermIsTheSameInAllTypesAndTheOrderMattersInTypeOneOnly) {
  const auto first = anova(*parse_formula("y ~ a * b + x"), crossed(false));
  const auto second = anova(*parse_formula("y ~ x + b * a"), crossed(false));
  ASSERT_OK(first);
  ASSERT_OK(second);
  const auto find = [](const AnovaTable& t, const std::string& name) {
    for (const auto& row : t.rows)
      if (row.term == name) return row;
    ADD_FAILURE() << name;
    return AnovaTable::Row{};
  };
  for (const auto type : {&Anova::type1, &Anova::type2, &Anova::type3})
    EXPECT_NEAR(find((*first).*type, "a:b").f, find((*second).*type, "b:a").f, 1e-10);
  for (const char* term : {"a", "b", "x"}) {
    EXPECT_NEAR(find(first->type2, term).sum_sq, find(second->type2, term).sum_sq, 1e-10);
    EXPECT_NEAR(find(first->type3, term).sum_sq, find(second->type3, term).sum_sq, 1e-10);
  }
  EXPECT_GT(std::abs(find(first->type1, "x").sum_sq - find(second->type1, "x").sum_sq), 1e-6);
}

TEST(Anova, RefusesEmptyCellsRandomTermsAndNothingToTest) {
  const auto cell = anova(*parse_formula("y ~ a * b"), crossed(true));
  ASSERT_FALSE(cell);
  EXPECT_EQ(cell.error().code, Code::RankDeficient);
  EXPECT_FALSE(anova(*parse_formula("y ~ x + (1 | a)"), crossed(false)));
  EXPECT_FALSE(anova(*parse_formula("y ~ 1"), crossed(false)));
  const auto exact = anova(*parse_formula("y ~ x + I(y)"), crossed(false));
  EXPECT_FALSE(exact);
}

TEST(TestOnTable, NamesWhatIsWrong) {
  const auto data = crossed(false);
  const auto text = run_test(TestKind::shapiro, {.x = "a"}, data);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().what.find("'a' does not hold numbers"), std::string::npos);
  const auto three = run_test(TestKind::wilcoxon, {.x = "y", .group = "b"}, data);
  ASSERT_FALSE(three);
  EXPECT_NE(three.error().what.find("3 levels"), std::string::npos);
  EXPECT_EQ(run_test(TestKind::p_adjust, {}, data).error().code, Code::NotFound);
  EXPECT_OK(run_test(TestKind::t, {.x = "y", .group = "a", .t_by_group = true}, data));
  EXPECT_TRUE(run_test(TestKind::t, {.x = "y", .group = "a", .t_by_group = true}, data)->json["paired"].is_null());
}

}  // namespace
}  // namespace ipsi::stats
