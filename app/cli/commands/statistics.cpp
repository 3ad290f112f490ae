// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/commands/output.h"
#include "app/cli/table_input.h"
#include "app/cli/text_table.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/engine/registry.h"
#include "core/report/method_files.h"
#include "core/stats/r_script.h"

// ipsi <method> for every method of the registry

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

std::string for_people(const spec::MethodInfo& info, const spec::Spec& spec, const spec::ResultSet& result) {
  const bool lines = info.notation == spec::Notation::paths;
  std::string out = lines ? fmt::format("{}\n{}\n", info.title, trim(spec.formula))
                          : fmt::format("{}: {}\n", info.title, spec.formula);
  if (!spec.rows.empty()) out += fmt::format("rows: {}\n", spec.rows);
  for (const auto& table : result.tables)
    out +=
        fmt::format("\n{}{}\n{}", table.title, table.note.empty() ? "" : " (" + table.note + ")", aligned(table.table));
  if (!result.findings.empty()) out += "\n";
  for (const std::string& finding : result.findings) out += fmt::format("note: {}\n", finding);
  return out;
}

struct MethodRequest {
  TableInput input;
  std::string formula, rows;
  fs::path model;  // of methods whose formula is a set of equations: the file that holds it
  fs::path spec, out, r_script;
  bool print_spec = false, force = false;
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
  if (!request.model.empty()) {
    auto text = read_file(request.model);
    if (!text) return tl::unexpected<Error>(text.error());
    spec.formula = std::move(*text);
  }
  if (!request.rows.empty()) spec.rows = request.rows;
  if (spec.formula.empty())
    return info.notation == spec::Notation::paths
               ? fail(Code::Usage, "no model is given", "", "add --model FILE or --spec FILE")
               : fail(Code::Usage, "no formula is given", "", "add --formula \"y ~ x\" or --spec FILE");
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

/// FILE.R and its rows as FILE.csv.
Result<void> write_script(const MethodRequest& request, const spec::Spec& spec, const table::Table& data,
                          const Json& result) {
  if (request.r_script.extension() != ".R" && request.r_script.extension() != ".r")
    return fail(Code::Usage, "an R script ends in .R", request.r_script.string(), "write --r-script model.R");
  fs::path csv = request.r_script;
  csv.replace_extension(".csv");
  const auto script = stats::r_script(spec, data, result, request.r_script.stem().string());
  if (!script) return tl::unexpected<Error>(script.error());
  const Overwrite overwrite = request.force ? Overwrite::yes : Overwrite::no;
  // Not over the table the numbers came from, whatever --force says.
  std::error_code ec;
  if (fs::equivalent(csv, request.input.table, ec))
    return fail(Code::Conflict, "the script's rows would replace the table itself", csv.string(),
                "name another script");
  if (auto ok = write_output(request.r_script, script->code, overwrite); !ok) return ok;
  return write_output(csv, script->csv, overwrite);
}

Result<void> write_beside(const MethodRequest& request, const spec::Spec& spec, const table::Table& data,
                          const spec::ResultSet& result) {
  if (!request.r_script.empty())
    if (auto ok = write_script(request, spec, data, result.json); !ok) return ok;
  if (request.out.empty()) return {};
  auto files = report::method_files(result);
  if (!files) return tl::unexpected<Error>(files.error());
  if (auto script = stats::r_script(spec, data, result.json, "model")) {  // methods without an R peer have none
    (*files)["model.R"] = std::move(script->code);
    (*files)["model.csv"] = std::move(script->csv);
  }
  return report::write_files(*files, request.out, request.force ? Overwrite::yes : Overwrite::no);
}

int run_method(Cli& cli, const CLI::App& verb, const spec::Method& method, const MethodRequest& request) {
  const auto spec = meant(cli, verb, method.info(), request);
  if (!spec) return cli.problem(spec.error());
  if (request.print_spec) return cli.done(spec::to_json(*spec));
  const auto data = read_input(request.input, spec->factors);
  if (!data) return cli.problem(data.error());
  const auto result = engine::run_method(*spec, *data, cli.task());
  if (!result) return cli.problem(result.error());
  if (auto ok = write_beside(request, *spec, *data, *result); !ok) return cli.problem(ok.error());
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
  if (info.notation == spec::Notation::paths) {
    auto* text =
        verb->add_option("--formula", request->formula, "The model itself, e.g. \"m ~ a*x; y ~ b*m + x; ab := a*b\"");
    verb->add_option("--model", request->model, "File with the model, a statement per line")->excludes(text);
  } else {
    verb->add_option("--formula", request->formula, "e.g. \"y ~ x + sex + (1 | cohort)\"");
  }
  verb->add_option("--rows", request->rows, "Only rows for which this holds, e.g. \"days_post_stroke >= 180\"");
  verb->add_option("--spec", request->spec, "Run this stored spec; what else is given goes before it");
  verb->add_flag("--print-spec", request->print_spec, "Write the spec that this command line means, run nothing");
  verb->add_option("--out", request->out, "Folder for tables (CSV), pictures (SVG, PDF) and result.json");
  verb->add_option("--r-script", request->r_script,
                   "FILE.R: the same model in R, its rows in FILE.csv, checked against these numbers");
  verb->add_flag("--force", request->force, "Write over files, or into a folder that is not empty");
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

}  // namespace

void add_statistics(Cli& cli) {
  for (const auto& method : engine::methods()) add_method(cli, *method);
}

}  // namespace ipsi::cli
