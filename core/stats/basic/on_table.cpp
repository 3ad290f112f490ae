// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/basic/on_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/stats/basic/correlation.h"
#include "core/stats/basic/p_adjust.h"
#include "core/stats/basic/ranks.h"
#include "core/stats/basic/shapiro.h"
#include "core/stats/basic/t_test.h"
#include "core/stats/basic/table2x2.h"

namespace ipsi::stats {
namespace {

using table::Column;
using table::numeric;
using table::Table;
using table::text;

Result<std::vector<double>> numbers_of(const Table& data, const std::string& name) {
  const auto column = data.require(name);
  if (!column) return tl::unexpected<Error>(column.error());
  const bool none =
      (*column)->kind == Column::Kind::text &&
      std::all_of((*column)->texts.begin(), (*column)->texts.end(), [](const auto& t) { return t.empty(); });
  if (none) return std::vector<double>((*column)->texts.size(), table::kMissing);
  if ((*column)->kind != Column::Kind::numeric)
    return fail(Code::InvalidInput, fmt::format("column '{}' does not hold numbers", name), "",
                "name a numeric column");
  return (*column)->values;
}

struct Groups {
  std::vector<std::string> levels;  // that occur, in the order of the column
  std::vector<int> code;            // -1 = missing
};

Result<Groups> groups_of(const Table& data, const std::string& name) {
  const auto column = data.require(name);
  if (!column) return tl::unexpected<Error>(column.error());
  Groups out;
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < data.rows(); ++i) cells.push_back((*column)->missing(i) ? "" : (*column)->cell(i));
  for (const std::string& level : table::levels_of(**column))
    if (std::find(cells.begin(), cells.end(), level) != cells.end()) out.levels.push_back(level);
  for (const std::string& cell : cells) {
    const auto at = cell.empty() ? out.levels.end() : std::find(out.levels.begin(), out.levels.end(), cell);
    out.code.push_back(at == out.levels.end() ? -1 : static_cast<int>(at - out.levels.begin()));
  }
  return out;
}

struct TwoSamples {
  std::vector<std::string> levels;
  std::vector<double> a, b;
};

Result<TwoSamples> two_samples(const TestColumns& columns, const Table& data) {
  const auto x = numbers_of(data, columns.x);
  if (!x) return tl::unexpected(x.error());
  auto groups = groups_of(data, columns.group);
  if (!groups) return tl::unexpected(groups.error());
  if (groups->levels.size() != 2)
    return fail(
        Code::InvalidInput,
        fmt::format("column '{}' has {} level{} ({}); the test compares two", columns.group, groups->levels.size(),
                    groups->levels.size() == 1 ? "" : "s",
                    join({groups->levels.begin(),
                          groups->levels.begin() + static_cast<long>(std::min<std::size_t>(5, groups->levels.size()))},
                         ", ")),
        "", "select the rows of two groups");
  TwoSamples out;
  for (std::size_t i = 0; i < x->size(); ++i)
    if (groups->code[i] >= 0) (groups->code[i] == 0 ? out.a : out.b).push_back((*x)[i]);
  out.levels = std::move(groups->levels);
  return out;
}

Table table_of(std::vector<Column> columns) {
  return Table::from(std::move(columns)).value_or(Table());
}

std::string how(bool exact) {
  return exact ? "exact" : "normal";
}

Result<TestResult> shapiro_on(const TestColumns& columns, const Table& data) {
  auto x = numbers_of(data, columns.x);
  if (!x) return tl::unexpected(x.error());
  const auto test = shapiro(std::move(*x));
  if (!test) return tl::unexpected(test.error());
  return TestResult{to_json(*test), table_of({numeric("n", {static_cast<double>(test->n)}), numeric("W", {test->w}),
                                              numeric("p", {test->p})})};
}

Result<TestResult> wilcoxon_on(const TestColumns& columns, const Table& data) {
  const auto samples = two_samples(columns, data);
  if (!samples) return tl::unexpected(samples.error());
  const auto test = rank_sum(samples->a, samples->b);
  if (!test) return tl::unexpected(test.error());
  TestResult out{to_json(*test), {}};
  out.json["groups"] = samples->levels;
  out.shown =
      table_of({text("groups", {join(samples->levels, ", ")}), numeric("n1", {static_cast<double>(test->n_a)}),
                numeric("n2", {static_cast<double>(test->n_b)}), numeric("W", {test->w}), numeric("p", {test->p}),
                text("by", {how(test->exact_by_default)}), numeric("r", {test->r}), text("size", {test->magnitude})});
  return out;
}

struct Pairs {
  std::vector<double> x, y;
};
Result<Pairs> pairs_of(const TestColumns& columns, const Table& data) {
  auto x = numbers_of(data, columns.x);
  if (!x) return tl::unexpected(x.error());
  auto y = numbers_of(data, columns.y);
  if (!y) return tl::unexpected(y.error());
  return Pairs{std::move(*x), std::move(*y)};
}

Result<TestResult> signed_rank_on(const TestColumns& columns, const Table& data) {
  const auto pairs = pairs_of(columns, data);
  if (!pairs) return tl::unexpected(pairs.error());
  const auto test = signed_rank(pairs->x, pairs->y);
  if (!test) return tl::unexpected(test.error());
  return TestResult{
      to_json(*test),
      table_of({numeric("n", {static_cast<double>(test->n)}), numeric("differ", {static_cast<double>(test->n_nonzero)}),
                numeric("V", {test->v}), numeric("p", {test->p}), text("by", {how(test->exact_by_default)}),
                numeric("r", {test->r}), text("size", {test->magnitude})})};
}

Result<TestResult> t_on(const TestColumns& columns, const Table& data) {
  Pairs samples;
  std::vector<std::string> levels;
  if (columns.t_by_group) {
    auto groups = two_samples(columns, data);
    if (!groups) return tl::unexpected(groups.error());
    samples = {std::move(groups->a), std::move(groups->b)};
    levels = std::move(groups->levels);
    // Rows of two groups are no pairs, however many there are of each.
    if (samples.x.size() == samples.y.size()) samples.y.push_back(table::kMissing);
  } else {
    auto pairs = pairs_of(columns, data);
    if (!pairs) return tl::unexpected(pairs.error());
    samples = std::move(*pairs);
  }
  const auto tests = t_tests(samples.x, samples.y);
  if (!tests) return tl::unexpected(tests.error());
  TestResult out{to_json(*tests), {}};
  if (!levels.empty()) out.json["groups"] = levels;
  std::vector<std::string> name{"Welch", "pooled"};
  std::vector<TTest> rows{tests->welch, tests->pooled};
  if (tests->paired) {
    name.emplace_back("paired");
    rows.push_back(*tests->paired);
  }
  name.emplace_back("first against 0");
  rows.push_back(tests->one_sample_x);
  const auto column = [&](const std::string& label, double TTest::*field) {
    std::vector<double> values;
    for (const TTest& row : rows) values.push_back(row.*field);
    return numeric(label, values);
  };
  const std::vector<double> n1(rows.size(), tests->n_x);
  std::vector<double> n2(rows.size(), tests->n_y), d(rows.size(), tests->cohen_d_pooled);
  if (tests->paired) d[2] = tests->cohen_d_paired;
  n2.back() = d.back() = table::kMissing;
  out.shown =
      table_of({text("test", name), numeric("n1", n1), numeric("n2", n2), column("difference", &TTest::difference),
                column("ci_low", &TTest::low), column("ci_high", &TTest::high), column("t", &TTest::t),
                column("df", &TTest::df), column("p", &TTest::p), numeric("d", d)});
  return out;
}

Result<TestResult> kruskal_on(const TestColumns& columns, const Table& data) {
  const auto x = numbers_of(data, columns.x);
  if (!x) return tl::unexpected(x.error());
  const auto groups = groups_of(data, columns.group);
  if (!groups) return tl::unexpected(groups.error());
  const auto test = kruskal(*x, groups->code);
  if (!test) return tl::unexpected(test.error());
  return TestResult{to_json(*test), table_of({numeric("n", {static_cast<double>(test->n)}), numeric("H", {test->h}),
                                              numeric("df", {static_cast<double>(test->df)}), numeric("p", {test->p}),
                                              numeric("eta2_H", {test->eta2}), numeric("epsilon2", {test->epsilon2})})};
}

Result<TestResult> correlation_on(const TestColumns& columns, const Table& data) {
  const auto pairs = pairs_of(columns, data);
  if (!pairs) return tl::unexpected(pairs.error());
  const auto c = correlation(pairs->x, pairs->y);
  if (!c) return tl::unexpected(c.error());
  const double n = c->n;
  return TestResult{
      to_json(*c), table_of({text("correlation", {"Pearson r", "Spearman rho", "Kendall tau-b"}),
                             numeric("n", {n, n, n}), numeric("value", {c->pearson.r, c->spearman.rho, c->kendall.tau}),
                             numeric("ci_low", {c->pearson.ci[0], c->spearman.bonett_wright[0], c->kendall.ci[0]}),
                             numeric("ci_high", {c->pearson.ci[1], c->spearman.bonett_wright[1], c->kendall.ci[1]}),
                             numeric("p", {c->pearson.p, c->spearman.p, c->kendall.p})})};
}

Result<TestResult> table2x2_on(const Table& data) {
  double count[4];
  const char* names[4] = {"a", "b", "c", "d"};
  for (int k = 0; k < 4; ++k) {
    const auto column = numbers_of(data, names[k]);
    if (!column) return tl::unexpected(column.error());
    if (column->size() != 1)
      return fail(Code::InvalidInput,
                  fmt::format("there are {} rows; a 2 x 2 table is one row (a b c d)", column->size()), "",
                  "name a column that tells the tables apart with --by");
    count[k] = column->front();
  }
  const auto test = table2x2(count[0], count[1], count[2], count[3]);
  if (!test) return tl::unexpected(test.error());
  return TestResult{to_json(*test),
                    table_of({numeric("n", {test->n}), numeric("chisq", {test->chisq}), numeric("p", {test->p}),
                              numeric("p Yates", {test->p_yates}), numeric("p Fisher", {test->fisher_p}),
                              numeric("odds_ratio", {test->odds_ratio_conditional}), numeric("ci_low", {test->low}),
                              numeric("ci_high", {test->high}), numeric("phi", {test->phi})})};
}

Result<TestResult> p_adjust_on(const TestColumns& columns, const Table& data) {
  const auto p = numbers_of(data, columns.p);
  if (!p) return tl::unexpected(p.error());
  auto json = adjustments_json(*p);
  if (!json) return tl::unexpected(json.error());
  return TestResult{
      std::move(*json),
      table_of({numeric("p", *p), numeric("p Bonferroni", adjust_p(*p, Adjustment::bonferroni)),
                numeric("p Holm", adjust_p(*p, Adjustment::holm)),
                numeric("p Hochberg", adjust_p(*p, Adjustment::hochberg)),
                numeric("p BH", adjust_p(*p, Adjustment::bh)), numeric("p BY", adjust_p(*p, Adjustment::by))})};
}

}  // namespace

Result<TestResult> run_test(TestKind kind, const TestColumns& columns, const Table& data) {
  switch (kind) {
    case TestKind::shapiro: return shapiro_on(columns, data);
    case TestKind::wilcoxon: return wilcoxon_on(columns, data);
    case TestKind::signed_rank: return signed_rank_on(columns, data);
    case TestKind::t: return t_on(columns, data);
    case TestKind::kruskal: return kruskal_on(columns, data);
    case TestKind::correlation: return correlation_on(columns, data);
    case TestKind::table2x2: return table2x2_on(data);
    case TestKind::p_adjust: return p_adjust_on(columns, data);
  }
  return fail(Code::Usage, "unknown test");
}

}  // namespace ipsi::stats
