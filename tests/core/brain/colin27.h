// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>

#include "core/brain/atlas.h"

namespace ipsi::test {

/// Colin27 through a cache of the tests' own.
inline Result<brain::Template> colin27() {
  std::error_code ec;
  std::filesystem::create_directories(IPSI_TEST_CACHE, ec);
  ::setenv("XDG_CACHE_HOME", IPSI_TEST_CACHE, 1);
  return brain::load_colin27(Task{});
}

}  // namespace ipsi::test

/// Skip where the Debian package is not installed: it is a run-time dependency, listed in packaging/linux.
#define IPSI_NEEDS_COLIN27() \
  if (ipsi::brain::mricron_dir().empty()) GTEST_SKIP() << "needs the Debian package mricron-data"
