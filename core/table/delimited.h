// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/table/table.h"

namespace ipsi::table {

/// Something odd in the shape of a file that was understood all the same; importers show it to the user.
struct Oddity {
  std::string kind;  ///< "bom", "crlf", "semicolon", "decimal_comma", "trailing_comma", "ragged_row", "empty_row"
  int line = 0;      ///< 1-based line in the file, 0 = the whole file
  std::string text;  ///< for people
};

/// A text file or a worksheet as cells, with each row's place kept. Nothing is interpreted but quoting.
struct Sheet {
  struct Row {
    int line = 0;                    ///< 1-based line in the file (first line of the record); row number for XLSX
    std::vector<std::string> cells;  ///< outer blanks removed; as many as `header`
  };
  std::string file;  ///< file name for messages
  char separator = ',';
  bool decimal_comma = false;  ///< numbers are written 1,5; `number()` honours it
  int header_line = 1;
  std::vector<std::string> header;
  std::vector<Row> rows;
  std::vector<Oddity> oddities;

  /// Index of a header cell, ignoring case and blanks; -1 when absent.
  [[nodiscard]] int find(std::string_view name) const;
  /// The cell as a number (decimal comma honoured); nullopt when it is none.
  [[nodiscard]] std::optional<double> number(std::string_view cell) const;
};

/// Split text into a Sheet. Separator `,` `;` or tab is found from the header; BOM and CRLF are taken off; quotes
/// as in RFC 4180; decimal comma is recognised with `;` or tab; wholly empty rows and trailing empty columns are
/// dropped; rows that are short are filled with empty cells. All of these are reported in `oddities`.
/// @error InvalidInput  no header, a quote never closed, a row with more cells than the header (line named), NUL bytes
[[nodiscard]] Result<Sheet> parse_delimited(std::string_view bytes, const std::string& file);

/// CSV, TSV or TXT by content; .xlsx by its extension (first worksheet).
/// @error NotFound, ReadFailed, InvalidInput
[[nodiscard]] Result<Sheet> read_sheet(const std::filesystem::path& path);

/// The first worksheet of an .xlsx (zip + XML). Dates stay serial numbers; formulas give their stored values.
/// @error ReadFailed  not a workbook
[[nodiscard]] Result<Sheet> read_xlsx(const std::filesystem::path& path);

struct TypeOptions {
  std::map<std::string, std::vector<std::string>> factors;  ///< name -> levels in order, first = reference
  std::vector<std::string> numeric;                         ///< columns forced to numbers
  std::vector<std::string> missing{"", "NA", "NaN", "nan", "n/a", "N/A", "."};  ///< cells that mean missing
};

/// Types inferred: all non-missing cells numbers -> numeric, TRUE/FALSE -> logical, else text.
/// @error InvalidInput  duplicate or empty column names, a forced number that is none (line, column), a level not
/// listed
[[nodiscard]] Result<Table> to_table(const Sheet& sheet, const TypeOptions& options = {});

[[nodiscard]] Result<Table> read_table(const std::filesystem::path& path, const TypeOptions& options = {});

/// CSV (or TSV by `separator`), header line, quoted where needed, LF, full precision. Missing is an empty cell
/// (`missing` changes it, e.g. "n/a" for BIDS).
[[nodiscard]] std::string to_delimited(const Table& table, char separator = ',', std::string_view missing = "");

}  // namespace ipsi::table
