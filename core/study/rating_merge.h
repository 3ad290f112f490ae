// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/study/model.h"
#include "core/study/rating_files.h"
#include "core/study/rating_journal.h"
#include "core/study/study.h"

namespace ipsi::study {

/// What one source says: a rating journal, or a newer state of a shared study.
struct Voice {
  std::string name;             ///< of the file, for people
  std::vector<Word> current;    ///< what it says
  std::vector<Rating> earlier;  ///< what its one writer said before and no longer says: dropped wherever it is kept
  std::vector<Rating> gone;     ///< what the study said before and no longer says: dropped unless somebody says it
};
[[nodiscard]] Voice voice_of(const Journal& journal, std::string name);

/// How the words of one voice fared.
struct VoiceCount {
  std::string name;
  long long added = 0, changed = 0, unchanged = 0;
  long long kept = 0;         ///< do not count, for a newer word of the same rater stands; nothing of them is lost
  long long conflicts = 0;    ///< of `kept`, with another flag than the one that counts
  long long taken_back = 0;   ///< regions that have no word any more
  long long unknown = 0;      ///< of people, sessions or raters that cannot be in this study; left in the file
  std::string first_unknown;  ///< "sub-0099, session 1"
};

struct WordMerge {
  Request request;
  std::vector<std::string> regions;       ///< of each change, in turn
  std::vector<VoiceCount> voices;         ///< as given
  std::vector<RatingConflict> conflicts;  ///< that were not in the study before

  /// Regions that get another word, or none any more.
  [[nodiscard]] long long news() const;
};

/// Of each region and rater the words are a set: those of the study and what all voices say, less what their writers
/// no longer say. The newest counts, the others are kept ("rating.older.."). So the order of voices makes no
/// difference, and merging once more changes nothing.
/// `only`: regions to look at (region_key); nullptr = all that a voice speaks of.
[[nodiscard]] WordMerge merge_words(const std::vector<Voice>& voices, const Snapshot& snapshot,
                                    const std::string& author, const std::set<std::string>* only = nullptr);

}  // namespace ipsi::study
