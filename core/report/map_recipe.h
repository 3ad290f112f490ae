// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/report/brain_map.h"
#include "core/report/map_key.h"

namespace ipsi::report {

/// The figure in words: what is shown, which regions are significant, with their values.
[[nodiscard]] std::string alt_text(const MapValues& values, const std::string& quantity);

/// All that decides how the figure looks, with the values drawn: panels, limits, camera, atlas, versions.
[[nodiscard]] Json recipe_of(const MapValues& values, const brain::Template& head, const BrainMapOptions& options,
                             const MapKey& key, double height_mm);

/// The figure as `out`, its recipe as `out`.json; both names go into the recipe.
/// @error Environment  it cannot be written
[[nodiscard]] Result<void> write_brain_map(BrainMap& map, const std::filesystem::path& out);

/// One analysis as a volume (to_volume) in `out`, and beside it, as `out`.json, what is returned: source of the
/// values, sides, atlas.
/// @error Environment  they cannot be written
[[nodiscard]] Result<Json> write_map_volume(const MapValues& values, const brain::Template& head,
                                            const std::filesystem::path& out);

/// What a recipe draws: the figure comes out byte for byte where atlas and versions are the same.
struct MapRecipe {
  MapValues values;
  BrainMapOptions options;
  std::string atlas, atlas_source;              ///< the template it was drawn on
  std::map<std::string, std::string> versions;  ///< of what drew it: vtk, cairo, pango, ipsi
};
/// @error InvalidInput  not a recipe of a brain map, or a field is missing or of the wrong kind (named)
[[nodiscard]] Result<MapRecipe> parse_map_recipe(const Json& json, const std::string& file);
/// @error NotFound, ReadFailed; InvalidInput  not JSON, or as parse_map_recipe
[[nodiscard]] Result<MapRecipe> read_map_recipe(const std::filesystem::path& path);

/// "significant", "not_significant", "untested", "excluded", "plain".
[[nodiscard]] std::string to_string(render::Look look);

/// Values and looks of the panels: an array of {title, regions: [{region, side, value, p, n, look}]}.
[[nodiscard]] Json panels_json(const MapValues& values);

}  // namespace ipsi::report
