// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/table/table.h"

namespace ipsi::cli {

/// Where rows come from, on every verb of statistics.
struct TableInput {
  std::filesystem::path table, study;
  std::vector<std::string> factors, numeric;

  void declare(CLI::App& verb);
};

/// Levels by column, as `--factor NAME=a,b,c` gives them. @error Usage
[[nodiscard]] Result<std::map<std::string, std::vector<std::string>>> levels_of(
    const std::vector<std::string>& factors);

/// @error Usage  neither a table nor a study is named; as read_table, Study::open
[[nodiscard]] Result<table::Table> read_input(const TableInput& input,
                                              const std::map<std::string, std::vector<std::string>>& factors);

}  // namespace ipsi::cli
