// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/engine/analyses.h"
#include "core/spec/option.h"

namespace ipsi::engine {

/// What can be set of an analysis beside its variables: the scale of the response, what the mixed model itself declares
/// (`ipsi lme`), and how the tests of the regions are corrected. Forms are made from this list.
[[nodiscard]] const std::vector<spec::Option>& analysis_options();

/// The options of an analysis as `analysis_options` declares them.
[[nodiscard]] Json options_of(const Analysis& analysis);

/// Set them; those not given take their defaults.
/// @error InvalidInput  as spec::complete
[[nodiscard]] Result<void> set_options(Analysis& analysis, const Json& given);

}  // namespace ipsi::engine
