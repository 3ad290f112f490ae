// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/scans.h"

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/cli.h"
#include "core/ingest/rescan.h"
#include "core/study/rating_files.h"
#include "core/study/study.h"

namespace ipsi::cli {
namespace {

struct Options {
  std::string study, rater;
  bool check = false, full = false, carry_over = false, all_raters = false, dry_run = false;
};

Json scan_json(const study::Scan& scan) {
  return {{"subject", scan.person}, {"session", scan.session}, {"kind", scan.kind}, {"path", scan.path}};
}

std::string scan_text(const char* what, const study::Scan& scan) {
  return fmt::format("{:<8} {} of {}, session {}: {}\n", what, scan.kind, scan.person, scan.session, scan.path);
}

/// Looks at the files and stores what they are now.
Result<ingest::Rescan> look(const Options& o, study::Study& study, const study::Snapshot& snapshot, Cli& cli) {
  const auto folder = std::filesystem::absolute(o.study).parent_path();
  auto found = ingest::rescan(snapshot, folder, {.trust_times = !o.full, .threads = cli.threads()}, cli.task());
  if (!found || o.dry_run) return found;
  study::Request request{.author = o.rater.empty() ? "ipsi" : o.rater,
                         .kind = "rescan",
                         .summary = fmt::format("{} scan files changed", found->changed.size()),
                         .changes = {}};
  for (const auto& scan : found->changed) request.put(scan);
  if (const auto act = study.apply(request); !act) return tl::unexpected<Error>(act.error());
  return found;
}

int run(const Options& o, Cli& cli) {
  if (o.carry_over && o.rater.empty())
    return cli.problem({Code::Usage, "carrying over needs to know who does it", "--rater", "name yourself"});
  const bool writes = (o.check || o.carry_over) && !o.dry_run;
  auto study = study::Study::open(o.study, writes ? study::Access::read_write : study::Access::read_only);
  if (!study) return cli.problem(study.error());
  auto snapshot = study->snapshot();
  if (!snapshot) return cli.problem(snapshot.error());

  Json json{{"scans", snapshot->scans.size()}};
  std::string text = fmt::format("{} scans\n", snapshot->scans.size());
  if (o.check) {
    std::map<std::array<std::string, 3>, std::string> before;
    for (const auto& scan : snapshot->scans) before[{scan.person, scan.session, scan.kind}] = scan.hash;
    const auto found = look(o, *study, *snapshot, cli);
    if (!found) return cli.problem(found.error());
    Json changed = Json::array(), missing = Json::array();
    for (const auto& scan : found->changed) {
      if (before[{scan.person, scan.session, scan.kind}] == scan.hash) continue;  // touched, the same bytes
      changed.push_back(scan_json(scan));
      text += scan_text("changed", scan);
    }
    for (const auto& scan : found->missing) {
      missing.push_back(scan_json(scan));
      text += scan_text("missing", scan);
    }
    for (const auto& line : found->unreadable) text += "unreadable " + line + "\n";
    json["unchanged"] = static_cast<long long>(snapshot->scans.size()) - static_cast<long long>(changed.size()) -
                        static_cast<long long>(missing.size()) - static_cast<long long>(found->unreadable.size());
    json["changed"] = changed;
    json["missing"] = missing;
    json["unreadable"] = found->unreadable;
    for (const auto& now : found->changed)  // so that a dry run tells what would become stale
      for (auto& scan : snapshot->scans)
        if (scan.person == now.person && scan.session == now.session && scan.kind == now.kind) scan = now;
  }
  if (o.carry_over) {
    const auto request =
        study::carry_over(*snapshot, o.rater, o.all_raters ? std::vector<std::string>{} : std::vector{o.rater});
    if (!o.dry_run) {
      const auto act = study->apply(request);
      if (!act) return cli.problem(act.error());
      snapshot = study->snapshot();
      if (!snapshot) return cli.problem(snapshot.error());
    }
    json["carried_over"] = request.changes.size();
    text += request.summary + (o.dry_run ? " (not done: --dry-run)\n" : "\n");
  }
  std::vector<study::Rating> stale = study::stale_ratings(*snapshot);
  study::sort_ratings(stale);
  Json rows = Json::array();
  for (const auto& r : stale) {
    rows.push_back(Json{{"subject", r.person},
                        {"session", r.session},
                        {"region", r.region},
                        {"flag", study::to_string(r.flag)},
                        {"rater", r.rater},
                        {"time", r.time}});
    text += fmt::format("stale    {} of {}, session {}: {} by {}\n", r.region, r.person, r.session,
                        study::to_string(r.flag), r.rater);
  }
  json["stale"] = rows;
  if (!stale.empty())
    text +=
        fmt::format("{} ratings are of label images that have changed since; rate again, or --carry-over --rater WHO",
                    stale.size());
  return cli.done(json, text);
}

}  // namespace

void add_scans(Cli& cli) {
  auto o = std::make_shared<Options>();
  CLI::App& group = cli.group("study", "A study: make, fill, look into, check");
  CLI::App* verb = cli.verb(group, "scans", "Scan files that changed or went missing, and the ratings this makes stale",
                            [o, &cli] { return run(*o, cli); });
  verb->add_option("study", o->study, "The study file (.ipsi)")->required();
  CLI::Option* check = verb->add_flag("--check", o->check, "Look at the files and store what they are now");
  verb->add_flag("--full", o->full, "Read every file, also where size and time are as stored")->needs(check);
  verb->add_flag("--carry-over", o->carry_over, "Let the stale ratings of --rater stand for the changed images");
  verb->add_option("--rater", o->rater, "Who does it");
  verb->add_flag("--all-raters", o->all_raters, "Carry over everybody's ratings, not only those of --rater");
  verb->add_flag("--dry-run", o->dry_run, "Change nothing in the study");
}

}  // namespace ipsi::cli
