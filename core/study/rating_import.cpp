// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <ctime>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/study/lookup.h"
#include "core/study/older_words.h"
#include "core/study/raters.h"
#include "core/study/rating_files.h"

namespace ipsi::study {
namespace {

using table::Sheet;

int find_any(const Sheet& sheet, std::initializer_list<std::string_view> names) {
  for (const auto name : names)
    if (const int at = sheet.find(name); at >= 0) return at;
  return -1;
}

struct Columns {
  int subject, session, region, roi, hemisphere, flag, rater, comment, time;

  explicit Columns(const Sheet& sheet)
      : subject(find_any(sheet, {"subject", "participant_id", "subject_id", "SubjID"})),
        session(find_any(sheet, {"session", "ses", "session_id"})),
        region(find_any(sheet, {"region"})),
        roi(find_any(sheet, {"roi"})),
        hemisphere(find_any(sheet, {"hemisphere", "hemi", "side"})),
        flag(find_any(sheet, {"flag"})),
        rater(find_any(sheet, {"rater"})),
        comment(find_any(sheet, {"comment", "reason"})),
        time(find_any(sheet, {"time"})) {}

  [[nodiscard]] bool has_region() const { return region >= 0 || (roi >= 0 && hemisphere >= 0); }
};

std::string cell_of(const Sheet::Row& row, int column) {
  if (column < 0) return {};
  const std::string& cell = row.cells[static_cast<std::size_t>(column)];
  return cell == "n/a" || cell == "NA" ? std::string() : cell;
}

/// People and sessions by name, so that thousands of rows are not looked up one by one in lists.
struct Index {
  std::unordered_map<std::string_view, const Person*> people;
  std::unordered_map<std::string_view, const Session*> first;
  std::set<std::pair<std::string_view, std::string_view>> sessions;
  std::unordered_map<std::string_view, std::vector<std::string>> labels;
  std::vector<std::string> ids;

