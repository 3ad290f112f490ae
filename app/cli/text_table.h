// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/table/table.h"

namespace ipsi::cli {

/// A table for people: columns aligned, numbers rounded by their size, p-values as such (columns named p, "p ..").
/// A column `quantity` makes it a list without a head.
[[nodiscard]] std::string aligned(const table::Table& table);

}  // namespace ipsi::cli
