// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/study/model.h"

namespace ipsi::study {

/// A row as it should be afterwards. The study finds what was there before.
using Put = std::variant<Cohort, Person, Session, Scan, Measurement, Score, Rating, Exclusion, FlowStep, Setting>;

/// Delete the row with this row's key (other fields are ignored).
struct Remove {
  Put row;
};
using Change = std::variant<Put, Remove>;

/// One change as the log keeps it: table, key, the row before and after (null = there was or is none).
struct Edit {
  std::string table;
  Json key, before, after;
};
/// What undoes it.
[[nodiscard]] Edit inverse(Edit edit);

/// One deed of one author: all of its edits happen together or not at all, and are undone together.
struct Act {
  std::int64_t id = 0;
  std::string time;         ///< ISO 8601 UTC as the clock said; order is by id, so a clock that jumps back does no harm
  std::string author;       ///< rater or user
  std::string kind;         ///< "rate", "import", "create", "undo", "carry_over", "rescan", ...
  std::string summary;      ///< for people: "left_thalamus of sub-0012: unrated -> ok"
  std::int64_t undoes = 0;  ///< id of the act this one takes back, 0 = none
  std::vector<Edit> edits;
};

struct Request {
  std::string author, kind, summary;
  std::vector<Change> changes;
  std::int64_t based_on = -1;  ///< the newest act that whoever made the request knew; -1 = does not matter

  void put(Put row) { changes.emplace_back(std::in_place_type<Put>, std::move(row)); }
};

enum class Access { read_only, read_write };

/// A study: one SQLite file with foreign keys, versioned migrations (resources/schema/NNN_*.sql) and an append-only
/// log.
///
/// Every change goes through `apply`, which writes the rows and the log in one transaction that is on the disk when
/// it returns. WAL journal, but a rollback journal on network shares. Other processes may read while one writes, and
/// writers wait for each other. An object belongs to one thread at a time; open another for another thread.
class Study {
 public:
  /// A new, empty study. @error Conflict the file exists; Environment
  [[nodiscard]] static Result<Study> create(const std::filesystem::path& path);
  /// Opens and, when writable, migrates. @error NotFound; ReadFailed not a study, or from a newer Ipsi (both versions
  /// named); Environment
  [[nodiscard]] static Result<Study> open(const std::filesystem::path& path, Access access);

  Study(Study&&) noexcept;
  Study& operator=(Study&&) noexcept;
  ~Study();

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] int schema_version() const;

  /// All changes in one transaction with their log rows. Rows equal to what is stored are left out; when nothing is
  /// left, nothing is logged and 0 is returned. Otherwise the id of the act.
  /// @error InvalidInput  a row breaks a rule of the schema (unknown cohort, person, flag..): nothing is changed
  /// A rating without a time is of now, and always later than the word it takes the place of, whatever the clock says.
  /// @error Environment   disk full, read-only, locked for too long: nothing is changed
  /// @error Conflict      there is a newer act than the one the request is based on: nothing is changed
  [[nodiscard]] Result<std::int64_t> apply(const Request& request);

  /// Take back the newest `steps` acts of `author` that are of one of `kinds` (empty = any) and not yet taken back.
  /// Appends an inverse act for each; history is never erased. Returns the acts taken back, newest first. Acts up to
  /// `after` stay as they are.
  /// @error Conflict  a row was changed since by someone else (named); NotFound nothing left to undo
  [[nodiscard]] Result<std::vector<Act>> undo(const std::string& author, int steps,
                                              const std::vector<std::string>& kinds = {}, std::int64_t after = 0);
  /// Take back the newest undos of `author` that no later act of theirs (of these kinds) has overtaken. Returns the
  /// acts that are in effect again, in the order they were made. Errors as for undo.
  [[nodiscard]] Result<std::vector<Act>> redo(const std::string& author, int steps,
                                              const std::vector<std::string>& kinds = {}, std::int64_t after = 0);

  /// The summary of the act that `undo` (or `redo`) of this author would take back next; nullopt when there is none.
  [[nodiscard]] Result<std::optional<std::string>> next_undo(const std::string& author,
                                                             const std::vector<std::string>& kinds = {},
                                                             std::int64_t after = 0) const;
  [[nodiscard]] Result<std::optional<std::string>> next_redo(const std::string& author,
                                                             const std::vector<std::string>& kinds = {},
                                                             std::int64_t after = 0) const;

  /// Acts with id > `after`, oldest first; whole ones, until `enough` edits are there (0: all).
  [[nodiscard]] Result<std::vector<Act>> log(std::int64_t after = 0, std::size_t enough = 0) const;
  [[nodiscard]] Result<std::int64_t> last_act() const;

  /// A whole study of the same contents in a new file, while others may read and write this one.
  /// @error Conflict  there is a file of that name; Environment  it cannot be written: nothing is left behind
  [[nodiscard]] Result<void> copy_to(const std::filesystem::path& path) const;

  [[nodiscard]] Result<Snapshot> snapshot() const;
  /// The same of one person alone (no flow); `people` is empty when there is no such person.
  [[nodiscard]] Result<Snapshot> snapshot_of(const std::string& person) const;
  [[nodiscard]] Result<std::vector<Person>> people() const;
  [[nodiscard]] Result<std::vector<Rating>> ratings() const;
  /// "" when there is none of that key.
  [[nodiscard]] Result<std::string> setting(const std::string& key) const;

  /// Rebuild every table from the log in memory and compare. Empty = they agree; else one line per difference.
  [[nodiscard]] Result<std::vector<std::string>> verify() const;

 private:
  struct Impl;
  explicit Study(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The time as the log writes it: ISO 8601 UTC with milliseconds.
[[nodiscard]] std::string now_utc();
/// Now, or a millisecond after `last` where the clock is not past it: a later word must not look the older one.
[[nodiscard]] std::string time_after(std::string_view last);
/// The same for a moment other than now. Both ISO 8601 UTC with milliseconds.
[[nodiscard]] std::string time_after(std::string_view last, std::string_view moment);

/// Ratings whose label image has changed since (its scan's hash differs from the one rated).
[[nodiscard]] std::vector<Rating> stale_ratings(const Snapshot& snapshot);

}  // namespace ipsi::study
