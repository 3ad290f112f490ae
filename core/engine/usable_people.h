// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/study/subgroup.h"
#include "core/table/table.h"

namespace ipsi::engine {

/// The analysis table as a model of one's own should read it: the analysed patients of a subset, and no volume of a
/// region that is flagged lesioned or failed (missing instead, so that the person stays in other regions' models).
/// @param people  as study::analysis_table makes it
/// @error NotFound  it is no analysis table
[[nodiscard]] Result<table::Table> usable_people(const table::Table& people, study::Subgroup subset);

}  // namespace ipsi::engine
