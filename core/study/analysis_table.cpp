// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/analysis_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "core/base/regions.h"
#include "core/base/text.h"
#include "core/study/lookup.h"
#include "core/study/raters.h"

namespace ipsi::study {
namespace {

using table::Column;

constexpr std::size_t kRegionCount = kRegions.size();

/// Everything of one person's first session, gathered in one pass over the snapshot.
struct Row {
  const Person* person = nullptr;
  const Session* session = nullptr;
  std::array<double, kRegionCount> volume{};
  std::array<std::size_t, kRegionCount> source_rank{};  // in the options; kNoSource = no value
  std::array<std::vector<const Rating*>, kRegionCount> ratings{};
  double icv = kMissing, lesion_volume = kMissing;
  std::string icv_source, lesion_source;
  std::map<std::string, double> scores;  // test -> normalised, known values only
  const Exclusion* exclusion = nullptr;
};

constexpr std::size_t kNoSource = static_cast<std::size_t>(-1);

std::size_t region_index(std::string_view key) {
  const Region* region = find_region(key);
  return region == nullptr ? kRegionCount : static_cast<std::size_t>(region - kRegions.data());
}

std::size_t rank_of(const std::string& source, const AnalysisOptions& options) {
  const auto& order = options.volume_sources;
  const auto found = std::find(order.begin(), order.end(), source);
  return found == order.end() ? kNoSource : static_cast<std::size_t>(found - order.begin());
}

/// Keeps the better of two values of one quantity: by the order of sources, unknown sources last, then by name.
void take(double& value, std::string& source, const Measurement& m, const AnalysisOptions& options) {
  if (std::isnan(m.value)) return;
  const auto key = [&](const std::string& name) { return std::pair(rank_of(name, options), name); };
  if (!std::isnan(value) && key(source) <= key(m.source)) return;
  value = m.value;
  source = m.source;
}

void take_measurement(Row& row, const Measurement& m, const AnalysisOptions& options) {
  if (m.measure == "icv" && m.region == "head") {
    take(row.icv, row.icv_source, m, options);
  } else if (m.measure == "volume" && m.region == "lesion") {
    take(row.lesion_volume, row.lesion_source, m, options);
  } else if (m.measure == "volume" && !std::isnan(m.value)) {
    const std::size_t region = region_index(m.region);
    const std::size_t rank = rank_of(m.source, options);
    if (region == kRegionCount || rank == kNoSource || rank >= row.source_rank[region]) return;
    row.volume[region] = m.value;
    row.source_rank[region] = rank;
  }
}

std::vector<Row> gather(const Snapshot& snapshot, const AnalysisOptions& options) {
  std::vector<Row> rows;
  rows.reserve(snapshot.people.size());
  for (const auto& person : snapshot.people) {
    Row row;
    row.person = &person;
    row.volume.fill(kMissing);
    row.source_rank.fill(kNoSource);
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    const bool control_a = a.person->group == "control", control_b = b.person->group == "control";
    if (control_a != control_b) return control_b;
    return natural_less(a.person->id, b.person->id);
  });
  std::unordered_map<std::string_view, Row*> by_id;
  for (auto& row : rows) by_id[row.person->id] = &row;
  const auto find = [&](const std::string& id) -> Row* {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : found->second;
  };
  for (const auto& session : snapshot.sessions) {
    Row* row = find(session.person);
    if (row == nullptr) continue;
    const Session* best = row->session;
    if (best == nullptr || session.ordinal < best->ordinal ||
        (session.ordinal == best->ordinal && natural_less(session.label, best->label)))
      row->session = &session;
  }
  const auto at_first = [&](const auto& item) -> Row* {
    Row* row = find(item.person);
    return row != nullptr && row->session != nullptr && row->session->label == item.session ? row : nullptr;
  };
  for (const auto& m : snapshot.measurements)
    if (Row* row = at_first(m)) take_measurement(*row, m, options);
  for (const auto& score : snapshot.scores)
    if (Row* row = at_first(score); row != nullptr && !std::isnan(score.normalised))
      row->scores[score.test] = score.normalised;
  for (const auto& rating : snapshot.ratings)
    if (Row* row = at_first(rating))
      if (const std::size_t region = region_index(rating.region); region < kRegionCount)
        row->ratings[region].push_back(&rating);
  for (const auto& exclusion : snapshot.exclusions)
    if (Row* row = find(exclusion.person)) row->exclusion = &exclusion;
  return rows;
}

/// The primary test of every cohort.
std::map<std::string, std::string> primary_tests(const std::vector<Row>& rows) {
  constexpr std::array<std::string_view, 3> kPreferred{"FMA-UE", "ARAT", "WMFT"};
  std::map<std::string, long long> people_with;
  std::map<std::string, std::set<std::string>> tests_of;
  for (const auto& row : rows) {
    if (row.person->group != "patient") continue;
    for (const auto& [test, value] : row.scores) {
      if (!is_motor_test(test)) continue;
      ++people_with[test];
      tests_of[row.person->cohort].insert(test);
    }
  }
  std::map<std::string, std::string> primary;
  for (const auto& [cohort, tests] : tests_of) {
    const auto better = [&](const std::string& a, const std::string& b) {
      if (people_with[a] != people_with[b]) return people_with[a] > people_with[b];
      const auto rank = [&](const std::string& t) { return std::find(kPreferred.begin(), kPreferred.end(), t); };
      if (rank(a) != rank(b)) return rank(a) < rank(b);
      return a < b;
    };
    primary[cohort] = *std::min_element(tests.begin(), tests.end(), better);
  }
  return primary;
}

double score_or_missing(const Row& row, const std::string& test) {
  const auto found = row.scores.find(test);
  return found == row.scores.end() ? kMissing : found->second;
}

/// Columns in the making: each name once, filled row by row.
class Builder {
 public:
  explicit Builder(std::size_t rows) : rows_(rows) {}

