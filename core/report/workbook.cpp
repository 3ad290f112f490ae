// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/workbook.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/base/files.h"
#include "core/report/html_tables.h"
#include "core/report/result_file.h"

namespace ipsi::report {
namespace {

using spec::ResultSet;
using table::Column;

struct SheetPlan {
  const char* key;
  const char* name;
};
constexpr SheetPlan kSheets[] = {{"results", "Results"},     {"coefficients", "Coefficients"},
                                 {"table1", "Table 1"},      {"scores_by_side", "Scores by side"},
                                 {"scores", "Scores"},       {"flow", "Flow"},
                                 {"exclusions", "Left out"}, {"qc", "QC"}};

/// The formats of one workbook.
struct Looks {
  lxw_format* header;
  lxw_format* words;
  lxw_format* whole;
  lxw_format* decimal;  // estimates
  lxw_format* small;    // probabilities
  lxw_format* bold_words;
  lxw_format* bold_whole;
  lxw_format* bold_decimal;
  lxw_format* bold_small;
  lxw_format* wrapped;
};

lxw_format* numbers_as(lxw_workbook* book, const char* format, bool bold) {
  lxw_format* f = workbook_add_format(book);
  format_set_num_format(f, format);
  if (bold) format_set_bold(f);
  return f;
}

Looks looks_of(lxw_workbook* book) {
  Looks k{};
  k.header = workbook_add_format(book);
  format_set_bold(k.header);
  format_set_bottom(k.header, LXW_BORDER_THIN);
  k.words = workbook_add_format(book);
  k.bold_words = workbook_add_format(book);
  format_set_bold(k.bold_words);
  k.whole = numbers_as(book, "#,##0", false);
  k.decimal = numbers_as(book, "0.000", false);
  k.small = numbers_as(book, "[<0.001]0.0E+00;0.000", false);
  k.bold_whole = numbers_as(book, "#,##0", true);
  k.bold_decimal = numbers_as(book, "0.000", true);
  k.bold_small = numbers_as(book, "[<0.001]0.0E+00;0.000", true);
  k.wrapped = workbook_add_format(book);
  format_set_text_wrap(k.wrapped);
  format_set_align(k.wrapped, LXW_ALIGN_VERTICAL_TOP);
  return k;
}

bool whole_numbers(const Column& column) {
  return std::all_of(column.values.begin(), column.values.end(),
                     [](double v) { return std::isnan(v) || v == std::floor(v); });
}

bool is_probability(std::string_view name) {
  return name == "p" || name.ends_with("_p") || name.starts_with("p_") || name.find("_p_") != std::string_view::npos;
}

lxw_format* format_of(const Column& column, const Looks& k, bool bold) {
  if (column.kind != Column::Kind::numeric) return bold ? k.bold_words : k.words;
  if (is_probability(column.name)) return bold ? k.bold_small : k.small;
  if (whole_numbers(column)) return bold ? k.bold_whole : k.whole;
  return bold ? k.bold_decimal : k.decimal;
}

double width_of(const Column& column) {
  std::size_t most = column.name.size();
  for (std::size_t r = 0; r < column.size(); ++r)
    most = std::max(most, column.kind == Column::Kind::numeric ? std::size_t{8} : column.cell(r).size());
  return std::clamp(static_cast<double>(most) + 2.0, 8.0, 60.0);
}

void write_cell(lxw_worksheet* sheet, lxw_row_t at, lxw_col_t c, const Column& column, std::size_t r,
                lxw_format* look) {
  if (column.missing(r)) return;
  switch (column.kind) {
    case Column::Kind::text: worksheet_write_string(sheet, at, c, column.texts[r].c_str(), look); break;
    case Column::Kind::logical: worksheet_write_boolean(sheet, at, c, column.values[r] != 0.0 ? 1 : 0, look); break;
    case Column::Kind::numeric:
      if (std::isfinite(column.values[r]))
        worksheet_write_number(sheet, at, c, column.values[r], look);
      else
        worksheet_write_string(sheet, at, c, column.values[r] > 0 ? "Inf" : "-Inf", look);
  }
}

void write_table(lxw_worksheet* sheet, const table::Table& table, const Looks& k) {
  const Column* significant = table.find("significant");
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const Column& column = table.column(i);
    const auto c = static_cast<lxw_col_t>(i);
    worksheet_set_column(sheet, c, c, width_of(column), nullptr);
    worksheet_write_string(sheet, 0, c, column.name.c_str(), k.header);
    for (std::size_t r = 0; r < table.rows(); ++r) {
      const bool bold = significant != nullptr && significant->values[r] == 1.0;
      write_cell(sheet, static_cast<lxw_row_t>(r + 1), c, column, r, format_of(column, k, bold));
    }
  }
  worksheet_freeze_panes(sheet, 1, 0);
  if (table.rows() > 0 && table.columns() > 0)
    worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(table.rows()),
                         static_cast<lxw_col_t>(table.columns() - 1));
}

void write_notes(lxw_worksheet* sheet, const ResultSet& result, const Looks& k) {
  worksheet_set_column(sheet, 0, 0, 14, nullptr);
  worksheet_set_column(sheet, 1, 1, 110, nullptr);
  worksheet_write_string(sheet, 0, 0, "kind", k.header);
  worksheet_write_string(sheet, 0, 1, "text", k.header);
  lxw_row_t at = 1;
  const auto line = [&](const char* kind, const std::string& text) {
    worksheet_write_string(sheet, at, 0, kind, k.wrapped);
    worksheet_write_string(sheet, at++, 1, text.c_str(), k.wrapped);
  };
  if (result.json.is_object() && result.json.value("synthetic", false))
    line("Synthetic", "The data of this study are simulated. They describe no real person.");
  for (const std::string& text : result.methods_text) line("Methods", text);
  for (const std::string& text : result.findings) line("Finding", text);
  for (const auto& named : result.tables)
    if (!named.note.empty()) line("Table", named.title + ": " + named.note);
  for (const std::string& key : result.references) line("Reference", reference_text(key));
  worksheet_freeze_panes(sheet, 1, 0);
}

Result<void> write_book(const ResultSet& result, const std::filesystem::path& path) {
  const std::string name = path.string();
  lxw_workbook* book = workbook_new(name.c_str());
  if (book == nullptr) return fail(Code::Environment, "cannot create the workbook", name, "check the folder");
  lxw_doc_properties properties{};
  properties.created = 946684800;  // 2000-01-01 UTC, always: equal results give equal bytes
  std::string title = result.json.is_object() ? result.json.value("title", std::string()) : std::string();
  std::string author = "Ipsi";
  properties.title = title.data();
  properties.author = author.data();
  workbook_set_properties(book, &properties);
  const Looks k = looks_of(book);
  for (const SheetPlan& plan : kSheets)
    if (const auto* named = find_table(result, plan.key))
      write_table(workbook_add_worksheet(book, plan.name), named->table, k);
  write_notes(workbook_add_worksheet(book, "Notes"), result, k);
  const lxw_error error = workbook_close(book);
  if (error != LXW_NO_ERROR)
    return fail(Code::Environment, std::string("cannot write the workbook: ") + lxw_strerror(error), name,
                "check permissions and free space");
  return {};
}

}  // namespace

Result<void> write_workbook(const ResultSet& result, const std::filesystem::path& path) {
  return write_file_with(path, [&](const std::filesystem::path& temporary) { return write_book(result, temporary); });
}

}  // namespace ipsi::report
