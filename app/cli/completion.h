// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ipsi::cli {

/// What may come next after `words` (those behind `ipsi`; the last one is being typed): verbs and flags, sorted.
[[nodiscard]] std::vector<std::string> completions(const CLI::App& app, const std::vector<std::string>& words);

/// The script a user sources: `source <(ipsi completion bash)`. It asks `ipsi completion words ...` at each Tab and
/// falls back to file names.
[[nodiscard]] std::string bash_completion();

}  // namespace ipsi::cli
