// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/engine/batch.h"
#include "core/engine/registry.h"
#include "core/stats/basic.h"
#include "core/study/analysis_table.h"
#include "core/study/study.h"
#include "core/table/delimited.h"

// ipsi <method> for every method of the registry | ipsi test shapiro|wilcoxon

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

/// Where rows come from, on every verb here.
struct Input {
  fs::path table, study;
  std::vector<std::string> factors, numeric;

  void declare(CLI::App& verb) {
    auto* file = verb.add_option("--table", table, "CSV, TSV or XLSX with a header row");
    verb.add_option("--study", study, "The analysis table of a study")->excludes(file);
    verb.add_option("--factor", factors, "NAME=a,b,c: levels of a factor in order, first = reference; repeatable")
        ->take_all();
    verb.add_option("--numeric", numeric, "NAME: a column that must hold numbers; repeatable")->take_all();
  }
};

Result<std::map<std::string, std::vector<std::string>>> levels_of(const std::vector<std::string>& factors) {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& factor : factors) {
    const std::size_t equals = factor.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == factor.size())
      return fail(Code::Usage, fmt::format("--factor {} names no levels", factor), "", "write --factor NAME=a,b,c");
    std::vector<std::string>& levels = out[trim(factor.substr(0, equals))];
    for (const std::string& level : split(factor.substr(equals + 1), ',')) {
      const std::string text = trim(level);
      if (text.empty() || std::find(levels.begin(), levels.end(), text) != levels.end())
        return fail(Code::Usage, fmt::format("--factor {} has an empty or repeated level", factor), "",
                    "name each once");
      levels.push_back(text);
    }
  }
  return out;
}

Result<table::Table> read_study(const fs::path& path) {
  const auto opened = study::Study::open(path, study::Access::read_only);
  if (!opened) return tl::unexpected<Error>(opened.error());
  const auto snapshot = opened->snapshot();
  if (!snapshot) return tl::unexpected<Error>(snapshot.error());
  return study::analysis_table(*snapshot, study::options_of(*snapshot));
}

Result<table::Table> read_input(const Input& input, const std::map<std::string, std::vector<std::string>>& factors) {
  if (!input.study.empty()) return read_study(input.study);
  if (input.table.empty()) return fail(Code::Usage, "no data are named", "", "add --table FILE or --study FILE");
  table::TypeOptions types;
  types.factors = factors;
  types.numeric = input.numeric;
  return table::read_table(input.table, types);
}

// ---- tables for people ----

std::string shown(const std::string& column, double value) {
  if (std::isnan(value)) return "";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  if (column == "p" || column.starts_with("p "))
    return value < 1e-4 ? fmt::format("{:.1e}", value) : fmt::format("{:.4f}", value);
  if (value == std::floor(value) && std::abs(value) < 1e9) return fmt::format("{:.0f}", value);
  const double size = std::abs(value);
  if (size >= 1e6 || (size < 1e-4 && size > 0.0)) return fmt::format("{:.4g}", value);
  return fmt::format("{:.{}f}", value, size >= 1000.0 ? 1 : (size >= 100.0 ? 2 : 4));
}

std::string cell_of(const table::Table& table, std::size_t row, std::size_t column) {
  const table::Column& c = table.column(column);
  if (c.kind != table::Column::Kind::numeric) return c.cell(row);
  // In a table of quantities the row's own name says what kind of number it is.
  const table::Column* quantity = table.find("quantity");
  const std::string name =
      quantity != nullptr && (" " + quantity->texts[row] + " ").find(" p ") != std::string::npos ? "p" : c.name;
  return shown(name, c.values[row]);
}

std::size_t width_of(const std::string& text) {  // characters, not bytes
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string aligned(const table::Table& table) {
  std::vector<std::vector<std::string>> cells{table.names()};
  if (table.find("quantity") != nullptr) cells.clear();
  for (std::size_t r = 0; r < table.rows(); ++r) {
    cells.emplace_back();
    for (std::size_t c = 0; c < table.columns(); ++c) cells.back().push_back(cell_of(table, r, c));
  }
  std::vector<std::size_t> widths(table.columns(), 0);
  for (const auto& row : cells)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string out;
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string blanks(widths[c] - width_of(row[c]), ' ');
      const bool left = table.column(c).kind == table::Column::Kind::text;
      line += (c == 0 ? "  " : "  ") + (left ? row[c] + blanks : blanks + row[c]);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line + "\n";
  }
  return out;
}

