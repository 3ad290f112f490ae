// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/blinding.h"

#include "core/base/text.h"
#include "core/ingest/assignment.h"
#include "core/study/raters.h"

namespace ipsi::ingest {
namespace {

constexpr const char* kStudy = "blinding";
constexpr std::string_view kLifted = "blinding.lifted.";  // and the rater's name: the time

std::string lifted_key(std::string_view rater) {
  return std::string(kLifted) + study::look_of(rater).name;
}

}  // namespace

bool is_blind(const study::Snapshot& snapshot) {
  return snapshot.setting(kStudy) == "on";
}

Blinding blinding(const study::Snapshot& snapshot, std::string_view rater) {
  Blinding out;
  out.on = is_blind(snapshot) && snapshot.setting(lifted_key(rater)).empty();
  if (const auto plan = plan_of(snapshot)) out.seed = plan->seed;
  return out;
}

std::vector<Unblinded> unblinded(const study::Snapshot& snapshot) {
  std::vector<Unblinded> out;
  if (!is_blind(snapshot)) return out;
  for (const auto& setting : snapshot.settings)
    if (setting.key.starts_with(kLifted) && !setting.value.empty())
      out.push_back({setting.key.substr(kLifted.size()), setting.value});
  return out;
}

study::Request set_blind(const study::Snapshot& snapshot, Blind blind, const std::string& author) {
  study::Request out{.author = author,
                     .kind = blind == Blind::on ? "blind" : "unblind",
                     .summary = blind == Blind::on ? "the study is rated blind" : "the study is no longer rated blind",
                     .changes = {}};
  out.put(study::Setting{kStudy, blind == Blind::on ? "on" : "off"});
  for (const auto& setting : snapshot.settings)
    if (setting.key.starts_with(kLifted)) out.changes.emplace_back(study::Remove{setting});
  return out;
}

Result<study::Request> set_blind(const study::Snapshot& snapshot, Blind blind, const std::string& rater,
                                 const std::string& author, const std::string& time) {
  const std::string name = study::look_of(rater).name;
  if (trim(name).empty()) return fail(Code::InvalidInput, "the rater has no name", "rater", "name who");
  if (!is_blind(snapshot))
    return fail(Code::InvalidInput, "the study is not rated blind", "blinding", "nothing is hidden from anybody");
  study::Request out{.author = author, .kind = "", .summary = "", .changes = {}};
  out.kind = blind == Blind::on ? "blind" : "unblind";
  if (blind == Blind::on) {
    out.summary = fmt::format("{} rates blind again", name);
    out.changes.emplace_back(study::Remove{study::Setting{lifted_key(name), ""}});
  } else {
    out.summary = fmt::format("{} no longer rates blind", name);
    out.put(study::Setting{lifted_key(name), time});
  }
  return out;
}

}  // namespace ipsi::ingest
