// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace ipsi::stats {

/// A place in a model's text, both from 1.
struct SemPlace {
  int line = 1, column = 1;
};
[[nodiscard]] std::string to_string(const SemPlace& place);  ///< "model, line 3, column 7"

/// A formula of labels: the right side of `ab := a * b`.
struct SemExpression {
  enum class Kind { number, name, negative, binary, call };
  Kind kind = Kind::number;
  double number = 0.0;
  std::string text;  ///< name, operator or function
  SemPlace place;
  std::vector<std::shared_ptr<const SemExpression>> arguments;
};

/// `lhs op modifier*rhs` of one pair of variables.
struct SemPath {
  std::string lhs, op, rhs;  ///< op: "=~", "~", "~~"
  std::optional<double> fixed, start;
  bool freed = false;  ///< `NA*`
  std::string label;
  SemPlace lhs_place, place;  ///< of lhs and of rhs
};

struct SemDefinition {
  std::string name, text;  ///< text without blanks
  std::shared_ptr<const SemExpression> expression;
  SemPlace place;
};

/// A path model as written; knows no data.
struct SemSyntax {
  std::vector<SemPath> paths;
  std::vector<SemDefinition> definitions;
};

/// lavaan's notation: `f =~ x1 + x2`, `y ~ a*x + 0.5*z`, `y1 ~~ y2`, `ab := a*b`; modifiers are numbers (fixed), `NA`
/// (free), labels (equal labels: equal parameters), `start(0.8)`, `label("a")`; comments after # or !; statements end
/// with the line or `;` unless the line ends with an operator or the next begins with one.
/// @error InvalidInput  what is not understood or not offered (means, several groups, thresholds, inequality
///                      constraints), with line and column
[[nodiscard]] Result<SemSyntax> parse_sem(std::string_view text);

}  // namespace ipsi::stats
