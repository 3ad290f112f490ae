// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/lookup.h"

#include <algorithm>
#include <numeric>

#include "core/base/text.h"

namespace ipsi::study {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Fewest insertions, deletions, replacements and swaps of neighbours between two short texts.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::vector<std::string> region_names() {
  std::vector<std::string> names;
  for (const auto& region : kRegions) names.emplace_back(region.key);
  for (const auto structure : kStructures)
    for (const char* side : {"ipsi_", "contra_"}) names.push_back(side + std::string(structure));
  return names;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::size_t from_a = std::min(a.find_first_not_of('0', i), a.size());
      const std::size_t from_b = std::min(b.find_first_not_of('0', j), b.size());
      std::size_t end_a = from_a, end_b = from_b;
      while (end_a < a.size() && is_digit(a[end_a])) ++end_a;
      while (end_b < b.size() && is_digit(b[end_b])) ++end_b;
      if (end_a - from_a != end_b - from_b) return end_a - from_a < end_b - from_b;
      const int order = a.substr(from_a, end_a - from_a).compare(b.substr(from_b, end_b - from_b));
      if (order != 0) return order < 0;
      i = end_a;
      j = end_b;
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
    }
  }
  if (i < a.size() || j < b.size()) return j < b.size();
  return a < b;  // "01" and "1" differ after all
}

std::vector<std::string> near_matches(std::string_view text, const std::vector<std::string>& candidates,
                                      std::size_t most) {
  const std::string wanted = to_lower(text);
  std::vector<std::pair<std::size_t, std::size_t>> scored;  // distance, index
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::string have = to_lower(candidates[i]);
    const bool inside =
        !wanted.empty() && (have.find(wanted) != std::string::npos || wanted.find(have) != std::string::npos);
    const std::size_t distance = edit_distance(wanted, have);
    if (inside || distance <= 1 + std::max(wanted.size(), have.size()) / 5)
      scored.emplace_back(inside ? std::min<std::size_t>(distance, 1) : distance, i);
  }
  std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [distance, index] : scored) {
    if (out.size() == most) break;
    out.push_back(candidates[index]);
  }
  return out;
}

std::string suggestion(std::string_view text, const std::vector<std::string>& candidates,
                       const std::string& otherwise) {
  const auto near = near_matches(text, candidates);
  return near.empty() ? otherwise : "did you mean " + join(near, " or ") + "?";
}

Result<const Region*> resolve_region(std::string_view name, const Person& person) {
  const std::string key = to_lower(trim(name));
  if (const Region* region = find_region(key)) return region;
  for (const bool ipsi : {true, false}) {
    const std::string_view prefix = ipsi ? "ipsi_" : "contra_";
    if (!key.starts_with(prefix)) continue;
    const std::string structure = key.substr(prefix.size());
    if (std::find(kStructures.begin(), kStructures.end(), structure) == kStructures.end()) break;
    if (person.lesion_side != "left" && person.lesion_side != "right")
      return fail(
          Code::InvalidInput,
          fmt::format("{} has no {} side: the lesion side is {}", person.id, ipsi ? "ipsilesional" : "contralesional",
                      person.lesion_side.empty() ? "unknown" : person.lesion_side),
          "region " + key, fmt::format("use left_{0} or right_{0}", structure));
    const Side lesion = person.lesion_side == "left" ? Side::left : Side::right;
    return &region_of(structure, ipsi ? lesion : other(lesion));
  }
  if (std::find(kStructures.begin(), kStructures.end(), key) != kStructures.end())
    return fail(Code::InvalidInput, fmt::format("region '{}' has no side", key), "",
                fmt::format("use left_{0}, right_{0}, ipsi_{0} or contra_{0}", key));
  std::string all;
  for (const auto structure : kStructures) all += (all.empty() ? "" : ", ") + std::string(structure);
  return fail(Code::NotFound, fmt::format("there is no region '{}'", name), "",
              suggestion(key, region_names(), "use left_ or right_ with " + all));
}

const Session* first_session(const Snapshot& snapshot, std::string_view person) {
  const Session* first = nullptr;
  for (const auto& session : snapshot.sessions) {
    if (session.person != person) continue;
    if (first == nullptr || session.ordinal < first->ordinal ||
        (session.ordinal == first->ordinal && natural_less(session.label, first->label)))
      first = &session;
  }
  return first;
}

std::string labels_hash(const Snapshot& snapshot, std::string_view person, std::string_view session) {
  for (const auto& scan : snapshot.scans)
    if (scan.kind == "labels" && scan.person == person && scan.session == session) return scan.hash;
  return {};
}

}  // namespace ipsi::study
