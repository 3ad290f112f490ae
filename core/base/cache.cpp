// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cache.h"

#include <cstdlib>

namespace ipsi {
namespace fs = std::filesystem;

fs::path user_cache_dir() {
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/') return fs::path(xdg) / "ipsi";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / ".cache" / "ipsi";
  return {};
}

}  // namespace ipsi
