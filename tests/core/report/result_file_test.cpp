// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/result_file.h"

#include "tests/core/report/sample_result.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

TEST(ResultFile, ReadsBackEqual) {
  const auto before = test::sample_result();
  const auto after = result_from_text(to_json(before).dump());
  ASSERT_OK(after);
  EXPECT_EQ(to_json(*after), to_json(before));
  ASSERT_EQ(after->tables.size(), before.tables.size());
  for (std::size_t i = 0; i < before.tables.size(); ++i)
    EXPECT_EQ(after->tables[i].table.hash(), before.tables[i].table.hash()) << before.tables[i].key;
  ASSERT_EQ(after->figures.size(), 1U);
  EXPECT_EQ(after->figures[0].series[0].filled, before.figures[0].series[0].filled);
  EXPECT_TRUE(std::isnan(after->figures[0].series[0].high[1]));
  EXPECT_EQ(after->figures[0].x.range, before.figures[0].x.range);
}

TEST(ResultFile, RefusesOtherFilesInOneLine) {
  for (const char* text : {"", "{", "[]", "{}", "{\"schema\":1}", "{\"schema\":2,\"json\":{}}",
                           "{\"schema\":1,\"json\":{},\"tables\":[{\"key\":1}]}"}) {
    const auto read = result_from_text(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::InvalidInput) << text;
  }
}

}  // namespace
}  // namespace ipsi::report
