// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace ipsi::stats {

struct Expression;  // a variable of a formula as a tree; private to the library

/// One model term: which of the formula's variables it multiplies, as bits; no bit = the intercept.
using TermBits = std::uint64_t;

/// `(x + 1 | g)` or `(x || g)` as written.
struct RandomTerm {
  std::string text;             ///< as written, without the parentheses
  std::vector<TermBits> terms;  ///< columns of z beside the intercept
  bool intercept = true;
  bool correlated = true;                  ///< false for `||`
  std::string group;                       ///< name of the grouping factor: a column, or columns joined by ':'
  std::vector<std::string> group_columns;  ///< whose combinations are the groups
};

/// A parsed formula in Wilkinson/lme4 notation; knows no data.
///
/// Understood: `+ - : * / ^`, `-1`, `+0`, parentheses; `I() log() log2() log10() log1p() sqrt() exp() abs() factor()
/// scale() z() poly(x, k) poly(x, k, raw = TRUE)` (arithmetic inside them); `(1 | g)`, `(x | g)`, `(x || g)`, several
/// of them; `(1 | a:b)` groups by combinations, `(1 | a/b)` is `(1 | a) + (1 | a:b)`. `z(x)` is another name of
/// `scale(x)`. Names that are no words go in backticks.
struct Formula {
  std::string text;
  std::vector<std::string> variables;                          ///< as R deparses them, in order of appearance
  std::vector<std::shared_ptr<const Expression>> expressions;  ///< one a variable
  int response = -1;                                           ///< index into variables; -1 = one-sided
  bool intercept = true;
  std::vector<TermBits> terms;  ///< sorted as R does: by degree, then by appearance
  std::vector<RandomTerm> random;

  [[nodiscard]] std::string label(TermBits term) const;         ///< "(Intercept)", "x", "x:sex"
  [[nodiscard]] std::vector<std::string> columns_used() const;  ///< names of table columns, each once
};

/// @error Usage  what is not understood, with its column (1-based) in the text
[[nodiscard]] Result<Formula> parse_formula(std::string_view text);

}  // namespace ipsi::stats
