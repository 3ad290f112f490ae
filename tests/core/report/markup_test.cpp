// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/markup.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ipsi::report {
namespace {

TEST(Markup, EscapesWhatHtmlWouldRead) {
  EXPECT_EQ(escape("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(escape(std::string("x\x01y\0z", 5)), "x y z");
}

TEST(Markup, EncodesTheVectorsOfRfc4648) {
  for (const auto& [plain, coded] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}})
    EXPECT_EQ(data_uri("image/png", plain), "data:image/png;base64," + coded);
  EXPECT_EQ(data_uri("a/b", "\xFF\xFE\xFD"), "data:a/b;base64,//79");
}

TEST(Markup, WritesNumbersForPeople) {
  EXPECT_EQ(fixed(-4.04, 2),
            "\xE2\x88\x92"
            "4.04");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(NAN, 2), "\xE2\x80\x93");
  EXPECT_EQ(count(9936), "9,936");
  EXPECT_EQ(count(828), "828");
  EXPECT_EQ(count(1234567), "1,234,567");
  EXPECT_EQ(count(-1234),
            "\xE2\x88\x92"
            "1,234");
  EXPECT_EQ(p_value(0.00099), "<0.001");
  EXPECT_EQ(p_value(0.0041), "0.004");
  EXPECT_EQ(percent(0.583), "58.3 %");
}

}  // namespace
}  // namespace ipsi::report
