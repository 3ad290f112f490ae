// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/study.h"
#include "core/study/raters.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/commands/output.h"
#include "core/base/regions.h"
#include "core/study/analysis_table.h"
#include "core/study/rating_files.h"
#include "core/study/rating_merge.h"
#include "core/study/shared_session.h"
#include "core/study/subgroup.h"

namespace ipsi::cli {
namespace {

struct Options {
  std::string study;
  std::string out, subgroup = "all", rule, rater, ratings, author;
  std::vector<std::string> sources;
  std::int64_t after = 0;
  int last = 0;
  int steps = 1;
  bool force = false;
};
using Shared = std::shared_ptr<Options>;

// --- new

int run_new(const Options& o, Cli& cli) {
  const auto study = study::Study::create(o.study);
  if (!study) return cli.problem(study.error());
  return cli.done(Json{{"study", o.study}, {"schema", study->schema_version()}},
                  fmt::format("Created {} (schema {}). Fill it with `ipsi study import {} ...`.", o.study,
                              study->schema_version(), o.study));
}

// --- info

struct FlagCounts {
  long long ok = 0, lesioned = 0, failed = 0, unrated = 0;

  void add(study::Flag flag) {
    switch (flag) {
      case study::Flag::ok: ++ok; break;
      case study::Flag::lesioned: ++lesioned; break;
      case study::Flag::failed: ++failed; break;
      case study::Flag::unrated: ++unrated; break;
    }
  }
  [[nodiscard]] Json json() const {
    return {{"ok", ok}, {"lesioned", lesioned}, {"failed", failed}, {"unrated", unrated}};
  }
};

/// Ratings by flag; unrated counts the (session, region) pairs of which no rater has said anything.
FlagCounts count_ratings(const study::Snapshot& snapshot) {
  FlagCounts counts;
  std::set<std::array<std::string_view, 3>> rated;
  for (const auto& rating : snapshot.ratings) {
    if (rating.flag == study::Flag::unrated) continue;
    counts.add(rating.flag);
    rated.insert({rating.person, rating.session, rating.region});
  }
  counts.unrated = static_cast<long long>(snapshot.sessions.size() * kRegions.size() - rated.size());
  return counts;
}

/// What the study's rule makes of them, at the first time-point of each person.
Result<FlagCounts> count_decisions(const study::Snapshot& snapshot) {
  const auto table = study::analysis_table(snapshot, study::options_of(snapshot));
  if (!table) return tl::unexpected<Error>(table.error());
  FlagCounts counts;
  for (const auto& region : kRegions) {
    const auto column = table->require("flag_" + std::string(region.key));
    if (!column) return tl::unexpected<Error>(column.error());
    for (const auto& text : (*column)->texts) counts.add(study::parse_flag(text).value_or(study::Flag::unrated));
  }
  return counts;
}

std::string info_text(const Json& info) {
  std::string out;
  const auto line = [&](const char* name, const Json& value) {
    out += fmt::format("{:<10} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  };
  for (const char* key : {"study", "patients", "controls", "cohorts", "regions", "sessions", "scans", "lesions"})
    line(key, info.at(key));
  const auto flags = [](const Json& counts) {
    return fmt::format("ok {}, lesioned {}, failed {}, unrated {}", counts.at("ok").dump(),
                       counts.at("lesioned").dump(), counts.at("failed").dump(), counts.at("unrated").dump());
  };
  line("ratings", flags(info.at("ratings")));
  line("decisions", flags(info.at("decisions")));
  std::vector<std::string> raters = info.at("raters");
  line("raters", raters.empty() ? "none" : join(raters, ", "));
  line("stale", fmt::format("{} ratings of label images that have changed since", info.at("stale").dump()));
  line("analysed", info.at("analysed"));
  line("schema", info.at("schema"));
  line("last act", info.at("last_act"));
  if (info.at("shared") == true)
    out +=
        fmt::format("Shared: {} flags in the raters' files are not in the study yet; `ipsi qc merge` brings them in.\n",
                    info.at("waiting").dump());
  if (info.at("synthetic") == true) out += "This study is synthetic: nobody in it exists.\n";
  return out;
}

/// Flags in the rating files beside a shared study that are not in it yet.
long long waiting_in_files(const study::Snapshot& snapshot, const std::string& path) {
  const auto files = study::read_rating_folder(study::ratings_folder(std::filesystem::absolute(path)));
  return study::merge_words(files.voices, snapshot, "info").news();
}

int run_info(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  long long patients = 0, controls = 0, lesions = 0;
  for (const auto& person : snapshot->people) ++(person.group == "control" ? controls : patients);
  for (const auto& scan : snapshot->scans) lesions += scan.kind == "lesion" ? 1 : 0;
  std::set<std::string> raters;
  for (const auto& rating : snapshot->ratings) raters.insert(rating.rater);
  const auto decisions = count_decisions(*snapshot);
  if (!decisions) return cli.problem(decisions.error());
  const std::string synthetic = snapshot->setting("synthetic");
  const Json info{{"study", o.study},
                  {"patients", patients},
                  {"controls", controls},
                  {"cohorts", snapshot->cohorts.size()},
                  {"regions", kRegions.size()},
                  {"sessions", snapshot->sessions.size()},
                  {"scans", snapshot->scans.size()},
                  {"lesions", lesions},
                  {"ratings", count_ratings(*snapshot).json()},
                  {"decisions", decisions->json()},
                  {"raters", raters},
                  {"stale", study::stale_ratings(*snapshot).size()},
                  {"analysed", snapshot->people.size() - snapshot->exclusions.size()},
                  {"schema", study->schema_version()},
                  {"last_act", snapshot->last_act},
                  {"shared", snapshot->setting(study::kSharedSetting) == "1"},
                  {"waiting", waiting_in_files(*snapshot, o.study)},
                  {"synthetic", !synthetic.empty() && synthetic != "no" && synthetic != "false"}};
  return cli.done(info, info_text(info));
}

// --- table

Result<study::AnalysisOptions> table_options(const Options& o, const study::Snapshot& snapshot) {
  study::AnalysisOptions options = study::options_of(snapshot);
  if (!o.rater.empty()) {
    options.rule = study::RatingRule::one_rater;
    options.rater = o.rater;
    const bool known = std::any_of(snapshot.ratings.begin(), snapshot.ratings.end(),
                                   [&](const study::Rating& r) { return r.rater == o.rater; });
    if (!known) return fail(Code::NotFound, fmt::format("nobody called '{}' has rated", o.rater), "--rater");
  }
  if (const std::string& rule = o.ratings.empty() ? o.rule : o.ratings; !rule.empty()) {
    const auto named = study::with_rule(options, rule, snapshot);
    if (!named) return named;
    options = *named;
  }
  if (!o.sources.empty()) options.volume_sources = o.sources;
  return options;
}

int run_table(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto options = table_options(o, *snapshot);
  if (!options) return cli.problem(options.error());
  auto table = study::analysis_table(*snapshot, *options);
  if (!table) return cli.problem(table.error());
  const auto rows = study::rows_of(*table, *study::parse_subgroup(o.subgroup));
  if (!rows) return cli.problem(rows.error());
  *table = table->select(*rows);
  if (o.out.empty()) return cli.json() ? cli.done(table->to_json()) : cli.done(table::to_delimited(*table));
  if (auto ok = write_output(o.out, table_text(*table, o.out), o.force ? Overwrite::yes : Overwrite::no); !ok)
    return cli.problem(ok.error());
  return cli.done(Json{{"table", o.out}, {"rows", table->rows()}, {"columns", table->names()}},
                  fmt::format("{}: {} people, {} columns", o.out, table->rows(), table->columns()));
}

// --- verify

int run_verify(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto differences = study->verify();
  if (!differences) return cli.problem(differences.error());
  const auto last = study->last_act();
  if (!last) return cli.problem(last.error());
  if (differences->empty())
    return cli.done(Json{{"ok", true}, {"acts", *last}, {"differences", Json::array()}},
                    fmt::format("{}: every table equals a replay of its {} acts.", o.study, *last));
  const std::size_t n = differences->size();
  const Error error{Code::ReadFailed, fmt::format("the tables differ from the log in {} place{}", n, n == 1 ? "" : "s"),
                    o.study, "something else than Ipsi wrote to the file; restore it from a backup"};
  if (!cli.json()) {
    (void)cli.done(join(*differences, "\n"));
    return cli.problem(error);
  }
  std::fprintf(stderr, "ipsi: %s\n", to_line(error).c_str());
  (void)cli.done(
      Json{{"ok", false},
           {"acts", *last},
           {"differences", *differences},
           {"error",
            {{"code", to_string(error.code)}, {"what", error.what}, {"where", error.where}, {"mend", error.mend}}}});
  return exit_code(error.code);
}

// --- log

int run_log(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  auto acts = study->log(o.after);
  if (!acts) return cli.problem(acts.error());
  if (!o.author.empty()) std::erase_if(*acts, [&](const study::Act& act) { return act.author != o.author; });
  if (o.last > 0 && acts->size() > static_cast<std::size_t>(o.last)) acts->erase(acts->begin(), acts->end() - o.last);
  if (!cli.json()) {
    std::string out;
    for (const auto& act : *acts)
      out += fmt::format("{:>5}  {}  {:<12} {:<15} {} ({} edit{}){}\n", act.id, act.time, act.author, act.kind,
                         act.summary, act.edits.size(), act.edits.size() == 1 ? "" : "s",
                         act.undoes == 0 ? "" : fmt::format(", takes back {}", act.undoes));
    return cli.done(out.empty() ? "nothing in the log" : out);
  }
  Json rows = Json::array();
  for (auto& act : *acts) {
    const Json undoes = act.undoes == 0 ? Json(nullptr) : Json(act.undoes);
    for (auto& edit : act.edits)
      rows.push_back(Json{{"act", act.id},
                          {"time", act.time},
                          {"author", act.author},
                          {"kind", act.kind},
                          {"summary", act.summary},
                          {"undoes", undoes},
                          {"table", std::move(edit.table)},
                          {"key", std::move(edit.key)},
                          {"before", std::move(edit.before)},
                          {"after", std::move(edit.after)}});
  }
  return cli.done(rows);
}

// --- undo and redo of whatever an author did (imports, settings, ratings)

int run_back(const Options& o, Cli& cli, bool redo) {
  auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto acts = redo ? study->redo(o.author, o.steps) : study->undo(o.author, o.steps);
  if (!acts) return cli.problem(acts.error());
  Json rows = Json::array();
  std::string text;
  for (const auto& act : *acts) {
    rows.push_back(Json{{"act", act.id}, {"kind", act.kind}, {"summary", act.summary}, {"edits", act.edits.size()}});
    text += fmt::format("{}: {}\n", redo ? "redone" : "undone", act.summary);
  }
  return cli.done(Json{{redo ? "redone" : "undone", rows}}, text);
}

}  // namespace

void add_study(Cli& cli) {
  CLI::App& group = cli.group("study", "A study: make, fill, look into, check");
  const auto verb = [&](const char* name, const char* what, auto run) {
    auto o = std::make_shared<Options>();
    CLI::App* made = cli.verb(group, name, what, [o, &cli, run] { return run(*o, cli); });
    made->add_option("study", o->study, "The study file (.ipsi)")->required();
    return std::pair(made, o);
  };
  verb("new", "An empty study", run_new);
  verb("info", "What is in a study", run_info);

  const auto [table, t] = verb("table", "The analysis table: a row per person at the first time-point", run_table);
  table->add_option("--out", t->out, "File to write, .csv or .tsv; without it, standard output");
  table->add_option("--subgroup", t->subgroup, "People by time since stroke")
      ->check(CLI::IsMember({"all", "subacute", "early", "chronic"}))
      ->capture_default_str();
  table->add_option("--rule", t->rule, "How several raters become one decision")
      ->check(CLI::IsMember({"consensus", "strictest"}));
  table->add_option("--rater", t->rater, "Use the ratings of this rater alone")->excludes("--rule");
  table->add_option("--ratings", t->ratings, "consensus, majority, strictest, lesioned_kept or rater:NAME")
      ->excludes("--rule")
      ->excludes("--rater");
  table->add_option("--sources", t->sources, "Sources of volumes, the preferred first")->delimiter(',');
  table->add_flag("--force", t->force, "Replace the file where it exists");

  verb("verify", "Replay the log and compare it with the tables", run_verify);

  const auto [log, l] = verb("log", "Every edit, oldest first", run_log);
  log->add_option("--after", l->after, "Only acts after this one");
  log->add_option("--author", l->author, "Only acts of this author");
  log->add_option("--last", l->last, "Only the newest N acts")->check(CLI::PositiveNumber);

  const auto [undo, u] = verb("undo", "Take back the newest acts of an author, imports too",
                              [](const Options& o, Cli& c) { return run_back(o, c, false); });
  const auto [redo, r] =
      verb("redo", "Take back an undo", [](const Options& o, Cli& c) { return run_back(o, c, true); });
  for (const auto& [made, o] : {std::pair(undo, u), std::pair(redo, r)}) {
    made->add_option("--by", o->author, "Whose acts")->required();
    made->add_option("--steps", o->steps, "How many acts")->check(CLI::PositiveNumber)->capture_default_str();
  }
}

}  // namespace ipsi::cli
