// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ipsi::cli {
namespace {

std::string shown(const std::string& column, double value) {
  if (std::isnan(value)) return "";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  if (column == "p" || column.starts_with("p "))
    return value < 1e-4 ? fmt::format("{:.1e}", value) : fmt::format("{:.4f}", value);
  if (value == std::floor(value) && std::abs(value) < 1e9) return fmt::format("{:.0f}", value);
  const double size = std::abs(value);
  if (size >= 1e6 || (size < 1e-4 && size > 0.0)) return fmt::format("{:.4g}", value);
  return fmt::format("{:.{}f}", value, size >= 1000.0 ? 1 : (size >= 100.0 ? 2 : 4));
}

std::string cell_of(const table::Table& table, std::size_t row, std::size_t column) {
  const table::Column& c = table.column(column);
  if (c.kind != table::Column::Kind::numeric) return c.cell(row);
  // In a table of quantities the row's own name says what kind of number it is.
  const table::Column* quantity = table.find("quantity");
  const std::string name =
      quantity != nullptr && (" " + quantity->texts[row] + " ").find(" p ") != std::string::npos ? "p" : c.name;
  return shown(name, c.values[row]);
}

std::size_t width_of(const std::string& text) {  // characters, not bytes
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string aligned(const table::Table& table) {
  std::vector<std::vector<std::string>> cells{table.names()};
  if (table.find("quantity") != nullptr) cells.clear();
  for (std::size_t r = 0; r < table.rows(); ++r) {
    cells.emplace_back();
    for (std::size_t c = 0; c < table.columns(); ++c) cells.back().push_back(cell_of(table, r, c));
  }
  std::vector<std::size_t> widths(table.columns(), 0);
  for (const auto& row : cells)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string out;
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string blanks(widths[c] - width_of(row[c]), ' ');
      const bool left = table.column(c).kind == table::Column::Kind::text;
      line += (c == 0 ? "  " : "  ") + (left ? row[c] + blanks : blanks + row[c]);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line + "\n";
  }
  return out;
}

}  // namespace ipsi::cli
