// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/numeric/agreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "core/base/json.h"
#include "tests/support/support.h"

namespace ipsi::numeric {
namespace {

using test::near;

/// Two raters from their table of counts.
RatedItems from_table(const std::vector<std::vector<int>>& table) {
  RatedItems out{2, static_cast<int>(table.size()), {}, {}};
  for (int a = 0; a < out.categories; ++a)
    for (int b = 0; b < out.categories; ++b)
      for (int i = 0; i < table[a][b]; ++i) out.code.insert(out.code.end(), {a, b});
  return out;
}

RatedItems from_counts(const std::vector<std::vector<int>>& counts) {
  const int raters = std::accumulate(counts[0].begin(), counts[0].end(), 0);
  RatedItems out{raters, static_cast<int>(counts[0].size()), {}, {}};
  for (const auto& item : counts)
    for (int k = 0; k < out.categories; ++k) out.code.insert(out.code.end(), item[k], k);
  return out;
}

RatedItems drawn(std::mt19937& random, int items, int raters, int categories) {
  RatedItems out{raters, categories, {}, {}};
  for (int i = 0; i < items; ++i) {
    const int truth = random() % 4 == 0 ? static_cast<int>(random() % categories) : 0;
    for (int r = 0; r < raters; ++r) {
      const auto said = random() % 5 == 0 ? static_cast<int>(random() % categories) : truth;
      out.code.push_back(random() % 6 == 0 ? -1 : said);
    }
    out.cluster.push_back(i / 3);
  }
  return out;
}

void expect_same(const Coefficient& a, const Coefficient& b) {
  for (const auto member : {&Coefficient::value, &Coefficient::se, &Coefficient::low, &Coefficient::high,
                            &Coefficient::cluster_se, &Coefficient::cluster_low, &Coefficient::cluster_high})
    EXPECT_TRUE(near(a.*member, b.*member, 1e-12, 1e-13)) << a.*member << " " << b.*member;
}

void expect_same(const Agreement& a, const Agreement& b) {
  EXPECT_EQ(a.items, b.items);
  expect_same(a.percent, b.percent);
  expect_same(a.cohen, b.cohen);
  expect_same(a.fleiss, b.fleiss);
  expect_same(a.ac1, b.ac1);
}

// Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 18.1: 100 subjects, psychotic, neurotic,
// organic. By hand: po = .75 + .04 + .10 = .89, pe = .80 x .80 + .10 x .05 + .10 x .15 = .66, kappa = .23 / .34.
TEST(Agreement, CohensKappaOfTheTextbook) {
  const Agreement a = agreement(from_table({{75, 1, 4}, {5, 4, 1}, {0, 0, 10}}));
  EXPECT_EQ(a.items, 100);
  EXPECT_TRUE(near(a.percent.value, 0.89, 1e-12));
  EXPECT_TRUE(near(a.cohen.value, 0.23 / 0.34, 1e-12));
  // The variance of Fleiss, Cohen & Everitt (1969), term by term, with 1 - kappa = .11 / .34.
  const double d = 0.11 / 0.34, k = 1 - d;
  const double first =
      0.75 * std::pow(1 - 1.60 * d, 2) + 0.04 * std::pow(1 - 0.15 * d, 2) + 0.10 * std::pow(1 - 0.25 * d, 2);
  const double second = d * d *
                        (0.01 * std::pow(0.80 + 0.10, 2) + 0.04 * std::pow(0.80 + 0.10, 2) +
                         0.05 * std::pow(0.05 + 0.80, 2) + 0.01 * std::pow(0.05 + 0.10, 2));
  const double third = std::pow(k - 0.66 * (1 - k), 2);
  const double se = std::sqrt((first + second - third) / 100) / 0.34;
  EXPECT_NEAR(se, 0.087, 0.001) << "as the book prints it";
  EXPECT_TRUE(near(a.cohen.se, se, 1e-9)) << a.cohen.se << " " << se;
  EXPECT_TRUE(near(a.cohen.low, a.cohen.value - 1.959963984540054 * a.cohen.se, 1e-12));
  EXPECT_EQ(a.confusion, (std::vector<int>{75, 1, 4, 5, 4, 1, 0, 0, 10}));
}

// Gwet (2008): 125 subjects, nearly all positive by both. Kappa is below zero although raters agree on 118.
// By hand: po = 118 / 125 = .944; pe of kappa = .984 x .96 + .016 x .04 = .94528; of AC1 2 x .972 x .028 = .054432.
TEST(Agreement, TheParadoxOfKappaIsNoneForAc1) {
  const Agreement a = agreement(from_table({{118, 5}, {2, 0}}));
  EXPECT_TRUE(near(a.cohen.value, (0.944 - 0.94528) / (1 - 0.94528), 1e-9));
  EXPECT_NEAR(a.cohen.value, -0.0234, 5e-5);
  EXPECT_TRUE(near(a.ac1.value, (0.944 - 0.054432) / (1 - 0.054432), 1e-12));
  EXPECT_NEAR(a.ac1.value, 0.9408, 5e-5);
  // Gwet's variance by hand. Both say +: kappa_i = (1 - pe) / (1 - pe) = 1 and pe_i = 1 - .972 = .028; one each:
  // kappa_i = -pe / (1 - pe) and pe_i = (.028 + .972) / 2.
  const double pe = 0.054432, g = a.ac1.value;
  const double both = 1 - 2 * (1 - g) * (0.028 - pe) / (1 - pe) - g;
  const double split = -pe / (1 - pe) - 2 * (1 - g) * (0.5 - pe) / (1 - pe) - g;
  EXPECT_TRUE(near(a.ac1.se, std::sqrt((118 * both * both + 7 * split * split) / (125.0 * 124.0)), 1e-9)) << a.ac1.se;
  EXPECT_DOUBLE_EQ(a.prevalence[0], 0.972);
}

// The worked example that follows Fleiss (1971) in most textbooks: ten items, fourteen raters, five categories.
// By hand: sums by category 20 28 39 21 32 of 140; P mean = .378, Pe = .213.
TEST(Agreement, FleissKappaOfTheWorkedExample) {
  const Agreement a = agreement(from_counts({{0, 0, 0, 0, 14},
                                             {0, 2, 6, 4, 2},
                                             {0, 0, 3, 5, 6},
                                             {0, 3, 9, 2, 0},
                                             {2, 2, 8, 1, 1},
                                             {7, 7, 0, 0, 0},
                                             {3, 2, 6, 3, 0},
                                             {2, 5, 3, 2, 2},
                                             {6, 5, 2, 1, 0},
                                             {0, 2, 2, 3, 7}}));
  const double pe = (20 * 20 + 28 * 28 + 39 * 39 + 21 * 21 + 32 * 32) / (140.0 * 140.0);
  EXPECT_NEAR(a.percent.value, 0.378, 5e-4);
  EXPECT_TRUE(near(a.fleiss.value, (a.percent.value - pe) / (1 - pe), 1e-12));
  EXPECT_NEAR(a.fleiss.value, 0.210, 5e-4);
  EXPECT_TRUE(std::isnan(a.cohen.value)) << "Cohen's is of two raters";
}

// Gwet (2014), Handbook of Inter-Rater Reliability: twelve units, four raters, some silent.
TEST(Agreement, MissingRatingsAsInTheHandbook) {
  constexpr int n = -1;
  const RatedItems rated{4,
                         5,
                         {0, 0, n, 0, 1, 1, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 0, 1, 2, 3,
                          3, 3, 3, 3, 0, 0, 1, 0, 1, 1, 1, 1, n, 4, 4, 4, n, n, 0, 0, n, n, 2, n},
                         {}};
  const Agreement a = agreement(rated);
  EXPECT_EQ(a.items, 11);
  EXPECT_EQ(a.single, 1);
  EXPECT_NEAR(a.percent.value, 0.81818, 5e-6);
  EXPECT_NEAR(a.fleiss.value, 0.76117, 5e-6);
  EXPECT_NEAR(a.ac1.value, 0.77544, 5e-6);
}

// tests/reference/agreement/make_agreement.R: definitions, and errors without any formula of a variance.
TEST(Agreement, EqualsTheJackknifeOfR) {
  const Json cases = Json::parse(test::slurp(test::tests_path("reference/agreement/agreement.json")));
  ASSERT_EQ(cases.size(), 4U);
  for (const Json& c : cases) {
    const RatedItems rated{c.at("raters"), c.at("categories"), c.at("code").get<std::vector<int>>(),
                           c.at("cluster").get<std::vector<int>>()};
    const Agreement a = agreement(rated);
    const std::array<std::pair<const char*, const Coefficient*>, 4> all{
        {{"percent", &a.percent}, {"fleiss", &a.fleiss}, {"ac1", &a.ac1}, {"cohen", &a.cohen}}};
    for (const auto& [name, found] : all) {
      if (!c.at("value").contains(name)) continue;
      const std::string where = c.at("name").get<std::string>() + ", " + name;
      EXPECT_TRUE(near(found->value, c.at("value").at(name), 1e-12)) << where;
      EXPECT_TRUE(near(found->se, c.at("se").at(name), 1e-6)) << where << " " << found->se;
      EXPECT_TRUE(near(found->cluster_se, c.at("cluster_se").at(name), 1e-6)) << where << " " << found->cluster_se;
    }
  }
}

TEST(Agreement, OneFlagOnlyLeavesKappaUndefinedAndAc1AtOne) {
  const Agreement a = agreement(from_table({{40, 0, 0}, {0, 0, 0}, {0, 0, 0}}));
  EXPECT_EQ(a.percent.value, 1.0);
  EXPECT_EQ(a.ac1.value, 1.0);
  EXPECT_EQ(a.ac1.se, 0.0);
  EXPECT_TRUE(std::isnan(a.cohen.value) && std::isnan(a.cohen.se) && std::isnan(a.cohen.low));
  EXPECT_TRUE(std::isnan(a.fleiss.value) && std::isnan(a.fleiss.high));
  EXPECT_TRUE(near(a.percent.low, 40 / (40 + 1.959963984540054 * 1.959963984540054), 1e-12))
      << "Wilson's interval is not a point";
}

TEST(Agreement, NothingRatedTwiceIsNotDefined) {
  for (const auto& code : {std::vector<int>{}, std::vector<int>{0, -1, -1, 1, -1, -1}}) {
    const Agreement a = agreement({2, 3, code, {}});
    EXPECT_EQ(a.items, 0);
    for (const Coefficient* c : {&a.percent, &a.cohen, &a.fleiss, &a.ac1})
      EXPECT_TRUE(std::isnan(c->value) && std::isnan(c->low) && std::isnan(c->cluster_high));
  }
  const Agreement one = agreement({2, 3, {0, 0}, {}});
  EXPECT_EQ(one.percent.value, 1.0);
  EXPECT_TRUE(std::isnan(one.ac1.se) && std::isnan(one.ac1.low)) << "one item has no spread";
}

TEST(Agreement, DoesNotDependOnNamesOrOrder) {
  std::mt19937 random(4);
  for (int round = 0; round < 60; ++round) {
    const int raters = 2 + round % 3, categories = 2 + round % 2;
    const RatedItems rated = drawn(random, 40, raters, categories);
    const Agreement a = agreement(rated);
    RatedItems renamed = rated;  // flags by other names
    for (int& code : renamed.code)
      if (code >= 0) code = categories - 1 - code;
    expect_same(a, agreement(renamed));
    RatedItems turned = rated;  // raters in another order
    for (int i = 0; i < rated.items(); ++i)
      std::reverse(turned.code.begin() + i * raters, turned.code.begin() + (i + 1) * raters);
    expect_same(a, agreement(turned));
    RatedItems shuffled{raters, categories, {}, {}};
    std::vector<int> order(rated.items());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    for (const int i : order) {
      shuffled.code.insert(shuffled.code.end(), rated.code.begin() + i * raters, rated.code.begin() + (i + 1) * raters);
      shuffled.cluster.push_back(rated.cluster[i]);
    }
    expect_same(a, agreement(shuffled));
    RatedItems alone = rated;  // clusters of one: the second interval is the first
    alone.cluster.clear();
    const Agreement b = agreement(alone);
    EXPECT_TRUE(near(b.ac1.se, b.ac1.cluster_se, 1e-12));
    EXPECT_TRUE(near(b.fleiss.se, b.fleiss.cluster_se, 1e-12));
    EXPECT_TRUE(near(b.ac1.se, a.ac1.se, 1e-12));
  }
}

}  // namespace
}  // namespace ipsi::numeric
