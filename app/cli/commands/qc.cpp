// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/commands/output.h"
#include "core/ingest/import.h"
#include "core/ingest/rating_plan.h"
#include "core/study/export.h"
#include "core/study/lookup.h"
#include "core/study/raters.h"
#include "core/study/rating_files.h"
#include "core/study/rating_journal.h"
#include "core/study/rating_merge.h"
#include "core/study/shared_session.h"
#include "core/study/study.h"

namespace ipsi::cli {
namespace {

// What `qc undo` takes back: deeds of rating, never an import of data.
const std::vector<std::string> kRatingKinds{"rate", "import_ratings", "carry_over"};

struct Options {
  std::string study, subject, session, region, flag, rater, comment;
  std::string format = "long", mark = "x", out, file;
  int steps = 1;
  bool force = false, replace = false, shared = false;
};

/// The study to write to: itself, or the rater's copy of a shared one, from where it goes into the rater's own file.
class Target {
 public:
  static Result<Target> open(const Options& o) {
    Target out;
    if (o.shared) {
      std::error_code ec;
      out.place_ = study::shared_place(std::filesystem::weakly_canonical(o.study, ec), trim(o.rater));
      auto session = study::SharedSession::open(out.place_);
      if (session) {
        out.session_ = std::move(*session);
        return out;
      }
      if (session.error().code != Code::Conflict) return tl::unexpected<Error>(session.error());
    }
    // A window that has the session sends what is written into its copy.
    auto study =
        study::Study::open(o.shared ? out.place_.work() : std::filesystem::path(o.study), study::Access::read_write);
    if (!study) return tl::unexpected<Error>(study.error());
    out.study_ = std::move(*study);
    return out;
  }
  study::Study& study() { return session_ ? session_->work() : *study_; }
  /// How far back undo goes.
  [[nodiscard]] std::int64_t start() {
    const auto note = session_ || !place_.local.empty() ? study().snapshot() : Result<study::Snapshot>();
    return note ? study::copied_up_to(*note) : 0;
  }
  void send(Cli& cli) {
    if (!session_) return;
    const auto state = session_->round();
    if (state.unsent > 0)
      cli.note(
          fmt::format("{} flags are kept on this computer and not on the share yet: {}", state.unsent, state.problem));
  }

