// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/stats/design.h"
#include "core/table/table.h"
#include "tests/support/support.h"

namespace ipsi::test {

/// One case of the statistical oracles: its data typed as model.json says, and what R gives.
struct OracleCase {
  std::string name;
  table::Table data;
  Json model, expected;
};

/// Folders of the cases of a family: those under tests/reference/stats, and all of ../shared where it exists.
[[nodiscard]] std::vector<std::filesystem::path> oracle_cases(const std::string& family);
[[nodiscard]] OracleCase load_case(const std::filesystem::path& folder);
/// The formula with the random term, as the command line takes it.
[[nodiscard]] std::string formula_of(const Json& model);
[[nodiscard]] stats::Design design_of(const OracleCase& oracle);

/// Element by element, arrays and objects alike, with the path in the message. null stands for NaN.
void expect_near(const Json& actual, const Json& expected, double relative, double absolute, const std::string& path);

}  // namespace ipsi::test
