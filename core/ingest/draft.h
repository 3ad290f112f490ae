// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/ingest/ids.h"
#include "core/ingest/import.h"
#include "core/table/delimited.h"

namespace ipsi::ingest {

/// A name in a source and where it stands.
struct Origin {
  std::string source;  ///< "volumes", "participants", "freesurfer", "bids", "lesions", "qc"
  std::string file;
  int line = 0;
  std::string column;
  std::string id;  ///< as written
};

/// Rows of one kind by key, in the order of the keys.
template <class Row>
using Rows = std::map<std::string, Row>;

/// The study as it would be: the rows of the snapshot under those read now. Sources are read into it one by one, by
/// one thread; it owns the matching of ids and the list of problems.
class Draft {
 public:
  Draft(const Sources& sources, const study::Snapshot& before);

  const Sources& sources;
  const study::Snapshot& before;
  Plan plan;  ///< problems, joins, columns, previews, skipped are filled in here as they are met
  Roster roster;
  bool open = true;  ///< no participants are known from elsewhere: every source brings its own people

  Rows<study::Cohort> cohorts;
  Rows<study::Person> people;
  Rows<study::Session> sessions;
  Rows<study::Scan> scans;
  Rows<study::Measurement> measurements;
  Rows<study::Score> scores;
  Rows<study::Rating> ratings;
  Rows<study::Setting> settings;
  std::set<std::string> touched;                          ///< keys (with their kind in front) of the rows read now
  std::map<std::string, std::set<std::string>> seen;      ///< source -> people of the study it has
  std::map<std::string, Origin> rows;                     ///< person -> its first row in the participants table
  std::map<std::string, std::set<std::string>> left_out;  ///< source -> ids that came to nothing

  void problem(Severity severity, std::string trap, const Origin& at, std::string what, std::string mend);

  /// Where a row belongs, or nullopt after having said why not. `session` as the source has it, "" when it has none.
  /// A second row of one source for the same place is a duplicate and blocks.
  [[nodiscard]] std::optional<PersonSession> place(const Origin& at, const std::string& session);

  /// Where `place` would put it, without saying or keeping anything.
  [[nodiscard]] std::optional<PersonSession> foresee(const std::string& id, const std::string& session) const;

  /// Only for participants: the row makes its person. nullopt when it is no subject or a duplicate.
  [[nodiscard]] std::optional<PersonSession> enrol(const Origin& at, const std::string& session);

  void put(study::Cohort row);
  void put(study::Person row);   ///< empty fields keep what was known
  void put(study::Session row);  ///< likewise
  void put(study::Scan row);
  void put(study::Measurement row);
  void put(study::Score row);
  void put(study::Rating row);
  void put(study::Setting row);

  /// Labels of the sessions known of a person.
  [[nodiscard]] std::vector<std::string> sessions_of(const std::string& person) const;
  /// The label in use for this session ("2" for "02"), or the label itself.
  [[nodiscard]] std::string known_session(const std::string& person, const std::string& label) const;
  [[nodiscard]] const study::Scan* scan(const PersonSession& at, const std::string& kind) const;

  /// What the sheet's shape says, its preview, and its remembered layout.
  void take_shape(const table::Sheet& sheet);
  /// Takes the rows out that the sources ask to leave out, and says so.
  void skip_lines(table::Sheet& sheet);

  /// Path as the study keeps it: relative where it lies below the study's folder.
  [[nodiscard]] std::string kept_path(const std::filesystem::path& path) const;

 private:
  [[nodiscard]] std::string settle_session(const std::string& person, std::string session) const;
  bool twice(const Origin& at, const PersonSession& place);
  std::map<std::string, Origin> taken_;  // source + person + session -> first row that was there
};

/// The key under which a row is kept in Rows.
[[nodiscard]] std::string key_of(const study::Cohort& row);
[[nodiscard]] std::string key_of(const study::Person& row);
[[nodiscard]] std::string key_of(const study::Session& row);
[[nodiscard]] std::string key_of(const study::Scan& row);
[[nodiscard]] std::string key_of(const study::Measurement& row);
[[nodiscard]] std::string key_of(const study::Score& row);
[[nodiscard]] std::string key_of(const study::Rating& row);
[[nodiscard]] std::string key_of(const study::Setting& row);

/// x, X, NA, NaN, n/a, blank, "." and the like: a mark that says "no value".
[[nodiscard]] bool is_mark(std::string_view cell);

/// True for an ISO 8601 date, with or without a time: 2020-05-31, 2020-05-31T10:00:00. Only these sort by time.
[[nodiscard]] bool is_iso_date(std::string_view text);

/// "3 people", "1 person".
[[nodiscard]] std::string counted(long long n, std::string_view one, std::string_view many);

// One reader a source; each reads its files into the draft.
[[nodiscard]] Result<void> read_participants(Draft& draft, const std::filesystem::path& path, const Task& task);
[[nodiscard]] Result<void> read_volumes(Draft& draft, const std::filesystem::path& path, const Task& task);
[[nodiscard]] Result<void> read_freesurfer(Draft& draft, const std::filesystem::path& dir, const Task& task);
[[nodiscard]] Result<void> read_bids(Draft& draft, const std::filesystem::path& dir, const Task& task);
[[nodiscard]] Result<void> read_lesions(Draft& draft, const std::filesystem::path& dir, const Task& task);
[[nodiscard]] Result<void> read_qc_sheet(Draft& draft, const std::filesystem::path& path, const Task& task);

/// One person's row of the behaviour table, whose scores are still to be read.
struct ScoreRow {
  const table::Sheet::Row* row = nullptr;
  PersonSession at;
  std::string id, cohort;
};
/// The score columns of a behaviour table: normalised, out-of-range rows named, scales detected by cohort.
void read_scores(Draft& draft, const table::Sheet& sheet, const std::vector<ScoreRow>& rows, std::vector<bool>& used);

// What can only be seen when everything is read.
void order_sessions(Draft& draft);
void check_icv(Draft& draft);
void check_marks(Draft& draft);
void check_sides(Draft& draft);
void check_measures(Draft& draft);
void check_first_sessions(Draft& draft);
void check_cohorts(Draft& draft);

/// Names the header cell of a column with an id, a session..; -1 when none of the names is there.
[[nodiscard]] int find_column(const table::Sheet& sheet, std::initializer_list<std::string_view> names);

}  // namespace ipsi::ingest
