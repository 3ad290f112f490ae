// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "core/study/analysis_table.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::ui {

/// The analysis table after some ratings changed: only their flag cells are made anew, which is what lets a key show
/// its effect at once. Equals `analysis_table(snapshot, options)`; nullptr where that cannot be promised.
[[nodiscard]] std::shared_ptr<const table::Table> patch_flags(const table::Table& table,
                                                              const study::Snapshot& snapshot,
                                                              const study::AnalysisOptions& options,
                                                              const std::vector<study::Rating>& touched);

}  // namespace ipsi::ui
