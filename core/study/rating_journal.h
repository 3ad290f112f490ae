// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/study/model.h"
#include "core/study/rating_files.h"
#include "core/study/study.h"

namespace ipsi::study {

// A rating journal: what one rater said on one machine, a line per decision, only ever appended to by that one writer.
//
//   # ipsi-ratings <tab> version <tab> rater <tab> instance
//   time  rater  subject  session  region  before  flag  comment  said  scan_hash  suggestion  risk  seconds
//
// Order is the order of lines; `time` rises strictly. `said` is the rating's own time: that of the line, an earlier one
// where undo brings back what the same file said before, and empty where the file has nothing to say any more (the
// first word was undone). A last line without an end was cut short by a kill and does not count.

inline constexpr int kJournalVersion = 1;

/// The measurement that stands beside a rating in the same act and goes with it into the journal: what was shown, and
/// how long the decision took (ingest/suggestion_log.h).
inline constexpr std::string_view kShownMeasure = "suggestion_shown";

struct Beside {
  std::string suggestion;  ///< "lesioned, before, 4.2 s: overlap 31 %"; the column `seconds` says that part once more
  double risk = kMissing;
  [[nodiscard]] bool empty() const;
};

/// A rater's word on a region of a person: its identity is key, flag, comment and time.
struct Word {
  Rating rating;
  Beside beside;
};

struct JournalLine {
  std::string time;
  Flag before = Flag::unrated;
  Word word;  ///< the flag is what the region has from here on; no time = the file takes its own word back
};

struct Journal {
  std::string rater, instance;
  std::vector<JournalLine> lines;
  std::vector<RowProblem> problems;  ///< lines that cannot be used; the others can
  std::size_t whole = 0;             ///< bytes up to the end of the last whole line
};

/// True when the text begins as a journal of any version does.
[[nodiscard]] bool is_journal(std::string_view text);

/// @error ReadFailed  no journal, or of a newer version
[[nodiscard]] Result<Journal> read_journal(std::string_view text, const std::string& file);

/// What a journal's writer says now, and what they said earlier and have replaced or taken back since.
struct Said {
  std::vector<Word> current;
  std::vector<Rating> earlier;
};
[[nodiscard]] Said said_in(const Journal& journal);

/// Comparable identity of a word, and of the region it is about.
[[nodiscard]] std::string word_key(const Rating& rating);
[[nodiscard]] std::string region_key(const Rating& rating);

/// A journal as text, made from a study's log: the same acts always give the same bytes.
class JournalText {
 public:
  JournalText(std::string rater, std::string instance);

  /// Appends a line for each rating that the act changed. Acts of kShareAuthor are other people's words: none.
  void add(const Act& act);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const Said& said() const;
  /// Decisions that are not whole within the first `bytes` of the text.
  [[nodiscard]] int lines_after(std::size_t bytes) const;
  /// Regions spoken of since the last call.
  [[nodiscard]] std::set<std::string> take_touched();

 private:
  void add(const Act& act, const Edit& edit);

  std::string text_, time_;
  std::vector<std::size_t> ends_;
  Journal journal_;
  std::map<std::string, std::set<std::string>> words_;  ///< by region, for telling own words from others'
  std::set<std::string> touched_;
  mutable Said said_;
  mutable bool fresh_ = true;
};

/// Author of what a shared session writes into its working copy on behalf of others; no rater can have this name.
inline constexpr std::string_view kShareAuthor = "(share)";

/// Makes the file hold `text`, of which it must hold a beginning already (a new file holds none): writes what is
/// missing in one go and brings it to the disk. Writing the same twice does no harm. The first `known` bytes were found
/// to be there before and are not read again.
/// @error Conflict     the file holds something else
/// @error Environment  it cannot be written now; what has arrived of it is continued by the next call
[[nodiscard]] Result<void> continue_file(const std::filesystem::path& path, std::string_view text,
                                         std::size_t known = 0);

}  // namespace ipsi::study