  template <class F>
  void number(std::string name, F&& cell) {
    std::vector<double> values(rows_);
    for (std::size_t i = 0; i < rows_; ++i) values[i] = cell(i);
    columns_.push_back(table::numeric(std::move(name), std::move(values)));
  }
  template <class F>
  void text(std::string name, F&& cell) {
    std::vector<std::string> texts(rows_);
    for (std::size_t i = 0; i < rows_; ++i) texts[i] = cell(i);
    columns_.push_back(table::text(std::move(name), std::move(texts)));
  }
  template <class F>
  void logical(std::string name, F&& cell) {
    number(name, cell);
    columns_.back().kind = Column::Kind::logical;
  }
  [[nodiscard]] Result<table::Table> finish() { return table::Table::from(std::move(columns_)); }

 private:
  std::size_t rows_;
  std::vector<Column> columns_;
};

void add_person_columns(Builder& out, const std::vector<Row>& rows) {
  const auto person = [&](auto member) { return [&rows, member](std::size_t i) { return rows[i].person->*member; }; };
  const auto session = [&](auto member) {
    return [&rows, member](std::size_t i) { return rows[i].session != nullptr ? rows[i].session->*member : kMissing; };
  };
  out.text("subject", person(&Person::id));
  out.text("session",
           [&](std::size_t i) { return rows[i].session != nullptr ? rows[i].session->label : std::string(); });
  out.text("cohort", person(&Person::cohort));
  out.text("group", person(&Person::group));
  out.text("sex", person(&Person::sex));
  out.number("age", session(&Session::age_years));
  out.number("days_post_stroke", session(&Session::days_post_stroke));
  out.text("lesion_side", person(&Person::lesion_side));
  out.text("lesion_class", person(&Person::lesion_class));
  out.number("icv", [&](std::size_t i) { return rows[i].icv; });
  out.text("icv_source", [&](std::size_t i) { return rows[i].icv_source; });
  out.number("lesion_volume", [&](std::size_t i) { return rows[i].lesion_volume; });
}

void add_score_columns(Builder& out, const std::vector<Row>& rows) {
  const auto primary = primary_tests(rows);
  const auto primary_of = [&](std::size_t i) -> std::string {
    const auto found = primary.find(rows[i].person->cohort);
    return found != primary.end() && rows[i].scores.count(found->second) > 0 ? found->second : std::string();
  };
  const auto activity_of = [&](std::size_t i) -> std::string {
    for (const char* test : {"ARAT", "WMFT"})
      if (rows[i].scores.count(test) > 0) return test;
    return {};
  };
  out.number("primary_score", [&](std::size_t i) { return score_or_missing(rows[i], primary_of(i)); });
  out.text("primary_test", primary_of);
  out.number("impairment", [&](std::size_t i) { return score_or_missing(rows[i], "FMA-UE"); });
  out.number("activity", [&](std::size_t i) { return score_or_missing(rows[i], activity_of(i)); });
  out.text("activity_test", activity_of);
  std::map<std::string, std::string> tests;  // column -> test; two tests of one name keep the first
  for (const auto& row : rows)
    for (const auto& [test, value] : row.scores) tests.emplace(score_column(test), test);
  for (const auto& [column, test] : tests)
    out.number(column, [&, name = test](std::size_t i) { return score_or_missing(rows[i], name); });
}

/// The region that is ipsi (or contra) of a structure for this person; kRegionCount without a side.
std::size_t sided_region(const Person& person, std::string_view structure, bool ipsi) {
  if (person.lesion_side != "left" && person.lesion_side != "right") return kRegionCount;
  const Side lesion = person.lesion_side == "left" ? Side::left : Side::right;
  return static_cast<std::size_t>(&region_of(structure, ipsi ? lesion : other(lesion)) - kRegions.data());
}

void add_region_columns(Builder& out, const std::vector<Row>& rows, const AnalysisOptions& options) {
  std::vector<std::array<Flag, kRegionCount>> flags(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t r = 0; r < kRegionCount; ++r) flags[i][r] = decided_flag(rows[i].ratings[r], options);

  for (std::size_t r = 0; r < kRegionCount; ++r)
    out.number(std::string(kRegions[r].key), [&](std::size_t i) { return rows[i].volume[r]; });
  out.text("volume_source", [&](std::size_t i) {
    const std::set<std::size_t> used(rows[i].source_rank.begin(), rows[i].source_rank.end());
    std::vector<std::string> names;
    for (const std::size_t rank : used)
      if (rank != kNoSource) names.push_back(options.volume_sources[rank]);
    return join(names, "+");
  });
  const std::array<std::pair<const char*, bool>, 2> sides{{{"ipsi_", true}, {"contra_", false}}};
  for (const auto structure : kStructures)
    for (const auto& [prefix, ipsi] : sides)
      out.number(prefix + std::string(structure), [&, which = ipsi](std::size_t i) {
        const std::size_t r = sided_region(*rows[i].person, structure, which);
        return r == kRegionCount ? kMissing : rows[i].volume[r];
      });
  for (std::size_t r = 0; r < kRegionCount; ++r)
    out.text("flag_" + std::string(kRegions[r].key),
             [&](std::size_t i) { return std::string(to_string(flags[i][r])); });
  for (const auto structure : kStructures)
    for (const auto& [prefix, ipsi] : sides)
      out.text("flag_" + (prefix + std::string(structure)), [&, which = ipsi](std::size_t i) {
        const std::size_t r = sided_region(*rows[i].person, structure, which);
        return r == kRegionCount ? std::string() : std::string(to_string(flags[i][r]));
      });
}

}  // namespace