  explicit Index(const Snapshot& snapshot) {
    for (const auto& person : snapshot.people) {
      people[person.id] = &person;
      ids.push_back(person.id);
    }
    for (const auto& session : snapshot.sessions) {
      sessions.insert({session.person, session.label});
      labels[session.person].push_back(session.label);
      const Session*& best = first[session.person];
      if (best == nullptr || session.ordinal < best->ordinal ||
          (session.ordinal == best->ordinal && natural_less(session.label, best->label)))
        best = &session;
    }
  }
};

/// One row as a rating, or the problem with it.
tl::expected<Rating, RowProblem> read_row(const Sheet& sheet, const Sheet::Row& row, const Columns& at,
                                          const Index& index) {
  const std::string subject = cell_of(row, at.subject);
  const auto bad = [&](int column, std::string what, std::string mend) {
    const std::string name = column >= 0 ? sheet.header[static_cast<std::size_t>(column)] : std::string();
    return tl::unexpected<RowProblem>({row.line, name, subject, std::move(what), std::move(mend)});
  };
  Rating rating;
  const auto person = index.people.find(subject);
  if (person == index.people.end())
    return bad(at.subject, fmt::format("there is no subject '{}' in the study", subject),
               suggestion(subject, index.ids, "correct the id, or delete the row"));
  rating.person = subject;

  rating.session = cell_of(row, at.session);
  if (rating.session.empty()) {
    const auto first = index.first.find(subject);
    if (first == index.first.end())
      return bad(at.subject, fmt::format("{} has no session", subject), "import one first");
    rating.session = first->second->label;
  } else if (index.sessions.count({rating.person, rating.session}) == 0) {
    const auto labels = index.labels.find(subject);
    return bad(at.session, fmt::format("{} has no session '{}'", subject, rating.session),
               labels == index.labels.end() ? "import one first" : "the sessions are " + join(labels->second, ", "));
  }

  std::string region = cell_of(row, at.region);
  const int region_column = at.region >= 0 ? at.region : at.roi;
  if (at.region < 0) {
    std::string side = to_lower(cell_of(row, at.hemisphere));
    if (side == "l" || side == "lh") side = "left";
    if (side == "r" || side == "rh") side = "right";
    region = side + "_" + cell_of(row, at.roi);
  }
  const auto resolved = resolve_region(region, *person->second);
  if (!resolved) return bad(region_column, resolved.error().what, resolved.error().mend);
  rating.region = (*resolved)->key;

  const std::string word = cell_of(row, at.flag);
  const auto flag = parse_flag(word);
  if (!flag) return bad(at.flag, fmt::format("the flag is '{}'", word), "use unrated, ok, lesioned or failed");
  rating.flag = *flag;
  rating.rater = cell_of(row, at.rater);
  rating.comment = cell_of(row, at.comment);
  if (const std::string when = cell_of(row, at.time); !when.empty()) {
    const auto time = utc_time(when);
    if (!time)
      return bad(at.time, fmt::format("'{}' is not a time", when),
                 "write it as 2024-05-06T07:08:09Z, or leave it empty");
    rating.time = *time;
  }
  return rating;
}

using Key = std::tuple<std::string, std::string, std::string, std::string>;
Key key_of(const Rating& r) {
  return {r.person, r.session, r.region, r.rater};
}

bool same_word(const Rating& a, const Rating& b) {
  return a.flag == b.flag && a.comment == b.comment;
}

/// Where a file speaks twice of the same, its newest word is kept; without times that is a contradiction.
void settle_repeats(RatingFile& file, const Sheet& sheet) {
  std::map<Key, std::size_t> seen;  // key -> index in the settled list
  std::vector<Rating> ratings;
  std::vector<int> lines;
  for (std::size_t i = 0; i < file.ratings.size(); ++i) {
    Rating& rating = file.ratings[i];
    const auto [found, added] = seen.emplace(key_of(rating), ratings.size());
    if (added) {
      ratings.push_back(std::move(rating));
      lines.push_back(file.lines[i]);
      continue;
    }
    Rating& before = ratings[found->second];
    if (!same_word(before, rating) && (before.time.empty() || rating.time.empty())) {
      const int column = Columns(sheet).flag;
      file.problems.push_back({file.lines[i], sheet.header[static_cast<std::size_t>(column)], rating.person,
                               fmt::format("{} of {} is '{}' here and '{}' in line {}", rating.region, rating.person,
                                           to_string(rating.flag), to_string(before.flag), lines[found->second]),
                               "keep one of them, or give both a time"});
      continue;
    }
    if (weight(before) < weight(rating)) {
      std::swap(before, rating);
      lines[found->second] = file.lines[i];
    }
    if (weight(rating) < weight(before)) file.older.push_back(std::move(rating));
  }
  file.ratings = std::move(ratings);
  file.lines = std::move(lines);
}

/// Adds older words to a request, each once, and what of them contradicts the word that counts.
class Keeper {
 public:
  Keeper(RatingMerge& merge, const Snapshot& snapshot) : merge_(merge) {
    for (const auto& setting : snapshot.settings)
      if (setting.key.starts_with(kOlderWords)) known_.insert(setting.key);
  }
  void keep(const Rating& older, const Rating& counts) {
    Setting setting = older_word(older);
    if (!known_.insert(setting.key).second) return;
    merge_.request.put(std::move(setting));
    if (older.flag != counts.flag && older.flag != Flag::unrated) merge_.conflicts.push_back({counts, older});
  }

