// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stats/design.h"

namespace ipsi::voxelwise {

/// What became of the model at a place.
enum class Fitted : std::uint8_t {
  yes,
  boundary,       ///< the variance between groups is estimated as 0: fitted, and said
  constant,       ///< the values do not vary
  exact,          ///< the predictors explain them exactly
  too_few,        ///< rows, groups, or rows in a group: what is left has no estimate
  dependent,      ///< columns of the design depend on each other in the rows that are left
  not_converged,  ///< no maximum: not to be used
};
[[nodiscard]] inline bool usable(Fitted f) {
  return f == Fitted::yes || f == Fitted::boundary;
}

/// Results of a block of B places; NaN where not fitted.
struct BlockFit {
  Eigen::MatrixXd beta, se, df;     ///< [B x p]
  Eigen::VectorXd sigma, group_sd;  ///< [B] residual sd, sd between groups (0 without a random term)
  Eigen::VectorXi n;                ///< [B] rows that were used
  std::vector<Fitted> state;        ///< [B]
};

/// One model for many responses: `lm`, or a random intercept by REML. What does not depend on the response is worked
/// out once for all places that know every row; at the others the rows that are missing are taken out of it.
///
/// A place with all rows: with M = I - QQ' and Z'MZ = U diag(d) U' the restricted likelihood needs of the response only
/// e = U'Z'My and r'r, so that an evaluation is O(groups); its minimum is looked for as in stats::fit_lme. A place with
/// missing rows: Q'Q and group sums less those rows, then the same search with a factorisation an evaluation.
/// @checked tests/core/voxelwise: every place equals fit_lme (fit_lm) on its rows to 1e-8
class VoxelModel {
 public:
  /// @param data  y is not looked at
  /// @error InvalidInput   weights, a random part other than one (1 | group), fewer than p + 2 rows
  /// @error RankDeficient  columns of x depend on each other
  [[nodiscard]] static Result<VoxelModel> make(const stats::ModelData& data);

  [[nodiscard]] int rows() const;
  [[nodiscard]] const stats::Columns& columns() const;
  [[nodiscard]] bool mixed() const;
  /// @param y  [B x n], NaN = missing
  [[nodiscard]] BlockFit fit(const Eigen::MatrixXd& y) const;

  struct Parts;  ///< private to the library (model_parts.h)
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const Parts> parts_;
};

}  // namespace ipsi::voxelwise
