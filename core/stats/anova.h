// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/stats/design.h"

namespace ipsi::stats {

/// An analysis of variance (or covariance); the last row is the residuals', with NaN for F, p and eta.
struct AnovaTable {
  struct Row {
    std::string term;
    double sum_sq = 0.0, df = 0.0, f = 0.0, p = 0.0;
    double partial_eta2 = 0.0;  ///< sum_sq / (sum_sq + residual sum_sq)
  };
  std::vector<Row> rows;
};

/// Sums of squares of the terms of a linear model. The error is that of the full model in all three.
struct Anova {
  int n = 0;
  AnovaTable type1;  ///< each term after those before it
  AnovaTable type2;  ///< each term after all terms that do not contain it
  AnovaTable type3;  ///< each term, the intercept too, after all others; factors by sum-to-zero contrasts
};

/// @error InvalidInput   a random term, too few rows; as make_design
/// @error RankDeficient  columns depend on each other (an empty cell of an interaction): they are named
/// @cost  O(terms n p^2)
/// @source Fox & Weisberg (2019), section 6.2.4 (types II and III)
/// @checked oracles/stats/basic (R anova, car::Anova)
[[nodiscard]] Result<Anova> anova(const Formula& formula, const table::Table& data);

[[nodiscard]] Json to_json(const Anova& result);  ///< keys of oracles/stats/basic

}  // namespace ipsi::stats
