// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ipsi::numeric {

/// Tail probabilities are computed as tails, never as 1 - F: 1e-80 is as accurate as 0.5. Arguments outside a
/// distribution's domain (NaN, df <= 0) give NaN.
/// @checked tests/core/numeric (R), closed forms

[[nodiscard]] double normal_density(double z);
[[nodiscard]] double normal_below(double z);      ///< P(Z <= z)
[[nodiscard]] double normal_above(double z);      ///< P(Z > z)
[[nodiscard]] double normal_two_sided(double z);  ///< P(|Z| > |z|)
[[nodiscard]] double normal_quantile(double p);   ///< p = 0, 1: -inf, +inf

[[nodiscard]] double t_below(double t, double df);
[[nodiscard]] double t_above(double t, double df);
[[nodiscard]] double t_two_sided(double t, double df);  ///< P(|T| > |t|)
[[nodiscard]] double t_quantile(double p, double df);

[[nodiscard]] double f_above(double f, double df1, double df2);
[[nodiscard]] double f_quantile(double p, double df1, double df2);

[[nodiscard]] double chi2_below(double x, double df);
[[nodiscard]] double chi2_above(double x, double df);
[[nodiscard]] double chi2_quantile(double p, double df);
/// Sum of df squared normals whose means' squares sum to `noncentrality`.
[[nodiscard]] double chi2_noncentral_above(double x, double df, double noncentrality);
/// The noncentrality under which P(X <= x) = p; 0 where even the central distribution lies that far above x.
[[nodiscard]] double chi2_noncentrality(double x, double df, double p);

}  // namespace ipsi::numeric
