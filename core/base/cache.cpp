// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cache.h"

#include <cstdlib>

namespace ipsi {
namespace fs = std::filesystem;

namespace {

fs::path user_dir(const char* variable, const char* below_home) {
  if (const char* xdg = std::getenv(variable); xdg != nullptr && *xdg == '/') return fs::path(xdg) / "ipsi";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / below_home / "ipsi";
  return {};
}

}  // namespace

fs::path user_cache_dir() {
  return user_dir("XDG_CACHE_HOME", ".cache");
}

fs::path user_data_dir() {
  return user_dir("XDG_DATA_HOME", ".local/share");
}

}  // namespace ipsi
