// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/regions.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace ipsi {

const Region* find_region(std::string_view key) {
  const auto it = std::ranges::find(kRegions, key, &Region::key);
  return it == kRegions.end() ? nullptr : &*it;
}

const Region* region_of_label(int freesurfer_label) {
  const auto it = std::ranges::find(kRegions, freesurfer_label, &Region::label);
  return it == kRegions.end() ? nullptr : &*it;
}

const Region& region_of(std::string_view structure, Side side) {
  for (const Region& region : kRegions)
    if (region.structure == structure && region.side == side) return region;
  std::abort();  // a programming error: callers pass one of kStructures
}

std::string_view structure_title(std::string_view structure) {
  const auto it = std::ranges::find(kStructures, structure);
  return it == kStructures.end() ? structure : kStructureTitles[static_cast<std::size_t>(it - kStructures.begin())];
}

std::optional<std::string_view> parse_structure(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') plain += c;
  }
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"thalamus", "thalamus"},
      {"thal", "thalamus"},
      {"thalamusproper", "thalamus"},
      {"caudate", "caudate"},
      {"caud", "caudate"},
      {"caudatenucleus", "caudate"},
      {"putamen", "putamen"},
      {"put", "putamen"},
      {"pallidum", "pallidum"},
      {"pal", "pallidum"},
      {"pall", "pallidum"},
      {"globuspallidus", "pallidum"},
      {"accumbens", "accumbens"},
      {"accumb", "accumbens"},
      {"accumbensarea", "accumbens"},
      {"nucleusaccumbens", "accumbens"},
      {"nacc", "accumbens"},
      {"lateralventricle", "lateral_ventricle"},
      {"latvent", "lateral_ventricle"},
      {"ventricle", "lateral_ventricle"},
  };
  for (const auto& [written, structure] : kNames)
    if (plain == written) return structure;
  return std::nullopt;
}

}  // namespace ipsi
