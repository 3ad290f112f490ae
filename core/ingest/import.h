// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/ingest/problem.h"
#include "core/study/model.h"
#include "core/study/study.h"

namespace ipsi::ingest {

/// What a code such as 999 or "NT" ("unable to do the test") becomes.
enum class Unable {
  missing,  ///< no score (default)
  worst,    ///< the worst end of the scale, with a note
};

/// Where to read from; empty paths are not read.
struct Sources {
  std::filesystem::path volumes;       ///< LandRvolumes.csv or another ENIGMA measures table (CSV, XLSX)
  std::filesystem::path participants;  ///< participants.tsv or a behaviour table (CSV, TSV, XLSX)
  std::filesystem::path qc;            ///< ENIGMA quality sheet: 1 = fail (CSV, XLSX)
  std::filesystem::path freesurfer;    ///< SUBJECTS_DIR, or one subject folder
  std::filesystem::path bids;          ///< a BIDS derivative
  std::filesystem::path lesions;       ///< folder of lesion masks, searched in depth

  std::string rater;    ///< whose ratings the quality sheet holds
  std::string session;  ///< session of rows that name none; "" = the person's only one, or "1"
  std::map<std::string, std::string> sex_levels;  ///< "1" -> "male"; levels are never guessed
  std::map<std::string, double> maxima;           ///< test -> maximum, overrides the table ("mRS" -> 5)
  Unable unable = Unable::missing;
  std::set<std::pair<std::string, int>> skip_lines;  ///< file name and line of rows to leave out (one of a duplicate)
  bool join = false;                                 ///< apply the proposed joins of ids
  std::filesystem::path study_dir;                   ///< folder of the study file: paths below it are kept relative
  int threads = 0;                                   ///< 0 = processors
};

/// An id of one source that most likely means a person known under another.
struct Join {
  std::string file;
  int line = 0;
  std::string from, to, why;  ///< "SUB_001", "sub-001", "case, _ v -"
  bool applied = false;
};

/// How a column of a table was taken.
struct ColumnUse {
  std::string file, column;
  std::string as;   ///< "age", "score ARAT", "left_thalamus volume"; "" = ignored
  std::string why;  ///< for ignored columns
};

/// The head of a table as it was understood, so that a wrong separator is seen at once.
struct Preview {
  std::string file, separator;
  bool decimal_comma = false;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< the first three
};

/// Ids on one side that the other side lacks.
struct Unmatched {
  std::string present, absent;  ///< "volumes", "participants": in the first, not in the second
  std::vector<std::string> ids;
};

/// Everything an import would do, worked out without touching the study.
struct Plan {
  std::vector<Problem> problems;       ///< worst first, then by place
  std::vector<study::Change> changes;  ///< rows as they should be afterwards
  std::vector<study::FlowStep> flow;   ///< from everyone to the analysed, after the import
  std::vector<study::Exclusion> exclusions;
  std::vector<Unmatched> unmatched;     ///< both ways, for each pair of sources
  std::vector<std::string> duplicates;  ///< "sub-001 (LandRvolumes.csv, lines 3 and 9)"
  std::vector<std::pair<std::string, std::string>>
      skipped;  ///< rows, folders and files that are no subject: name, reason
  std::vector<std::pair<std::string, std::string>> no_side;  ///< people without ipsi/contra values: id, reason
  std::vector<Join> joins;
  std::vector<ColumnUse> columns;
  std::vector<Preview> previews;
  std::map<std::string, long long> counts;  ///< rows that would be written: "people", "sessions", "measurements", ..
  std::map<std::string, long long> matched_by_source;  ///< "volumes" -> people of the roster that it has
  long long people = 0;                                ///< different people seen in the sources
  long long importable = 0;                            ///< of these, people who would be in the study
  long long matched = 0;                 ///< of these, with both a row in the participants (or study) and measurements
  std::vector<std::string> matched_ids;  ///< they, in order of their ids
  std::string summary;                   ///< of the act: "import of LandRvolumes.csv, participants.tsv: 812 people"

  [[nodiscard]] bool blocked() const;
  [[nodiscard]] long long count(Severity severity) const;
};

/// Read all sources and work out what importing them into `snapshot` would do. Writes nothing anywhere.
///
/// Bad cells, rows and files become problems of the plan and the others go on; only what makes a whole source
/// unusable is an error. Files are read by several threads; the plan does not depend on how many.
/// @error Usage         no source was given, a quality sheet without rater
/// @error NotFound      a source does not exist
/// @error InvalidInput  a table without id column, without rows, or with a broken shape (line named)
/// @error Cancelled
[[nodiscard]] Result<Plan> plan(const Sources& sources, const study::Snapshot& snapshot, const Task& task);

/// The plan as one act, so that it is applied whole and can be undone whole.
/// @error Conflict  a problem blocks: the first one, and how many there are
[[nodiscard]] Result<study::Request> to_request(const Plan& plan, const std::string& author);

/// `{"matched":..,"problems":[{"file","line","column","subject","trap","what","mend"}],..}` of cli.md.
[[nodiscard]] Json to_json(const Plan& plan);

/// A report for people: previews, problems grouped by trap, unmatched ids, flow.
[[nodiscard]] std::string to_text(const Plan& plan);

}  // namespace ipsi::ingest
