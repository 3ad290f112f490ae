// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>
#include <tuple>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/ingest/draft.h"
#include "core/ingest/flow.h"
#include "core/ingest/import.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;
namespace {

Result<void> read_all(Draft& draft, const Task& task) {
  const Sources& s = draft.sources;
  fs::path participants = s.participants;
  std::error_code ec;
  if (!s.bids.empty() && fs::exists(s.bids / "participants.tsv", ec)) {
    if (participants.empty())
      participants = s.bids / "participants.tsv";
    else
      draft.problem(Severity::notes, "bids", {"bids", "participants.tsv", 0, "", ""},
                    fmt::format("the participants.tsv of the BIDS folder is not read: {} was given",
                                participants.filename().string()),
                    "nothing to do");
  }
  if (!participants.empty())
    if (auto ok = read_participants(draft, participants, task.part(0.0, 0.05)); !ok) return ok;
  if (!s.volumes.empty())
    if (auto ok = read_volumes(draft, s.volumes, task.part(0.05, 0.1)); !ok) return ok;
  if (!s.freesurfer.empty())
    if (auto ok = read_freesurfer(draft, s.freesurfer, task.part(0.1, 0.6)); !ok) return ok;
  if (!s.bids.empty())
    if (auto ok = read_bids(draft, s.bids, task.part(0.6, 0.75)); !ok) return ok;
  if (!s.lesions.empty())
    if (auto ok = read_lesions(draft, s.lesions, task.part(0.75, 0.95)); !ok) return ok;
  if (!s.qc.empty())
    if (auto ok = read_qc_sheet(draft, s.qc, task.part(0.95, 0.97)); !ok) return ok;
  return {};
}

/// The study as it would be after the import, but for exclusions and flow.
study::Snapshot after(const Draft& draft) {
  study::Snapshot out;
  const auto fill = [](const auto& rows, auto& list) {
    list.reserve(rows.size());
    for (const auto& [key, row] : rows) list.push_back(row);
  };
  fill(draft.cohorts, out.cohorts);
  fill(draft.people, out.people);
  fill(draft.sessions, out.sessions);
  fill(draft.measurements, out.measurements);
  fill(draft.scores, out.scores);
  out.exclusions = draft.before.exclusions;
  return out;
}

/// Ids seen here or in earlier imports that did not make it into the study.
std::vector<std::string> not_imported(Draft& draft) {
  const auto kept = kept_out(draft.before);
  std::set<std::string> ids(kept.begin(), kept.end());
  for (const auto& [source, list] : draft.left_out) ids.insert(list.begin(), list.end());
  Json now = Json::array();
  std::vector<std::string> out;
  for (const std::string& id : ids) {
    if (draft.foresee(id, "1")) continue;  // known by now
    out.push_back(id);
    now.push_back(id);
  }
  if (!out.empty() || !draft.before.setting("import.not_imported").empty())
    draft.put(study::Setting{"import.not_imported", now.dump()});
  return out;
}

/// Who is on one side and not on the other, for the participants (or the study) against each other source.
void compare_sources(Draft& draft) {
  Plan& plan = draft.plan;
  const bool table = draft.seen.count("participants") != 0;
  std::set<std::string> known;
  if (table)
    known = draft.seen["participants"];
  else
    for (const study::Person& person : draft.before.people) known.insert(person.id);
  const std::string name = table ? "participants" : "study";
  std::set<std::string> measured;
  for (const char* source : {"volumes", "freesurfer", "bids", "lesions", "qc"}) {
    const auto seen = draft.seen.find(source);
    const auto out = draft.left_out.find(source);
    if (seen == draft.seen.end() && out == draft.left_out.end()) continue;
    const std::set<std::string> have = seen == draft.seen.end() ? std::set<std::string>{} : seen->second;
    if (out != draft.left_out.end()) plan.unmatched.push_back({source, name, {out->second.begin(), out->second.end()}});
    std::vector<std::string> lacking;
    std::ranges::set_difference(known, have, std::back_inserter(lacking));
    if (!lacking.empty()) {
      plan.unmatched.push_back({name, source, lacking});
      if (std::string_view(source) == "volumes") {
        for (const std::string& id : lacking) {
          const auto row = draft.rows.find(id);
          Origin at = row == draft.rows.end() ? Origin{"study", "", 0, "", id} : row->second;
          draft.problem(Severity::warns, "unmatched", at,
                        fmt::format("{} has no row in {}", id, draft.sources.volumes.filename().string()),
                        "add the volumes or correct the id; imported without them");
        }
      } else if (std::string_view(source) != "qc") {
        draft.problem(Severity::notes, "unmatched", {source, "", 0, "", ""},
                      fmt::format("{} of the {} {} nothing among the {}",
                                  counted(static_cast<long long>(lacking.size()), "person", "people"), name,
                                  lacking.size() == 1 ? "has" : "have",
                                  std::string_view(source) == "lesions" ? "lesion masks"
                                  : std::string_view(source) == "bids"  ? "BIDS images"
                                                                        : "FreeSurfer folders"),
                      "nothing to do if that is so");
      }
    }
    long long both = 0;
    for (const std::string& id : have) both += known.empty() || known.count(id) != 0 ? 1 : 0;
    plan.matched_by_source[source] = both;
    if (std::string_view(source) != "lesions" && std::string_view(source) != "qc")
      measured.insert(have.begin(), have.end());
  }
  if (measured.empty())
    for (const char* source : {"lesions", "qc"})
      if (const auto it = draft.seen.find(source); it != draft.seen.end())
        measured.insert(it->second.begin(), it->second.end());
  const bool only_table = measured.empty() && draft.left_out.empty();
  for (const std::string& id : only_table ? known : measured)
    if (known.empty() || known.count(id) != 0) plan.matched_ids.push_back(id);
  plan.matched = static_cast<long long>(plan.matched_ids.size());
}

template <class Row>
void emit(const Draft& draft, std::string_view kind, const std::string& name, const Rows<Row>& rows, Plan& plan) {
  long long n = 0;
  for (const auto& [key, row] : rows) {
    if (draft.touched.count(std::string(kind) + key) == 0) continue;
    plan.changes.emplace_back(study::Put(row));
    ++n;
  }
  plan.counts[name] = n;
}

void write_changes(Draft& draft, const Flow& flow) {
  Plan& plan = draft.plan;
  emit(draft, "cohort", "cohorts", draft.cohorts, plan);
  emit(draft, "person", "people", draft.people, plan);
  emit(draft, "session", "sessions", draft.sessions, plan);
  emit(draft, "scan", "scans", draft.scans, plan);
  emit(draft, "measurement", "measurements", draft.measurements, plan);
  emit(draft, "score", "scores", draft.scores, plan);
  emit(draft, "rating", "ratings", draft.ratings, plan);
  emit(draft, "setting", "settings", draft.settings, plan);
  for (study::Change& change : changes_to(flow, draft.before)) plan.changes.push_back(std::move(change));
}

std::string summary_of(const Sources& s, const Plan& plan) {
  std::vector<std::string> names;
  for (const fs::path* path : {&s.volumes, &s.participants, &s.qc, &s.freesurfer, &s.bids, &s.lesions}) {
    if (path->empty()) continue;
    const fs::path whole = path->lexically_normal();
    names.push_back((whole.has_filename() ? whole : whole.parent_path()).filename().string());
  }
  return fmt::format("import of {}: {}", join(names, ", "), counted(plan.importable, "person", "people"));
}

}  // namespace

