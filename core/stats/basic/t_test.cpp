// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/t_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numeric/distributions.h"

namespace ipsi::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Moments {
  double n = 0.0, mean = 0.0, squares = 0.0;  // squares: sum of squared deviations
  [[nodiscard]] double variance() const { return squares / (n - 1.0); }
};

Moments moments_of(std::vector<double>& x) {
  std::erase_if(x, [](double v) { return std::isnan(v); });
  Moments out;
  out.n = static_cast<double>(x.size());
  for (const double v : x) out.mean += v;
  out.mean /= out.n;
  double rest = 0.0;  // what rounding left of the mean
  for (const double v : x) rest += v - out.mean;
  out.mean += rest / out.n;
  for (const double v : x) out.squares += (v - out.mean) * (v - out.mean);
  return out;
}

Result<TTest> test_of(double difference, double se, double df, double size) {
  if (!(se > 10.0 * std::numeric_limits<double>::epsilon() * size))
    return fail(Code::InvalidInput, "the values do not vary", "", "a t test needs values that differ");
  TTest out;
  out.difference = difference;
  out.df = df;
  out.t = difference / se;
  out.p = numeric::t_two_sided(out.t, df);
  const double reach = numeric::t_quantile(0.975, df) * se;
  out.low = difference - reach;
  out.high = difference + reach;
  return out;
}

}  // namespace

Result<TTest> t_one_sample(std::vector<double> x) {
  const Moments m = moments_of(x);
  if (m.n < 2.0)
    return fail(Code::InvalidInput, fmt::format("a t test needs two values, there is {}", x.empty() ? "none" : "one"),
                "", "use more rows");
  return test_of(m.mean, std::sqrt(m.variance() / m.n), m.n - 1.0, std::abs(m.mean));
}

Result<TTest> t_two_samples(std::vector<double> x, std::vector<double> y, Variances variances) {
  const Moments a = moments_of(x), b = moments_of(y);
  const double least = variances == Variances::welch ? 2.0 : 1.0;
  if (a.n < least || b.n < least || a.n + b.n < 3.0)
    return fail(Code::InvalidInput,
                fmt::format("a t test of two samples of {} and {} values is not possible", a.n, b.n), "",
                "use more rows");
  const double size = std::max(std::abs(a.mean), std::abs(b.mean));
  if (variances == Variances::pooled) {
    const double df = a.n + b.n - 2.0;
    return test_of(a.mean - b.mean, std::sqrt((a.squares + b.squares) / df * (1.0 / a.n + 1.0 / b.n)), df, size);
  }
  const double va = a.variance() / a.n, vb = b.variance() / b.n, v = va + vb;
  const double df = v * v / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0));
  return test_of(a.mean - b.mean, std::sqrt(v), df, size);
}

Result<TTest> t_paired(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size())
    return fail(Code::InvalidInput, fmt::format("{} values against {}: these are no pairs", x.size(), y.size()));
  std::vector<double> difference(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) difference[i] = x[i] - y[i];
  return t_one_sample(std::move(difference));
}

Result<TTests> t_tests(const std::vector<double>& x, const std::vector<double>& y) {
  TTests out;
  const auto count = [](const std::vector<double>& v) {
    return static_cast<int>(std::count_if(v.begin(), v.end(), [](double value) { return !std::isnan(value); }));
  };
  out.n_x = count(x);
  out.n_y = count(y);
  const auto one = t_one_sample(x);
  if (!one) return wrap(one.error(), "x");
  const auto welch = t_two_samples(x, y, Variances::welch);
  if (!welch) return tl::unexpected<Error>(welch.error());
  const auto pooled = t_two_samples(x, y, Variances::pooled);
  if (!pooled) return tl::unexpected<Error>(pooled.error());
  out.one_sample_x = *one;
  out.welch = *welch;
  out.pooled = *pooled;
  const double nx = out.n_x, ny = out.n_y;
  out.cohen_d_pooled = pooled->t * std::sqrt(1.0 / nx + 1.0 / ny);
  out.cohen_d_paired = kNaN;
  bool pairs = x.size() == y.size();
  for (std::size_t i = 0; pairs && i < x.size(); ++i) pairs = std::isnan(x[i]) == std::isnan(y[i]);
  // Differences that do not vary leave no paired test; the others stand.
  if (const auto paired = pairs ? t_paired(x, y) : Result<TTest>(tl::unexpected(Error{})); paired) {
    out.paired = *paired;
    out.cohen_d_paired = paired->t / std::sqrt(nx);
  }
  return out;
}

Json to_json(const TTests& result) {
  const auto test = [](const TTest& t) {
    return Json{{"t", number(t.t)},
                {"df", number(t.df)},
                {"p", number(t.p)},
                {"ci95", {number(t.low), number(t.high)}},
                {"mean_difference", number(t.difference)}};
  };
  return Json{{"n", {result.n_x, result.n_y}},
              {"welch", test(result.welch)},
              {"pooled", test(result.pooled)},
              {"paired", result.paired ? test(*result.paired) : Json(nullptr)},
              {"one_sample_x", test(result.one_sample_x)},
              {"cohen_d_pooled", number(result.cohen_d_pooled)},
              {"cohen_d_paired", number(result.cohen_d_paired)}};
}

}  // namespace ipsi::stats