 private:
  study::SharedPlace place_;
  std::optional<study::SharedSession> session_;
  std::optional<study::Study> study_;
};

// --- set

Result<study::Snapshot> snapshot_of_subject(const study::Study& study, const std::string& subject) {
  auto snapshot = study.snapshot_of(subject);
  if (!snapshot || !snapshot->people.empty()) return snapshot;
  const auto people = study.people();
  if (!people) return tl::unexpected<Error>(people.error());
  std::vector<std::string> ids;
  for (const auto& person : *people) ids.push_back(person.id);
  return fail(Code::NotFound, fmt::format("there is no subject '{}'", subject), study.path().string(),
              study::suggestion(subject, ids,
                                ids.empty() ? "the study is empty; import people first"
                                            : fmt::format("`ipsi study table` lists the {} people", ids.size())));
}

Result<std::string> session_of(const study::Snapshot& snapshot, const Options& o) {
  std::vector<std::string> labels;
  for (const auto& session : snapshot.sessions) {
    if (session.label == o.session) return session.label;
    labels.push_back(session.label);
  }
  if (labels.empty()) return fail(Code::NotFound, fmt::format("{} has no session", o.subject), "", "import one first");
  if (o.session.empty()) return study::first_session(snapshot, o.subject)->label;
  return fail(Code::NotFound, fmt::format("{} has no session '{}'", o.subject, o.session), "",
              "the sessions are " + join(labels, ", "));
}

Json rating_json(const study::Rating& rating) {
  const auto text = [](const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); };
  return {{"subject", rating.person},    {"session", rating.session},
          {"region", rating.region},     {"flag", study::to_string(rating.flag)},
          {"rater", text(rating.rater)}, {"comment", rating.comment},
          {"time", text(rating.time)}};
}

int run_set(const Options& o, Cli& cli) {
  const auto flag = study::parse_flag(o.flag);
  if (!flag)
    return cli.problem(
        {Code::Usage, fmt::format("the flag is '{}'", o.flag), "--flag", "use ok, lesioned, failed or unrated"});
  if (trim(o.rater).empty()) return cli.problem({Code::Usage, "the rater has no name", "--rater", "name who rates"});
  auto target = Target::open(o);
  if (!target) return cli.problem(target.error());
  study::Study* study = &target->study();
  const auto snapshot = snapshot_of_subject(*study, o.subject);
  if (!snapshot) return cli.problem(snapshot.error());
  const auto session = session_of(*snapshot, o);
  if (!session) return cli.problem(session.error());
  const auto region = study::resolve_region(o.region, snapshot->people.front());
  if (!region) return cli.problem(region.error());

  study::Rating rating{.person = o.subject,
                       .session = *session,
                       .region = std::string((*region)->key),
                       .rater = o.rater,
                       .flag = *flag,
                       .comment = o.comment,
                       .time = "",
                       .scan_hash = study::labels_hash(*snapshot, o.subject, *session)};
  study::Flag before = study::Flag::unrated;
  for (const auto& stored : snapshot->ratings)
    if (stored.session == rating.session && stored.region == rating.region && stored.rater == rating.rater)
      before = stored.flag;
  const std::string summary = fmt::format("{} of {}: {} -> {}", rating.region, rating.person, study::to_string(before),
                                          study::to_string(rating.flag));
  const auto act =
      study->apply({.author = o.rater, .kind = "rate", .summary = summary, .changes = {study::Put(rating)}});
  if (!act) return cli.problem(act.error());
  target->send(cli);
  Json json = rating_json(rating);
  json.erase("time");
  json["before"] = study::to_string(before);
  json["act"] = *act == 0 ? Json(nullptr) : Json(*act);
  return cli.done(json, *act == 0 ? fmt::format("{} is {} already", rating.region + " of " + rating.person,
                                                study::to_string(rating.flag))
                                  : summary);
}

// --- undo, redo

int run_back(const Options& o, Cli& cli, bool redo) {
  auto target = Target::open(o);
  if (!target) return cli.problem(target.error());
  const std::int64_t start = target->start();
  study::Study& study = target->study();
  const auto acts =
      redo ? study.redo(o.rater, o.steps, kRatingKinds, start) : study.undo(o.rater, o.steps, kRatingKinds, start);
  if (!acts) return cli.problem(acts.error());
  target->send(cli);
  const char* word = redo ? "redone" : "undone";
  Json rows = Json::array();
  std::string text;
  for (const auto& act : *acts) {
    rows.push_back(Json{{"act", act.id}, {"kind", act.kind}, {"summary", act.summary}, {"edits", act.edits.size()}});
    text += fmt::format("{}: {}\n", word, act.summary);
  }
  if (static_cast<int>(acts->size()) < o.steps) text += fmt::format("({} had no more to take back)\n", o.rater);
  return cli.done(Json{{word, rows}}, text);
}

// --- list

/// Keeps the regions a name means for one person: "thalamus" both sides, "ipsi_thalamus" by the side of the lesion.
Result<std::set<std::string_view>> wanted_regions(const std::string& name, const study::Person& person) {
  std::set<std::string_view> wanted;
  for (const auto& region : kRegions)
    if (name.empty() || name == region.structure) wanted.insert(region.key);
  if (!wanted.empty()) return wanted;
  const auto region = study::resolve_region(name, person);
  if (region) return std::set<std::string_view>{(*region)->key};
  if (region.error().code == Code::NotFound) return tl::unexpected<Error>(region.error());
  return wanted;  // no ipsilesional side: none of this person's regions is meant
}

/// Pairs of session and region that have no rating (of `rater`, where one is named), as ratings without time.
std::vector<study::Rating> unrated(const study::Snapshot& snapshot, const std::string& rater) {
  std::set<std::array<std::string_view, 3>> rated;
  for (const auto& rating : snapshot.ratings)
    if (rater.empty() || rating.rater == rater) rated.insert({rating.person, rating.session, rating.region});
  std::vector<study::Rating> out;
  for (const auto& session : snapshot.sessions)
    for (const auto& region : kRegions)
      if (rated.count({session.person, session.label, region.key}) == 0)
        out.push_back({.person = session.person,
                       .session = session.label,
                       .region = std::string(region.key),
                       .rater = rater,
                       .flag = study::Flag::unrated,
                       .comment = "",
                       .time = "",
                       .scan_hash = ""});
  return out;
}

Result<std::vector<study::Rating>> filtered(const study::Snapshot& snapshot, const Options& o) {
  std::optional<study::Flag> flag;
  if (!o.flag.empty()) {
    flag = study::parse_flag(o.flag);
    if (!flag)
      return fail(Code::Usage, fmt::format("the flag is '{}'", o.flag), "--flag",
                  "use ok, lesioned, failed or unrated");
  }
  std::map<std::string_view, std::set<std::string_view>> wanted;
  std::vector<std::string> ids;
  for (const auto& person : snapshot.people) {
    ids.push_back(person.id);
    if (!o.subject.empty() && person.id != o.subject) continue;
    auto regions = wanted_regions(o.region, person);
    if (!regions) return tl::unexpected<Error>(regions.error());
    wanted[person.id] = std::move(*regions);
  }
  if (!o.subject.empty() && wanted.empty())
    return fail(Code::NotFound, fmt::format("there is no subject '{}'", o.subject), o.study,
                study::suggestion(o.subject, ids, "check the id"));
  std::vector<study::Rating> all = snapshot.ratings;
  if (flag == study::Flag::unrated) {
    auto without = unrated(snapshot, o.rater);
    all.insert(all.end(), without.begin(), without.end());
  }
  std::vector<study::Rating> out;
  for (auto& rating : all) {
    if (flag && rating.flag != *flag) continue;
    if (!o.rater.empty() && rating.rater != o.rater) continue;
    if (!o.session.empty() && rating.session != o.session) continue;
    const auto regions = wanted.find(rating.person);
    if (regions == wanted.end() || regions->second.count(rating.region) == 0) continue;
    out.push_back(std::move(rating));
  }
  study::sort_ratings(out);
  return out;
}

int run_list(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto ratings = filtered(*snapshot, o);
  if (!ratings) return cli.problem(ratings.error());
  if (cli.json()) {
    Json rows = Json::array();
    for (const auto& rating : *ratings) rows.push_back(rating_json(rating));
    return cli.done(rows);
  }
  std::string text;
  for (const auto& r : *ratings)
    text += fmt::format("{:<16} {:<6} {:<24} {:<9} {:<12} {}  {}\n", r.person, r.session, r.region,
                        study::to_string(r.flag), r.rater.empty() ? "-" : r.rater, r.time, r.comment);
  return cli.done(text + fmt::format("{} ratings", ratings->size()));
}

// --- export

int run_export(const Options& o, Cli& cli) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return cli.problem(study.error());
  auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  study::AnalysisOptions options = study::options_of(*snapshot);
  if (!o.rater.empty()) {
    std::erase_if(snapshot->ratings, [&](const study::Rating& r) { return r.rater != o.rater; });
    if (snapshot->ratings.empty())
      return cli.problem({Code::NotFound, fmt::format("nobody called '{}' has rated", o.rater), "--rater",
                          "`ipsi study info` lists the raters"});
    options.rule = study::RatingRule::one_rater;
    options.rater = o.rater;
  }
  const auto table = o.format == "enigma"    ? study::enigma_sheet(*snapshot, options)
                     : o.format == "volumes" ? study::volumes_marked(*snapshot, options, o.mark)
                     : o.format == "reasons" ? study::reason_table(snapshot->ratings)
                     : o.format == "matrix"  ? study::rating_matrix(snapshot->ratings)
                     : o.format == "bids"    ? study::bids_table(snapshot->ratings, IPSI_VERSION)
                                             : study::long_table(snapshot->ratings);
  if (!table) return cli.problem(table.error());
  const Overwrite overwrite = o.force ? Overwrite::yes : Overwrite::no;
  const std::filesystem::path out = o.out;
  Json files = Json::array({o.out});
  std::string bytes;
  if (o.format == "enigma" || o.format == "volumes") {
    bytes = table_text(*table, out);
  } else {
    bytes = table::to_delimited(*table, '\t', o.format == "bids" ? "n/a" : "");
  }
  if (o.format == "bids") {
    const std::filesystem::path sidecar = std::filesystem::path(out).replace_extension(".json");
    if (sidecar == out)
      return cli.problem({Code::Usage, "the BIDS table cannot end in .json", o.out, "name it desc-roiqc_flags.tsv"});
    if (auto ok = write_output(sidecar, study::bids_sidecar().dump(2) + "\n", overwrite); !ok)
      return cli.problem(ok.error());
    files.push_back(sidecar.string());
  }
  if (auto ok = write_output(out, bytes, overwrite); !ok) return cli.problem(ok.error());
  return cli.done(Json{{"files", files}, {"rows", table->rows()}}, fmt::format("{}: {} rows", o.out, table->rows()));
}

