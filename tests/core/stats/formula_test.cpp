// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/formula.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/json.h"
#include "core/stats/design.h"
#include "core/table/delimited.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

// Names, order and values of R's model.matrix: tests/reference/stats/make_model_matrix.R.
TEST(Design, HasTheColumnsOfModelMatrix) {
  const auto data = table::read_table(test::tests_path("reference/stats/model_matrix.csv"));
  ASSERT_OK(data);
  const Json cases = Json::parse(test::slurp(test::tests_path("reference/stats/model_matrix.json")));
  ASSERT_GT(cases.size(), 50U);
  for (const Json& e : cases) {
    SCOPED_TRACE(e["formula"].get<std::string>());
    const auto formula = parse_formula(e["formula"].get<std::string>());
    ASSERT_OK(formula);
    const auto design = make_design(*formula, *data);
    ASSERT_OK(design);
    const Eigen::MatrixXd& x = design->data.x;
    EXPECT_EQ(Json(design->data.columns.names), e["names"]);
    EXPECT_EQ(Json(design->data.columns.term), e["term"]);
    Eigen::VectorXd weight(x.rows());
    for (Eigen::Index i = 0; i < x.rows(); ++i)
      weight(i) = static_cast<double>(i + 1) * std::sin(static_cast<double>(i + 1));
    const Eigen::VectorXd sum = x.colwise().sum();
    const Eigen::VectorXd weighted = x.transpose() * weight;
    test::expect_near(numbers(sum), e["sum"], 1e-12, 1e-12, "sum");
    test::expect_near(numbers(weighted), e["weighted"], 1e-12, 1e-11, "weighted");
  }
}

TEST(Formula, ReadsRandomTerms) {
  const auto formula = parse_formula("y ~ x + (1 + x | site) + (0 + w || site)");
  ASSERT_OK(formula);
  ASSERT_EQ(formula->random.size(), 2U);
  EXPECT_EQ(formula->random[0].text, "1 + x | site");
  EXPECT_TRUE(formula->random[0].intercept);
  EXPECT_TRUE(formula->random[0].correlated);
  EXPECT_EQ(formula->random[0].terms.size(), 1U);
  EXPECT_FALSE(formula->random[1].intercept);
  EXPECT_FALSE(formula->random[1].correlated);
  EXPECT_EQ(formula->random[1].group, "site");
  EXPECT_EQ(formula->columns_used(), (std::vector<std::string>{"y", "x", "w", "site"}));
}

TEST(Formula, NestedGroupsAreTheirOuterAndTheirCombinations) {
  const auto formula = parse_formula("y ~ 1 + (x || a/b/c)");
  ASSERT_OK(formula);
  ASSERT_EQ(formula->random.size(), 3U);
  EXPECT_EQ(formula->random[0].text, "x || a");
  EXPECT_EQ(formula->random[1].group, "a:b");
  EXPECT_EQ(formula->random[2].text, "x || a:b:c");
  EXPECT_FALSE(formula->random[2].correlated);
  EXPECT_EQ(formula->columns_used(), (std::vector<std::string>{"y", "x", "a", "b", "c"}));
}

