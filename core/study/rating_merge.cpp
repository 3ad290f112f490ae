// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/rating_merge.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/base/regions.h"
#include "core/study/older_words.h"
#include "core/study/rows.h"

namespace ipsi::study {
namespace {

/// What is known of one rater's words on one region.
struct Region {
  std::vector<Word> words;
  std::set<std::string> dropped;      // by a voice whose writer said otherwise later
  std::optional<Rating> row;          // as it stands in the study
  std::optional<Measurement> beside;  // what stands beside it
  std::set<std::string> kept;         // older words of the study: keys of settings
};

/// Two records of one word: the one of the label image as it is tells more.
void join(Word& have, const Word& other, const std::string& hash_now) {
  if (have.rating.scan_hash != hash_now && (other.rating.scan_hash == hash_now || have.rating.scan_hash.empty()))
    have.rating.scan_hash = other.rating.scan_hash;
  if (have.beside.empty()) have.beside = other.beside;
}

class Merger {
 public:
  Merger(const std::vector<Voice>& voices, const Snapshot& snapshot, const std::string& author,
         const std::set<std::string>* only)
      : voices_(voices), snapshot_(snapshot), only_(only) {
    out_.request = {.author = author, .kind = "import_ratings", .summary = "", .changes = {}};
  }

  WordMerge run() {
    for (const auto& scan : snapshot_.scans)
      if (scan.kind == "labels") hashes_[{scan.person, scan.session}] = scan.hash;
    for (const auto& session : snapshot_.sessions) sessions_.insert({session.person, session.label});
    collect_regions();
    collect_study();
    collect_voices();
    for (auto& [key, region] : regions_) {
      settle(key, region);
      out_.regions.resize(out_.request.changes.size(), key);
    }
    count();
    sum_up();
    return std::move(out_);
  }

 private:
  Region* wanted(const Rating& rating, bool make) {
    const std::string key = region_key(rating);
    if (only_ != nullptr && !only_->contains(key)) return nullptr;
    if (make) return &regions_[key];
    const auto found = regions_.find(key);
    return found == regions_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] bool known(const Rating& r) const {
    return sessions_.contains({r.person, r.session}) && find_region(r.region) != nullptr && !r.rater.empty();
  }

  void collect_regions() {
    for (const auto& voice : voices_) {
      for (const auto& word : voice.current)
        if (known(word.rating)) (void)wanted(word.rating, true);
      for (const auto* list : {&voice.earlier, &voice.gone})
        for (const auto& rating : *list)
          if (known(rating)) (void)wanted(rating, true);
    }
  }

  void collect_study() {
    for (const auto& rating : snapshot_.ratings)
      if (Region* region = wanted(rating, false)) region->row = rating;
    for (const auto& row : snapshot_.measurements) {
      if (row.measure != kShownMeasure) continue;
      Rating like;
      like.person = row.person, like.session = row.session, like.region = row.region, like.rater = row.source;
      if (Region* region = wanted(like, false)) region->beside = row;
    }
    for (const auto& voice : voices_)
      for (const auto& rating : voice.gone) gone_.insert(word_key(rating));
    for (auto& [_, region] : regions_)
      if (region.row && !gone_.contains(word_key(*region.row))) add(region, {*region.row, beside_of(region)});
    for (const auto& setting : snapshot_.settings) {
      if (!setting.key.starts_with(kOlderWords)) continue;
      const auto word = word_of(setting);
      Region* region = word ? wanted(*word, false) : nullptr;
      if (region == nullptr) continue;
      region->kept.insert(setting.key);
      if (!gone_.contains(word_key(*word))) add(*region, {*word, {}});
    }
  }

  static Beside beside_of(const Region& region) {
    return region.beside ? Beside{region.beside->note, region.beside->value} : Beside();
  }

  void collect_voices() {
    for (const auto& voice : voices_) {
      for (const auto& rating : voice.earlier)
        if (Region* region = known(rating) ? wanted(rating, false) : nullptr) region->dropped.insert(word_key(rating));
      for (const auto& word : voice.current)
        if (Region* region = known(word.rating) ? wanted(word.rating, false) : nullptr) add(*region, word);
    }
    for (auto& [_, region] : regions_)
      std::erase_if(region.words,
                    [&r = region](const Word& word) { return r.dropped.contains(word_key(word.rating)); });
  }

  void add(Region& region, const Word& word) {
    const std::string key = word_key(word.rating);
    const auto same = [&](const Word& have) { return word_key(have.rating) == key; };
    const auto found = std::find_if(region.words.begin(), region.words.end(), same);
    if (found == region.words.end())
      region.words.push_back(word);
    else
      join(*found, word, hash_now(word.rating));
  }

  [[nodiscard]] std::string hash_now(const Rating& r) const {
    const auto found = hashes_.find({r.person, r.session});
    return found == hashes_.end() ? std::string() : std::string(found->second);
  }

