// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/spec.h"

#include <gtest/gtest.h>

#include <set>

#include "core/spec/option.h"
#include "core/spec/references.h"
#include "core/spec/rows.h"
#include "tests/support/support.h"

namespace ipsi::spec {
namespace {

TEST(Spec, ReadsBackWhatItWrites) {
  Spec spec;
  spec.id = "chronic-behaviour";
  spec.method = "lme";
  spec.formula = "y ~ x + (1 | g)";
  spec.rows = "days >= 180";
  spec.factors["sex"] = {"M", "F"};
  spec.options["criterion"] = "ML";
  spec.seed = 18446744073709551615ULL;
  const auto read = spec_from_json(Json::parse(to_json(spec).dump()));
  ASSERT_OK(read);
  EXPECT_EQ(to_json(*read), to_json(spec));
  EXPECT_EQ(read->seed, spec.seed);
}

TEST(Spec, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {R"([])", R"({"method": "lm"})", R"({"schema": 2, "method": "lm"})", R"({"schema": 1})",
        R"({"schema": 1, "method": "lm", "formulas": "y ~ x"})", R"({"schema": 1, "method": 3})",
        R"({"schema": 1, "method": "lm", "seed": -1})", R"({"schema": 1, "method": "lm", "factors": {"g": []}})",
        R"({"schema": 1, "method": "lm", "options": []})"}) {
    const auto read = spec_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::InvalidInput);
  }
  EXPECT_NE(
      spec_from_json(Json::parse(R"({"schema": 1, "method": "lm", "formulas": ""})")).error().what.find("'formulas'"),
      std::string::npos);
}

TEST(Options, FillDefaultsAndCheckValues) {
  const std::vector<Option> options{real("tuning", 1.345, 0.5, 10.0, "Huber constant"),
                                    integer("folds", 5, 2, 20, "parts"),
                                    choice("criterion", "REML", {"REML", "ML"}, "likelihood"),
                                    toggle("robust", "limit outliers"), text("weights", "", "column")};
  const auto all = complete(options, Json::object());
  ASSERT_OK(all);
  EXPECT_EQ(*all, Json::parse(R"({"tuning":1.345,"folds":5,"criterion":"REML","robust":false,"weights":""})"));
  const auto given = complete(options, Json{{"folds", 3}, {"criterion", "ML"}});
  ASSERT_OK(given);
  EXPECT_EQ((*given)["folds"], 3);
  for (const char* bad :
       {R"({"tunning": 2})", R"({"tuning": 11})", R"({"tuning": "2"})", R"({"folds": 2.5})", R"({"folds": 1})",
        R"({"criterion": "reml"})", R"({"robust": 1})", R"({"weights": 3})", R"([1])"}) {
    const auto refused = complete(options, Json::parse(bad));
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::InvalidInput);
    EXPECT_FALSE(refused.error().mend.empty()) << bad;
  }
}

TEST(References, HaveOneKeyEach) {
  std::set<std::string> keys;
  for (const Reference& reference : references()) {
    EXPECT_TRUE(keys.insert(reference.key).second) << reference.key;
    EXPECT_FALSE(reference.text.empty());
    EXPECT_EQ(find_reference(reference.key), &reference);
  }
  EXPECT_EQ(find_reference("nobody1900"), nullptr);
}

table::Table people() {
  return *table::Table::from({table::numeric("days", {10, 90, 180, table::kMissing, 400}),
                              table::text("flag", {"ok", "lesioned", "ok", "ok", ""}),
                              table::logical("analysed", {1, 0, 1, table::kMissing, 1}),
                              table::numeric("my days", {1, 2, 3, 4, 5}),
                              table::numeric("limit", {20, 20, 200, 0, 300})});
}

TEST(RowsWhere, SelectsByConditions) {
  using Rows = std::vector<std::size_t>;
  const std::vector<std::pair<const char*, Rows>> cases{{"", {0, 1, 2, 3, 4}},
                                                        {"days >= 180", {2, 4}},
                                                        {"days >= 180 and flag == 'ok'", {2}},
                                                        {"days<20 or days>300", {0, 4}},
                                                        {"not days >= 180", {0, 1}},  // an unknown day is neither
                                                        {"flag != \"ok\"", {1}},
                                                        {"flag in ('ok', 'failed')", {0, 2, 3}},
                                                        {"days is known", {0, 1, 2, 4}},
                                                        {"flag is missing", {4}},
                                                        {"analysed", {0, 2, 4}},
                                                        {"not analysed", {1}},
                                                        {"analysed == false", {1}},
                                                        {"`my days` > 2 and (days is missing or days > 300)", {3, 4}},
                                                        {"days > limit", {1, 4}},
                                                        {"days == '90'", {1}},
                                                        {"days in (10, 400)", {0, 4}},
                                                        {"days > -1e2", {0, 1, 2, 4}}};
  for (const auto& [condition, expected] : cases) {
    const auto rows = rows_where(people(), condition);
    ASSERT_OK(rows) << condition;
    EXPECT_EQ(*rows, expected) << condition;
  }
}

TEST(RowsWhere, TellsWhatIsWrong) {
  const std::vector<std::pair<const char*, Code>> cases{
      {"days >", Code::Usage},          {"days = 3", Code::Usage},
      {"days 3", Code::Usage},          {"(days > 3", Code::Usage},
      {"flag == 'ok", Code::Usage},     {"age > 3", Code::NotFound},
      {"flag > 3", Code::InvalidInput}, {"days == 'ok'", Code::InvalidInput},
      {"days > 3 4", Code::Usage},      {"days is big", Code::Usage},
      {"flag in 'ok'", Code::Usage}};
  for (const auto& [condition, code] : cases) {
    const auto rows = rows_where(people(), condition);
    ASSERT_FALSE(rows) << condition;
    EXPECT_EQ(rows.error().code, code) << condition << ": " << rows.error();
    EXPECT_NE(rows.error().where.find("column"), std::string::npos);
  }
}

}  // namespace
}  // namespace ipsi::spec