std::string_view to_string(RatingRule rule) {
  constexpr std::array<std::string_view, 5> kNames{"consensus", "strictest", "one_rater", "majority", "lesioned_kept"};
  return kNames[static_cast<std::size_t>(rule)];
}

AnalysisOptions options_of(const Snapshot& snapshot) {
  AnalysisOptions options;
  const std::string rule = snapshot.setting("rating_rule");
  for (const RatingRule known : {RatingRule::consensus, RatingRule::strictest, RatingRule::one_rater,
                                 RatingRule::majority, RatingRule::lesioned_kept})
    if (rule == to_string(known)) options.rule = known;
  options.rater = snapshot.setting("rating_rater");
  return options;
}

std::string score_column(std::string_view test) {
  std::string out = "score_";
  for (const char c : to_lower(test)) out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  return out;
}

bool is_motor_test(std::string_view test) {
  const std::string name = to_lower(test);
  return name != "moca" && name != "mmse" && !name.starts_with("sis");
}

namespace {

/// What raters said of one region, each kind by itself. unrated < ok < lesioned < failed.
struct Votes {
  std::array<int, 4> count{};  // [flag]
  Flag strictest = Flag::unrated, adjudicated = Flag::unrated;

  explicit Votes(const std::vector<const Rating*>& ratings) {
    for (const Rating* rating : ratings) {
      const RaterKind kind = kind_of(rating->rater);
      if (kind == RaterKind::adjudicator) adjudicated = rating->flag;
      if (kind != RaterKind::rater || rating->flag == Flag::unrated) continue;
      ++count[static_cast<std::size_t>(rating->flag)];
      strictest = std::max(strictest, rating->flag);
    }
  }
  [[nodiscard]] Flag consensus() const { return adjudicated != Flag::unrated ? adjudicated : strictest; }
  [[nodiscard]] Flag majority() const {
    const int most = *std::max_element(count.begin(), count.end());
    if (std::count(count.begin(), count.end(), most) > 1 && adjudicated != Flag::unrated) return adjudicated;
    for (const Flag flag : {Flag::failed, Flag::lesioned, Flag::ok})
      if (most > 0 && count[static_cast<std::size_t>(flag)] == most) return flag;
    return Flag::unrated;
  }
};

}  // namespace