  void settle(const std::string& key, Region& region) {
    std::sort(region.words.begin(), region.words.end(),
              [](const Word& a, const Word& b) { return weight(a.rating) < weight(b.rating); });
    if (region.words.empty()) {
      if (region.row) out_.request.changes.emplace_back(Remove{*region.row});
      if (region.beside) out_.request.changes.emplace_back(Remove{*region.beside});
      drop_kept(region, {});
      return;
    }
    const Word& counts = region.words.back();
    winners_[key] = counts.rating;
    if (!region.row || to_values(Put(*region.row)) != to_values(Put(counts.rating))) out_.request.put(counts.rating);
    put_beside(region, counts);
    std::set<std::string> still;
    for (std::size_t i = 0; i + 1 < region.words.size(); ++i) {
      const Rating& older = region.words[i].rating;
      Setting setting = older_word(older);
      still.insert(setting.key);
      if (region.kept.contains(setting.key)) continue;
      if (older.flag != counts.rating.flag && older.flag != Flag::unrated)
        out_.conflicts.push_back({counts.rating, older});
      out_.request.put(std::move(setting));
    }
    drop_kept(region, still);
  }

  void drop_kept(const Region& region, const std::set<std::string>& still) {
    for (const auto& key : region.kept)
      if (!still.contains(key)) out_.request.changes.emplace_back(Remove{Setting{key, ""}});
  }

  void put_beside(const Region& region, const Word& word) {
    const Rating& r = word.rating;
    const bool same = region.row && word_key(*region.row) == word_key(r);
    if (word.beside.empty()) {
      if (region.beside && !same) out_.request.changes.emplace_back(Remove{*region.beside});
      return;
    }
    const Measurement row{r.person, r.session,        r.region, std::string(kShownMeasure),
                          r.rater,  word.beside.risk, "risk",   word.beside.suggestion};
    if (!region.beside || to_values(Put(*region.beside)) != to_values(Put(row))) out_.request.put(row);
  }

  void count() {
    for (const auto& voice : voices_) {
      VoiceCount& n = out_.voices.emplace_back();
      n.name = voice.name;
      for (const auto& word : voice.current) {
        const Rating& r = word.rating;
        if (!known(r)) {
          if (n.unknown++ == 0) n.first_unknown = fmt::format("{}, session {}", r.person, r.session);
          continue;
        }
        const Region* region = wanted(r, false);
        if (region == nullptr) continue;
        const std::string key = word_key(r);
        const auto winner = winners_.find(region_key(r));
        if (winner == winners_.end() || word_key(winner->second) != key) {
          ++n.kept;
          if (winner != winners_.end() && winner->second.flag != r.flag && r.flag != Flag::unrated) ++n.conflicts;
        } else if (!region->row) {
          ++n.added;
        } else {
          ++(word_key(*region->row) == key ? n.unchanged : n.changed);
        }
      }
      std::set<std::string> told;
      for (const auto& rating : voice.earlier) {
        const Region* region = known(rating) ? wanted(rating, false) : nullptr;
        const std::string key = region_key(rating);
        if (region != nullptr && region->row && !winners_.contains(key) && told.insert(key).second) ++n.taken_back;
      }
    }
  }

  void sum_up() {
    long long added = 0, changed = 0, back = 0;
    for (const auto& [key, region] : regions_) {
      const auto winner = winners_.find(key);
      if (winner == winners_.end())
        back += region.row ? 1 : 0;
      else if (!region.row)
        ++added;
      else
        changed += word_key(*region.row) != word_key(winner->second) ? 1 : 0;
    }
    std::string& summary = out_.request.summary;
    summary = fmt::format("ratings: {} new, {} changed", added, changed);
    if (back > 0) summary += fmt::format(", {} taken back", back);
    if (!out_.conflicts.empty()) summary += fmt::format(", {} conflicts", out_.conflicts.size());
  }

  const std::vector<Voice>& voices_;
  const Snapshot& snapshot_;
  const std::set<std::string>* only_;
  std::map<std::pair<std::string_view, std::string_view>, std::string_view> hashes_;
  std::set<std::pair<std::string_view, std::string_view>> sessions_;
  std::set<std::string> gone_;
  std::map<std::string, Region> regions_;
  std::map<std::string, Rating> winners_;
  WordMerge out_;
};

}  // namespace

long long WordMerge::news() const {
  long long n = 0;
  for (const auto& voice : voices) n += voice.added + voice.changed + voice.taken_back;
  return n;
}

Voice voice_of(const Journal& journal, std::string name) {
  auto said = said_in(journal);
  return {.name = std::move(name), .current = std::move(said.current), .earlier = std::move(said.earlier), .gone = {}};
}

WordMerge merge_words(const std::vector<Voice>& voices, const Snapshot& snapshot, const std::string& author,
                      const std::set<std::string>* only) {
  return Merger(voices, snapshot, author, only).run();
}

}  // namespace ipsi::study
