// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/engine/analyses.h"
#include "core/engine/batch.h"
#include "core/engine/batch_scripts.h"
#include "core/report/bundle.h"
#include "core/report/graphics.h"
#include "core/report/html.h"
#include "core/report/result_file.h"
#include "core/study/study.h"

// ipsi batch | report

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRatingsHelp =
    "Whose ratings count: consensus, majority, strictest, lesioned_kept or rater:NAME. Analyses that name their own "
    "keep it; without it as the study is set (`ipsi qc rule`)";

struct Request {
  fs::path study, analyses, out;
  std::string ratings;
  bool force = false;
  bool no_maps = false;

  [[nodiscard]] report::GraphicsOptions graphics() const {
    using Maps = report::GraphicsOptions::Maps;
    return {.maps = no_maps ? Maps::none : Maps::each};
  }
};

Result<engine::Analyses> wanted(const Request& request) {
  auto analyses = request.analyses.empty() ? Result<engine::Analyses>(engine::published_analyses())
                                           : engine::read_analyses(request.analyses);
  if (analyses && !request.ratings.empty()) analyses->ratings = request.ratings;
  return analyses;
}

struct Computed {
  spec::ResultSet result;
  std::vector<report::Attachment> scripts;  ///< of each model in R, where asked for
};

enum class Scripts { none, each };

Result<Computed> compute(const fs::path& path, const engine::Analyses& analyses, int threads, Scripts scripts,
                         const Task& task) {
  const auto opened = study::Study::open(path, study::Access::read_only);
  if (!opened) return tl::unexpected<Error>(opened.error());
  const auto snapshot = opened->snapshot();
  if (!snapshot) return tl::unexpected<Error>(snapshot.error());
  const engine::BatchOptions options{
      .threads = threads, .study = path.filename().string(), .table = study::options_of(*snapshot)};
  auto result = engine::run_batch(*snapshot, analyses, options, task);
  if (!result) return tl::unexpected<Error>(result.error());
  Computed out{std::move(*result), {}};
  if (scripts == Scripts::none) return out;
  auto written = engine::batch_scripts(*snapshot, analyses, options, task);
  if (!written) return tl::unexpected<Error>(written.error());
  for (auto& [name, bytes] : *written) out.scripts.push_back({"r/" + name, std::move(bytes)});
  return out;
}

