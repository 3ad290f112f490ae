// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/spec/result.h"

namespace ipsi::report {

/// Write the tables of a batch as an Excel workbook: a sheet each for Results, Coefficients, Table 1, Scores by side,
/// Flow, Left out and Notes. Header row frozen, numbers at full precision shown with sensible decimals, missing cells
/// empty. Equal results give equal bytes.
/// @error Environment  the file cannot be written (nothing is left behind)
[[nodiscard]] Result<void> write_workbook(const spec::ResultSet& result, const std::filesystem::path& path);

}  // namespace ipsi::report
