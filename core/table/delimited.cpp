// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/table/delimited.h"

#include <algorithm>
#include <array>

#include "core/base/files.h"
#include "core/base/text.h"

namespace ipsi::table {
namespace {

std::string squeeze(std::string_view text) {  // for comparing header names
  std::string out;
  for (const char c : to_lower(text))
    if (c != ' ' && c != '\t') out += c;
  return out;
}

/// Cuts text into records; quotes may hold separators, doubled quotes and line ends.
class Cutter {
 public:
  Cutter(std::string_view text, char separator) : text_(text), separator_(separator) {}

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] int line() const { return line_; }

  /// The next record, or the line of a quote that is never closed in `open_quote`.
  Sheet::Row next(int& open_quote) {
    Sheet::Row row;
    row.line = line_;
    std::string cell;
    bool quoted = false;
    bool was_quoted = false;
    int quote_line = 0;
    const auto finish = [&] {
      row.cells.push_back(was_quoted ? cell : trim(cell));
      cell.clear();
      was_quoted = false;
    };
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quoted) {
        if (c == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
          cell += '"';
          ++at_;
        } else if (c == '"') {
          quoted = false;
        } else {
          if (c == '\n') ++line_;
          cell += c;
        }
      } else if (c == '"' && trim(cell).empty()) {
        cell.clear();
        quoted = was_quoted = true;
        quote_line = line_;
      } else if (c == separator_) {
        finish();
      } else if (c == '\n' || c == '\r') {
        if (c == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        ++at_;
        ++line_;
        finish();
        return row;
      } else {
        cell += c;
      }
    }
    if (quoted) open_quote = quote_line;
    finish();
    return row;
  }

 private:
  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  int line_ = 1;
};

/// The separator that occurs most in the header line, outside quotes; a comma when none does.
char find_separator(std::string_view text) {
  std::array<int, 3> counts{};
  constexpr std::array<char, 3> kCandidates{'\t', ';', ','};
  bool quoted = false;
  bool seen = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == '\n' || c == '\r')) {
      if (seen) break;
      continue;
    }
    seen = seen || c != ' ';
    for (std::size_t i = 0; i < kCandidates.size(); ++i)
      if (c == kCandidates[i]) ++counts[i];
  }
  const auto best = std::max_element(counts.begin(), counts.end());
  return *best == 0 ? ',' : kCandidates[static_cast<std::size_t>(best - counts.begin())];
}

bool all_empty(const std::vector<std::string>& cells) {
  return std::ranges::all_of(cells, [](const std::string& cell) { return cell.empty(); });
}

/// 1,5 with optional sign, exponent; exactly one comma and no point.
std::optional<std::string> decimal_point_form(std::string_view cell) {
  const auto comma = cell.find(',');
  if (comma == std::string_view::npos || cell.find(',', comma + 1) != std::string_view::npos ||
      cell.find('.') != std::string_view::npos)
    return std::nullopt;
  std::string out(cell);
  out[comma] = '.';
  return parse_double(out) ? std::optional(out) : std::nullopt;
}

/// Decimal commas are believed when some cells are numbers only that way and no cell is a number with a point.
bool uses_decimal_comma(const Sheet& sheet) {
  if (sheet.separator == ',') return false;
  bool comma = false;
  for (const Sheet::Row& row : sheet.rows)
    for (const std::string& cell : row.cells) {
      if (decimal_point_form(cell))
        comma = true;
      else if (cell.find('.') != std::string::npos && parse_double(cell))
        return false;
    }
  return comma;
}

void drop_trailing_empty_columns(Sheet& sheet) {
  while (!sheet.header.empty() && sheet.header.back().empty()) {
    const std::size_t last = sheet.header.size() - 1;
    const bool used = std::ranges::any_of(
        sheet.rows, [&](const Sheet::Row& row) { return last < row.cells.size() && !row.cells[last].empty(); });
    if (used) return;
    sheet.header.pop_back();
    for (Sheet::Row& row : sheet.rows)
      if (row.cells.size() > last) row.cells.resize(last);
    sheet.oddities.push_back(
        {"trailing_comma", sheet.header_line,
         fmt::format("column {} has no name and no values (a trailing separator); left out", last + 1)});
  }
}

}  // namespace

int Sheet::find(std::string_view name) const {
  const std::string wanted = squeeze(name);
  for (std::size_t i = 0; i < header.size(); ++i)
    if (squeeze(header[i]) == wanted) return static_cast<int>(i);
  return -1;
}

std::optional<double> Sheet::number(std::string_view cell) const {
  if (const auto value = parse_double(cell)) return value;
  if (!decimal_comma) return std::nullopt;
  const auto form = decimal_point_form(trim(cell));
  return form ? parse_double(*form) : std::nullopt;
}