std::string for_people(const spec::MethodInfo& info, const spec::Spec& spec, const spec::ResultSet& result) {
  std::string out = fmt::format("{}: {}\n", info.title, spec.formula);
  if (!spec.rows.empty()) out += fmt::format("rows: {}\n", spec.rows);
  for (const auto& table : result.tables)
    out +=
        fmt::format("\n{}{}\n{}", table.title, table.note.empty() ? "" : " (" + table.note + ")", aligned(table.table));
  if (!result.findings.empty()) out += "\n";
  for (const std::string& finding : result.findings) out += fmt::format("note: {}\n", finding);
  return out;
}

// ---- ipsi <method> ----

struct MethodRequest {
  Input input;
  std::string formula, rows;
  fs::path spec;
  bool print_spec = false;
  std::map<std::string, std::string> options;  // as typed
  std::map<std::string, bool> toggles;
};

Result<Json> typed_option(const spec::Option& option, const std::string& text) {
  const auto bad = [&] {
    return fail(Code::Usage, fmt::format("--{} {} is no number", option.key, text), "", option.help);
  };
  switch (option.kind) {
    case spec::Option::Kind::real: {
      const auto value = parse_double(text);
      if (!value) return bad();
      return Json(*value);
    }
    case spec::Option::Kind::integer: {
      const auto value = parse_integer(text);
      if (!value) return bad();
      return Json(*value);
    }
    default: return Json(text);
  }
}

Result<spec::Spec> stored_spec(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  const Json json = Json::parse(*bytes, nullptr, false);
  if (json.is_discarded())
    return fail(Code::InvalidInput, "the spec is not JSON", path.string(), "see `--print-spec` for one");
  auto spec = spec::spec_from_json(json);
  if (!spec) return wrap(spec.error(), path.string());
  return spec;
}

/// The spec a command line means: the stored one where given, with what else is typed on top.
Result<spec::Spec> meant(const Cli& cli, const CLI::App& verb, const spec::MethodInfo& info,
                         const MethodRequest& request) {
  spec::Spec spec;
  spec.method = info.key;
  spec.seed = cli.seed();
  if (!request.spec.empty()) {
    auto stored = stored_spec(request.spec);
    if (!stored) return stored;
    spec = std::move(*stored);
    if (spec.method != info.key)
      return fail(Code::InvalidInput, fmt::format("the spec is for method '{}', not '{}'", spec.method, info.key),
                  request.spec.string(), fmt::format("run `ipsi {}`", spec.method));
    if (verb.count("--seed") > 0) spec.seed = cli.seed();
  }
  if (!request.formula.empty()) spec.formula = request.formula;
  if (!request.rows.empty()) spec.rows = request.rows;
  if (spec.formula.empty())
    return fail(Code::Usage, "no formula is given", "", "add --formula \"y ~ x\" or --spec FILE");
  auto factors = levels_of(request.input.factors);
  if (!factors) return tl::unexpected(factors.error());
  for (auto& [name, levels] : *factors) spec.factors[name] = levels;
  for (const spec::Option& option : info.options) {
    if (verb.count("--" + option.key) == 0) continue;
    if (option.kind == spec::Option::Kind::toggle) {
      spec.options[option.key] = true;
      continue;
    }
    auto value = typed_option(option, request.options.at(option.key));
    if (!value) return tl::unexpected(value.error());
    spec.options[option.key] = *value;
  }
  auto complete = spec::complete(info.options, spec.options);
  if (!complete) {
    Error error = complete.error();
    if (request.spec.empty()) error.code = Code::Usage;
    return tl::unexpected(error);
  }
  spec.options = *complete;
  return spec;
}

