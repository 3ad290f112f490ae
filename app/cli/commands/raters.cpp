// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/raters.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "app/cli/commands/output.h"
#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/ingest/assignment.h"
#include "core/ingest/rater_agreement.h"
#include "core/study/rating_files.h"
#include "core/study/study.h"

// ipsi qc rule | disagreements | conflicts | agreement | calibration | assign

namespace ipsi::cli {
namespace {

struct Options {
  std::string study, by, rule, categories = "flags", rater, sharing = "split", out, take, subject, region;
  std::vector<std::string> raters;
  double overlap = 0.15, repeats = 0.1;
  int choose = 0;
  bool open = false, force = false;
};

Result<study::Snapshot> snapshot_of(const Options& o) {
  const auto study = study::Study::open(o.study, study::Access::read_only);
  if (!study) return tl::unexpected<Error>(study.error());
  return study->snapshot();
}

// --- rule

/// What each rule would make of the ratings, held against the consensus.
int tell_rules(const study::Snapshot& snapshot, const study::AnalysisOptions& now, Cli& cli) {
  std::vector<std::string> rules{"consensus", "strictest", "majority", "lesioned_kept"};
  for (const auto& rater : study::raters_of(snapshot)) rules.push_back("rater:" + rater);
  Json rows = Json::array();
  std::string text = fmt::format("models use the ratings by the rule {}\n\n  {:<24} {:>8} {:>9}  {:>22}  {}\n",
                                 study::rule_text(now), "", "decided", "left out", "differ from consensus", "in, out");
  study::AnalysisOptions consensus = now;
  consensus.rule = study::RatingRule::consensus;
  consensus.rater.clear();
  for (const auto& rule : rules) {
    const auto options = study::with_rule(now, rule, snapshot);
    if (!options) return cli.problem(options.error());
    const auto e = study::rule_effect(snapshot, *options, consensus);
    rows.push_back(Json{{"rule", rule},
                        {"decided", e.decided},
                        {"left_out", e.left_out},
                        {"differ", e.differ},
                        {"taken_in", e.taken_in},
                        {"taken_out", e.taken_out}});
    text += fmt::format("  {:<24} {:>8} {:>9}  {:>22}  {}, {}\n", rule, e.decided, e.left_out, e.differ, e.taken_in,
                        e.taken_out);
  }
  return cli.done(Json{{"ratings", study::rule_text(now)}, {"rules", rows}}, text);
}

int run_rule(const Options& o, Cli& cli) {
  const auto access = o.rule.empty() ? study::Access::read_only : study::Access::read_write;
  auto study = study::Study::open(o.study, access);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto before = study::options_of(*snapshot);
  if (o.rule.empty()) return tell_rules(*snapshot, before, cli);
  if (trim(o.by).empty()) return cli.problem({Code::Usage, "who sets the rule has no name", "--by", "name who"});
  const auto options = study::with_rule(before, o.rule, *snapshot);
  if (!options) return cli.problem(options.error());
  const std::string summary =
      fmt::format("rule for several raters: {} -> {}", study::rule_text(before), study::rule_text(*options));
  study::Request request{.author = o.by, .kind = "setting", .summary = summary, .changes = {}};
  for (auto& setting : study::rule_settings(*options)) request.put(std::move(setting));
  const auto act = study->apply(request);
  if (!act) return cli.problem(act.error());
  return cli.done(Json{{"ratings", study::rule_text(*options)},
                       {"before", study::rule_text(before)},
                       {"act", *act == 0 ? Json(nullptr) : Json(*act)}},
                  *act == 0 ? fmt::format("the rule is {} already", study::rule_text(*options)) : summary);
}

// --- disagreements

Json row_of(const study::Disagreement& d) {
  Json flags = Json::object();
  for (const auto& [rater, flag] : d.flags) flags[rater] = study::to_string(flag);
  return {{"subject", d.person},
          {"session", d.session},
          {"region", d.region},
          {"flags", flags},
          {"adjudicated", d.adjudicated == study::Flag::unrated ? Json(nullptr) : Json(to_string(d.adjudicated))},
          {"matters", d.matters}};
}

int run_disagreements(const Options& o, Cli& cli) {
  const auto snapshot = snapshot_of(o);
  if (!snapshot) return cli.problem(snapshot.error());
  auto all = study::disagreements(*snapshot);
  if (o.open) std::erase_if(all, [](const auto& d) { return d.adjudicated != study::Flag::unrated; });
  Json rows = Json::array();
  std::string text;
  std::size_t open = 0;
  for (const auto& d : all) {
    rows.push_back(row_of(d));
    std::string flags;
    for (const auto& [rater, flag] : d.flags) flags += fmt::format("{} {}  ", rater, study::to_string(flag));
    const bool waits = d.adjudicated == study::Flag::unrated;
    open += waits ? 1 : 0;
    text += fmt::format("{:<16} {:<6} {:<24} {:<36} {}\n", d.person, d.session, d.region, flags,
                        waits ? "open" : fmt::format("adjudicated: {}", study::to_string(d.adjudicated)));
  }
  return cli.done(rows, text + fmt::format("{} disagreements, {} not adjudicated; adjudicate with `ipsi qc set --rater "
                                           "consensus`",
                                           all.size(), open));
}

// --- conflicts

int run_settle(const Options& o, Cli& cli);

int run_conflicts(const Options& o, Cli& cli) {
  if (!o.take.empty()) return run_settle(o, cli);
  const auto snapshot = snapshot_of(o);
  if (!snapshot) return cli.problem(snapshot.error());
  Json rows = Json::array();
  std::string text;
  const auto word = [](const study::Rating& r) {
    return Json{
        {"flag", to_string(r.flag)}, {"time", r.time.empty() ? Json(nullptr) : Json(r.time)}, {"comment", r.comment}};
  };
  for (const auto& [counts, other] : study::rating_conflicts(*snapshot)) {
    rows.push_back(Json{{"subject", counts.person},
                        {"session", counts.session},
                        {"region", counts.region},
                        {"rater", counts.rater},
                        {"counts", word(counts)},
                        {"other", word(other)}});
    text +=
        fmt::format("{:<16} {:<6} {:<24} {:<12} {} {}, before {} {}\n", counts.person, counts.session, counts.region,
                    counts.rater, to_string(counts.flag), counts.time, to_string(other.flag), other.time);
  }
  return cli.done(rows, text + fmt::format("{} words under one name that differ", rows.size()));
}

/// The conflicts of one person, region or rater are ended: the older or the newer word stays.
int run_settle(const Options& o, Cli& cli) {
  if (trim(o.by).empty()) return cli.problem({Code::Usage, "who decides has no name", "--by", "name who"});
  auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  Json acts = Json::array();
  const auto word = o.take == "older" ? study::Keep::older : study::Keep::newer;
  for (const auto& conflict : study::rating_conflicts(*snapshot)) {
    const auto meant = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
    if (!meant(o.subject, conflict.counts.person) || !meant(o.region, conflict.counts.region) ||
        !meant(o.rater, conflict.counts.rater))
      continue;
    const auto act = study->apply(study::settle_conflict(conflict, word, o.by));
    if (!act) return cli.problem(act.error());
    acts.push_back(*act);
  }
  return cli.done(Json{{"settled", acts.size()}, {"acts", acts}}, fmt::format("{} settled", acts.size()));
}

// --- agreement

std::string with_interval(const numeric::Coefficient& c, double scale, int digits) {
  if (std::isnan(c.value)) return "-";
  std::string out = fmt::format("{:.{}f}", scale * c.value, digits);
  if (!std::isnan(c.cluster_low))
    out += fmt::format(" ({:.{}f} to {:.{}f})", scale * c.cluster_low, digits, scale * c.cluster_high, digits);
  return out;
}

std::string agreement_line(const std::string& name, const numeric::Agreement& a) {
  return fmt::format("  {:<26} {:>6} {:>6}  {:<22} {:<24} {}\n", name, a.items, a.clusters,
                     with_interval(a.percent, 100.0, 1), with_interval(ingest::kappa_of(a), 1.0, 3),
                     with_interval(a.ac1, 1.0, 3));
}

std::string part_text(const std::string& title, const ingest::AgreementPart& part,
                      const std::vector<std::string>& categories) {
  std::string out = fmt::format("{}\n  {:<26} {:>6} {:>6}  {:<22} {:<24} {}\n", title, "", "n", "people", "agree, %",
                                part.all.confusion.empty() ? "kappa (Fleiss)" : "kappa (Cohen)", "AC1 (Gwet)");
  out += agreement_line("overall", part.all);
  for (const auto& [region, agreement] : part.regions) out += agreement_line(region, agreement);
  for (const auto& [cohort, agreement] : part.cohorts) out += agreement_line("cohort " + cohort, agreement);
  std::vector<std::string> shares;
  for (std::size_t k = 0; k < categories.size(); ++k)
    if (!std::isnan(part.all.prevalence[k]))
      shares.push_back(fmt::format("{:.1f} % {}", 100.0 * part.all.prevalence[k], categories[k]));
  if (!shares.empty()) out += "  ratings: " + join(shares, ", ") + "\n";
  if (const std::string note = ingest::note_of(part.all, categories); !note.empty()) out += "  note: " + note + "\n";
  return out + "\n";
}

int run_agreement(const Options& o, Cli& cli) {
  const auto snapshot = snapshot_of(o);
  if (!snapshot) return cli.problem(snapshot.error());
  const auto categories = o.categories == "kept" ? ingest::Categories::kept : ingest::Categories::flags;
  const auto report = ingest::rater_agreement(*snapshot, {.categories = categories});
  if (!o.out.empty()) {
    const auto table = ingest::reliability_table(report);
    if (!table) return cli.problem(table.error());
    const auto overwrite = o.force ? Overwrite::yes : Overwrite::no;
    if (auto ok = write_output(o.out, table_text(*table, o.out), overwrite); !ok) return cli.problem(ok.error());
  }
  if (cli.json()) return cli.done(to_json(report));
  if (report.raters.size() < 2 && report.repeats.empty() && report.gold.empty())
    return cli.done(fmt::format("{} rater{}: agreement needs two, second looks (NAME#2) or gold answers (gold)",
                                report.raters.size(), report.raters.size() == 1 ? "" : "s"));
  std::string text = "95 % intervals, of independent people\n\n";
  if (report.raters.size() > 2)
    text += part_text("all raters: " + join(report.raters, ", "), report.everyone, report.categories);
  for (const auto& pair : report.pairs) text += part_text(pair.a + " and " + pair.b, pair.part, report.categories);
  for (const auto& pair : report.repeats)
    text += part_text(fmt::format("{} with themselves ({})", pair.a, pair.b), pair.part, report.categories);
  for (const auto& pair : report.gold)
    text += part_text(pair.b + " against the gold answers", pair.part, report.categories);
  return cli.done(text);
}

// --- calibration

Json score_json(const ingest::GoldScore& s) {
  return {{"n", s.n},
          {"correct", s.correct},
          {"share", s.share},
          {"share_ci", {s.low, s.high}},
          {"to_leave", s.to_leave},
          {"found", s.found},
          {"to_keep", s.to_keep},
          {"kept", s.kept}};
}

int run_choose(const Options& o, Cli& cli) {
  if (trim(o.by).empty()) return cli.problem({Code::Usage, "who chooses has no name", "--by", "name who"});
  auto study = study::Study::open(o.study, study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto people = ingest::choose_calibration(*snapshot, o.choose, cli.seed());
  study::Request request{.author = o.by, .kind = "setting", .summary = "", .changes = {}};
  request.summary = fmt::format("{} people for gold answers", people.size());
  request.put(ingest::calibration_setting(people));
  if (const auto act = study->apply(request); !act) return cli.problem(act.error());
  return cli.done(Json{{"people", people}}, join(people, "\n"));
}

int run_calibration(const Options& o, Cli& cli) {
  if (o.choose > 0) return run_choose(o, cli);
  const auto snapshot = snapshot_of(o);
  if (!snapshot) return cli.problem(snapshot.error());
  const auto report = ingest::rater_agreement(*snapshot);
  Json rows = Json::array();
  std::string text = fmt::format("  {:<26} {:>6} {:>8}  {:<24} {:<16} {}\n", "", "n", "correct", "share, 95 % interval",
                                 "bad ones found", "good ones kept");
  const auto line = [](const std::string& name, const ingest::GoldScore& s) {
    return fmt::format("  {:<26} {:>6} {:>8}  {:<24} {:<16} {}\n", name, s.n, s.correct,
                       s.n == 0 ? "-" : fmt::format("{:.2f} ({:.2f} to {:.2f})", s.share, s.low, s.high),
                       fmt::format("{} of {}", s.found, s.to_leave), fmt::format("{} of {}", s.kept, s.to_keep));
  };
  for (const auto& pair : report.gold) {
    if (!o.rater.empty() && pair.b != o.rater) continue;
    Json row{{"rater", pair.b}, {"overall", score_json(ingest::score_of(pair.part.all))}};
    text += pair.b + "\n" + line("overall", ingest::score_of(pair.part.all));
    for (const auto& [region, agreement] : pair.part.regions) {
      const auto score = ingest::score_of(agreement);
      row["regions"][region] = score_json(score);
      text += line(region, score);
    }
    row["kappa"] = ingest::kappa_of(pair.part.all).value;
    row["ac1"] = pair.part.all.ac1.value;
    rows.push_back(std::move(row));
  }
  if (rows.empty())
    text =
        "no gold answers, or no rater to compare: store them with `ipsi qc set --rater gold`, or "
        "`ipsi qc import STUDY FILE --rater gold`";
  return cli.done(rows, text);
}

// --- assign

Json progress_json(const std::vector<ingest::RaterProgress>& all) {
  Json out = Json::object();
  for (const auto& p : all)
    out[p.rater] = {
        {"people", p.people}, {"done", p.done}, {"begun", p.begun}, {"again", p.again}, {"again_done", p.again_done}};
  return out;
}

Json assignment_json(const ingest::Assignment& a, const std::vector<ingest::RaterProgress>& done,
                     const std::string& rater) {
  Json rows = Json::array();
  for (const auto& [person, looks] : a.looks)
    for (const auto& look : looks) {
      const auto [name, number] = study::look_of(look);
      if (!rater.empty() && name != rater) continue;
      rows.push_back(Json{{"subject", person},
                          {"rater", look},
                          {"look", number},
                          {"code", ingest::coded_name(a.plan.seed, person, number)}});
    }
  return {{"raters", a.plan.raters},
          {"sharing", a.plan.sharing == ingest::Sharing::split ? "split" : "all"},
          {"overlap", a.plan.overlap},
          {"repeats", a.plan.repeats},
          {"seed", a.plan.seed},
          {"people", a.looks.size()},
          {"progress", progress_json(done)},
          {"looks", rows}};
}

std::string assignment_text(const ingest::Assignment& a, const std::vector<ingest::RaterProgress>& done,
                            const std::string& rater) {
  if (!rater.empty()) {
    std::string out;
    for (const auto& [person, looks] : a.looks)
      for (const auto& look : looks)
        if (study::look_of(look).name == rater) out += fmt::format("{}\t{}\n", person, look);
    return out.empty() ? fmt::format("nobody is assigned to {}", rater) : out;
  }
  int shared = 0;
  for (const auto& [person, looks] : a.looks) {
    const auto first =
        std::count_if(looks.begin(), looks.end(), [](const auto& look) { return study::look_of(look).number == 1; });
    shared += first > 1 ? 1 : 0;
  }
  std::string out = fmt::format("{} people, {} of them rated by several\n", a.looks.size(), shared);
  for (const auto& p : done)
    out += fmt::format("  {:<16} {} people, {} done, {} begun; {} of them twice, {} done\n", p.rater, p.people, p.done,
                       p.begun, p.again, p.again_done);
  return out;
}

int run_assign(const Options& o, Cli& cli) {
  const bool reading = o.raters.empty() && o.by.empty();
  auto study = study::Study::open(o.study, reading ? study::Access::read_only : study::Access::read_write);
  if (!study) return cli.problem(study.error());
  const auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());
  const auto stored = ingest::assignment_of(*snapshot);
  if (!stored && o.raters.empty()) return cli.problem(stored.error());
  if (o.raters.empty() && !*stored)
    return cli.problem({Code::NotFound, "nobody is assigned yet", o.study, "name raters: --raters A,B --by WHO"});
  if (!o.raters.empty() && trim(o.by).empty())
    return cli.problem({Code::Usage, "who assigns has no name", "--by", "name who"});
  ingest::Assignment made;
  if (o.raters.empty()) {
    made = **stored;
  } else {
    const ingest::AssignmentPlan plan{o.raters, o.sharing == "split" ? ingest::Sharing::split : ingest::Sharing::all,
                                      o.overlap, o.repeats, cli.seed()};
    if (const auto ok = ingest::check(plan); !ok) return cli.problem(ok.error());
    const bool same = stored && *stored && (*stored)->plan == plan;
    made = same ? **stored : ingest::assign(plan, snapshot->people);
  }
  if (!reading) {
    study::Request request{.author = o.by, .kind = "setting", .summary = "", .changes = {}};
    request.summary = fmt::format("{} people assigned to {}", made.looks.size(), join(made.plan.raters, ", "));
    for (auto& setting : ingest::to_settings(made)) request.put(std::move(setting));
    if (const auto act = study->apply(request); !act) return cli.problem(act.error());
  }
  const auto done = ingest::progress(made, *snapshot);
  return cli.done(assignment_json(made, done, o.rater), assignment_text(made, done, o.rater));
}

}  // namespace

void add_raters(Cli& cli) {
  CLI::App& group = cli.group("qc", "Quality control: rate regions, look at ratings, exchange them");
  const auto verb = [&](const char* name, const char* what, auto run) {
    auto o = std::make_shared<Options>();
    CLI::App* made = cli.verb(group, name, what, [o, &cli, run] { return run(*o, cli); });
    made->add_option("study", o->study, "The study file (.ipsi)")->required();
    return std::pair(made, o);
  };
  const auto [rule, r] = verb("rule", "How several raters become one decision; shows it, or sets it", run_rule);
  rule->add_option("rule", r->rule, "consensus, majority, strictest, lesioned_kept or rater:NAME");
  rule->add_option("--by", r->by, "Who sets it");

  const auto [differ, d] = verb("disagreements", "Regions that raters flagged differently", run_disagreements);
  differ->add_flag("--open", d->open, "Only those not adjudicated");

  const auto [clash, x] = verb("conflicts", "Different flags that files brought under one rater's name", run_conflicts);
  clash->add_option("--take", x->take, "End them: older lets the older word count again, newer lets it go")
      ->check(CLI::IsMember({"older", "newer"}));
  clash->add_option("--subject", x->subject, "Only this person's");
  clash->add_option("--region", x->region, "Only of this region, left_putamen");
  clash->add_option("--rater", x->rater, "Only under this name");
  clash->add_option("--by", x->by, "Who decides");

  const auto [agree, a] =
      verb("agreement", "How well raters agree, with each other, with themselves and with gold", run_agreement);
  agree->add_option("--as", a->categories, "flags: ok, lesioned, failed; kept: ok against the rest")
      ->check(CLI::IsMember({"flags", "kept"}))
      ->capture_default_str();

  agree->add_option("--out", a->out, "A file for all of it as one table, .tsv or .csv");
  agree->add_flag("--force", a->force, "Replace the file where it exists");

  const auto [gold, g] =
      verb("calibration", "Raters' scores against gold answers (the ratings of 'gold')", run_calibration);
  gold->add_option("--rater", g->rater, "Only this rater");
  gold->add_option("--choose", g->choose, "Choose so many people for gold answers, evenly of all cohorts (--seed)")
      ->check(CLI::PositiveNumber);
  gold->add_option("--by", g->by, "Who chooses");

  const auto [share, s] = verb(
      "assign", "Deal people to raters; without --raters what is stored, with --by alone newcomers too", run_assign);
  share->add_option("--raters", s->raters, "Who rates")->delimiter(',');
  share->add_option("--sharing", s->sharing, "all: everyone rates everybody; split: evenly in every cohort")
      ->check(CLI::IsMember({"all", "split"}))
      ->capture_default_str();
  share->add_option("--overlap", s->overlap, "Share of people that all rate when split, 0 to 1")->capture_default_str();
  share->add_option("--repeats", s->repeats, "Share of a rater's people that come twice, unannounced, 0 to 1")
      ->capture_default_str();
  share->add_option("--by", s->by, "Who assigns");
  share->add_option("--rater", s->rater, "List only this rater's people");
}

}  // namespace ipsi::cli
