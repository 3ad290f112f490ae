// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/shared_diff.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/study/older_words.h"
#include "core/study/rows.h"

namespace ipsi::study {
namespace {

bool beside_a_rating(const Measurement& row) {
  return row.measure == kShownMeasure;
}

/// Rows that a working copy takes over as they are, by table and key; parents first.
class Rows {
 public:
  explicit Rows(const Snapshot& s) {
    for (const auto& row : s.cohorts) add(row);
    for (const auto& row : s.people) add(row);
    for (const auto& row : s.sessions) add(row);
    for (const auto& row : s.scans) add(row);
    for (const auto& row : s.measurements)
      if (!beside_a_rating(row)) add(row);
    for (const auto& row : s.scores) add(row);
    for (const auto& row : s.exclusions) add(row);
    for (const auto& row : s.flow) add(row);
    for (const auto& row : s.settings)
      if (!row.key.starts_with(kOlderWords) && row.key != kCopySetting) add(row);
  }

  using Key = std::pair<std::size_t, std::string>;
  std::map<Key, Values> rows;

 private:
  void add(Put row) {
    const TableSpec& table = tables()[row.index()];
    Values values = to_values(row);
    std::string key = key_json(table, values);
    rows.emplace(Key{row.index(), std::move(key)}, std::move(values));
  }
};

std::map<std::string, Word> words_of(const Snapshot& snapshot) {
  std::map<std::string, Beside> beside;
  for (const auto& row : snapshot.measurements) {
    if (!beside_a_rating(row)) continue;
    Rating like;
    like.person = row.person, like.session = row.session, like.region = row.region, like.rater = row.source;
    beside[region_key(like)] = {row.note, row.value};
  }
  std::map<std::string, Word> out;
  for (const auto& rating : snapshot.ratings) {
    const auto shown = beside.find(region_key(rating));
    out[word_key(rating)] = {rating, shown == beside.end() ? Beside() : shown->second};
  }
  for (const auto& setting : snapshot.settings)
    if (setting.key.starts_with(kOlderWords))
      if (auto word = word_of(setting)) out.try_emplace(word_key(*word), Word{*word, {}});
  return out;
}

}  // namespace

std::vector<Change> study_changes(const Snapshot& before, const Snapshot& now, const Snapshot& copy) {
  const Rows old(before), fresh(now);
  std::vector<Change> out;
  for (const auto& [key, values] : fresh.rows) {
    const auto was = old.rows.find(key);
    if (was == old.rows.end() || was->second != values) out.emplace_back(to_row(tables()[key.first], values));
  }
  std::set<std::pair<std::string_view, std::string_view>> sessions;
  for (const auto& session : now.sessions) sessions.insert({session.person, session.label});
  for (const auto& rating : copy.ratings)
    if (!sessions.contains({rating.person, rating.session})) out.emplace_back(Remove{rating});
  for (const auto& row : copy.measurements)
    if (beside_a_rating(row) && !sessions.contains({row.person, row.session})) out.emplace_back(Remove{row});
  for (auto row = old.rows.rbegin(); row != old.rows.rend(); ++row)
    if (!fresh.rows.contains(row->first)) out.emplace_back(Remove{to_row(tables()[row->first.first], row->second)});
  return out;
}

Voice study_voice(const Snapshot& before, const Snapshot& now) {
  Voice voice;
  voice.name = "study";
  const auto old = words_of(before);
  const auto fresh = words_of(now);
  for (const auto& [key, word] : fresh)
    if (!old.contains(key)) voice.current.push_back(word);
  for (const auto& [key, word] : old)
    if (!fresh.contains(key)) voice.gone.push_back(word.rating);
  return voice;
}

}  // namespace ipsi::study