int run_method(Cli& cli, const CLI::App& verb, const spec::Method& method, const MethodRequest& request) {
  const auto spec = meant(cli, verb, method.info(), request);
  if (!spec) return cli.problem(spec.error());
  if (request.print_spec) return cli.done(spec::to_json(*spec));
  const auto data = read_input(request.input, spec->factors);
  if (!data) return cli.problem(data.error());
  const auto result = engine::run_method(*spec, *data, cli.task());
  if (!result) return cli.problem(result.error());
  if (!result->usable) {
    // Computed, but not to be used: the numbers are shown, the exit code says what they are worth.
    cli.done(result->json, for_people(method.info(), *spec, *result));
    cli.note("this result must not be used: " +
             (result->findings.empty() ? "it did not converge" : result->findings.back()));
    return exit_code(Code::NotConverged);
  }
  return cli.done(result->json, for_people(method.info(), *spec, *result));
}

void add_method(Cli& cli, const spec::Method& method) {
  auto request = std::make_shared<MethodRequest>();
  auto self = std::make_shared<CLI::App*>(nullptr);
  const spec::MethodInfo& info = method.info();
  CLI::App* verb = cli.verb(cli.app(), info.key, info.summary,
                            [&cli, &method, request, self] { return run_method(cli, **self, method, *request); });
  *self = verb;
  request->input.declare(*verb);
  verb->add_option("--formula", request->formula, "e.g. \"y ~ x + sex + (1 | cohort)\"");
  verb->add_option("--rows", request->rows, "Only rows for which this holds, e.g. \"days_post_stroke >= 180\"");
  verb->add_option("--spec", request->spec, "Run this stored spec; what else is given goes before it");
  verb->add_flag("--print-spec", request->print_spec, "Write the spec that this command line means, run nothing");
  for (const spec::Option& option : info.options) {
    if (option.kind == spec::Option::Kind::toggle) {
      verb->add_flag("--" + option.key, request->toggles[option.key], option.help);
      continue;
    }
    std::string help = option.help;
    if (!option.choices.empty()) help += fmt::format(" ({})", join(option.choices, ", "));
    if (!option.fallback.is_null() && option.fallback != "")
      help += fmt::format(" [{}]",
                          option.fallback.is_string() ? option.fallback.get<std::string>() : option.fallback.dump());
    verb->add_option("--" + option.key, request->options[option.key], help);
  }
}

// ---- ipsi test ----

struct TestRequest {
  Input input;
  std::string x = "x", group = "group", by;
};

/// Rows of each value of the `by` column, in order of appearance; all rows under "" without it.
Result<std::vector<std::pair<std::string, std::vector<std::size_t>>>> parts(const table::Table& data,
                                                                            const std::string& by) {
  std::vector<std::pair<std::string, std::vector<std::size_t>>> out;
  if (by.empty()) {
    out.emplace_back("", std::vector<std::size_t>{});
    for (std::size_t i = 0; i < data.rows(); ++i) out[0].second.push_back(i);
    return out;
  }
  const auto column = data.require(by);
  if (!column) return tl::unexpected<Error>(column.error());
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if ((*column)->missing(i)) continue;
    const std::string id = (*column)->cell(i);
    const auto [at, fresh] = known.try_emplace(id, out.size());
    if (fresh) out.emplace_back(id, std::vector<std::size_t>{});
    out[at->second].second.push_back(i);
  }
  return out;
}

Result<const table::Column*> numbers_column(const table::Table& data, const std::string& name) {
  auto column = data.require(name);
  if (column && (*column)->kind != table::Column::Kind::numeric)
    return fail(Code::InvalidInput, fmt::format("column '{}' does not hold numbers", name), "",
                "name a numeric column with --x");
  return column;
}

using Test = Result<Json> (*)(const TestRequest&, const table::Table&);

Result<Json> shapiro_of(const TestRequest& request, const table::Table& data) {
  const auto x = numbers_column(data, request.x);
  if (!x) return tl::unexpected<Error>(x.error());
  const auto result = stats::shapiro((*x)->values);
  if (!result) return tl::unexpected<Error>(result.error());
  return stats::to_json(*result);
}

