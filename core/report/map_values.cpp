// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/map_values.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/table/delimited.h"

namespace ipsi::report {
namespace {

struct SideName {
  Side half;  ///< half of kRegions: ipsilesional is the left one
  MapSides kind;
};

std::optional<SideName> parse_side(std::string_view text) {
  const std::string name = to_lower(trim(text));
  for (const char* word : {"ipsi", "ipsilesional", "i", "affected"})
    if (name == word) return SideName{Side::left, MapSides::ipsi_contra};
  for (const char* word : {"contra", "contralesional", "c", "unaffected"})
    if (name == word) return SideName{Side::right, MapSides::ipsi_contra};
  for (const char* word : {"left", "l", "lh"})
    if (name == word) return SideName{Side::left, MapSides::left_right};
  for (const char* word : {"right", "r", "rh"})
    if (name == word) return SideName{Side::right, MapSides::left_right};
  return std::nullopt;
}

struct Place {
  const table::Sheet& sheet;
  int line;
  [[nodiscard]] std::string column(int index) const {
    return fmt::format("{}, line {}, column {}", sheet.file, line, sheet.header[static_cast<std::size_t>(index)]);
  }
};

/// The columns that matter; -1 where the file has none.
struct Columns {
  int region, side, value, p, n, significant, notes, status, analysis, title, predictor;
};

bool is_missing(const std::string& cell) {
  const std::string c = to_lower(cell);
  return c.empty() || c == "na" || c == "nan" || c == "n/a" || c == "." || c == "null";
}

Result<double> number_at(const table::Sheet& sheet, const table::Sheet::Row& row, int column) {
  const std::string& cell = row.cells[static_cast<std::size_t>(column)];
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  if (const auto value = sheet.number(cell)) return *value;
  return fail(Code::InvalidInput, fmt::format("'{}' is not a number", cell), Place{sheet, row.line}.column(column),
              "write a number with a decimal point, or leave the cell empty");
}

Result<Columns> find_columns(const table::Sheet& sheet, const MapValuesOptions& options) {
  const std::string present = join(sheet.header, ", ");
  const auto require = [&](std::string_view name) -> Result<int> {
    if (const int at = sheet.find(name); at >= 0) return at;
    return fail(Code::NotFound, fmt::format("there is no column '{}'", name),
                fmt::format("{}, line {}", sheet.file, sheet.header_line), "the columns are " + present);
  };
  const auto region = require("region");
  if (!region) return tl::unexpected(region.error());
  std::string wanted = options.column;
  if (wanted.empty()) wanted = sheet.find("beta") >= 0 ? "beta" : "value";
  const auto value = require(wanted);
  if (!value) return tl::unexpected(value.error());
  return Columns{*region,
                 sheet.find("side"),
                 *value,
                 sheet.find("p"),
                 sheet.find("n"),
                 sheet.find("significant"),
                 sheet.find("notes"),
                 sheet.find("status"),
                 sheet.find("analysis"),
                 sheet.find("title"),
                 sheet.find("predictor")};
}

/// A p value; "<0.001", as papers print it, stands for its bound.
Result<double> p_at(const table::Sheet& sheet, const table::Sheet::Row& row, int column) {
  const std::string& cell = row.cells[static_cast<std::size_t>(column)];
  if (cell.starts_with('<'))
    if (const auto bound = sheet.number(trim(cell.substr(1)))) return *bound;
  return number_at(sheet, row, column);
}

struct Target {
  std::size_t region = 0;  ///< index in kRegions
  MapSides kind = MapSides::ipsi_contra;
};

/// "putamen" with a side column, or "left_putamen", "ipsi putamen", "Lput" alone.
Result<Target> parse_target(const table::Sheet& sheet, const table::Sheet::Row& row, const Columns& columns) {
  const Place place{sheet, row.line};
  const std::string& name = row.cells[static_cast<std::size_t>(columns.region)];
  std::optional<std::string_view> structure = parse_structure(name);
  std::optional<SideName> side;
  if (!structure) {
    const std::string lower = to_lower(name);
    for (const char* prefix :
         {"ipsilesional", "contralesional", "ipsi", "contra", "left", "right", "lh", "rh", "l", "r"}) {
      if (!lower.starts_with(prefix)) continue;
      structure = parse_structure(name.substr(std::string_view(prefix).size()));
      side = parse_side(prefix);
      if (structure) break;
    }
  }
  if (!structure)
    return fail(Code::InvalidInput, fmt::format("'{}' is not one of the regions", name), place.column(columns.region),
                "use thalamus, caudate, putamen, pallidum, accumbens or lateral_ventricle");
  const std::string cell = columns.side >= 0 ? row.cells[static_cast<std::size_t>(columns.side)] : "";
  if (!cell.empty()) {
    const auto given = parse_side(cell);
    if (!given)
      return fail(Code::InvalidInput, fmt::format("'{}' is not a side", cell), place.column(columns.side),
                  "use ipsi and contra, or left and right");
    if (side && (side->half != given->half || side->kind != given->kind))
      return fail(Code::InvalidInput, fmt::format("region '{}' and side '{}' contradict each other", name, cell),
                  place.column(columns.side), "correct one of them");
    side = given;
  }
  if (!side)
    return fail(Code::InvalidInput, fmt::format("region '{}' has no side", name),
                place.column(columns.side >= 0 ? columns.side : columns.region),
                "add a column side with ipsi and contra, or left and right");
  const Region& region = region_of(*structure, side->half);
  return Target{static_cast<std::size_t>(&region - kRegions.data()), side->kind};
}

/// true, false, or nothing where the cell is empty.
Result<std::optional<bool>> verdict_at(const table::Sheet& sheet, const table::Sheet::Row& row, int column) {
  if (column < 0) return std::optional<bool>{};
  const std::string cell = to_lower(row.cells[static_cast<std::size_t>(column)]);
  if (is_missing(cell)) return std::optional<bool>{};
  if (cell == "true" || cell == "1" || cell == "yes") return std::optional<bool>{true};
  if (cell == "false" || cell == "0" || cell == "no") return std::optional<bool>{false};
  return fail(Code::InvalidInput, fmt::format("'{}' is neither true nor false", cell),
              Place{sheet, row.line}.column(column), "write true or false");
}

bool says_excluded(const table::Sheet::Row& row, const Columns& columns) {
  for (const int column : {columns.notes, columns.status})
    if (column >= 0 && to_lower(row.cells[static_cast<std::size_t>(column)]).find("excluded") != std::string::npos)
      return true;
  return false;
}

Result<RegionValue> read_value(const table::Sheet& sheet, const table::Sheet::Row& row, const Columns& columns,
                               const MapValuesOptions& options) {
  RegionValue out;
  const auto value = number_at(sheet, row, columns.value);
  if (!value) return tl::unexpected(value.error());
  out.value = *value;
  for (const auto& [column, target] : {std::pair{columns.p, &out.p}, std::pair{columns.n, &out.n}}) {
    if (column < 0) continue;
    const auto number = column == columns.p ? p_at(sheet, row, column) : number_at(sheet, row, column);
    if (!number) return tl::unexpected(number.error());
    *target = *number;
  }
  if (!std::isnan(out.p) && (out.p < 0 || out.p > 1))
    return fail(Code::InvalidInput, fmt::format("p is {:g}", out.p), Place{sheet, row.line}.column(columns.p),
                "a probability lies between 0 and 1");
  const auto verdict = verdict_at(sheet, row, columns.significant);
  if (!verdict) return tl::unexpected(verdict.error());
  if (says_excluded(row, columns)) {
    out.look = render::Look::excluded;
  } else if (std::isnan(out.value)) {
    out.look = render::Look::untested;
  } else if (options.significant_p && !std::isnan(out.p)) {
    out.look = out.p < *options.significant_p ? render::Look::significant : render::Look::not_significant;
  } else if (verdict->has_value()) {
    out.look = **verdict ? render::Look::significant : render::Look::not_significant;
  } else if (!std::isnan(out.p)) {
    out.look = out.p < 0.05 / 12 ? render::Look::significant : render::Look::not_significant;
  } else {
    out.look = render::Look::plain;
  }
  return out;
}

/// The panel's title: the analysis, with the predictor where one analysis has several.
std::vector<std::string> panel_keys(const table::Sheet& sheet, const Columns& columns) {
  const auto cell = [](const table::Sheet::Row& row, int column) {
    return column >= 0 ? row.cells[static_cast<std::size_t>(column)] : std::string();
  };
  std::map<std::string, std::vector<std::string>> predictors;
  for (const auto& row : sheet.rows) {
    auto& seen = predictors[cell(row, columns.analysis)];
    if (const std::string name = cell(row, columns.predictor); std::ranges::find(seen, name) == seen.end())
      seen.push_back(name);
  }
  std::vector<std::string> keys;
  for (const auto& row : sheet.rows) {
    const std::string analysis = cell(row, columns.analysis);
    const std::string title =
        columns.title >= 0 && !cell(row, columns.title).empty() ? cell(row, columns.title) : analysis;
    const bool several = predictors[analysis].size() > 1;
    keys.push_back(several ? title + ": " + cell(row, columns.predictor) : title);
  }
  return keys;
}

Result<MapValues> from_sheet(const table::Sheet& sheet, const MapValuesOptions& options) {
  const auto columns = find_columns(sheet, options);
  if (!columns) return tl::unexpected(columns.error());
  MapValues out;
  out.column = sheet.header[static_cast<std::size_t>(columns->value)];
  if (options.significant_p) out.significant_p = *options.significant_p;
  const std::vector<std::string> keys = panel_keys(sheet, *columns);
  std::vector<std::array<int, kRegions.size()>> lines;  // where each region of each panel was given
  std::vector<std::string> names;
  std::optional<std::pair<MapSides, int>> kind;
  for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
    const auto& row = sheet.rows[r];
    const std::string analysis =
        columns->analysis >= 0 ? row.cells[static_cast<std::size_t>(columns->analysis)] : std::string();
    if (std::ranges::find(names, analysis) == names.end()) names.push_back(analysis);
    if (!options.analysis.empty() && analysis != options.analysis && keys[r] != options.analysis) continue;
    const auto target = parse_target(sheet, row, *columns);
    if (!target) return tl::unexpected(target.error());
    if (kind && kind->first != target->kind)
      return fail(Code::InvalidInput, "left/right and ipsi/contra are mixed",
                  fmt::format("{}, line {}", sheet.file, row.line),
                  fmt::format("line {} uses the other kind: keep one kind in a file", kind->second));
    kind = {target->kind, row.line};
    auto at = std::ranges::find(out.panels, keys[r], &MapPanel::title);
    if (at == out.panels.end()) {
      out.panels.push_back({keys[r], {}});
      lines.emplace_back();
      at = std::prev(out.panels.end());
    }
    int& given = lines[static_cast<std::size_t>(at - out.panels.begin())][target->region];
    if (given != 0)
      return fail(Code::InvalidInput,
                  fmt::format("{} is given twice{}", kRegions[target->region].structure,
                              keys[r].empty() ? "" : fmt::format(" in '{}'", keys[r])),
                  fmt::format("{}, lines {} and {}", sheet.file, given, row.line), "remove one of the two rows");
    given = row.line;
    const auto value = read_value(sheet, row, *columns, options);
    if (!value) return tl::unexpected(value.error());
    at->regions[target->region] = *value;
    out.tested = out.tested || value->look == render::Look::significant || value->look == render::Look::not_significant;
  }
  if (out.panels.empty() && !options.analysis.empty())
    return fail(Code::NotFound, fmt::format("there is no analysis '{}'", options.analysis), sheet.file,
                "the analyses are " + join(names, ", "));
  if (out.panels.empty())
    return fail(Code::InvalidInput, "the table has no rows", sheet.file, "add a row for each region and side");
  out.sides = kind->first;
  for (MapPanel& panel : out.panels)
    if (const auto words = options.titles.find(panel.title); words != options.titles.end()) panel.title = words->second;
  return out;
}

}  // namespace

Result<MapValues> parse_map_values(std::string_view text, const std::string& file, const MapValuesOptions& options) {
  const auto sheet = table::parse_delimited(text, file);
  if (!sheet) return tl::unexpected(sheet.error());
  auto out = from_sheet(*sheet, options);
  if (out) out->data_hash = content_hash(text);
  return out;
}

Result<MapValues> map_values_of(const table::Table& table, const std::string& name, const MapValuesOptions& options) {
  return parse_map_values(table::to_delimited(table), name, options);
}

Result<MapValues> read_map_values(const std::filesystem::path& path, const MapValuesOptions& options) {
  const auto hash = file_hash(path);
  if (!hash) return tl::unexpected(hash.error());
  const auto sheet = table::read_sheet(path);
  if (!sheet) return tl::unexpected(sheet.error());
  auto out = from_sheet(*sheet, options);
  if (out) out->data_hash = *hash;
  return out;
}

}  // namespace ipsi::report
