// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace ipsi::test {

/// What one call of `ipsi` gave.
struct Ran {
  int code = -1;    ///< exit code; 128 + signal when one ended it
  std::string out;  ///< stdout
  std::string err;  ///< stderr
  /// stdout as JSON; discarded (`is_discarded()`) when it is none.
  [[nodiscard]] Json json() const { return Json::parse(out, nullptr, false); }
};

/// Runs the `ipsi` of this build with these arguments in `folder`.
[[nodiscard]] Ran ipsi(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".");

/// Starts it without waiting and gives the process id.
[[nodiscard]] int start_ipsi(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".");

}  // namespace ipsi::test
