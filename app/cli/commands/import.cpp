// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/import.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/base/text.h"
#include "core/study/study.h"

namespace ipsi::cli {
namespace {

struct Options {
  std::string study;
  ingest::Sources sources;
  std::vector<std::string> sex_levels, maxima, skip_lines;
  std::string unable = "missing", author;
  bool dry_run = false;
};

/// "1=male" -> {"1", "male"}
Result<std::pair<std::string, std::string>> pair_of(const std::string& text, const std::string& flag) {
  const auto at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return fail(Code::Usage, fmt::format("'{}' is not NAME=VALUE", text), flag);
  return std::pair{trim(text.substr(0, at)), trim(text.substr(at + 1))};
}

/// The words of the command line that CLI11 leaves as text.
Result<void> settle(Options& o, const Cli& cli) {
  for (const std::string& text : o.sex_levels) {
    const auto pair = pair_of(text, "--sex-levels");
    if (!pair) return tl::unexpected(pair.error());
    std::string sex = to_lower(pair->second);
    if (sex == "m") sex = "male";
    if (sex == "f") sex = "female";
    if (sex != "male" && sex != "female")
      return fail(Code::Usage, fmt::format("'{}' is neither male nor female", pair->second), "--sex-levels",
                  "write --sex-levels 1=male,2=female");
    o.sources.sex_levels[to_lower(pair->first)] = sex;
  }
  for (const std::string& text : o.maxima) {
    const auto pair = pair_of(text, "--max");
    if (!pair) return tl::unexpected(pair.error());
    const auto value = parse_double(pair->second);
    if (!value || !(*value > 0))
      return fail(Code::Usage, fmt::format("'{}' is no maximum", pair->second), "--max", "write --max FMA-UE=66");
    o.sources.maxima[pair->first] = *value;
  }
  for (const std::string& text : o.skip_lines) {
    const auto at = text.rfind(':');
    const auto line = at == std::string::npos ? std::nullopt : parse_integer(text.substr(at + 1));
    if (!line || *line < 1 || at == 0)
      return fail(Code::Usage, fmt::format("'{}' is not FILE:LINE", text), "--skip-line",
                  "write --skip-line LandRvolumes.csv:15");
    o.sources.skip_lines.insert({text.substr(0, at), static_cast<int>(*line)});
  }
  o.sources.unable = o.unable == "worst" ? ingest::Unable::worst : ingest::Unable::missing;
  o.sources.threads = cli.threads();
  const std::filesystem::path whole = std::filesystem::absolute(o.study);
  o.sources.study_dir = whole.parent_path();
  if (o.author.empty()) {
    const char* user = std::getenv("USER");
    o.author = user != nullptr && *user != '\0' ? user : "import";
  }
  return {};
}

int run(Options& o, Cli& cli) {
  if (auto ok = settle(o, cli); !ok) return cli.problem(ok.error());
  auto study = study::Study::open(o.study, o.dry_run ? study::Access::read_only : study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto plan = ingest::plan(o.sources, *snapshot, cli.task());
  if (!plan) return cli.problem(plan.error());
  if (o.dry_run) {
    const long long blocking = plan->count(ingest::Severity::blocks);
    const std::string last =
        blocking > 0
            ? fmt::format("Would import nothing: {} to mend first.",
                          blocking == 1 ? "1 problem" : fmt::format("{} problems", blocking))
            : fmt::format("Would import {} of {} people. Run again without --dry-run.", plan->importable, plan->people);
    Json json = ingest::to_json(*plan);
    json["dry_run"] = true;
    return cli.done(json, ingest::to_text(*plan) + last);
  }
  const auto request = ingest::to_request(*plan, o.author);
  if (!request) return cli.problem(request.error());
  const auto act = study->apply(*request);
  if (!act) return cli.problem(act.error());
  Json json = ingest::to_json(*plan);
  json["dry_run"] = false;
  json["imported"] = plan->importable;
  json["act"] = *act;
  const std::string last =
      *act == 0 ? std::string("Nothing changed: the study holds all of this already.")
                : fmt::format("Imported {} of {} people into {}. To take it back: ipsi study undo {} --by {}",
                              plan->importable, plan->people, o.study, o.study, o.author);
  return cli.done(json, ingest::to_text(*plan) + last);
}

}  // namespace

void add_import(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("study", "A study: make, fill, look into, check");
  CLI::App* verb = cli.verb(group, "import", "Read tables, FreeSurfer folders, BIDS and lesion masks into a study",
                            [o, &cli] { return run(*o, cli); });
  verb->add_option("study", o->study, "The study file")->required();
  verb->add_option("--volumes", o->sources.volumes, "LandRvolumes.csv or another ENIGMA measures table");
  verb->add_option("--participants", o->sources.participants, "participants.tsv or a behaviour table (CSV, TSV, XLSX)");
  verb->add_option("--qc", o->sources.qc, "ENIGMA quality sheet, 1 = fail (CSV, XLSX); needs --rater");
  verb->add_option("--rater", o->sources.rater, "Whose ratings the quality sheet holds");
  verb->add_option("--freesurfer", o->sources.freesurfer, "SUBJECTS_DIR, or one subject folder; never written to");
  verb->add_option("--bids", o->sources.bids, "Root of a BIDS derivative");
  verb->add_option("--lesions", o->sources.lesions, "Folder of lesion masks named by subject");
  verb->add_option("--sex-levels", o->sex_levels, "What the numbers of the sex column mean: 1=male,2=female")
      ->delimiter(',');
  verb->add_option("--max", o->maxima, "Maximum of a test, e.g. mRS=5")->delimiter(',');
  verb->add_option("--unable", o->unable, "What codes such as 999 or NT become")
      ->check(CLI::IsMember({"missing", "worst"}))
      ->capture_default_str();
  verb->add_option("--session", o->sources.session, "Session of rows and folders that name none");
  verb->add_option("--skip-line", o->skip_lines, "Leave a row out, e.g. one of a duplicate: LandRvolumes.csv:15")
      ->delimiter(',');
  verb->add_flag("--join", o->sources.join, "Accept the proposed joins of ids that nearly match");
  verb->add_option("--by", o->author, "Who imports, for the log and undo (default: $USER)");
  verb->add_flag("--dry-run", o->dry_run, "Only say what would be imported and every problem met");
}

}  // namespace ipsi::cli
