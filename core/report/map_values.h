// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/regions.h"
#include "core/render/compose.h"
#include "core/table/table.h"

namespace ipsi::report {

/// What one region has in one analysis.
struct RegionValue {
  double value = std::numeric_limits<double>::quiet_NaN();
  double p = std::numeric_limits<double>::quiet_NaN();
  double n = std::numeric_limits<double>::quiet_NaN();  ///< people in its model
  render::Look look = render::Look::untested;
};

struct MapPanel {
  std::string title;
  std::array<RegionValue, kRegions.size()> regions{};  ///< order of kRegions; ipsilesional stands on the left
};

/// ipsi_contra: the left half of kRegions means ipsilesional. left_right: the person's own sides.
enum class MapSides { ipsi_contra, left_right };

/// Values of regions by analysis: what a brain map shows.
struct MapValues {
  std::vector<MapPanel> panels;
  MapSides sides = MapSides::ipsi_contra;
  std::string column = "value";      ///< where the values came from
  double significant_p = 0.05 / 12;  ///< below it a region is significant
  bool tested = false;               ///< some region has a p or a verdict: the looks mean something
  std::string data_hash;             ///< of the file, empty for values made in memory
};

struct MapValuesOptions {
  std::string column{};                   ///< empty: `beta` if the file has it, else `value`
  std::string analysis{};                 ///< only this one; empty: a panel for each
  std::optional<double> significant_p{};  ///< given: decides alone; absent: a column `significant`, else p < 0.05/12
  std::map<std::string, std::string> titles{};  ///< words for panels, by the title they would have otherwise
};

/// Read a table of values: columns region, side, value [p, n, significant, notes, analysis, title, predictor], as
/// `ipsi batch` writes results.csv, or written by hand. A region may carry its side ("left_putamen", "ipsi_putamen").
/// A p may be a bound ("<0.001"). A region without a row or a value is untested; one whose note or status says
/// "excluded" is excluded.
/// @error NotFound      the file, the column (those present are named), the analysis
/// @error InvalidInput  unknown region or side, a cell that is no number, a region twice, both kinds of sides: line,
/// column
[[nodiscard]] Result<MapValues> read_map_values(const std::filesystem::path& path, const MapValuesOptions& options);
[[nodiscard]] Result<MapValues> parse_map_values(std::string_view text, const std::string& file,
                                                 const MapValuesOptions& options);
/// The same of a table in memory: equal in every field, the hash too, to reading the file it is written to as CSV.
[[nodiscard]] Result<MapValues> map_values_of(const table::Table& table, const std::string& name,
                                              const MapValuesOptions& options);

}  // namespace ipsi::report
