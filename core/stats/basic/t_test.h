// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace ipsi::stats {

/// One t test of a mean, or of a difference of means.
struct TTest {
  double t = 0.0, df = 0.0, p = 0.0;  ///< two-sided
  double low = 0.0, high = 0.0;       ///< 95 % interval of `difference`
  double difference = 0.0;            ///< mean of x, of x - y, or mean of x less mean of y
};

/// Mean of x against 0. Missing values (NaN) are left out, here and below.
/// @error InvalidInput  fewer than two values, values that do not vary
[[nodiscard]] Result<TTest> t_one_sample(std::vector<double> x);

/// Means of two independent samples; `welch`: each with its own variance (Satterthwaite df), `pooled`: a common one.
enum class Variances { welch, pooled };
/// @error InvalidInput  a sample without values, welch: with one; neither varies
[[nodiscard]] Result<TTest> t_two_samples(std::vector<double> x, std::vector<double> y, Variances variances);

/// Mean of x - y over complete pairs. @error InvalidInput  sizes differ; as t_one_sample
[[nodiscard]] Result<TTest> t_paired(const std::vector<double>& x, const std::vector<double>& y);

/// Everything two columns have to say. Which of it applies, the design decides.
struct TTests {
  int n_x = 0, n_y = 0;
  TTest welch, pooled, one_sample_x;
  std::optional<TTest> paired;  ///< where each value of x has its y in the same row and the other way round
  double cohen_d_pooled = 0.0;  ///< difference of means over the pooled sd
  double cohen_d_paired = 0.0;  ///< mean difference over the sd of the differences; NaN without `paired`
};
/// @param x, y  the same rows; NaN pads the shorter
/// @error InvalidInput  as the tests
[[nodiscard]] Result<TTests> t_tests(const std::vector<double>& x, const std::vector<double>& y);

[[nodiscard]] Json to_json(const TTests& result);  ///< keys of oracles/stats/basic

}  // namespace ipsi::stats
