// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/table/delimited.h"

#include <algorithm>
#include <cmath>

#include "tests/support/support.h"

namespace ipsi::table {
namespace {

Sheet sheet(const std::string& text) {
  auto parsed = parse_delimited(text, "f.csv");
  EXPECT_TRUE(parsed.has_value()) << parsed.error();
  return parsed ? *parsed : Sheet{};
}

bool has(const Sheet& s, const std::string& kind, int line = -1) {
  return std::ranges::any_of(s.oddities,
                             [&](const Oddity& o) { return o.kind == kind && (line < 0 || o.line == line); });
}

TEST(ParseDelimited, KeepsTheLineOfEveryRow) {
  const Sheet s = sheet("id,note\na,\"two\nlines\"\n\nb,x\n");
  ASSERT_EQ(s.rows.size(), 2U);
  EXPECT_EQ(s.rows[0].line, 2);
  EXPECT_EQ(s.rows[0].cells[1], "two\nlines");
  EXPECT_EQ(s.rows[1].line, 5);  // the quoted cell and the blank line both count
}

TEST(ParseDelimited, UnderstandsWhatExcelDoes) {
  const Sheet s = sheet("\xEF\xBB\xBFid;vol\r\na;1,5\r\nb;2\r\n");
  EXPECT_TRUE(has(s, "bom"));
  EXPECT_TRUE(has(s, "crlf"));
  EXPECT_TRUE(has(s, "semicolon"));
  EXPECT_TRUE(has(s, "decimal_comma"));
  EXPECT_EQ(s.header, (std::vector<std::string>{"id", "vol"}));
  EXPECT_EQ(s.number(s.rows[0].cells[1]), 1.5);
  EXPECT_EQ(s.number("1.234,5"), std::nullopt);  // thousands and decimals cannot be told apart: not guessed
}

TEST(ParseDelimited, BelievesPointsOverCommas) {
  const Sheet s = sheet("id;note;vol\na;1,5;1.5\n");
  EXPECT_FALSE(s.decimal_comma);
}

TEST(ParseDelimited, DropsATrailingEmptyColumnAndSaysSo) {
  const Sheet s = sheet("id,vol,\na,1,\nb,2,\n");
  EXPECT_TRUE(has(s, "trailing_comma", 1));
  EXPECT_EQ(s.header.size(), 2U);
  EXPECT_EQ(s.rows[1].cells.size(), 2U);
}

TEST(ParseDelimited, AnUnnamedColumnWithValuesIsKept) {
  const Sheet s = sheet("id,vol,\na,1,9\n");
  EXPECT_EQ(s.header.size(), 3U);
  EXPECT_EQ(to_table(s).error().where, "f.csv, line 1, column 3");
}

TEST(ParseDelimited, FillsShortRowsAndRefusesLongOnes) {
  EXPECT_TRUE(has(sheet("a,b,c\n1,2\n"), "ragged_row", 2));
  const auto refused = parse_delimited("a,b\n1,2\n3,4,5\n", "f.csv");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().where, "f.csv, line 3");
}

TEST(ParseDelimited, NamesTheLineOfAnOpenQuote) {
  EXPECT_EQ(parse_delimited("a,b\n1,\"x\n2,y\n", "f.csv").error().where, "f.csv, line 2");
}

TEST(ParseDelimited, RefusesEmptyAndBinary) {
  EXPECT_FALSE(parse_delimited("", "f").has_value());
  EXPECT_FALSE(parse_delimited("\n\n", "f").has_value());
  EXPECT_FALSE(parse_delimited(std::string_view("a,b\0c", 5), "f").has_value());
}

TEST(ToTable, InfersNumbersTextAndLogicals) {
  const auto t = to_table(sheet("n,t,l,e\n1,x,TRUE,\nNA,,FALSE,\n"));
  ASSERT_OK(t);
  EXPECT_EQ(t->find("n")->kind, Column::Kind::numeric);
  EXPECT_TRUE(t->find("n")->missing(1));
  EXPECT_EQ(t->find("t")->kind, Column::Kind::text);
  EXPECT_EQ(t->find("l")->kind, Column::Kind::logical);
  EXPECT_TRUE(t->find("e")->missing(0));
}

TEST(ToTable, AForcedNumberThatIsNoneIsNamedByPlace) {
  const auto t = to_table(sheet("id,age\na,61\nb,old\n"), {.numeric = {"age"}});
  ASSERT_FALSE(t.has_value());
  EXPECT_EQ(t.error().where, "f.csv, line 3, column 2");
}

TEST(ToTable, AFactorKeepsItsLevelsAndRefusesOthers) {
  const auto t = to_table(sheet("s\nM\nF\n"), {.factors = {{"s", {"M", "F"}}}});
  ASSERT_OK(t);
  EXPECT_EQ(levels_of(t->column(0)), (std::vector<std::string>{"M", "F"}));
  EXPECT_EQ(to_table(sheet("s\nM\nX\n"), {.factors = {{"s", {"M", "F"}}}}).error().where, "f.csv, line 3, column 1");
  EXPECT_EQ(to_table(sheet("s\nM\n"), {.factors = {{"sex", {"M"}}}}).error().code, Code::NotFound);
}

TEST(ToDelimited, WritesWhatReadsBackEqual) {
  const auto t = Table::from({text("id", {"p", "q", "r"}), numeric("x", {0.1, 1.0 / 3.0, kMissing}),
                              text("odd, name", {"a\"b", "c,d", ""}), logical("l", {1.0, 0.0, kMissing})});
  ASSERT_OK(t);
  for (const char separator : {',', '\t'}) {
    const auto back = to_table(parse_delimited(to_delimited(*t, separator), "f").value());
    ASSERT_OK(back);
    EXPECT_EQ(back->hash(), t->hash());
  }
}

}  // namespace
}  // namespace ipsi::table
