// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/sensitivity.h"

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/cli.h"
#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/report/figure_svg.h"
#include "core/study/study.h"
#include "core/table/delimited.h"

// ipsi sensitivity

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path study, analyses, out;
  std::string analysis, region, predictor;
  double power = 0.8;
  bool force = false;
};

Result<engine::Analysis> wanted(const Options& o) {
  const auto all =
      o.analyses.empty() ? Result<engine::Analyses>(engine::published_analyses()) : engine::read_analyses(o.analyses);
  if (!all) return tl::unexpected<Error>(all.error());
  std::vector<std::string> ids;
  for (const engine::Analysis& a : all->analyses) {
    ids.push_back(a.id);
    if (a.id != o.analysis && !(o.analysis.empty() && all->analyses.size() == 1)) continue;
    engine::Analysis out = a;
    if (!o.predictor.empty() && o.predictor != a.predictor) {
      out.predictor = o.predictor;
      out.title = out.id;
    }
    if (out.ratings.empty()) out.ratings = all->ratings;
    return out;
  }
  return fail(
      o.analysis.empty() ? Code::Usage : Code::NotFound,
      o.analysis.empty() ? std::string("no analysis is named") : fmt::format("there is no analysis '{}'", o.analysis),
      o.analyses.string(), "use --analysis with one of: " + join(ids, ", "));
}

/// "ipsi_putamen" as side and structure.
Result<std::pair<std::string, std::string>> parts_of(const std::string& region) {
  const std::size_t cut = region.find('_');
  const std::string side = region.substr(0, cut);
  if (cut != std::string::npos && (side == "ipsi" || side == "contra" || side == "left" || side == "right"))
    if (const auto structure = parse_structure(region.substr(cut + 1))) return std::pair{side, std::string(*structure)};
  return fail(Code::Usage, fmt::format("'{}' is no region", region), "--region",
              "write ipsi_ or contra_ (left_, right_) and one of: thalamus, caudate, putamen, pallidum, accumbens, "
              "lateral_ventricle");
}

Result<void> write_all(const spec::ResultSet& result, const fs::path& dir) {
  for (const auto& named : result.tables)
    if (auto ok = write_file(dir / (named.key + ".csv"), table::to_delimited(named.table)); !ok) return ok;
  for (const auto& figure : result.figures) {
    const auto svg = report::to_svg(figure, 174.0);
    if (!svg) return wrap(svg.error(), figure.id);
    if (auto ok = write_file(dir / (figure.id + ".svg"), *svg); !ok) return ok;
  }
  std::string text = join(result.methods_text, "\n\n") + "\n\n";
  for (const auto& finding : result.findings) text += "- " + finding + "\n";
  if (auto ok = write_file(dir / "sensitivity.txt", text); !ok) return ok;
  return write_file(dir / "sensitivity.json", result.json.dump(2) + "\n");
}

std::string for_people(const engine::Sensitivity& s, const engine::Analysis& a, const spec::ResultSet& result) {
  std::string out = fmt::format("{}: {} {}, {}\n\n", a.title.empty() ? a.id : a.title, s.base.side,
                                structure_title(s.base.structure), s.base.predictor);
  out += fmt::format("{:<16} {:<11} {:<14} {:>5} {:>7} {:>8}  {:<18} {:>8}\n", "ratings", "estimator", "without", "n",
                     "cohorts", "beta", "95 % interval", "p");
  for (const engine::Specification& row : s.rows) {
    out += fmt::format("{:<16} {:<11} {:<14} {:>5} {:>7} ", row.ratings, to_string(row.estimator), row.without, row.n,
                       row.n_cohorts);
    if (std::isnan(row.beta))
      out += fmt::format("       -  {}\n", row.failure);
    else
      out +=
          fmt::format("{:>8.3f}  {:<18} {:>8}{}\n", row.beta, fmt::format("{:.3f} to {:.3f}", row.ci_low, row.ci_high),
                      row.p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", row.p),
                      row.base ? "  as asked for" : (row.repeats ? "  the same people" : ""));
  }
  for (const auto& finding : result.findings) out += "\n" + finding;
  return out + "\n";
}

int run(const Options& o, Cli& cli) {
  const auto analysis = wanted(o);
  if (!analysis) return cli.problem(analysis.error());
  const auto region = parts_of(o.region);
  if (!region) return cli.problem(region.error());
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const Task task = cli.task();
  const auto found =
      engine::sensitivity(*snapshot, *analysis, region->first, region->second,
                          {.table = study::options_of(*snapshot), .threads = cli.threads(), .power = o.power}, task);
  if (!found) return cli.problem(found.error());
  const spec::ResultSet result = engine::sensitivity_result(*found, *analysis);
  if (!o.out.empty()) {
    if (auto ok = prepare_output_dir(o.out, o.force ? Overwrite::yes : Overwrite::no); !ok)
      return cli.problem(ok.error());
    if (auto ok = write_all(result, o.out); !ok) return cli.problem(ok.error());
  }
  task.progress(1.0);
  return cli.done(result.json, for_people(*found, *analysis, result));
}

}  // namespace

void add_sensitivity(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App* verb = cli.verb(cli.app(), "sensitivity",
                            "One region's model under other choices: raters, estimator, without each cohort",
                            [o, &cli] { return run(*o, cli); });
  verb->add_option("study", o->study, "Study file (.ipsi)")->required();
  verb->add_option("--analyses", o->analyses, "Analyses (JSON); the published set when not given");
  verb->add_option("--analysis", o->analysis, "Id of the analysis");
  verb->add_option("--region", o->region, "ipsi_putamen, contra_thalamus, ..")->required();
  verb->add_option("--predictor", o->predictor, "Another predictor than the analysis'");
  verb->add_option("--power", o->power, "Of the smallest detectable effect")->check(CLI::Range(0.5, 0.999));
  verb->add_option("--out", o->out, "Folder for tables (CSV), the curve (SVG) and text");
  verb->add_flag("--force", o->force, "Write into a folder that is not empty");
}

}  // namespace ipsi::cli