Flag decided_flag(const std::vector<const Rating*>& ratings, const AnalysisOptions& options) {
  if (options.rule == RatingRule::one_rater) {
    const auto own = std::find_if(ratings.begin(), ratings.end(),
                                  [&](const Rating* rating) { return rating->rater == options.rater; });
    return own == ratings.end() ? Flag::unrated : (*own)->flag;
  }
  const Votes votes(ratings);
  switch (options.rule) {
    case RatingRule::strictest: return std::max(votes.strictest, votes.adjudicated);
    case RatingRule::majority: return votes.majority();
    case RatingRule::lesioned_kept: return votes.consensus() == Flag::lesioned ? Flag::ok : votes.consensus();
    case RatingRule::consensus:
    case RatingRule::one_rater: break;
  }
  return votes.consensus();
}

Result<table::Table> analysis_table(const Snapshot& snapshot, const AnalysisOptions& options) {
  if (options.rule == RatingRule::one_rater && options.rater.empty())
    return fail(Code::InvalidInput, "the rule one_rater needs a rater", "rating rule", "name one");
  const std::vector<Row> rows = gather(snapshot, options);
  Builder out(rows.size());
  add_person_columns(out, rows);
  add_score_columns(out, rows);
  add_region_columns(out, rows, options);
  out.logical("analysed", [&](std::size_t i) { return rows[i].exclusion == nullptr ? 1.0 : 0.0; });
  out.text("excluded_because", [&](std::size_t i) -> std::string {
    if (rows[i].exclusion == nullptr) return {};
    return rows[i].exclusion->reason.empty() ? rows[i].exclusion->step : rows[i].exclusion->reason;
  });
  return out.finish();
}

}  // namespace ipsi::study