/// Gives every row as many cells as the header; what is too long is an error, what is short is filled and told.
static Result<void> square_up(Sheet& sheet) {
  drop_trailing_empty_columns(sheet);
  for (Sheet::Row& row : sheet.rows) {
    while (row.cells.size() > sheet.header.size() && row.cells.back().empty()) row.cells.pop_back();
    if (row.cells.size() > sheet.header.size())
      return fail(Code::InvalidInput,
                  fmt::format("the row has {} cells, the header {}", row.cells.size(), sheet.header.size()),
                  fmt::format("{}, line {}", sheet.file, row.line),
                  sheet.separator == ',' ? "look for a decimal comma or an unquoted comma in this row"
                                         : "look for an extra separator in this row");
    if (row.cells.size() < sheet.header.size()) {
      sheet.oddities.push_back({"ragged_row", row.line,
                                fmt::format("the row has {} cells, the header {}; the rest is taken as missing",
                                            row.cells.size(), sheet.header.size())});
      row.cells.resize(sheet.header.size());
    }
  }
  return {};
}

Result<Sheet> parse_delimited(std::string_view bytes, const std::string& file) {
  Sheet sheet;
  sheet.file = file;
  if (bytes.find('\0') != std::string_view::npos)
    return fail(Code::InvalidInput, "this is not a text table (it holds zero bytes)", file,
                "save it as CSV in UTF-8, or give the .xlsx");
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    bytes.remove_prefix(3);
    sheet.oddities.push_back({"bom", 1, "the file starts with a byte-order mark (Excel); it is ignored"});
  }
  if (bytes.find("\r\n") != std::string_view::npos)
    sheet.oddities.push_back({"crlf", 0, "lines end the Windows way (CRLF); read as they are meant"});
  sheet.separator = find_separator(bytes);
  if (sheet.separator == ';')
    sheet.oddities.push_back({"semicolon", 1, "cells are separated by semicolons; read as such"});

  Cutter cutter(bytes, sheet.separator);
  bool have_header = false;
  while (!cutter.at_end()) {
    int open_quote = 0;
    Sheet::Row row = cutter.next(open_quote);
    if (open_quote != 0)
      return fail(Code::InvalidInput, "a quote is opened and never closed",
                  fmt::format("{}, line {}", file, open_quote), "close it or remove it");
    if (all_empty(row.cells)) {
      const bool only_separators = row.cells.size() > 1;
      if (have_header && only_separators)
        sheet.oddities.push_back({"empty_row", row.line, "the row is empty; left out"});
      continue;
    }
    if (!have_header) {
      sheet.header = std::move(row.cells);
      sheet.header_line = row.line;
      have_header = true;
    } else {
      sheet.rows.push_back(std::move(row));
    }
  }
  if (!have_header) return fail(Code::InvalidInput, "the file is empty", file, "it needs a header line and rows");
  if (auto ok = square_up(sheet); !ok) return tl::unexpected(ok.error());
  sheet.decimal_comma = uses_decimal_comma(sheet);
  if (sheet.decimal_comma)
    sheet.oddities.push_back({"decimal_comma", 0, "numbers are written with a decimal comma; read as 1,5 = 1.5"});
  return sheet;
}

Result<Sheet> read_sheet(const std::filesystem::path& path) {
  if (to_lower(path.extension().string()) == ".xlsx") return read_xlsx(path);
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_delimited(*bytes, path.filename().string());
}

namespace {

bool is_missing(const std::string& cell, const TypeOptions& options) {
  return std::ranges::find(options.missing, cell) != options.missing.end();
}

std::optional<double> as_logical(const std::string& cell) {
  if (cell == "TRUE" || cell == "true" || cell == "True") return 1.0;
  if (cell == "FALSE" || cell == "false" || cell == "False") return 0.0;
  return std::nullopt;
}

/// Every non-missing cell through `read`; nullopt as soon as one fails, its row in `bad`.
template <class Read>
std::optional<std::vector<double>> column_of(const Sheet& sheet, std::size_t at, const TypeOptions& options, Read read,
                                             std::size_t& bad) {
  std::vector<double> values;
  values.reserve(sheet.rows.size());
  for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
    const std::string& cell = sheet.rows[r].cells[at];
    std::optional<double> value;
    if (is_missing(cell, options))
      value = kMissing;
    else if (cell == "Inf")
      value = std::numeric_limits<double>::infinity();
    else if (cell == "-Inf")
      value = -std::numeric_limits<double>::infinity();
    else
      value = read(cell);
    if (!value) {
      bad = r;
      return std::nullopt;
    }
    values.push_back(*value);
  }
  return values;
}