bool Plan::blocked() const {
  return count(Severity::blocks) > 0;
}

long long Plan::count(Severity severity) const {
  return std::ranges::count(problems, severity, &Problem::severity);
}

Result<Plan> plan(const Sources& sources, const study::Snapshot& snapshot, const Task& task) {
  if (sources.volumes.empty() && sources.participants.empty() && sources.qc.empty() && sources.freesurfer.empty() &&
      sources.bids.empty() && sources.lesions.empty())
    return fail(Code::Usage, "nothing to import was named", "",
                "give --volumes, --participants, --freesurfer, --bids, --lesions or --qc");
  if (!sources.qc.empty() && sources.rater.empty())
    return fail(Code::Usage, "a quality sheet needs the name of its rater", sources.qc.filename().string(),
                "give --rater WHO");
  Draft draft(sources, snapshot);
  if (auto ok = read_all(draft, task); !ok) return tl::unexpected(ok.error());
  order_sessions(draft);
  check_icv(draft);
  check_marks(draft);
  check_sides(draft);
  check_measures(draft);
  check_first_sessions(draft);
  check_cohorts(draft);
  compare_sources(draft);
  const auto lost = not_imported(draft);
  Flow flow = flow_of(after(draft), lost);
  for (const auto& [id, reason] : flow.no_side) {
    const auto row = draft.rows.find(id);
    if (row != draft.rows.end())
      draft.problem(Severity::notes, "no_side", row->second,
                    fmt::format("{}: no ipsilesional or contralesional value", reason), "kept for left/right analyses");
  }
  Plan& out = draft.plan;
  std::set<std::string> seen;
  std::set<std::string> strangers;
  for (const auto& [source, ids] : draft.seen) seen.insert(ids.begin(), ids.end());
  for (const auto& [source, ids] : draft.left_out) strangers.insert(ids.begin(), ids.end());
  std::erase_if(strangers, [&](const std::string& id) { return draft.foresee(id, "1").has_value(); });
  out.importable = static_cast<long long>(seen.size());
  out.people = out.importable + static_cast<long long>(strangers.size());
  write_changes(draft, flow);
  out.flow = std::move(flow.steps);
  out.exclusions = std::move(flow.exclusions);
  out.no_side = std::move(flow.no_side);
  out.summary = summary_of(sources, out);
  std::ranges::stable_sort(out.problems, [](const Problem& a, const Problem& b) {
    const bool a_general = a.file.empty();
    const bool b_general = b.file.empty();
    return std::tie(a.severity, a_general, a.file, a.line) < std::tie(b.severity, b_general, b.file, b.line);
  });
  task.progress(1.0, "");
  return std::move(out);
}

Result<study::Request> to_request(const Plan& plan, const std::string& author) {
  if (plan.blocked()) {
    Error error = to_error(plan.problems.front());
    if (const long long n = plan.count(Severity::blocks); n > 1)
      error.mend += fmt::format(" ({} problems block the import; --dry-run lists them)", n);
    return tl::unexpected(std::move(error));
  }
  return study::Request{author, "import", plan.summary, plan.changes};
}

}  // namespace ipsi::ingest
