// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/table/table.h"

namespace ipsi::stats {

enum class TestKind { shapiro, wilcoxon, signed_rank, t, kruskal, correlation, table2x2, p_adjust };

/// Which columns a test reads.
struct TestColumns {
  std::string x = "x", y = "y", group = "group", p = "p";
  bool t_by_group = false;  ///< t: the two samples are `x` in the two levels of `group`, not the columns x and y
};

struct TestResult {
  Json json;           ///< keys of oracles/stats/basic
  table::Table shown;  ///< the same for people; equal columns for equal kinds
};

/// One simple test on the columns of a table (counts: a, b, c, d in one row).
/// @error NotFound      a column that is not in the table
/// @error InvalidInput  a column without numbers, other than two groups; what the test itself refuses
[[nodiscard]] Result<TestResult> run_test(TestKind kind, const TestColumns& columns, const table::Table& data);

}  // namespace ipsi::stats
