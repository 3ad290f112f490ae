// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stats/formula.h"
#include "core/table/table.h"

namespace ipsi::stats {

/// What the columns of a fixed-effects matrix mean.
struct Columns {
  std::vector<std::string> names;  ///< [p] "(Intercept)", "age", "sexM", "age:sexM"
  std::vector<int> term;           ///< [p] index into `terms`; -1 = the intercept
  std::vector<std::string> terms;  ///< labels without the intercept

  [[nodiscard]] bool has_intercept() const { return !term.empty() && term.front() < 0; }
};

/// What varies between the levels of one grouping factor.
struct RandomPart {
  Eigen::MatrixXd z;                 ///< [n x q], e.g. a column of ones
  std::vector<std::string> columns;  ///< [q]
  std::vector<int> block;            ///< [q] columns of one block correlate freely, others not at all; ascending
  std::vector<int> group;            ///< [n] 0..m-1
  std::vector<std::string> groups;   ///< [m] each with at least one row
  std::string name;                  ///< of the grouping factor, "clinic" or "clinic:ward"
};

/// Everything a linear model is fitted to, as numbers.
struct ModelData {
  Eigen::VectorXd y;               ///< [n]
  Eigen::MatrixXd x;               ///< [n x p], intercept column included
  Columns columns;                 ///< [p]; may be empty: columns are then called x1, x2, ..
  Eigen::VectorXd weights;         ///< [n] > 0, or empty
  std::vector<RandomPart> random;  ///< one for each grouping factor; empty = no random effect
};

/// How the levels of a factor become columns where it is coded by contrasts.
enum class Contrasts {
  treatment,   ///< a column for every level but the first, the reference
  sum_to_zero  ///< a column for every level but the last, which is -1 in all of them (type III sums of squares)
};

struct DesignOptions {
  std::string weights;  ///< column of weights; empty = none
  Contrasts contrasts = Contrasts::treatment;
};

/// A formula met with a table.
struct Design {
  struct Dropped {
    std::string variable;  ///< of several missing in one row the first in the formula counts
    int rows = 0;
  };
  ModelData data;
  std::string response;           ///< label of the left side
  std::vector<std::size_t> rows;  ///< [n] rows of the table that are in the model
  std::vector<Dropped> dropped;   ///< rows left out because a value is missing
  [[nodiscard]] int rows_dropped() const;
};

/// Treatment contrasts, columns named and ordered like R's model.matrix; text and logical columns are factors (sorted
/// levels unless the column fixes them; unused levels dropped). Rows with a missing value in any variable are left out
/// first; `scale()`, `z()` (n - 1) and `poly()` are then evaluated over exactly the rows that stay.
/// @error NotFound       a column of the formula (or of weights) is not in the table
/// @error InvalidInput   no rows left (says why), a factor with one level, one group only, log of a number <= 0, a text
/// response, constant column to scale, negative weight
[[nodiscard]] Result<Design> make_design(const Formula& formula, const table::Table& data,
                                         const DesignOptions& options = {});

}  // namespace ipsi::stats