// --- import

Json problems_json(const std::vector<study::RowProblem>& problems, const std::string& file) {
  Json rows = Json::array();
  for (const auto& p : problems)
    rows.push_back(Json{{"file", file},
                        {"line", p.line},
                        {"column", p.column},
                        {"subject", p.subject},
                        {"what", p.what},
                        {"mend", p.mend}});
  return rows;
}

/// One line for the first problem; the others are told on stderr, and all of them in JSON.
int refuse(const ingest::RatingPlan& plan, Cli& cli) {
  std::vector<ingest::Problem> blocking;
  std::copy_if(plan.problems.begin(), plan.problems.end(), std::back_inserter(blocking),
               [](const auto& p) { return p.severity == ingest::Severity::blocks; });
  const auto place = [&](const ingest::Problem& p) {
    return fmt::format("{}, line {}, column {}{}", p.file, p.line, p.column,
                       p.subject.empty() ? "" : ", subject " + p.subject);
  };
  const auto& first = blocking.front();
  Error error{plan.refused, first.what, place(first), first.mend};
  if (blocking.size() > 1) error.mend += fmt::format(" (and {} more rows; nothing was imported)", blocking.size() - 1);
  std::fprintf(stderr, "ipsi: %s\n", to_line(error).c_str());
  if (!cli.json()) {
    constexpr std::size_t kMostTold = 20;
    for (std::size_t i = 1; i < blocking.size() && i < kMostTold; ++i)
      cli.note(to_line({plan.refused, blocking[i].what, place(blocking[i]), blocking[i].mend}));
    return exit_code(plan.refused);
  }
  Json rows = Json::array();
  for (const auto& p : blocking) rows.push_back(ingest::to_json(p));
  (void)cli.done(
      Json{{"error",
            {{"code", to_string(plan.refused)}, {"what", error.what}, {"where", error.where}, {"mend", error.mend}}},
           {"problems", rows}});
  return exit_code(plan.refused);
}

