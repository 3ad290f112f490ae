// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::study {

/// Time since the stroke. The groups overlap: early lies inside subacute, and 91 to 179 days belongs to `all` alone.
/// @source Liew et al. (2021), Brain Communications
enum class Subgroup {
  subacute,  ///< 0 to 90 days
  early,     ///< 0 to 21 days
  chronic,   ///< 180 days or more
  all,       ///< everyone, also without a known time
};

[[nodiscard]] std::string_view to_string(Subgroup subgroup);
[[nodiscard]] std::optional<Subgroup> parse_subgroup(std::string_view text);
/// Does someone seen `days` after the stroke belong? Missing and negative days belong to `all` alone.
[[nodiscard]] bool contains(Subgroup subgroup, double days_post_stroke);

/// Rows of an analysis table whose `days_post_stroke` lies in the subgroup.
/// @error NotFound  the table has no such column
[[nodiscard]] Result<std::vector<std::size_t>> rows_of(const table::Table& table, Subgroup subgroup);

/// From everyone to the analysed by the Exclusion rows: "Everyone", a step for each reason in the order the reference
/// analysis takes them, "Analysed". Each step says how many reach it and how many leave at it.
[[nodiscard]] std::vector<FlowStep> count_flow(const Snapshot& snapshot);

}  // namespace ipsi::study