Column text_column(const Sheet& sheet, std::size_t at, const TypeOptions& options) {
  std::vector<std::string> texts;
  texts.reserve(sheet.rows.size());
  for (const Sheet::Row& row : sheet.rows) texts.push_back(is_missing(row.cells[at], options) ? "" : row.cells[at]);
  return text(sheet.header[at], std::move(texts));
}

Result<Column> factor_column(const Sheet& sheet, std::size_t at, const TypeOptions& options,
                             const std::vector<std::string>& levels) {
  Column column = text_column(sheet, at, options);
  for (std::size_t r = 0; r < column.texts.size(); ++r)
    if (!column.missing(r) && std::ranges::find(levels, column.texts[r]) == levels.end())
      return fail(
          Code::InvalidInput,
          fmt::format("'{}' is not one of the levels of '{}' ({})", column.texts[r], column.name, join(levels, ", ")),
          fmt::format("{}, line {}, column {}", sheet.file, sheet.rows[r].line, at + 1),
          "add it to the levels or correct the cell");
  column.levels = levels;
  return column;
}

Result<Column> infer(const Sheet& sheet, std::size_t at, const TypeOptions& options) {
  const std::string& name = sheet.header[at];
  if (const auto it = options.factors.find(name); it != options.factors.end())
    return factor_column(sheet, at, options, it->second);
  std::size_t bad = 0;
  const auto read = [&](const std::string& cell) { return sheet.number(cell); };
  if (auto values = column_of(sheet, at, options, read, bad)) return numeric(name, std::move(*values));
  if (std::ranges::find(options.numeric, name) != options.numeric.end())
    return fail(Code::InvalidInput, fmt::format("'{}' in column '{}' is not a number", sheet.rows[bad].cells[at], name),
                fmt::format("{}, line {}, column {}", sheet.file, sheet.rows[bad].line, at + 1),
                "correct the cell or leave it empty");
  if (auto values = column_of(sheet, at, options, as_logical, bad)) return logical(name, std::move(*values));
  return text_column(sheet, at, options);
}

}  // namespace

Result<Table> to_table(const Sheet& sheet, const TypeOptions& options) {
  const auto known = [&](const std::string& name) {
    return std::ranges::find(sheet.header, name) != sheet.header.end();
  };
  for (const auto& [name, levels] : options.factors)
    if (!known(name))
      return fail(Code::NotFound, fmt::format("there is no column '{}' to fix the levels of", name), sheet.file,
                  "the columns are " + join(sheet.header, ", "));
  for (const std::string& name : options.numeric)
    if (!known(name))
      return fail(Code::NotFound, fmt::format("there is no column '{}' to read as numbers", name), sheet.file,
                  "the columns are " + join(sheet.header, ", "));
  std::vector<Column> columns;
  for (std::size_t at = 0; at < sheet.header.size(); ++at) {
    const std::string where = fmt::format("{}, line {}, column {}", sheet.file, sheet.header_line, at + 1);
    if (sheet.header[at].empty()) return fail(Code::InvalidInput, "a column has values but no name", where, "name it");
    if (std::ranges::find(sheet.header.begin(), sheet.header.begin() + static_cast<std::ptrdiff_t>(at),
                          sheet.header[at]) != sheet.header.begin() + static_cast<std::ptrdiff_t>(at))
      return fail(Code::InvalidInput, fmt::format("two columns are called '{}'", sheet.header[at]), where,
                  "rename one");
    auto column = infer(sheet, at, options);
    if (!column) return tl::unexpected(column.error());
    columns.push_back(std::move(*column));
  }
  return Table::from(std::move(columns));
}

Result<Table> read_table(const std::filesystem::path& path, const TypeOptions& options) {
  const auto sheet = read_sheet(path);
  if (!sheet) return tl::unexpected(sheet.error());
  return to_table(*sheet, options);
}

namespace {

void append_cell(std::string& out, std::string_view cell, char separator) {
  const bool quote = cell.find(separator) != std::string_view::npos ||
                     cell.find_first_of("\"\r\n") != std::string_view::npos ||
                     (!cell.empty() && (cell.front() == ' ' || cell.back() == ' '));
  if (!quote) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string to_delimited(const Table& table, char separator, std::string_view missing) {
  std::string out;
  for (std::size_t c = 0; c < table.columns(); ++c) {
    if (c > 0) out += separator;
    append_cell(out, table.column(c).name, separator);
  }
  out += '\n';
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t c = 0; c < table.columns(); ++c) {
      if (c > 0) out += separator;
      const Column& column = table.column(c);
      if (column.missing(r))
        out += missing;
      else
        append_cell(out, column.cell(r), separator);
    }
    out += '\n';
  }
  return out;
}

}  // namespace ipsi::table
