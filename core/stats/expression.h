// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/table/table.h"

namespace ipsi::stats {

/// One variable of a formula: a column, or functions and arithmetic of columns.
struct Expression {
  enum class Kind { name, number, negative, parenthesis, binary, call };
  Kind kind = Kind::name;
  std::string text;  ///< column name, operator or function name
  double number = 0.0;
  std::vector<std::shared_ptr<const Expression>> arguments;
  std::vector<std::string> argument_names;  ///< of calls; "" where not named
};

/// As R writes it: "log(x + 1)", "I(x^2)", "poly(x, 2)".
[[nodiscard]] std::string deparse(const Expression& expression);

/// Names of the columns it uses, appended once each.
void collect_columns(const Expression& expression, std::vector<std::string>& into);

/// A variable over the rows of a model: numbers, or a factor.
struct Variable {
  std::string label;
  Eigen::MatrixXd values;             ///< [n x k], k > 1 for poly; empty for factors
  std::vector<std::string> suffixes;  ///< [k] of column names; {""} for one column
  bool is_factor = false;
  std::vector<int> codes;           ///< [n] 0..levels-1
  std::vector<std::string> levels;  ///< first = reference; each with at least one row
};

/// @error InvalidInput  text in arithmetic, log of a number <= 0, a constant scaled, poly with too few values
[[nodiscard]] Result<Variable> evaluate(const Expression& expression, const table::Table& data,
                                        const std::vector<std::size_t>& rows);

/// Codes and levels of a column over some rows; every kind of column can be a factor.
[[nodiscard]] Variable as_factor(const table::Column& column, const std::vector<std::size_t>& rows);

}  // namespace ipsi::stats