int tell_sheet(const ingest::RatingPlan& plan, const Options& o, std::int64_t act, Cli& cli) {
  const auto rows = plan.request.changes.size();
  Json json = ingest::to_json(*plan.sheet);
  json["act"] = act == 0 ? Json(nullptr) : Json(act);
  json["ratings"] = rows;
  for (const auto& problem : plan.problems)
    if (!cli.json()) cli.note(to_line(ingest::to_error(problem)));
  return cli.done(json, act == 0 ? std::string("Nothing changed: the study holds all of this already.")
                                 : fmt::format("{} ratings of {} imported (act {})", rows, o.rater, act));
}

/// The file that a rater of a shared study writes. Its rater takes the name given, unless it speaks for several.
int import_journal(const Options& o, const std::string& text, Cli& cli) {
  auto journal = study::read_journal(text, o.file);
  if (!journal) return cli.problem(journal.error());
  auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  std::set<std::string> people;
  for (const auto& line : journal->lines) people.insert(study::look_of(line.word.rating.rater).name);
  if (people.size() == 1)
    for (auto& line : journal->lines)
      line.word.rating.rater = study::look_name(o.rater, study::look_of(line.word.rating.rater).number);
  const auto merge = study::merge_words({study::voice_of(*journal, o.file)}, *snapshot, o.rater);
  const auto act = study->apply(merge.request);
  if (!act) return cli.problem(act.error());
  for (const auto& p : journal->problems)
    cli.note(to_line({Code::InvalidInput, p.what, fmt::format("{}, line {}", o.file, p.line), p.mend}));
  const auto& n = merge.voices.front();
  Json conflicts = Json::array();
  for (const auto& conflict : merge.conflicts)
    conflicts.push_back(Json{{"counts", rating_json(conflict.counts)}, {"other", rating_json(conflict.other)}});
  if (n.unknown > 0)
    cli.note(fmt::format("{} flags are of people or sessions that are not in the study ({}); they stay in the file",
                         n.unknown, n.first_unknown));
  return cli.done(Json{{"act", *act == 0 ? Json(nullptr) : Json(*act)},
                       {"rows", journal->lines.size()},
                       {"added", n.added},
                       {"changed", n.changed},
                       {"unchanged", n.unchanged},
                       {"kept_newer", n.kept},
                       {"taken_back", n.taken_back},
                       {"unknown", n.unknown},
                       {"problems", problems_json(journal->problems, o.file)},
                       {"conflicts", conflicts},
                       {"renamed", people.size() == 1}},
                  fmt::format("{} new, {} changed, {} the same, {} older than what the study has", n.added, n.changed,
                              n.unchanged, n.kept));
}

