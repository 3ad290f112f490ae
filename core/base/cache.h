// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace ipsi {

/// The user's cache of Ipsi: $XDG_CACHE_HOME/ipsi, else ~/.cache/ipsi; empty where the user has neither. Not made.
[[nodiscard]] std::filesystem::path user_cache_dir();

/// The user's data of Ipsi, which nobody throws away: $XDG_DATA_HOME/ipsi, else ~/.local/share/ipsi; else empty.
[[nodiscard]] std::filesystem::path user_data_dir();

}  // namespace ipsi
