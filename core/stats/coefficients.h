// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/stats/design.h"

namespace ipsi::stats {

/// The table of fixed effects. Undefined values (no degrees of freedom) are NaN.
struct Coefficients {
  std::vector<std::string> name;
  Eigen::VectorXd value, se, df, t, p, ci_low, ci_high;  ///< [p] two-sided p, 95 % interval

  /// Position of a coefficient; -1 when there is none of that name.
  [[nodiscard]] int find(std::string_view wanted) const;
};

/// Variance inflation from the coefficient covariance without the intercept (the car package's definition).
struct Vif {
  Eigen::VectorXd column;  ///< [p-1] diagonal of the inverse correlation matrix
  std::vector<std::string> column_names;
  std::vector<double> gvif, gvif_adj;  ///< a value per term; empty with one term only
  std::vector<int> df;
  std::vector<std::string> terms;
  [[nodiscard]] bool defined() const { return column.size() > 1; }
  [[nodiscard]] double max() const;  ///< largest gvif^(1/(2 df)) squared; NaN when not defined
};

/// @param vcov  covariance of all coefficients [p x p]
[[nodiscard]] Vif vif(const Eigen::MatrixXd& vcov, const Columns& columns);

[[nodiscard]] Json to_json(const Vif& vif);                ///< null when not defined
[[nodiscard]] Json matrix_json(const Eigen::MatrixXd& m);  ///< array of rows

}  // namespace ipsi::stats
