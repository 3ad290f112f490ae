// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/table_input.h"
#include "app/cli/text_table.h"
#include "core/engine/registry.h"
#include "core/stats/basic/on_table.h"

// ipsi test shapiro|wilcoxon|signed-rank|t|kruskal|correlation|table2x2|p-adjust|anova

namespace ipsi::cli {
namespace {

struct TestRequest {
  TableInput input;
  stats::TestColumns columns;
  std::string by, formula;
};

struct Part {
  std::string id;
  std::vector<std::size_t> rows;
};

/// Rows of each value of the `by` column, in order of appearance.
Result<std::vector<Part>> parts_of(const table::Table& data, const std::string& by) {
  std::vector<Part> out;
  const auto column = data.require(by);
  if (!column) return tl::unexpected<Error>(column.error());
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if ((*column)->missing(i))
      return fail(Code::InvalidInput, fmt::format("'{}' is empty", by), fmt::format("data row {}", i + 1),
                  "say which part the row belongs to, or take it out");
    const std::string id = (*column)->cell(i);
    const auto [at, fresh] = known.try_emplace(id, out.size());
    if (fresh) out.push_back({id, {}});
    out[at->second].rows.push_back(i);
  }
  if (out.empty()) return fail(Code::InvalidInput, "the table has no rows", "", "check the file");
  return out;
}

/// Tables of equal columns, one below the other, each row with the name of its part.
table::Table stacked(const std::string& by, const std::vector<std::pair<std::string, table::Table>>& parts) {
  std::vector<std::string> ids;
  std::vector<table::Column> columns;
  for (const auto& [id, part] : parts) {
    ids.insert(ids.end(), part.rows(), id);
    for (std::size_t c = 0; c < part.columns(); ++c) {
      const table::Column& from = part.column(c);
      if (columns.size() <= c) {
        columns.push_back(from);
        continue;
      }
      columns[c].values.insert(columns[c].values.end(), from.values.begin(), from.values.end());
      columns[c].texts.insert(columns[c].texts.end(), from.texts.begin(), from.texts.end());
    }
  }
  columns.insert(columns.begin(), table::text(by, ids));
  return table::Table::from(std::move(columns)).value_or(table::Table());
}

int run_kind(Cli& cli, const TestRequest& request, stats::TestKind kind) {
  const auto factors = levels_of(request.input.factors);
  if (!factors) return cli.problem(factors.error());
  const auto data = read_input(request.input, *factors);
  if (!data) return cli.problem(data.error());
  if (request.by.empty()) {
    const auto result = stats::run_test(kind, request.columns, *data);
    return result ? cli.done(result->json, aligned(result->shown)) : cli.problem(result.error());
  }
  const auto parts = parts_of(*data, request.by);
  if (!parts) return cli.problem(parts.error());
  Json results = Json::object();
  std::vector<std::pair<std::string, table::Table>> shown;
  for (const Part& part : *parts) {
    const auto result = stats::run_test(kind, request.columns, data->select(part.rows));
    if (!result) return cli.problem(wrap(result.error(), request.by + " " + part.id).value());
    results[part.id] = result->json;
    shown.emplace_back(part.id, result->shown);
  }
  return cli.done(Json{{"results", results}}, aligned(stacked(request.by, shown)));
}

int run_anova(Cli& cli, const TestRequest& request) {
  if (request.formula.empty())
    return cli.problem({Code::Usage, "no formula is given", "", "add --formula \"y ~ a * b\""});
  const auto factors = levels_of(request.input.factors);
  if (!factors) return cli.problem(factors.error());
  const auto data = read_input(request.input, *factors);
  if (!data) return cli.problem(data.error());
  spec::Spec spec;
  spec.method = "anova";
  spec.formula = request.formula;
  spec.factors = *factors;
  spec.seed = cli.seed();
  const auto result = engine::run_method(spec, *data, cli.task());
  if (!result) return cli.problem(result.error());
  std::string text;
  for (const auto& table : result->tables)
    text += fmt::format("{}{} ({})\n{}", text.empty() ? "" : "\n", table.title, table.note, aligned(table.table));
  for (const std::string& finding : result->findings) text += fmt::format("note: {}\n", finding);
  return cli.done(result->json, text);
}

struct Kind {
  const char* name;
  stats::TestKind kind;
  const char* description;
  const char* columns;  ///< which it reads: x, y, g(roup), p
};

constexpr Kind kKinds[] = {
    {"shapiro", stats::TestKind::shapiro, "Shapiro-Wilk test of normality", "x"},
    {"wilcoxon", stats::TestKind::wilcoxon, "Wilcoxon rank-sum (Mann-Whitney) test of two groups", "xg"},
    {"signed-rank", stats::TestKind::signed_rank, "Wilcoxon signed-rank test of pairs", "xy"},
    {"t", stats::TestKind::t, "t tests: Welch, pooled, paired, one sample", "xyg"},
    {"kruskal", stats::TestKind::kruskal, "Kruskal-Wallis test of several groups", "xg"},
    {"correlation", stats::TestKind::correlation, "Pearson, Spearman and Kendall correlation", "xy"},
    {"table2x2", stats::TestKind::table2x2, "Chi-square and Fisher's exact test of counts in columns a b c d", ""},
    {"p-adjust", stats::TestKind::p_adjust, "Bonferroni, Holm, Hochberg, BH and BY", "p"},
};

void add_kind(Cli& cli, CLI::App& group, const Kind& kind) {
  auto request = std::make_shared<TestRequest>();
  CLI::App* verb = cli.verb(group, kind.name, kind.description,
                            [&cli, request, kind] { return run_kind(cli, *request, kind.kind); });
  request->input.declare(*verb);
  verb->add_option("--by", request->by, "Column that splits the rows: a test for each of its values");
  for (const char c : std::string(kind.columns)) {
    stats::TestColumns& columns = request->columns;
    if (c == 'x') verb->add_option("--x", columns.x, "Column of values")->capture_default_str();
    if (c == 'y') verb->add_option("--y", columns.y, "Second column of values")->capture_default_str();
    if (c == 'p') verb->add_option("--p", columns.p, "Column of p-values")->capture_default_str();
    if (c != 'g') continue;
    auto* option = verb->add_option("--group", columns.group, "Column of groups");
    if (kind.kind == stats::TestKind::t)
      option->each([request](const std::string&) { request->columns.t_by_group = true; })->excludes("--y");
    else
      option->capture_default_str();
  }
}

}  // namespace

void add_test(Cli& cli) {
  CLI::App& tests = cli.group("test", "Simple tests");
  for (const Kind& kind : kKinds) add_kind(cli, tests, kind);
  auto request = std::make_shared<TestRequest>();
  CLI::App* verb = cli.verb(tests, "anova", "Analysis of variance and covariance, types I, II and III",
                            [&cli, request] { return run_anova(cli, *request); });
  request->input.declare(*verb);
  verb->add_option("--formula", request->formula, "e.g. \"y ~ age + sex * group\"");
}

}  // namespace ipsi::cli
