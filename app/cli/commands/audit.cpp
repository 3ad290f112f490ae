// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/audit.h"

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/cli.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/report/figure_svg.h"
#include "core/study/raters.h"
#include "core/study/study.h"
#include "core/table/delimited.h"

// ipsi qc audit

namespace ipsi::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string study, ratings, out;
  bool force = false;
};

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
  for (const auto& figure : result.figures) text += fmt::format("\n{}.svg: {}\n", figure.id, figure.caption);
  if (auto ok = write_file(dir / "audit.txt", text); !ok) return ok;
  Json json = result.json;
  json["manifest"] = result.manifest;
  return write_file(dir / "audit.json", json.dump(2) + "\n");
}

std::string table_text(const spec::ResultSet& result) {
  const table::Table& t = result.tables.front().table;
  const auto number = [&](const char* name, std::size_t r) { return t.find(name)->values[r]; };
  const auto cell = [](double value, int digits) {
    return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, digits);
  };
  std::string out = fmt::format("{:<7} {:<18} {:<17} {:>5} {:>5} {:>7}  {:>10} {:>10}  {:<22} {:<24} {:>7}\n", "side",
                                "region", "variable", "out", "kept", "missing", "middle out", "kept", "std. difference",
                                "odds ratio per SD", "p adj");
  for (std::size_t r = 0; r < t.rows(); ++r)
    out += fmt::format("{:<7} {:<18} {:<17} {:>5} {:>5} {:>7}  {:>10} {:>10}  {:<22} {:<24} {:>7}\n",
                       t.find("side")->texts[r], t.find("region")->texts[r], t.find("variable")->texts[r],
                       number("n_left_out", r), number("n_kept", r), number("n_missing", r),
                       cell(number("middle_left_out", r), 2), cell(number("middle_kept", r), 2),
                       fmt::format("{} ({} to {})", cell(number("difference", r), 2),
                                   cell(number("difference_low", r), 2), cell(number("difference_high", r), 2)),
                       fmt::format("{} ({} to {})", cell(number("odds_ratio", r), 2), cell(number("odds_low", r), 2),
                                   cell(number("odds_high", r), 2)),
                       cell(number("p_adjusted", r), 4));
  for (const auto& finding : result.findings) out += "\n" + finding;
  return out;
}

int run(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  Result<study::AnalysisOptions> options = study::options_of(*snapshot);
  if (!o.ratings.empty()) options = study::with_rule(*options, o.ratings, *snapshot);
  if (!options) return cli.problem(options.error());
  const auto result = engine::exclusion_audit(*snapshot, *options);
  if (!result) return cli.problem(result.error());
  if (!o.out.empty()) {
    if (auto ok = prepare_output_dir(o.out, o.force ? Overwrite::yes : Overwrite::no); !ok)
      return cli.problem(ok.error());
    if (auto ok = write_all(*result, o.out); !ok) return cli.problem(ok.error());
  }
  return cli.done(result->json, table_text(*result));
}

}  // namespace

void add_audit(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("qc", "Quality control: rate regions, look at ratings, exchange them");
  CLI::App* verb = cli.verb(group, "audit", "Who leaves by QC: lesion volume, severity, side, cohort, days",
                            [o, &cli] { return run(*o, cli); });
  verb->add_option("study", o->study, "The study file (.ipsi)")->required();
  verb->add_option("--ratings", o->ratings, "consensus, majority, strictest, lesioned_kept or rater:NAME");
  verb->add_option("--out", o->out, "Folder for tables (CSV), figures (SVG) and text");
  verb->add_flag("--force", o->force, "Write into a folder that is not empty");
}

}  // namespace ipsi::cli
