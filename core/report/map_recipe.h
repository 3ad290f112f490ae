// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/brain_map.h"
#include "core/report/map_key.h"

namespace ipsi::report {

/// The figure in words: what is shown, which regions are significant, with their values.
[[nodiscard]] std::string alt_text(const MapValues& values, const std::string& quantity);

/// All that decides how the figure looks, with the values drawn: panels, limits, camera, atlas, versions.
[[nodiscard]] Json recipe_of(const MapValues& values, const brain::Template& head, const BrainMapOptions& options,
                             const MapKey& key, double height_mm);

/// "significant", "not_significant", "untested", "excluded", "plain".
[[nodiscard]] std::string to_string(render::Look look);

/// Values and looks of the panels: an array of {title, regions: [{region, side, value, p, n, look}]}.
[[nodiscard]] Json panels_json(const MapValues& values);

}  // namespace ipsi::report
