// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/anova.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>

#include "core/numeric/distributions.h"
#include "core/numeric/orthonormal.h"
#include "core/stats/checks.h"

namespace ipsi::stats {
namespace {

using Eigen::Index;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Rest {
  double sum_sq = 0.0, df = 0.0;
};

// Columns of the terms for which `wanted` holds, in their order. -1 is the intercept.
std::vector<Index> columns_of(const Columns& columns, const std::function<bool(int)>& wanted) {
  std::vector<Index> out;
  for (std::size_t j = 0; j < columns.term.size(); ++j)
    if (wanted(columns.term[j])) out.push_back(static_cast<Index>(j));
  return out;
}

// What the columns `term` explain of y beyond the columns `before`.
double explained(const ModelData& data, std::vector<Index> before, const std::vector<Index>& term) {
  const Index first = static_cast<Index>(before.size());
  before.insert(before.end(), term.begin(), term.end());
  const numeric::Orthonormal basis = numeric::orthonormal(data.x(Eigen::all, before));
  // The part of y that `before` has taken is gone first: large means do not round away small terms.
  const Eigen::VectorXd left = data.y - basis.q.leftCols(first) * (basis.q.leftCols(first).transpose() * data.y);
  return (basis.q.rightCols(static_cast<Index>(term.size())).transpose() * left).squaredNorm();
}

AnovaTable::Row row_of(const std::string& term, double sum_sq, std::size_t df, const Rest& error) {
  AnovaTable::Row out{.term = term, .sum_sq = sum_sq, .df = static_cast<double>(df)};
  out.f = sum_sq / out.df / (error.sum_sq / error.df);
  out.p = numeric::f_above(out.f, out.df, error.df);
  out.partial_eta2 = sum_sq / (sum_sq + error.sum_sq);
  return out;
}

// One row a term; `before` says which terms (-1: the intercept) a term comes after.
AnovaTable table_of(const ModelData& data, const Rest& error, bool with_intercept,
                    const std::function<bool(int term, int other)>& before) {
  AnovaTable out;
  const int terms = static_cast<int>(data.columns.terms.size());
  for (int t = with_intercept ? -1 : 0; t < terms; ++t) {
    const auto own = columns_of(data.columns, [&](int k) { return k == t; });
    const auto rest = columns_of(data.columns, [&](int k) { return k != t && before(t, k); });
    out.rows.push_back(
        row_of(t < 0 ? "(Intercept)" : data.columns.terms[t], explained(data, rest, own), own.size(), error));
  }
  out.rows.push_back(
      {.term = "Residuals", .sum_sq = error.sum_sq, .df = error.df, .f = kNaN, .p = kNaN, .partial_eta2 = kNaN});
  return out;
}

Result<Rest> residual_error(const ModelData& data) {
  const Index n = data.x.rows(), p = data.x.cols();
  const numeric::Orthonormal basis = numeric::orthonormal(data.x);
  if (n <= p)
    return fail(Code::InvalidInput, fmt::format("{} rows are too few for {} coefficients", n, p), "",
                "use more rows or fewer predictors");
  if (auto ok = check_rank(basis, data.x, data.columns.names, "fixed part"); !ok) return tl::unexpected(ok.error());
  Eigen::VectorXd left = data.y - basis.q * (basis.q.transpose() * data.y);
  left -= basis.q * (basis.q.transpose() * left);
  const double rss = left.squaredNorm();
  if (rss <= 1e-28 * data.y.squaredNorm())
    return fail(Code::InvalidInput, "the predictors explain the response exactly; there is no error to test against",
                "", "check that the response is not among the predictors");
  return Rest{rss, static_cast<double>(n - p)};
}

}  // namespace

Result<Anova> anova(const Formula& formula, const table::Table& data) {
  if (!formula.random.empty())
    return fail(Code::InvalidInput, fmt::format("the formula has a random term ({})", formula.random[0].text),
                "formula", "run `ipsi lme`, or take it out");
  auto plain = make_design(formula, data);
  if (!plain) return tl::unexpected(plain.error());
  if (plain->data.columns.terms.empty())
    return fail(Code::InvalidInput, "the formula has no term to test", "formula", "write y ~ x");
  auto sums = make_design(formula, data, {.contrasts = Contrasts::sum_to_zero});
  if (!sums) return tl::unexpected(sums.error());
  const auto error = residual_error(plain->data);
  if (!error) return tl::unexpected(error.error());
  Anova out;
  out.n = static_cast<int>(plain->data.y.size());
  out.type1 = table_of(plain->data, *error, false, [](int t, int k) { return k < t; });
  out.type2 = table_of(plain->data, *error, false,
                       [&](int t, int k) { return k < 0 || (formula.terms[t] & ~formula.terms[k]) != 0; });
  out.type3 = table_of(sums->data, *error, sums->data.columns.has_intercept(), [](int, int) { return true; });
  return out;
}

Json to_json(const Anova& result) {
  const auto table = [](const AnovaTable& t) {
    Json term = Json::array(), sum_sq = term, df = term, f = term, p = term, eta = term;
    for (const AnovaTable::Row& row : t.rows) {
      term.push_back(row.term);
      sum_sq.push_back(number(row.sum_sq));
      df.push_back(number(row.df));
      f.push_back(number(row.f));
      p.push_back(number(row.p));
      eta.push_back(number(row.partial_eta2));
    }
    return Json{{"term", term}, {"sum_sq", sum_sq}, {"df", df}, {"F", f}, {"p", p}, {"partial_eta_sq", eta}};
  };
  return Json{{"n_obs", result.n},
              {"type1", table(result.type1)},
              {"type2", table(result.type2)},
              {"type3", table(result.type3)}};
}

}  // namespace ipsi::stats
