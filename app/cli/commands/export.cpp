// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/export.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/cli.h"
#include "app/cli/commands/output.h"
#include "core/ingest/behaviour.h"
#include "core/study/analysis_table.h"
#include "core/study/rating_files.h"
#include "core/study/study.h"

namespace ipsi::cli {
namespace {

struct Options {
  std::string study, out;
  bool force = false;
};

/// The name under which `study import` knows a test.
study::ScoreColumns columns_of(std::string_view test) {
  for (const auto& measure : ingest::measures())
    if (measure.test == test)
      return {to_lower(measure.columns.front()),
              measure.ratio() ? to_lower(measure.unaffected.front()) : std::string()};
  std::string name(test);  // the Stroke Impact Scale: SIS-hand -> sis_hand
  std::replace(name.begin(), name.end(), '-', '_');
  return {to_lower(name), ""};
}

int run(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto options = study::options_of(*snapshot);
  const auto volumes = study::volumes_table(*snapshot, options.volume_sources);
  const auto participants = study::participants_table(*snapshot, columns_of);
  const auto ratings = study::long_table(snapshot->ratings);
  const auto analysis = study::analysis_table(*snapshot, options);
  for (const auto* table : {&volumes, &participants, &ratings, &analysis})
    if (!*table) return cli.problem(table->error());

  const std::filesystem::path dir = o.out;
  if (auto ok = prepare_output_dir(dir, o.force ? Overwrite::yes : Overwrite::no); !ok) return cli.problem(ok.error());
  const std::pair<const char*, std::string> files[]{
      {"LandRvolumes.csv", table::to_delimited(*volumes, ',', "NA")},
      {"participants.tsv", table::to_delimited(*participants, '\t', "n/a")},
      {"ratings.tsv", table::to_delimited(*ratings, '\t')},
      {"analysis_table.csv", table::to_delimited(*analysis)}};
  Json written = Json::array();
  for (const auto& [name, bytes] : files) {
    if (auto ok = write_file(dir / name, bytes); !ok) return cli.problem(ok.error());
    written.push_back((dir / name).string());
  }
  return cli.done(Json{{"files", written},
                       {"people", snapshot->people.size()},
                       {"volumes", volumes->rows()},
                       {"ratings", ratings->rows()}},
                  fmt::format("{}: {} people, {} rows of volumes, {} ratings", o.out, snapshot->people.size(),
                              volumes->rows(), ratings->rows()));
}

}  // namespace

void add_export(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("study", "A study: make, fill, look into, check");
  CLI::App* verb = cli.verb(group, "export", "The study as LandRvolumes.csv, participants.tsv, ratings, analysis table",
                            [o, &cli] { return run(*o, cli); });
  verb->add_option("study", o->study, "The study file (.ipsi)")->required();
  verb->add_option("--out", o->out, "Folder to write into")->required();
  verb->add_flag("--force", o->force, "Write into a folder that is not empty");
}

}  // namespace ipsi::cli
