// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"

#include <cmath>
#include <limits>

#include "core/base/json.h"
#include "tests/support/support.h"

namespace ipsi {
namespace {

TEST(ParseDouble, TakesDecimalNumbersOnly) {
  EXPECT_EQ(parse_double("1.52346e+06"), 1523460.0);
  EXPECT_EQ(parse_double(" -2 "), -2.0);
  EXPECT_EQ(parse_double("+.5"), 0.5);
  for (const char* none : {"", "nan", "inf", "-inf", "-nan", "0x10", "1,5", "12abc", "1 2", "x", "--1", "1e999"})
    EXPECT_EQ(parse_double(none), std::nullopt) << none;
}

TEST(FormatDouble, ReadsBackEqual) {
  for (const double v : {0.1, 1.0 / 3.0, 1e-300, 123456789.125, -0.0, 5e-324, 1.7976931348623157e308})
    EXPECT_EQ(parse_double(format_double(v)), v) << format_double(v);
  EXPECT_EQ(format_double(std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_EQ(format_double(-std::numeric_limits<double>::infinity()), "-Inf");
}

TEST(Json, WritesUndefinedAsNullAndInfinityAsText) {  // cli.md
  EXPECT_EQ(number(std::nan("")).dump(), "null");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()).dump(), "\"Inf\"");
  EXPECT_EQ(numbers(std::vector<double>{0.1, std::nan("")}).dump(), "[0.1,null]");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
}

}  // namespace
}  // namespace ipsi
