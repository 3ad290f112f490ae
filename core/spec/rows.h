// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/table/table.h"

namespace ipsi::spec {

/// Rows of a table for which a condition holds, in order; an empty condition keeps all.
///
/// Written as `days_post_stroke >= 180 and flag == 'ok'`: comparisons `== != < <= > >=` between columns, numbers and
/// texts in quotes, `x in ('a', 'b')`, `age is known`, `age is missing`, joined by `and`, `or`, `not`, parentheses.
/// A logical column stands for itself (`analysed`, `not analysed`), or is compared with true and false. A comparison
/// with a missing value never holds. Column names that are no words go in backticks.
/// @error Usage         the condition is not understood, with its column (1-based)
/// @error NotFound      a column that is not in the table
/// @error InvalidInput  a text compared with a number
[[nodiscard]] Result<std::vector<std::size_t>> rows_where(const table::Table& data, std::string_view condition);

}  // namespace ipsi::spec
