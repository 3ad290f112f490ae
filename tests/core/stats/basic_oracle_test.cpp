// SPDX-License-Identifier: GPL-3.0-or-later
// Agreement of the simple tests with R. Values, versions and tolerances: oracles/stats/README.md.
#include <gtest/gtest.h>

#include <map>

#include "core/stats/anova.h"
#include "core/stats/basic/on_table.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

std::string case_name(const testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.filename().string();
}

TestKind kind_of(const std::string& test) {
  static const std::map<std::string, TestKind> kinds{{"shapiro", TestKind::shapiro},
                                                     {"wilcoxon_rank_sum", TestKind::wilcoxon},
                                                     {"wilcoxon_signed_rank", TestKind::signed_rank},
                                                     {"t", TestKind::t},
                                                     {"kruskal", TestKind::kruskal},
                                                     {"correlation", TestKind::correlation},
                                                     {"table2x2", TestKind::table2x2},
                                                     {"p_adjust", TestKind::p_adjust}};
  return kinds.at(test);
}

struct Tolerance {
  double relative = 1e-10, absolute = 0.0;
};

/// The README's table: statistics 1e-10, p 1e-8, Shapiro's p and Edgeworth 1e-6; R's root finder in Fisher's test.
Tolerance tolerance_of(const std::string& test, const std::string& key) {
  const bool p = key == "p" || key.starts_with("p_") || key.starts_with("fisher_p");
  if (test == "shapiro" && p) return {1e-6, 0.0};
  if (key == "p_default") return {1e-6, 0.0};
  if (key == "fisher_odds_ratio_cmle") return {2.5e-4, 0.0};
  if (key == "fisher_ci95") return {1.1e-2, 0.0};
  if (p) return {1e-8, 0.0};
  // rho is a correlation of ranks and may be 0; its S is (n^3 - n) (1 - rho) / 6, which loses digits near rho = 1.
  if (key == "S") return {1e-10, 1e-12};
  return {1e-10, 1e-14};
}

void compare(const Json& actual, const Json& expected, const std::string& test, const std::string& key,
             const std::string& path) {
  if (expected.is_object()) {
    for (const auto& [name, value] : expected.items()) {
      ASSERT_TRUE(actual.contains(name)) << path << "." << name << " is missing";
      compare(actual[name], value, test, name, path + "." + name);
    }
    return;
  }
  const Tolerance t = tolerance_of(test, key);
  test::expect_near(actual, expected, t.relative, t.absolute, path);
}

class BasicOracle : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(BasicOracle, AgreesWithR) {
  const auto oracle = test::load_case(GetParam());
  const auto test = oracle.model["test"].get<std::string>();
  if (test == "anova") {
    const auto formula = parse_formula(oracle.model["formula"].get<std::string>());
    ASSERT_OK(formula);
    const auto result = anova(*formula, oracle.data);
    ASSERT_OK(result);
    const Json json = to_json(*result);
    for (const char* type : {"type1", "type2", "type3"}) compare(json[type], oracle.expected[type], test, type, type);
    return;
  }
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < oracle.data.rows(); ++i) rows[oracle.data.find("id")->cell(i)].push_back(i);
  ASSERT_EQ(rows.size(), oracle.expected["results"].size());
  for (const auto& [id, expected] : oracle.expected["results"].items()) {
    const auto result = run_test(kind_of(test), {}, oracle.data.select(rows[id]));
    ASSERT_OK(result) << id;
    compare(result->json, expected, test, "", id);
    EXPECT_GT(result->shown.rows(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, BasicOracle, testing::ValuesIn(test::oracle_cases("basic")), case_name);

}  // namespace
}  // namespace ipsi::stats
