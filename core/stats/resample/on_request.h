// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/spec/option.h"
#include "core/spec/result.h"
#include "core/stats/request.h"
#include "core/stats/resample/resample.h"

namespace ipsi::stats {

/// The options of every method whose coefficients can be resampled: bootstrap, bootstrap-kind, permute, permutations,
/// blocks.
[[nodiscard]] std::vector<spec::Option> with_resampling(std::vector<spec::Option> options);

/// Do what the options of a request ask for and add it to the result: keys and tables `bootstrap` and `permutation`,
/// findings, a paragraph, references. Nothing where nothing is asked for.
/// @param data  the table of the spec, before its row condition
/// @error as bootstrap and permute; NotFound, InvalidInput  --blocks names no text column, or one with missing values
[[nodiscard]] Result<void> add_resampling(spec::ResultSet& out, const spec::Spec& spec, const table::Table& data,
                                          const Request& request, Criterion criterion, const Task& task);

}  // namespace ipsi::stats
