// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/stats/design.h"
#include "core/stats/lme.h"

namespace ipsi::stats {

/// Share of the variance beyond the fixed part that lies between groups.
struct Icc {
  double value = 0.0, low = 0.0, high = 0.0;  ///< 95 % interval by default
};

/// Intraclass correlation of a random intercept, D / (D + sigma^2), with the interval in which the profiled deviance
/// (of the fit's criterion) lies less than the chi-square quantile above its minimum. Right on the boundary too, where
/// `low` is 0.
/// @param fit  of `data`
/// @error InvalidInput  the random part is not one intercept, or there are weights
/// @checked tests/core/stats/precision_test.cpp: the likelihood written out at both ends
[[nodiscard]] Result<Icc> icc(const ModelData& data, const LmeFit& fit, double level = 0.95);

/// Chance that a two-sided t test at `alpha` finds an effect of `delta` standard errors.
/// @cost  a noncentral t distribution twice
[[nodiscard]] double power_of_t(double delta, double df, double alpha);

/// Smallest effect, in standard errors, that such a test finds with this power; times the standard error of a fit it is
/// the smallest effect that fit could have been expected to find. NaN unless 0 < alpha < power < 1 and df > 0.
/// @checked R's noncentral t (pt)
[[nodiscard]] double detectable_delta(double df, double alpha, double power);

}  // namespace ipsi::stats
