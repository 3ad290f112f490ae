// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/spec/spec.h"
#include "core/stats/design.h"
#include "core/stats/lme.h"
#include "core/table/table.h"

namespace ipsi::stats {

/// A model once more in R: a program, and the rows it reads from NAME.csv beside itself.
struct RScript {
  std::string code, csv;
};

/// The same model by R's lm, nlme (a random intercept) or lme4 (more), robustlmm, lavaan, on exactly the rows that were
/// used. The program compares with the numbers of `result`, says how far each is off, and stops with an error where a
/// difference is larger than the two programs' own accuracy. Without the package it says so and ends well.
/// @param result  what `--json` prints for this spec and data
/// @param name    of the files, without extension
/// @error InvalidInput  the method has no R peer here, or as the method's own check
[[nodiscard]] Result<RScript> r_script(const spec::Spec& spec, const table::Table& data, const Json& result,
                                       const std::string& name);

/// The same of a mixed model with a random intercept that was fitted to numbers, not to a formula: columns as fitted.
/// @param title  a line for the reader
[[nodiscard]] Result<RScript> r_script_of_numbers(const ModelData& data, const LmeFit& fit, const std::string& response,
                                                  const std::string& title, const std::string& name);

}  // namespace ipsi::stats
