// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/rating_patch.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "core/base/regions.h"

namespace ipsi::ui {
namespace {

/// Ratings of one region of one person's session: neighbours in the snapshot, which is in key order.
std::vector<const study::Rating*> ratings_of(const study::Snapshot& snapshot, const study::Rating& like) {
  const auto key = [](const study::Rating& r) { return std::tie(r.person, r.session, r.region); };
  const auto [first, last] =
      std::equal_range(snapshot.ratings.begin(), snapshot.ratings.end(), like,
                       [&](const study::Rating& a, const study::Rating& b) { return key(a) < key(b); });
  std::vector<const study::Rating*> out;
  for (auto it = first; it != last; ++it) out.push_back(&*it);
  return out;
}

}  // namespace

std::shared_ptr<const table::Table> patch_flags(const table::Table& table, const study::Snapshot& snapshot,
                                                const study::AnalysisOptions& options,
                                                const std::vector<study::Rating>& touched) {
  const auto* subjects = table.find("subject");
  const auto* sessions = table.find("session");
  const auto* sides = table.find("lesion_side");
  if (subjects == nullptr || sessions == nullptr || sides == nullptr) return nullptr;
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t i = 0; i < subjects->texts.size(); ++i) rows.emplace(subjects->texts[i], i);
  std::map<std::string, table::Column> columns;
  const auto set = [&](const std::string& name, std::size_t row, const std::string& text) {
    const auto* stored = table.find(name);
    if (stored == nullptr) return false;
    columns.try_emplace(name, *stored).first->second.texts[row] = text;
    return true;
  };
  for (const auto& rating : touched) {
    const auto found = rows.find(rating.person);
    if (found == rows.end()) return nullptr;
    const std::size_t row = found->second;
    if (sessions->texts[row] != rating.session) continue;  // the table is of the first session
    const Region* region = find_region(rating.region);
    if (region == nullptr) return nullptr;
    const std::string flag(study::to_string(study::decided_flag(ratings_of(snapshot, rating), options)));
    if (!set("flag_" + std::string(region->key), row, flag)) return nullptr;
    const std::string& side = sides->texts[row];
    if (side != "left" && side != "right") continue;
    const bool ipsi = side == to_string(region->side);
    if (!set((ipsi ? "flag_ipsi_" : "flag_contra_") + std::string(region->structure), row, flag)) return nullptr;
  }
  table::Table out = table;
  for (auto& [name, column] : columns) {
    auto next = out.with(std::move(column));
    if (!next) return nullptr;
    out = std::move(*next);
  }
  return std::make_shared<const table::Table>(std::move(out));
}

}  // namespace ipsi::ui