int run_import(const Options& o, Cli& cli) {
  if (trim(o.rater).empty()) return cli.problem({Code::Usage, "the rater has no name", "--rater", "name who rated"});
  if (const auto text = read_file(o.file); text && study::is_journal(*text)) return import_journal(o, *text, cli);
  auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto plan =
      ingest::plan_ratings(o.file, *snapshot, o.rater, o.replace ? study::Untimed::replace : study::Untimed::refuse,
                           std::filesystem::absolute(o.study).parent_path(), cli.task());
  if (!plan) return cli.problem(plan.error());
  if (plan->sheet && plan->sheet->blocked()) return cli.problem(ingest::to_request(*plan->sheet, o.rater).error());
  if (plan->blocked()) return refuse(*plan, cli);
  if (!plan->renamed && plan->raters.size() > 1)
    cli.note(fmt::format("the file has {} raters ({}); their names are kept", plan->raters.size(),
                         join(plan->raters, ", ")));
  const auto act = study->apply(plan->request);
  if (!act) return cli.problem(act.error());
  if (plan->sheet) return tell_sheet(*plan, o, *act, cli);
  Json conflicts = Json::array();
  for (const auto& conflict : plan->conflicts)
    conflicts.push_back(Json{{"counts", rating_json(conflict.counts)}, {"other", rating_json(conflict.other)}});
  if (!plan->conflicts.empty())
    cli.note(
        fmt::format("{} regions have two different flags under one name ({}); the newer counts, the other is kept: "
                    "`ipsi qc conflicts {}` lists them. Two people? Import one of the files with another --rater",
                    plan->conflicts.size(), plan->conflicts.front().counts.rater, o.study));
  return cli.done(Json{{"act", *act == 0 ? Json(nullptr) : Json(*act)},
                       {"rows", plan->rows},
                       {"added", plan->added},
                       {"changed", plan->changed},
                       {"unchanged", plan->unchanged},
                       {"kept_newer", plan->kept},
                       {"conflicts", conflicts},
                       {"renamed", plan->renamed}},
                  fmt::format("{} new, {} changed, {} the same, {} older than what the study has", plan->added,
                              plan->changed, plan->unchanged, plan->kept));
}

}  // namespace

