// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/stored_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/table/delimited.h"

namespace ipsi::engine {
namespace {

constexpr std::string_view kPrefix = "run.";

std::string next_key(const study::Snapshot& snapshot) {
  int last = 0;
  for (const study::Setting& s : snapshot.settings)
    if (s.key.starts_with(kPrefix))
      if (const auto number = parse_double(s.key.substr(kPrefix.size())))
        last = std::max(last, static_cast<int>(*number));
  return fmt::format("{}{:04d}", kPrefix, last + 1);
}

void append(std::string& bytes, const std::string& text) {
  bytes += text;
  bytes += '\0';
}

void append(std::string& bytes, double value) {
  if (value != value) value = table::kMissing;  // one bit pattern for all that is missing
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Result<std::string> data_hash(const table::Table& people, const Analysis& analysis) {
  auto frame = Frame::from(people);
  if (!frame) return tl::unexpected<Error>(frame.error());
  if (auto ok = frame->load(analysis); !ok) return tl::unexpected<Error>(ok.error());
  const auto subject = people.require("subject");
  if (!subject) return tl::unexpected<Error>(subject.error());
  std::vector<std::string> columns = analysis.covariates;
  columns.push_back(analysis.predictor);
  columns.push_back(analysis.random);
  if (!analysis.interaction.empty()) columns.push_back(analysis.interaction);
  std::string bytes;
  for (const int member : frame->members(analysis.subset)) {
    const auto m = static_cast<std::size_t>(member);
    append(bytes, (*subject)->texts[frame->table_rows()[m]]);
    for (const std::string& column : columns) {
      if (const auto* numbers = frame->number(column))
        append(bytes, (*numbers)[m]);
      else if (const auto* factor = frame->factor(column))
        append(bytes, factor->code[m] < 0 ? std::string() : factor->levels[static_cast<std::size_t>(factor->code[m])]);
    }
    for (const std::string& side : analysis.sides)
      for (const std::string& structure : analysis.structures) {
        const Frame::Region& region = frame->region(side, structure);
        append(bytes, region.volume[m]);
        bytes += static_cast<char>(region.mark[m]);
      }
  }
  return content_hash(bytes);
}

Result<StoredRun> keep_run(const Live& live, int analysis, const study::Snapshot& snapshot, std::string name,
                           std::string time) {
  StoredRun out;
  out.analysis = live.analyses()[static_cast<std::size_t>(analysis)];
  auto results = live.results(analysis);
  if (!results) return tl::unexpected<Error>(results.error());
  auto hash = data_hash(live.people(), out.analysis);
  if (!hash) return tl::unexpected<Error>(hash.error());
  out.key = next_key(snapshot);
  out.name = std::move(name);
  out.time = std::move(time);
  out.act = snapshot.last_act;
  out.data_hash = std::move(*hash);
  out.version = IPSI_VERSION;
  out.results = std::move(*results);
  return out;
}

study::Setting to_setting(const StoredRun& run) {
  const Json json{{"name", run.name},
                  {"time", run.time},
                  {"act", run.act},
                  {"data_hash", run.data_hash},
                  {"version", run.version},
                  {"analysis", to_json(run.analysis)},
                  {"results", table::to_delimited(run.results)}};
  return {run.key, json.dump()};
}

Result<StoredRun> run_from_setting(const study::Setting& setting) {
  StoredRun out;
  out.key = setting.key;
  const auto unreadable = [&](std::string why) {
    return fail(Code::InvalidInput, "the kept run cannot be read: " + std::move(why), setting.key,
                "run the analysis again, or open the study with the version that kept it");
  };
  try {
    const Json json = Json::parse(setting.value);
    out.name = json.at("name").get<std::string>();
    out.time = json.at("time").get<std::string>();
    out.act = json.at("act").get<std::int64_t>();
    out.data_hash = json.at("data_hash").get<std::string>();
    out.version = json.at("version").get<std::string>();
    auto analyses = analyses_from_json(Json{{"analyses", Json::array({json.at("analysis")})}});
    if (!analyses) return unreadable(to_line(analyses.error()));
    out.analysis = analyses->analyses.front();
    const auto sheet = table::parse_delimited(json.at("results").get<std::string>(), setting.key);
    if (!sheet) return unreadable(to_line(sheet.error()));
    auto results = table::to_table(*sheet);
    if (!results) return unreadable(to_line(results.error()));
    out.results = std::move(*results);
  } catch (const Json::exception& e) {
    return unreadable(e.what());
  }
  return out;
}

StoredRuns stored_runs(const study::Snapshot& snapshot) {
  StoredRuns out;
  for (const study::Setting& setting : snapshot.settings) {
    if (!setting.key.starts_with(kPrefix)) continue;
    auto run = run_from_setting(setting);
    if (run)
      out.runs.push_back(std::move(*run));
    else
      out.problems.push_back(run.error());
  }
  return out;
}

}  // namespace ipsi::engine
