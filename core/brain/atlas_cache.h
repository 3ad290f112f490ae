// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/image/volume.h"

namespace ipsi::brain {

/// $XDG_CACHE_HOME/ipsi/atlas-<key>.runs, else under ~/.cache; empty where the user has neither.
[[nodiscard]] std::filesystem::path cache_file(const std::string& key);

/// The label map kept in `file`, or nothing when it is absent, damaged, of another grid, or lacks a region.
[[nodiscard]] std::optional<image::Labels> read_cached_labels(const std::filesystem::path& file,
                                                              const image::Grid& grid);

/// Keep `labels` for next time, whole or not at all. A cache that cannot be written is no error: it costs seconds.
void store_cached_labels(const std::filesystem::path& file, const image::Labels& labels);

}  // namespace ipsi::brain