Result<Json> wilcoxon_of(const TestRequest& request, const table::Table& data) {
  const auto x = numbers_column(data, request.x);
  if (!x) return tl::unexpected<Error>(x.error());
  const auto group = data.require(request.group);
  if (!group) return tl::unexpected<Error>(group.error());
  std::vector<std::string> levels;
  for (const std::string& level : table::levels_of(**group))
    for (std::size_t i = 0; i < data.rows(); ++i)
      if ((*group)->cell(i) == level) {
        levels.push_back(level);
        break;
      }
  if (levels.size() != 2)
    return fail(Code::InvalidInput,
                fmt::format("column '{}' has {} levels; a rank-sum test compares two", request.group, levels.size()),
                "", "select the rows of two groups");
  std::vector<double> a, b;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if ((*group)->missing(i)) continue;
    ((*group)->cell(i) == levels[0] ? a : b).push_back((*x)->values[i]);
  }
  const auto result = stats::rank_sum(a, b);
  if (!result) return tl::unexpected<Error>(result.error());
  Json json = stats::to_json(*result);
  json["groups"] = levels;
  return json;
}

std::string row_of(const std::string& id, const Json& json) {
  std::string out = id.empty() ? "" : id + ": ";
  const bool ranks = json.contains("default");
  const Json& test = ranks ? json["default"] : json;
  const std::string n = json["n"].is_array()
                            ? fmt::format("{} and {}", json["n"][0].get<int>(), json["n"][1].get<int>())
                            : std::to_string(json["n"].get<int>());
  out += fmt::format("n = {}, W = {}, p = {}", n, test["W"].is_null() ? "" : shown("W", test["W"].get<double>()),
                     test["p"].is_null() ? "" : shown("p", test["p"].get<double>()));
  if (ranks && json["effsize_r"].is_number())
    out += fmt::format(", r = {:.4f} ({}), {}", json["effsize_r"].get<double>(), json["magnitude"].get<std::string>(),
                       json["exact_by_default"].get<bool>() ? "exact" : "normal approximation");
  return out + "\n";
}

int run_test(Cli& cli, const TestRequest& request, Test test) {
  const auto factors = levels_of(request.input.factors);
  if (!factors) return cli.problem(factors.error());
  const auto data = read_input(request.input, *factors);
  if (!data) return cli.problem(data.error());
  const auto split_rows = parts(*data, request.by);
  if (!split_rows) return cli.problem(split_rows.error());
  Json results = Json::object();
  std::string text;
  for (const auto& [id, rows] : *split_rows) {
    const auto result = test(request, data->select(rows));
    if (!result) {
      Error error = result.error();
      if (!id.empty())
        error.where = fmt::format("{} {}{}", request.by, id, error.where.empty() ? "" : ", " + error.where);
      return cli.problem(error);
    }
    text += row_of(id, *result);
    if (request.by.empty()) return cli.done(*result, text);
    results[id] = *result;
  }
  return cli.done(Json{{"results", results}}, text);
}

void add_test(Cli& cli, CLI::App& group, const std::string& name, const std::string& description, Test test) {
  auto request = std::make_shared<TestRequest>();
  CLI::App* verb = cli.verb(group, name, description, [&cli, request, test] { return run_test(cli, *request, test); });
  request->input.declare(*verb);
  verb->add_option("--x", request->x, "Column of values")->capture_default_str();
  verb->add_option("--by", request->by, "Column that splits the rows: a test for each of its values");
  if (name == "wilcoxon")
    verb->add_option("--group", request->group, "Column of the two groups")->capture_default_str();
}

}  // namespace

void add_statistics(Cli& cli) {
  for (const auto& method : engine::methods()) add_method(cli, *method);
  CLI::App& tests = cli.group("test", "Simple tests");
  add_test(cli, tests, "shapiro", "Shapiro-Wilk test of normality", shapiro_of);
  add_test(cli, tests, "wilcoxon", "Wilcoxon rank-sum (Mann-Whitney) test of two groups", wilcoxon_of);
}

}  // namespace ipsi::cli
