// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/study/fixture.h"

#include <fmt/ranges.h>

#include <cstring>

namespace ipsi::study::test {
namespace {

// Written out field by field, not through the library's own row description, which is what is being tested.
std::string bits(double value) {
  if (std::isnan(value)) return "missing";
  std::uint64_t raw = 0;
  std::memcpy(&raw, &value, sizeof raw);
  return fmt::format("{:x}", raw);
}

}  // namespace

Request small_study(int people) {
  Request request{.author = "importer", .kind = "import", .summary = "small study", .changes = {}};
  for (int c = 0; c < 3; ++c) request.put(Cohort{fmt::format("c{}", c), fmt::format("Cohort {}", c)});
  for (int i = 1; i <= people; ++i) {
    const std::string id = fmt::format("sub-{:03}", i);
    request.put(Person{id, fmt::format("c{}", i % 3), "patient", i % 2 == 0 ? "female" : "male",
                       i % 2 == 0 ? "left" : "right", "subcortical"});
    request.put(Session{id, "1", 1, "", 50.0 + i, 100.0 + i});
    for (const auto& region : kRegions)
      request.put(
          Measurement{id, "1", std::string(region.key), "volume", "enigma_csv", 1000.0 + i + region.label, "mm3", ""});
  }
  return request;
}

Request rate(const std::string& rater, const std::string& person, const std::string& region, Flag flag,
             const std::string& comment) {
  return {.author = rater,
          .kind = "rate",
          .summary = region + " of " + person,
          .changes = {Put(Rating{person, "1", region, rater, flag, comment, "", ""})}};
}

Result<Study> made(const std::filesystem::path& path, int people) {
  auto study = Study::create(path);
  if (!study) return study;
  if (auto ok = study->apply(small_study(people)); !ok) return tl::unexpected<Error>(ok.error());
  return study;
}

std::vector<std::string> rows_of(const Snapshot& s) {
  std::vector<std::string> out;
  const auto add = [&](auto... cells) { out.push_back(fmt::format("{}", fmt::join({std::string(cells)...}, "|"))); };
  for (const auto& r : s.cohorts) add("cohort", r.id, r.name);
  for (const auto& r : s.people) add("person", r.id, r.cohort, r.group, r.sex, r.lesion_side, r.lesion_class);
  for (const auto& r : s.sessions)
    add("session", r.person, r.label, std::to_string(r.ordinal), r.date, bits(r.age_years), bits(r.days_post_stroke));
  for (const auto& r : s.scans)
    add("scan", r.person, r.session, r.kind, r.path, r.hash, std::to_string(r.bytes), std::to_string(r.modified));
  for (const auto& r : s.measurements)
    add("measurement", r.person, r.session, r.region, r.measure, r.source, bits(r.value), r.unit, r.note);
  for (const auto& r : s.scores)
    add("score", r.person, r.session, r.test, bits(r.raw), bits(r.min_used), bits(r.max_used), r.direction,
        bits(r.normalised), r.note);
  for (const auto& r : s.ratings)
    add("rating", r.person, r.session, r.region, r.rater, std::string(to_string(r.flag)), r.comment, r.time,
        r.scan_hash);
  for (const auto& r : s.exclusions) add("exclusion", r.person, r.step, r.reason);
  for (const auto& r : s.flow)
    add("flow", std::to_string(r.ordinal), r.label, std::to_string(r.n), std::to_string(r.out), r.detail);
  for (const auto& r : s.settings) add("setting", r.key, r.value);
  return out;
}

}  // namespace ipsi::study::test