 private:
  RatingMerge& merge_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace

Setting older_word(const Rating& r) {
  const std::string text =
      Json{{"person", r.person},        {"session", r.session}, {"region", r.region}, {"rater", r.rater},
           {"flag", to_string(r.flag)}, {"comment", r.comment}, {"time", r.time}}
          .dump();
  return {std::string(kOlderWords) + content_hash(text), text};
}

std::optional<Rating> word_of(const Setting& setting) {
  const Json json = Json::parse(setting.value, nullptr, false);
  const auto text = [&](const char* key) { return json.value(key, std::string()); };
  if (!json.is_object()) return std::nullopt;
  const auto flag = parse_flag(text("flag"));
  if (!flag) return std::nullopt;
  return Rating{text("person"), text("session"), text("region"), text("rater"),
                *flag,          text("comment"), text("time"),   ""};
}

bool is_rating_table(const Sheet& sheet) {
  if (is_rating_matrix(sheet)) return true;
  const Columns at(sheet);
  return at.subject >= 0 && at.flag >= 0 && at.has_region();
}

Result<RatingFile> read_ratings(const Sheet& sheet, const Snapshot& snapshot, const std::string& rater) {
  if (is_rating_matrix(sheet)) return read_ratings(matrix_as_long(sheet), snapshot, rater);
  const Columns at(sheet);
  const std::string where = fmt::format("{}, line {}", sheet.file, sheet.header_line);
  const std::string mend = fmt::format("the columns are {}; needed are subject, region (or roi and hemisphere), flag",
                                       join(sheet.header, ", "));
  if (at.subject < 0) return fail(Code::InvalidInput, "there is no column 'subject'", where, mend);
  if (!at.has_region()) return fail(Code::InvalidInput, "there is no column 'region'", where, mend);
  if (at.flag < 0) return fail(Code::InvalidInput, "there is no column 'flag'", where, mend);
  const Index index(snapshot);
  RatingFile file;
  std::set<std::string> raters, people;
  for (const auto& row : sheet.rows) {
    auto rating = read_row(sheet, row, at, index);
    if (!rating) {
      file.problems.push_back(std::move(rating.error()));
      continue;
    }
    if (!rating->rater.empty()) {
      raters.insert(rating->rater);
      people.insert(look_of(rating->rater).name);
    }
    file.ratings.push_back(std::move(*rating));
    file.lines.push_back(row.line);
  }
  file.raters.assign(raters.begin(), raters.end());
  file.renamed = people.size() <= 1 && !rater.empty();
  for (std::size_t i = 0; i < file.ratings.size(); ++i) {
    Rating& rating = file.ratings[i];
    if (file.renamed || rating.rater.empty())  // a second look stays one
      rating.rater = look_name(rater, rating.rater.empty() ? 1 : look_of(rating.rater).number);
    if (rating.rater.empty())
      file.problems.push_back(
          {file.lines[i], "rater", rating.person, "the row names no rater", "name one with --rater"});
  }
  settle_repeats(file, sheet);
  std::stable_sort(file.problems.begin(), file.problems.end(),
                   [](const RowProblem& a, const RowProblem& b) { return a.line < b.line; });
  return file;
}

RatingMerge merge_ratings(const RatingFile& file, const Snapshot& snapshot, const std::string& author,
                          Untimed untimed) {
  std::map<Key, const Rating*> stored;
  for (const auto& rating : snapshot.ratings) stored[key_of(rating)] = &rating;
  std::map<std::pair<std::string_view, std::string_view>, std::string_view> hashes;
  for (const auto& scan : snapshot.scans)
    if (scan.kind == "labels") hashes[{scan.person, scan.session}] = scan.hash;

  RatingMerge merge;
  merge.request = {.author = author, .kind = "import_ratings", .summary = "", .changes = {}};
  Keeper keeper(merge, snapshot);
  std::map<Key, Rating> winners;  // of the file's keys, for its own older words
  for (std::size_t i = 0; i < file.ratings.size(); ++i) {
    Rating rating = file.ratings[i];
    const auto found = stored.find(key_of(rating));
    winners[key_of(rating)] =
        found == stored.end() || weight(*found->second) < weight(rating) ? rating : *found->second;
    if (found == stored.end()) {
      const auto hash = hashes.find({rating.person, rating.session});
      if (hash != hashes.end()) rating.scan_hash = hash->second;
      ++merge.added;
      merge.request.changes.push_back(Put(std::move(rating)));
      continue;
    }
    const Rating& have = *found->second;
    const bool silent = rating.time.empty() && rating.comment.empty() && rating.flag == have.flag;
    if (silent || (same_word(rating, have) && (rating.time.empty() || rating.time == have.time))) {
      ++merge.unchanged;
      continue;
    }
    if (rating.time.empty() && untimed == Untimed::refuse) {
      merge.problems.push_back(
          {file.lines[i], "flag", rating.person,
           fmt::format("{} says '{}' of {} here and '{}' in the study, and the file does not say when", rating.rater,
                       to_string(rating.flag), rating.region, to_string(have.flag)),
           "add a column 'time', or let the file win with --replace"});
      continue;
    }
    if (!rating.time.empty() && weight(rating) < weight(have)) {
      ++merge.kept;
      keeper.keep(rating, have);
      continue;
    }
    keeper.keep(have, rating);
    rating.scan_hash = have.scan_hash;
    ++merge.changed;
    merge.request.changes.push_back(Put(std::move(rating)));
  }
  for (const Rating& older : file.older) {
    const auto have = stored.find(key_of(older));
    if (have == stored.end() || weight(*have->second) != weight(older)) keeper.keep(older, winners[key_of(older)]);
  }
  merge.request.summary = fmt::format("ratings: {} new, {} changed", merge.added, merge.changed);
  if (!merge.conflicts.empty()) merge.request.summary += fmt::format(", {} conflicts", merge.conflicts.size());
  return merge;
}

std::vector<RatingConflict> rating_conflicts(const Snapshot& snapshot) {
  std::map<Key, const Rating*> stored;
  for (const auto& rating : snapshot.ratings) stored[key_of(rating)] = &rating;
  std::vector<Rating> older;
  for (const auto& setting : snapshot.settings)
    if (setting.key.starts_with(kOlderWords))
      if (auto word = word_of(setting)) older.push_back(std::move(*word));
  std::sort(older.begin(), older.end(), [](const Rating& a, const Rating& b) { return weight(a) < weight(b); });
  sort_ratings(older);
  std::vector<RatingConflict> out;
  for (auto& word : older) {
    const auto counts = stored.find(key_of(word));
    if (counts == stored.end() || word.flag == Flag::unrated || counts->second->flag == word.flag) continue;
    out.push_back({*counts->second, std::move(word)});
  }
  return out;
}

Request settle_conflict(const RatingConflict& conflict, Keep word, const std::string& author) {
  const auto& [counts, other] = conflict;
  const bool older = word == Keep::older;
  Request out{.author = author, .kind = "settle", .summary = "", .changes = {}};
  out.summary = fmt::format("{} of {}, {}: {} kept, {} let go", counts.region, counts.person, counts.rater,
                            to_string(older ? other.flag : counts.flag), to_string(older ? counts.flag : other.flag));
  out.changes.emplace_back(Remove{older_word(other)});
  if (!older) return out;
  Rating back = other;
  back.time = now_utc();  // newer than the word it overrules, on whichever machine that is read
  back.scan_hash = counts.scan_hash;
  out.put(std::move(back));
  return out;
}

std::optional<std::string> utc_time(std::string_view text) {
  const std::string cell = trim(text);
  std::size_t at = 0;
  const auto digits = [&](int count) -> std::optional<int> {
    int value = 0;
    for (int i = 0; i < count; ++i, ++at) {
      if (at >= cell.size() || cell[at] < '0' || cell[at] > '9') return std::nullopt;
      value = 10 * value + (cell[at] - '0');
    }
    return value;
  };
  const auto skip = [&](std::string_view any) {
    if (at >= cell.size() || any.find(cell[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  const auto year = digits(4);
  if (!year || !skip("-")) return std::nullopt;
  const auto month = digits(2);
  if (!month || *month < 1 || *month > 12 || !skip("-")) return std::nullopt;
  const auto day = digits(2);
  if (!day || *day < 1 || *day > 31) return std::nullopt;
  int hour = 0, minute = 0, second = 0, millisecond = 0, offset = 0;
  if (at < cell.size()) {
    if (!skip("T ")) return std::nullopt;
    const auto h = digits(2);
    if (!h || *h > 23 || !skip(":")) return std::nullopt;
    const auto m = digits(2);
    if (!m || *m > 59) return std::nullopt;
    hour = *h;
    minute = *m;
    if (skip(":")) {
      const auto s = digits(2);
      if (!s || *s > 60) return std::nullopt;
      second = *s;
      if (skip(".,")) {
        int scale = 100;
        const std::size_t from = at;
        for (; at < cell.size() && cell[at] >= '0' && cell[at] <= '9'; ++at, scale /= 10)
          millisecond += (cell[at] - '0') * scale;
        if (at == from) return std::nullopt;
      }
    }
    if (at < cell.size() && !skip("Zz")) {
      const int sign = cell[at] == '-' ? -1 : 1;
      if (!skip("+-")) return std::nullopt;
      const auto oh = digits(2);
      if (!oh || *oh > 14) return std::nullopt;
      (void)skip(":");
      const auto om = at < cell.size() ? digits(2) : std::optional<int>(0);
      if (!om || *om > 59) return std::nullopt;
      offset = sign * (60 * *oh + *om);
    }
    if (at != cell.size()) return std::nullopt;
  }
  std::tm parts{};
  parts.tm_year = *year - 1900;
  parts.tm_mon = *month - 1;
  parts.tm_mday = *day;
  parts.tm_hour = hour;
  parts.tm_min = minute - offset;
  parts.tm_sec = second;
  const std::time_t moment = ::timegm(&parts);
  std::tm utc{};
  ::gmtime_r(&moment, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, millisecond);
}

}  // namespace ipsi::study
