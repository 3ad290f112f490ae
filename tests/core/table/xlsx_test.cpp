// SPDX-License-Identifier: GPL-3.0-or-later
#include <xlsxwriter.h>

#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::table {
namespace {

TEST(ReadXlsx, GivesTheCellsThatWereWritten) {  // the writer is libxlsxwriter, not ours
  const test::TemporaryDir dir;
  const std::string path = (dir / "qc.xlsx").string();
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* page = workbook_add_worksheet(book, "QC");
  worksheet_write_string(page, 0, 0, "SubjID", nullptr);
  worksheet_write_string(page, 0, 1, "Lthal", nullptr);
  worksheet_write_string(page, 0, 2, "note", nullptr);
  worksheet_write_string(page, 1, 0, "sub-0001", nullptr);
  worksheet_write_number(page, 1, 1, 1, nullptr);
  worksheet_write_string(page, 1, 2, "a < b & c", nullptr);
  worksheet_write_string(page, 3, 0, "sub-0002", nullptr);  // row 3 left empty
  worksheet_write_boolean(page, 3, 2, 1, nullptr);
  ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);

  const auto sheet = read_sheet(path);
  ASSERT_OK(sheet);
  EXPECT_EQ(sheet->header, (std::vector<std::string>{"SubjID", "Lthal", "note"}));
  ASSERT_EQ(sheet->rows.size(), 2U);
  EXPECT_EQ(sheet->rows[0].cells, (std::vector<std::string>{"sub-0001", "1", "a < b & c"}));
  EXPECT_EQ(sheet->rows[1].line, 4);
  EXPECT_EQ(sheet->rows[1].cells, (std::vector<std::string>{"sub-0002", "", "TRUE"}));
}

TEST(ReadXlsx, RefusesWhatIsNoWorkbook) {
  const test::TemporaryDir dir;
  test::spit(dir / "a.xlsx", "SubjID,Lthal\n");
  EXPECT_EQ(read_xlsx(dir / "a.xlsx").error().code, Code::ReadFailed);
  EXPECT_EQ(read_xlsx(dir / "none.xlsx").error().code, Code::NotFound);
}

TEST(ReadXlsx, ATruncatedWorkbookIsRefused) {
  const test::TemporaryDir dir;
  const std::string path = (dir / "whole.xlsx").string();
  lxw_workbook* book = workbook_new(path.c_str());
  worksheet_write_string(workbook_add_worksheet(book, nullptr), 0, 0, "SubjID", nullptr);
  ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);
  const std::string bytes = test::slurp(path);
  for (const double share : {0.1, 0.5, 0.9}) {
    test::spit(dir / "cut.xlsx", bytes.substr(0, static_cast<std::size_t>(share * static_cast<double>(bytes.size()))));
    EXPECT_EQ(read_xlsx(dir / "cut.xlsx").error().code, Code::ReadFailed) << share;
  }
}

}  // namespace
}  // namespace ipsi::table
