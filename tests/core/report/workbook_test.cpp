// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/workbook.h"

#include "core/base/text.h"
#include "core/report/result_file.h"
#include "core/table/delimited.h"
#include "tests/core/report/sample_result.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

TEST(Workbook, ReadsBackAsItWasWritten) {
  const test::TemporaryDir dir;
  const auto result = test::sample_result();
  ASSERT_OK(write_workbook(result, dir / "results.xlsx"));
  const auto sheet = table::read_xlsx(dir / "results.xlsx");
  ASSERT_OK(sheet);
  const table::Table& wanted = result.tables[0].table;
  ASSERT_EQ(sheet->header, wanted.names());
  ASSERT_EQ(sheet->rows.size(), wanted.rows());
  for (std::size_t r = 0; r < wanted.rows(); ++r)
    for (std::size_t c = 0; c < wanted.columns(); ++c) {
      const auto& column = wanted.column(c);
      const std::string& cell = sheet->rows[r].cells[c];
      if (column.missing(r)) {
        EXPECT_EQ(cell, "") << column.name;
      } else if (column.kind == table::Column::Kind::numeric && std::isfinite(column.values[r])) {
        const auto number = parse_double(cell);
        ASSERT_TRUE(number) << column.name << " " << cell;
        EXPECT_TRUE(test::near(*number, column.values[r], 6e-16)) << column.name;  // libxlsxwriter writes 16 digits
      } else if (column.kind == table::Column::Kind::logical) {
        EXPECT_TRUE(to_lower(cell) == column.cell(r) || cell == (column.values[r] == 1.0 ? "1" : "0")) << cell;
      } else {
        EXPECT_EQ(cell, column.cell(r)) << column.name;
      }
    }
}

TEST(Workbook, EqualResultsGiveEqualBytes) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_workbook(test::sample_result(), dir / "a.xlsx"));
  ASSERT_OK(write_workbook(test::sample_result(), dir / "b.xlsx"));
  EXPECT_EQ(test::slurp(dir / "a.xlsx"), test::slurp(dir / "b.xlsx"));
}

TEST(Workbook, LeavesNothingBehindWhenItCannotWrite) {
  const test::TemporaryDir dir;
  const auto written = write_workbook(test::sample_result(), dir / "absent" / "a.xlsx");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::Environment);
  EXPECT_FALSE(std::filesystem::exists(dir / "absent"));
}

}  // namespace
}  // namespace ipsi::report
