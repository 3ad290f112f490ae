// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/table/table.h"

#include <cmath>

#include "tests/support/support.h"

namespace ipsi::table {
namespace {

Table small() {
  return Table::from(
             {numeric("age", {61.0, kMissing, 44.5}), text("sex", {"M", "F", ""}), logical("ok", {1.0, 0.0, kMissing})})
      .value();
}

TEST(Table, RefusesColumnsOfUnequalLengthOrEqualName) {
  EXPECT_EQ(Table::from({numeric("a", {1.0}), numeric("b", {1.0, 2.0})}).error().code, Code::InvalidInput);
  EXPECT_EQ(Table::from({numeric("a", {1.0}), text("a", {"x"})}).error().code, Code::InvalidInput);
}

TEST(Table, MissingIsMissingInEveryKind) {
  const Table t = small();
  EXPECT_TRUE(t.find("age")->missing(1));
  EXPECT_TRUE(t.find("sex")->missing(2));
  EXPECT_TRUE(t.find("ok")->missing(2));
  EXPECT_EQ(t.to_json()[2].dump(), R"({"age":44.5,"sex":null,"ok":null})");
}

TEST(Table, SelectTakesRowsInTheOrderAsked) {
  const Table t = small().select({2, 0, 0});
  ASSERT_EQ(t.rows(), 3U);
  EXPECT_EQ(t.find("age")->values[0], 44.5);
  EXPECT_EQ(t.find("sex")->texts[2], "M");
}

TEST(Table, WithReplacesAColumnInPlaceAndLeavesTheOriginal) {
  const Table t = small();
  const auto changed = t.with(numeric("age", {1.0, 2.0, 3.0}));
  ASSERT_OK(changed);
  EXPECT_EQ(changed->column(0).values[2], 3.0);
  EXPECT_EQ(t.column(0).values[2], 44.5);
  EXPECT_FALSE(t.with(numeric("short", {1.0})).has_value());
}

TEST(Table, HashChangesWithAnyCellNameOrKind) {
  const Table t = small();
  EXPECT_EQ(t.hash(), small().hash());
  EXPECT_NE(t.hash(), t.select({0, 2, 1}).hash());
  EXPECT_NE(Table::from({numeric("a", {1.0})})->hash(), Table::from({text("a", {"1"})})->hash());
  EXPECT_NE(Table::from({numeric("a", {1.0})})->hash(), Table::from({numeric("b", {1.0})})->hash());
}

TEST(Table, NamesTheColumnsThereAreWhenOneIsMissing) {
  const auto missing = small().require("height");
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().mend.find("age, sex, ok"), std::string::npos);
}

TEST(LevelsOf, AreSortedUnlessFixed) {
  EXPECT_EQ(levels_of(text("g", {"b", "a", "", "b"})), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(levels_of(text("g", {"b", "a"}, {"b", "a"})), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(levels_of(numeric("g", {10.0, 9.0, 10.0})), (std::vector<std::string>{"9", "10"}));
}

}  // namespace
}  // namespace ipsi::table
