// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "core/stats/design.h"

namespace ipsi::stats::lme {

/// Containment degrees of freedom: a column is tested against the grouping factor inside whose levels it is constant,
/// or against the rows when it varies inside the levels of every factor.
struct Freedom {
  Eigen::VectorXd column;    ///< [p]
  std::vector<int> stratum;  ///< [p] index of the factor, or the number of factors for the rows
  std::vector<double> df;    ///< of each stratum
  /// df of a term: of the innermost of its columns.
  [[nodiscard]] double term(Eigen::Index first, Eigen::Index width) const;
};

/// One factor: nlme's rule. Factors nested in each other: nlme's rule, level by level. Crossed factors: each has its
/// levels less 1, the rows what is left; of several factors the column is constant in, the coarsest counts.
[[nodiscard]] Freedom containment(const ModelData& data, const Columns& columns);

/// Does every level of `inner` lie in one level of `outer`?
[[nodiscard]] bool nested(const RandomPart& inner, const RandomPart& outer);

}  // namespace ipsi::stats::lme
