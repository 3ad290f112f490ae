// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"
#include "core/study/study.h"
#include "core/table/delimited.h"
#include "core/table/table.h"

namespace ipsi::study {

// Ratings as files: the long table (subject session region flag rater comment time), the BIDS derivative
// desc-roiqc_flags.tsv and the ENIGMA sheet (a row per subject, 1 = fail).

/// By person (sub-2 before sub-10), session, region in the order of kRegions, rater.
void sort_ratings(std::vector<Rating>& ratings);

/// Columns subject session region flag rater comment time. Every rating given, sorted.
[[nodiscard]] Result<table::Table> long_table(std::vector<Rating> ratings);

/// Columns subject session roi hemisphere flag reason rater time seconds suggestion blinded version; the last but one
/// three are not kept by a study and missing. `version` is that of the program.
[[nodiscard]] Result<table::Table> bids_table(std::vector<Rating> ratings, const std::string& version);
/// What the columns mean: the JSON file beside the BIDS table.
[[nodiscard]] Json bids_sidecar();

/// A row per region, a column per rater ("rater:NAME") with the flag, missing where this rater gave none: what programs
/// for reliability take. Comments and times are not in it. Read back by `read_ratings`.
[[nodiscard]] Result<table::Table> rating_matrix(std::vector<Rating> ratings);
[[nodiscard]] bool is_rating_matrix(const table::Sheet& sheet);
/// The same as a row per flag; rows keep the lines of the matrix.
[[nodiscard]] table::Sheet matrix_as_long(const table::Sheet& sheet);

/// How often each reason was given: columns rater flag reason regions people, `reason` being the comment of a region
/// that is lesioned or failed (missing: none given). By rater, flag, then the commonest first.
[[nodiscard]] Result<table::Table> reason_table(const std::vector<Rating>& ratings);

/// The columns of LandRvolumes.csv; a row per person at the first time-point: 1 lesioned or failed, 0 ok, missing
/// where there is no rating and in the columns that are not rated.
[[nodiscard]] Result<table::Table> enigma_sheet(const Snapshot& snapshot, const AnalysisOptions& options = {});

/// A cell or row of a rating file that cannot be used.
struct RowProblem {
  int line = 0;
  std::string column, subject, what, mend;
};

/// What a rating file says. When `problems` is not empty none of it should be imported.
struct RatingFile {
  std::vector<Rating> ratings;  ///< one per (person, session, region, rater); the newest where the file has several
  std::vector<int> lines;       ///< of each rating
  std::vector<Rating> older;    ///< what the file says too, but earlier than `ratings`
  std::vector<RowProblem> problems;
  std::vector<std::string> raters;  ///< as the file names them
  bool renamed = false;             ///< all ratings were given `rater`
};

/// True when the header has the columns of the long or the BIDS table, or of a matrix of raters.
[[nodiscard]] bool is_rating_table(const table::Sheet& sheet);

/// Long and BIDS tables, and matrices of raters. Rows without session mean the first time-point; `rater` is put in
/// place of the file's where it names one only or none. Regions may be ipsi_ and contra_; times are ISO 8601, brought
/// to UTC.
/// @error InvalidInput  a needed column is missing
[[nodiscard]] Result<RatingFile> read_ratings(const table::Sheet& sheet, const Snapshot& snapshot,
                                              const std::string& rater);

/// Two flags under one rater's name for one region: a change of mind, or two people of one name.
struct RatingConflict {
  Rating counts, other;  ///< the newest, and an older one of another flag
};

/// Older words that imports have brought, as far as their flag is not the one that counts. By person, session, region,
/// rater, time.
[[nodiscard]] std::vector<RatingConflict> rating_conflicts(const Snapshot& snapshot);

/// Ends a conflict: the older word counts again, as of now, or the newer is left as it is; the older is no longer kept
/// beside it. The log has both.
enum class Keep { older, newer };
[[nodiscard]] Request settle_conflict(const RatingConflict& conflict, Keep word, const std::string& author);

/// How ratings from a file meet those of the study.
struct RatingMerge {
  Request request;
  long long added = 0, changed = 0, unchanged = 0;
  long long kept = 0;                     ///< the study has a newer rating of the same rater
  std::vector<RatingConflict> conflicts;  ///< that this file brings; nothing of them is lost
  std::vector<RowProblem> problems;       ///< differ from the study and neither says when it was made
};

/// A rater's newest word counts, and every older one that a file says or overtakes is kept as a setting of the study
/// ("rating.older.."), so the order in which files come makes no difference, a file read twice changes nothing, and two
/// people who rate under one name lose nothing. `replace` lets ratings without a time win.
enum class Untimed { refuse, replace };
[[nodiscard]] RatingMerge merge_ratings(const RatingFile& file, const Snapshot& snapshot, const std::string& author,
                                        Untimed untimed = Untimed::refuse);

/// "2024-05-06T07:08:09.000Z" of any ISO 8601 date and time; without offset it is taken as UTC.
[[nodiscard]] std::optional<std::string> utc_time(std::string_view text);

}  // namespace ipsi::study