std::string p_words(double p) {
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

/// The significant rows for people; the file has them all.
std::string summary(const spec::ResultSet& result, const fs::path& out) {
  const table::Table& t = report::find_table(result, "results")->table;
  const auto number = [&](const char* name, std::size_t r) { return t.find(name)->values[r]; };
  const auto word = [&](const char* name, std::size_t r) { return t.find(name)->texts[r]; };
  std::size_t fitted = 0;
  std::vector<std::size_t> passing;
  std::size_t widest = 8;
  for (std::size_t r = 0; r < t.rows(); ++r) {
    fitted += std::isfinite(number("beta", r)) ? 1 : 0;
    if (number("significant", r) != 1.0) continue;
    passing.push_back(r);
    widest = std::max(widest, word("analysis", r).size());
  }
  std::string text = fmt::format("{} models, {} estimated, {} significant\n", t.rows(), fitted, passing.size());
  if (!passing.empty())
    text += fmt::format("\n{:<{}}  {:<14}  {:<17}  {:>4}  {:>7}  {:>6}  {:>15}  {:>6}  {:>6}  {:>5}\n", "analysis",
                        widest, "side", "region", "n", "cohorts", "beta", "95 % interval", "p", "p adj", "d");
  for (const std::size_t r : passing)
    text += fmt::format("{:<{}}  {:<14}  {:<17}  {:>4}  {:>7}  {:>6.2f}  {:>15}  {:>6}  {:>6}  {:>5.2f}\n",
                        word("analysis", r), widest, word("side", r), structure_title(word("region", r)),
                        number("n", r), number("n_cohorts", r), number("beta", r),
                        fmt::format("{:.2f} to {:.2f}", number("ci_low", r), number("ci_high", r)),
                        p_words(number("p", r)), p_words(number("p_adjusted", r)), number("d", r));
  if (!result.findings.empty())
    text +=
        fmt::format("\n{} remark{} in the report\n", result.findings.size(), result.findings.size() == 1 ? "" : "s");
  return text + fmt::format("\n{}\n{}\n", (out / "results.csv").string(), (out / "report.html").string());
}

int run_batch(Cli& cli, const Request& request) {
  const auto analyses = wanted(request);
  if (!analyses) return cli.problem(analyses.error());
  const Task task = cli.task();
  // Before the work: a folder that is in the way should not cost a run. It is made only when there is a result.
  if (std::error_code ec; !request.force && fs::exists(request.out, ec))
    if (auto ok = prepare_output_dir(request.out, Overwrite::no); !ok) return cli.problem(ok.error());
  const auto computed = compute(request.study, *analyses, cli.threads(), Scripts::each, task.part(0.0, 0.5));
  if (!computed) return cli.problem(computed.error());
  const spec::ResultSet* result = &computed->result;
  if (auto ok = prepare_output_dir(request.out, request.force ? Overwrite::yes : Overwrite::no); !ok)
    return cli.problem(ok.error());
  const auto drawn = report::draw_graphics(*result, request.graphics(), task.part(0.5, 1.0));
  if (!drawn) return cli.problem(drawn.error());
  for (const std::string& note : drawn->notes) cli.note(note);
  const auto files = report::write_bundle(*result, drawn->graphics, computed->scripts, request.out);
  if (!files) return cli.problem(files.error());
  task.progress(1.0);
  return cli.json() ? cli.done(report::find_table(*result, "results")->table.to_json())
                    : cli.done(summary(*result, request.out));
}

/// A stored result (the folder of a batch, or its result.json), or a study that is analysed now.
Result<spec::ResultSet> result_of(const Request& request, int threads, const Task& task) {
  std::error_code ec;
  fs::path path = request.study;
  if (fs::is_directory(path, ec)) path /= "result.json";
  if (path.extension() != ".json") {
    const auto analyses = wanted(request);
    if (!analyses) return tl::unexpected<Error>(analyses.error());
    auto computed = compute(path, *analyses, threads, Scripts::none, task);
    if (!computed) return tl::unexpected<Error>(computed.error());
    return std::move(computed->result);
  }
  if (!request.ratings.empty())
    return fail(Code::Usage, "--ratings goes with a study; a stored result has its own", path.string(), "leave it out");
  if (!request.analyses.empty())
    return fail(Code::Usage, "--analyses goes with a study; a stored result has its own", path.string(),
                "leave it out");
  const auto text = read_file(path);
  if (!text) return tl::unexpected<Error>(text.error());
  auto result = report::result_from_text(*text);
  if (!result) return wrap(result.error(), path.string());
  return result;
}

int run_report(Cli& cli, const Request& request) {
  if (request.out.extension() != ".html")
    return cli.problem({Code::Usage, fmt::format("cannot write a report as '{}'", request.out.extension().string()),
                        request.out.string(), "name a file that ends in .html; a browser prints it as PDF"});
  if (std::error_code ec; !request.force && fs::exists(request.out, ec))
    return cli.problem({Code::Conflict, "the file exists", request.out.string(), "name another, or add --force"});
  const Task task = cli.task();
  const auto result = result_of(request, cli.threads(), task.part(0.0, 0.5));
  if (!result) return cli.problem(result.error());
  const auto drawn = report::draw_graphics(*result, request.graphics(), task.part(0.5, 1.0));
  if (!drawn) return cli.problem(drawn.error());
  for (const std::string& note : drawn->notes) cli.note(note);
  const auto html = report::html_report(*result, drawn->graphics);
  if (!html) return cli.problem(html.error());
  if (auto ok = write_file(request.out, *html); !ok) return cli.problem(ok.error());
  task.progress(1.0);
  return cli.done(Json{{"report", request.out.string()}}, request.out.string());
}

}  // namespace

void add_batch(Cli& cli) {
  const auto request = std::make_shared<Request>();
  CLI::App* batch = cli.verb(cli.app(), "batch", "Run a set of analyses on a study: models, tables, figures, report",
                             [&cli, request] { return run_batch(cli, *request); });
  batch->add_option("study", request->study, "Study file (.ipsi)")->required();
  batch->add_option("--analyses", request->analyses, "What to run (JSON); the published set when not given");
  batch->add_option("--out", request->out, "Folder for the results")->required();
  batch->add_option("--ratings", request->ratings, kRatingsHelp);
  batch->add_flag("--force", request->force, "Write into a folder that is not empty");
  batch->add_flag("--no-maps", request->no_maps, "No brain maps, which take about a second each");

  const auto wanted_report = std::make_shared<Request>();
  CLI::App* report = cli.verb(cli.app(), "report", "One HTML file of a study, or of the results of a batch",
                              [&cli, wanted_report] { return run_report(cli, *wanted_report); });
  report->add_option("from", wanted_report->study, "Study file (.ipsi), folder of a batch, or its result.json")
      ->required();
  report->add_option("--analyses", wanted_report->analyses, "What to run on a study; the published set when not given");
  report->add_option("--out", wanted_report->out, "The file to write, ending in .html")->required();
  report->add_option("--ratings", wanted_report->ratings, kRatingsHelp);
  report->add_flag("--force", wanted_report->force, "Replace the file if it exists");
  report->add_flag("--no-maps", wanted_report->no_maps, "No brain maps, which take about a second each");
}

}  // namespace ipsi::cli
