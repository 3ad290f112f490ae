// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/ingest/draft.h"
#include "core/ingest/import.h"

namespace ipsi::ingest {
namespace {

constexpr std::size_t kShown = 12;  // of each trap; --json has them all

std::string shortened(const std::vector<std::string>& ids) {
  std::vector<std::string> head(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, ids.size())));
  std::string out = join(head, " ");
  if (ids.size() > kShown) out += fmt::format(" .. and {} more", ids.size() - kShown);
  return out;
}

void write_problems(const Plan& plan, std::string& out) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const Problem*>> groups;
  for (const Problem& problem : plan.problems) {
    auto& group = groups[problem.trap];
    if (group.empty()) order.push_back(problem.trap);
    group.push_back(&problem);
  }
  for (const std::string& trap : order) {
    const auto& group = groups[trap];
    out += fmt::format("\n{} ({}, {})\n", trap_title(trap), group.size(), to_string(group.front()->severity));
    std::string mend;
    for (std::size_t i = 0; i < std::min(kShown, group.size()); ++i) {
      const Problem& p = *group[i];
      const std::string place = place_of(p);
      out += fmt::format(
          "  {}{}{}{}\n", place, place.empty() ? "" : "  ",
          p.subject.empty() || p.what.find(p.subject) != std::string::npos || place.find(p.subject) != std::string::npos
              ? ""
              : p.subject + ": ",
          p.what);
      if (p.mend != mend && p.mend != "nothing to do") out += "      -> " + p.mend + "\n";
      mend = p.mend;
    }
    if (group.size() > kShown) out += fmt::format("  .. and {} more (--json lists all)\n", group.size() - kShown);
  }
}

void write_flow(const Plan& plan, std::string& out) {
  out += "\nFrom everyone to the analysed\n";
  for (const study::FlowStep& step : plan.flow)
    out +=
        fmt::format("  {:<28} {:>6}{}{}\n", step.label, step.n, step.out > 0 ? fmt::format("  {} leave", step.out) : "",
                    step.detail.empty() ? "" : "  (" + step.detail + ")");
}

Json flow_json(const Plan& plan) {
  Json flow = Json::array();
  for (const study::FlowStep& step : plan.flow)
    flow.push_back({{"step", step.label}, {"n", step.n}, {"out", step.out}, {"detail", step.detail}});
  return flow;
}

Json columns_json(const Plan& plan) {
  Json understood = Json::array();
  Json ignored = Json::array();
  for (const ColumnUse& use : plan.columns)
    if (use.as.empty())
      ignored.push_back({{"file", use.file}, {"column", use.column}, {"why", use.why}});
    else
      understood.push_back({{"file", use.file}, {"column", use.column}, {"as", use.as}});
  return {{"understood", understood}, {"ignored", ignored}};
}

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs, const char* first) {
  Json out = Json::array();
  for (const auto& [name, reason] : pairs) out.push_back({{first, name}, {"reason", reason}});
  return out;
}

}  // namespace

Json to_json(const Plan& plan) {
  Json problems = Json::array();
  for (const Problem& problem : plan.problems) problems.push_back(to_json(problem));
  Json unmatched = Json::array();
  for (const Unmatched& u : plan.unmatched)
    unmatched.push_back({{"in", u.present}, {"not_in", u.absent}, {"n", u.ids.size()}, {"ids", u.ids}});
  Json joins = Json::array();
  for (const Join& j : plan.joins)
    joins.push_back({{"file", j.file},
                     {"line", j.line > 0 ? Json(j.line) : Json(nullptr)},
                     {"from", j.from},
                     {"to", j.to},
                     {"differs_in", j.why},
                     {"applied", j.applied}});
  Json previews = Json::array();
  for (const Preview& p : plan.previews)
    previews.push_back({{"file", p.file},
                        {"separator", p.separator},
                        {"decimal_comma", p.decimal_comma},
                        {"header", p.header},
                        {"rows", p.rows}});
  Json exclusions = Json::array();
  for (const study::Exclusion& e : plan.exclusions)
    exclusions.push_back({{"subject", e.person}, {"step", e.step}, {"reason", e.reason}});
  return {{"matched", plan.matched},
          {"people", plan.people},
          {"would_import", plan.blocked() ? 0 : plan.importable},
          {"blocked", plan.blocked()},
          {"problems", problems},
          {"severities",
           {{"blocks", plan.count(Severity::blocks)},
            {"drops", plan.count(Severity::drops)},
            {"warns", plan.count(Severity::warns)},
            {"notes", plan.count(Severity::notes)}}},
          {"matched_by_source", plan.matched_by_source},
          {"unmatched", unmatched},
          {"duplicates", plan.duplicates},
          {"joins", joins},
          {"skipped", pairs_json(plan.skipped, "name")},
          {"no_side", pairs_json(plan.no_side, "subject")},
          {"exclusions", exclusions},
          {"flow", flow_json(plan)},
          {"columns", columns_json(plan)},
          {"previews", previews},
          {"rows", plan.counts}};
}

std::string to_text(const Plan& plan) {
  std::string out;
  for (const Preview& preview : plan.previews) {
    out += fmt::format("{} (separator {}, decimal {}, {} columns)\n", preview.file, preview.separator,
                       preview.decimal_comma ? "comma" : "point", preview.header.size());
    out += "  " + join(preview.header, " | ") + "\n";
    for (const auto& row : preview.rows) out += "  " + join(row, " | ") + "\n";
  }
  std::vector<std::string> ignored;
  for (const ColumnUse& use : plan.columns)
    if (use.as.empty())
      ignored.push_back(fmt::format("{}:{} ({})", use.file, use.column.empty() ? "?" : use.column, use.why));
  if (!ignored.empty()) out += "Columns left out: " + join(ignored, ", ") + "\n";
  write_problems(plan, out);
  if (!plan.unmatched.empty()) out += "\nWho is in one source and not in another\n";
  for (const Unmatched& u : plan.unmatched)
    out += fmt::format("  in {}, not in {} ({}): {}\n", u.present, u.absent, u.ids.size(), shortened(u.ids));
  if (!plan.no_side.empty()) {
    std::map<std::string, std::vector<std::string>> by_reason;
    for (const auto& [id, reason] : plan.no_side) by_reason[reason].push_back(id);
    out += "\nNo ipsi- and contralesional values\n";
    for (const auto& [reason, ids] : by_reason)
      out += fmt::format("  {} ({}): {}\n", reason, ids.size(), shortened(ids));
  }
  write_flow(plan, out);
  out += fmt::format("\n{} matched. {} problems: {} block, {} drop something, {} to look at, {} notes.\n",
                     counted(plan.matched, "person", "people"), plan.problems.size(), plan.count(Severity::blocks),
                     plan.count(Severity::drops), plan.count(Severity::warns), plan.count(Severity::notes));
  return out;
}

}  // namespace ipsi::ingest
