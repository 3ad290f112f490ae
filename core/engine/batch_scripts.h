// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "core/engine/batch.h"

namespace ipsi::engine {

/// Every model of a batch that has a fit as an R program with its rows beside it: <analysis>_<side>_<region>.R and
/// .csv. Each fits again with nlme and stops where its numbers differ from ours.
/// @return  bytes by file name
/// @error   as `run_batch`
/// @cost    the models are fitted once more: well below 100 ms for 84
[[nodiscard]] Result<std::map<std::string, std::string>> batch_scripts(const study::Snapshot& snapshot,
                                                                       const Analyses& analyses,
                                                                       const BatchOptions& options, const Task& task);

}  // namespace ipsi::engine
