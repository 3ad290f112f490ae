// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/ingest/import.h"
#include "core/study/rating_files.h"
#include "core/study/study.h"

namespace ipsi::ingest {

/// What importing a file of ratings would do. Nothing is written.
struct RatingPlan {
  study::Request request;  ///< one act of kind "import_ratings"
  std::string file;        ///< its name
  long long rows = 0;
  long long added = 0, changed = 0, unchanged = 0;
  long long kept = 0;                            ///< the study has a newer rating of the same rater
  std::vector<study::RatingConflict> conflicts;  ///< that this file brings
  std::vector<Problem> problems;                 ///< by line
  std::vector<std::string> raters;               ///< as the file names them
  bool renamed = false;                          ///< all its ratings were given the name asked for
  std::optional<Plan> sheet;                     ///< of an ENIGMA quality sheet
  Code refused = Code::Conflict;                 ///< why, where `blocked()`

  [[nodiscard]] bool blocked() const;
};

/// Reads a long table, a BIDS table, an ENIGMA quality sheet (a row per subject, 1 = fail), a rater's file of a shared
/// study (study/rating_journal.h) or the ratings that a contact sheet carries (table/carried.h).
/// @param rater  who rated; takes the place of the file's where it names one only or none
/// @error NotFound, ReadFailed, InvalidInput  the file is none of these; Usage  no rater
[[nodiscard]] Result<RatingPlan> plan_ratings(const std::filesystem::path& file, const study::Snapshot& snapshot,
                                              const std::string& rater, study::Untimed untimed,
                                              const std::filesystem::path& study_dir, const Task& task);

}  // namespace ipsi::ingest