TEST(Design, HoldsAPartForEachGroupingFactor) {
  const auto data = table::Table::from(
      {table::numeric("y", {1, 2, 3, 4, 9, 2}), table::numeric("x", {10, 20, 40, 50, 1, 3}),
       table::text("a", {"p", "p", "q", "q", "q", "p"}), table::text("b", {"1", "2", "1", "1", "3", "2"})});
  ASSERT_OK(data);
  const auto design = make_design(*parse_formula("y ~ 1 + (1 | a/b) + (1 | b) + (0 + x | b:a)"), *data);
  ASSERT_OK(design);
  const auto& random = design->data.random;
  ASSERT_EQ(random.size(), 3U);
  EXPECT_EQ(random[0].name, "a");
  EXPECT_EQ(random[1].name, "a:b");
  EXPECT_EQ(random[1].groups, (std::vector<std::string>{"p:1", "p:2", "q:1", "q:3"}));
  EXPECT_EQ(random[1].group, (std::vector<int>{0, 1, 2, 2, 3, 1}));
  EXPECT_EQ(random[1].block, (std::vector<int>{0, 1}));  // b:a are the same groups as a:b
  EXPECT_EQ(random[2].groups, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(Formula, ZIsScaleOverTheRowsOfTheModel) {
  const auto data = table::Table::from(
      {table::numeric("y", {1, 2, 3, 4, 9}), table::numeric("x", {10, 20, 40, 50, table::kMissing})});
  ASSERT_OK(data);
  const auto z = make_design(*parse_formula("y ~ z(x)"), *data);
  const auto scale = make_design(*parse_formula("y ~ scale(x)"), *data);
  ASSERT_OK(z);
  ASSERT_OK(scale);
  EXPECT_EQ(z->data.x, scale->data.x);
  EXPECT_EQ(z->data.columns.names[1], "z(x)");
  const double sd = std::sqrt(1000.0 / 3.0);  // 10 20 40 50: mean 30, squares 1000, n - 1 = 3
  EXPECT_NEAR(z->data.x(0, 1), -20.0 / sd, 1e-15);
  EXPECT_EQ(z->rows, (std::vector<std::size_t>{0, 1, 2, 3}));
  ASSERT_EQ(z->dropped.size(), 1U);
  EXPECT_EQ(z->dropped[0].variable, "x");
  EXPECT_EQ(z->dropped[0].rows, 1);
}

TEST(Formula, NamesThatAreNoWordsGoInBackticks) {
  const auto data = table::Table::from({table::numeric("y", {1, 2, 3}), table::numeric("my x", {1, 5, 7})});
  const auto design = make_design(*parse_formula("y ~ `my x`"), *data);
  ASSERT_OK(design);
  EXPECT_EQ(design->data.columns.names[1], "`my x`");
}

struct Bad {
  const char* formula;
  const char* what;
  int column;
};

TEST(Formula, TellsWhereItStopsBeingUnderstood) {
  for (const Bad& bad :
       {Bad{"y x", "no '~'", 4}, Bad{"y ~", "ends where a term", 4}, Bad{"y ~ a + ", "ends where a term", 9},
        Bad{"y ~ a b", "'b' is not expected", 7}, Bad{"y ~ (a", "not closed", 5},
        Bad{"y ~ sin(a)", "no function 'sin'", 5}, Bad{"y ~ 2", "number 2", 5}, Bad{"y ~ a^b", "whole number", 7},
        Bad{"y ~ a $ b", "'$' means nothing", 7}, Bad{"y ~ (1 | a/b:c)", "mixed", 13},
        Bad{"y ~ (1 | a/)", "grouping column", 12}, Bad{"y ~ (1 | a:a)", "twice", 12},
        Bad{"y ~ (0 | g)", "random term is empty", 5}, Bad{"y ~ x * (1 | g)", "cannot be multiplied", 7},
        Bad{"y ~ poly(x)", "1 arguments", 5}, Bad{"y ~ poly(x, w)", "degree", 5},
        Bad{"y ~ log(x, 2)", "2 arguments", 5}, Bad{"y ~ y + x", "both sides", 1}}) {
    const auto formula = parse_formula(bad.formula);
    ASSERT_FALSE(formula) << bad.formula;
    EXPECT_EQ(formula.error().code, Code::Usage);
    EXPECT_NE(formula.error().what.find(bad.what), std::string::npos) << bad.formula << ": " << formula.error();
    EXPECT_EQ(formula.error().where, "formula, column " + std::to_string(bad.column)) << bad.formula;
  }
}

table::Table small() {
  return *table::Table::from(
      {table::numeric("y", {1, 2, 3, 4, 5, 6}), table::numeric("x", {3, 1, 4, 1, 5, 9}),
       table::numeric("flat", {2, 2, 2, 2, 2, 2}), table::numeric("zero", {0, 1, 2, 3, 4, 5}),
       table::numeric("none", std::vector<double>(6, table::kMissing)),
       table::text("sex", {"F", "F", "F", "F", "F", "F"}), table::text("g", {"a", "a", "b", "b", "c", "c"}),
       table::text("h", {"a", "b", "a", "b", "a", "b"}), table::logical("flag", {0, 1, 0, 1, 1, 0})});
}

TEST(Design, OffersTheNearestNameForAnUnknownOne) {
  const auto design = make_design(*parse_formula("y ~ flatt"), small());
  ASSERT_FALSE(design);
  EXPECT_TRUE(design.error().mend.starts_with("did you mean 'flat'?")) << design.error();
}

TEST(Design, RefusesWhatCannotBeFitted) {
  struct Case {
    const char* formula;
    Code code;
    const char* what;
  };
  for (const Case& c :
       {Case{"y ~ age", Code::NotFound, "no column 'age'"}, Case{"y ~ sex", Code::InvalidInput, "one level only ('F')"},
        Case{"y ~ none", Code::InvalidInput, "of 6 rows 6 without none"},
        Case{"g ~ x", Code::InvalidInput, "holds text"}, Case{"y ~ log(zero)", Code::InvalidInput, "data row 1"},
        Case{"y ~ z(flat)", Code::InvalidInput, "all equal"}, Case{"y ~ I(g + 1)", Code::InvalidInput, "holds text"},
        Case{"y ~ x + (1 | sex)", Code::InvalidInput, "one level only"},
        Case{"y ~ x + (1 | g) + (1 | sex)", Code::InvalidInput, "one level only"},
        Case{"y ~ x + (1 | g:nobody)", Code::NotFound, "no column 'nobody'"},
        Case{"y ~ (h || g)", Code::InvalidInput, "factor 'h'"},
        Case{"y ~ poly(x, 5)", Code::InvalidInput, "degree 5 needs 6"}, Case{"~ x", Code::Usage, "no response"},
        Case{"y ~ 0", Code::InvalidInput, "neither intercept"}}) {
    const auto formula = parse_formula(c.formula);
    ASSERT_OK(formula);
    const auto design = make_design(*formula, small());
    ASSERT_FALSE(design) << c.formula;
    EXPECT_EQ(design.error().code, c.code) << design.error();
    EXPECT_NE(design.error().what.find(c.what), std::string::npos) << c.formula << ": " << design.error();
  }
  const auto empty = make_design(*parse_formula("y ~ x"), small().select({}));
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().what.find("no rows"), std::string::npos);
}

TEST(Design, LogicalColumnsAreFactors) {
  const auto design = make_design(*parse_formula("y ~ flag"), small());
  ASSERT_OK(design);
  EXPECT_EQ(design->data.columns.names[1], "flagTRUE");
  EXPECT_EQ(design->data.x.col(1).sum(), 3.0);
}

TEST(Design, FixedLevelsDecideTheReference) {
  auto data = small().with(table::text("g", {"a", "a", "b", "b", "c", "c"}, {"c", "unused", "a", "b"}));
  ASSERT_OK(data);
  const auto design = make_design(*parse_formula("y ~ g"), *data);
  ASSERT_OK(design);
  EXPECT_EQ(design->data.columns.names, (std::vector<std::string>{"(Intercept)", "ga", "gb"}));
}

TEST(Design, RowsOfWeightZeroAreLeftOutAndNegativeOnesRefused) {
  const auto zero = make_design(*parse_formula("y ~ x"), small(), {.weights = "zero"});
  ASSERT_OK(zero);
  EXPECT_EQ(zero->rows.size(), 5U);
  EXPECT_EQ(zero->rows_dropped(), 1);
  auto bad = small().with(table::numeric("w", {1, 1, -1, 1, 1, 1}));
  const auto negative = make_design(*parse_formula("y ~ x"), *bad, {.weights = "w"});
  ASSERT_FALSE(negative);
  EXPECT_EQ(negative.error().where, "data row 3");
}

}  // namespace
}  // namespace ipsi::stats