void add_qc(Cli& cli) {
  CLI::App& group = cli.group("qc", "Quality control: rate regions, look at ratings, exchange them");
  const auto verb = [&](const char* name, const char* what, auto run) {
    auto o = std::make_shared<Options>();
    CLI::App* made = cli.verb(group, name, what, [o, &cli, run] { return run(*o, cli); });
    made->add_option("study", o->study, "The study file (.ipsi)")->required();
    return std::pair(made, o);
  };
  const char* region_help =
      "left_, right_, ipsi_ or contra_ with thalamus, caudate, putamen, pallidum, accumbens, "
      "lateral_ventricle";

  const auto [set, s] = verb("set", "Give a region its flag", run_set);
  set->add_option("--subject", s->subject, "Participant id")->required();
  set->add_option("--session", s->session, "Session; without it the first time-point");
  set->add_option("--region", s->region, region_help)->required();
  set->add_option("--flag", s->flag, "ok, lesioned, failed or unrated")->required();
  set->add_option("--rater", s->rater, "Who rates")->required();
  set->add_option("--comment", s->comment, "A remark kept with the rating");
  const char* shared_help = "Write into the rater's own file beside a shared study, as a window does";
  set->add_flag("--shared", s->shared, shared_help);

  const auto [undo, u] = verb("undo", "Take back the newest ratings of a rater",
                              [](const Options& o, Cli& c) { return run_back(o, c, false); });
  const auto [redo, r] =
      verb("redo", "Rate again what undo took back", [](const Options& o, Cli& c) { return run_back(o, c, true); });
  for (const auto& [made, o] : {std::pair(undo, u), std::pair(redo, r)}) {
    made->add_option("--rater", o->rater, "Whose ratings")->required();
    made->add_option("--steps", o->steps, "How many")->check(CLI::PositiveNumber)->capture_default_str();
    made->add_flag("--shared", o->shared, shared_help);
  }

  const auto [list, l] = verb("list", "Ratings, one a line", run_list);
  list->add_option("--flag", l->flag, "Only this flag; unrated lists what has no rating yet");
  list->add_option("--region", l->region, std::string(region_help) + "; without a side, both");
  list->add_option("--rater", l->rater, "Only this rater");
  list->add_option("--subject", l->subject, "Only this person");
  list->add_option("--session", l->session, "Only this session");

  const auto [write, e] = verb("export", "Ratings as a file for others", run_export);
  write
      ->add_option("--format", e->format,
                   "enigma: a row per subject, 1 = fail; volumes: LandRvolumes.csv with a mark in the cells of regions "
                   "left out; long: a row per rating; bids: the same as desc-roiqc_flags.tsv with its JSON; matrix: a "
                   "row per region, a column per rater; reasons: how often each comment was given")
      ->check(CLI::IsMember({"enigma", "volumes", "long", "bids", "matrix", "reasons"}))
      ->capture_default_str();
  write->add_option("--mark", e->mark, "Of volumes: what stands for a region left out, x or NA")->capture_default_str();
  write->add_option("--out", e->out, "File to write")->required();
  write->add_option("--rater", e->rater, "Only this rater");
  write->add_flag("--force", e->force, "Replace the file where it exists");

  const auto [read, i] = verb("import", "Ratings from a long, BIDS or ENIGMA file, or a contact sheet", run_import);
  read->add_option("file", i->file, "The file")->required();
  read->add_option("--rater", i->rater, "Who rated; takes the place of the file's rater where it names one only")
      ->required();
  read->add_flag("--replace", i->replace, "Where file and study differ and the file has no times, the file wins");
}

}  // namespace ipsi::cli
