// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/spec/method.h"
#include "core/stats/coefficients.h"
#include "core/stats/design.h"

// What the methods of this library share between a spec and its fit; private to the library.
namespace ipsi::stats {

/// A spec met with its table.
struct Request {
  Json options;  ///< complete, checked
  Formula formula;
  Design design;
  std::size_t rows_given = 0;     ///< of the table
  std::size_t rows_selected = 0;  ///< for which the row condition holds
  std::vector<std::size_t> rows;  ///< [n] rows of the given table that are in the model
};

/// The table as the spec wants it: factors with their levels, rows by its condition.
/// @error NotFound, InvalidInput  a factor that is no column, a cell that is none of its levels; as rows_where
[[nodiscard]] Result<table::Table> requested_table(const spec::Spec& spec, const table::Table& data);

/// Checks the spec against what the method declares and builds the design.
/// @param weights_option  option that names a column of weights; empty = the method knows none
[[nodiscard]] Result<Request> prepare(const spec::MethodInfo& info, const spec::Spec& spec, const table::Table& data,
                                      const std::string& weights_option = "");

/// "12 rows without age" and the like, for findings; empty when no row was left out.
[[nodiscard]] std::vector<std::string> dropped_findings(const Request& request);

/// formula, rows and dropped as keys of the result.
void add_request(Json& json, const spec::Spec& spec, const Request& request);

/// Columns term, estimate, se, df, t, p, ci_low, ci_high.
[[nodiscard]] table::Table coefficient_table(const Coefficients& coefficients);

/// Two columns, quantity and value, of numbers that belong together.
[[nodiscard]] table::Table quantity_table(const std::vector<std::pair<std::string, double>>& rows);

/// Spec, hash of the data, method and seed.
[[nodiscard]] Json manifest_of(const spec::Spec& spec, const table::Table& data);

}  // namespace ipsi::stats
