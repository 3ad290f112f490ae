// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>

#include "core/stats/design.h"
#include "core/stats/lme.h"
#include "core/stats/lme_profile.h"

namespace ipsi::stats {

/// Many responses on one design: what does not depend on y is done once. Private to the library.
class ManyResponses {
 public:
  /// @param data  checked, of full rank
  ManyResponses(const ModelData& data, Criterion criterion);

  struct Fit {
    Eigen::VectorXd b;     ///< [p]
    Eigen::MatrixXd vcov;  ///< [p x p] unscaled
  };
  /// Nothing where the likelihood has no maximum. Safe from several threads at once.
  [[nodiscard]] std::optional<Fit> fit(const Eigen::VectorXd& y) const;

 private:
  bool reml_;
  Eigen::VectorXd root_;  ///< [n] square roots of weights; empty = none
  Eigen::MatrixXd q_, back_;
  std::optional<RandomPart> random_;
  lme::CrossProducts sums_;
};

}  // namespace ipsi::stats
