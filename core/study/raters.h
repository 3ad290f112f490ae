// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"

namespace ipsi::study {

// Who a rating is from. A rating's key holds its rater's name, and three kinds of name have a meaning of their own, so
// that second looks, gold answers and adjudication need no tables of theirs and travel in every rating file.

inline constexpr std::string_view kAdjudicator = "consensus";  ///< decides where raters disagree
inline constexpr std::string_view kGold = "gold";              ///< the right answers of a calibration set

enum class RaterKind {
  rater,        ///< a first look
  repeat,       ///< "ab#2": rater ab again, who saw a coded name
  adjudicator,  ///< "consensus"
  gold,         ///< "gold"
};
[[nodiscard]] RaterKind kind_of(std::string_view rater);

/// "ab#2" is the second look of "ab", "ab" its first; "ab#1" and "ab#x" are names like any other.
struct Look {
  std::string name;
  int number = 1;
};
[[nodiscard]] Look look_of(std::string_view rater);
[[nodiscard]] std::string look_name(std::string_view name, int number);

/// Those who gave a first look, sorted: no repeats, no gold answers, no adjudication.
[[nodiscard]] std::vector<std::string> raters_of(const Snapshot& snapshot);

/// "consensus", "strictest", "majority", "lesioned_kept", "rater:A".
[[nodiscard]] std::string rule_text(const AnalysisOptions& options);
/// Options with the rule that such a text names; "one_rater" needs a name and is not one.
/// @error Usage     no such rule
/// @error NotFound  rater:A where A has rated nothing (those who have are named)
[[nodiscard]] Result<AnalysisOptions> with_rule(AnalysisOptions options, std::string_view text,
                                                const Snapshot& snapshot);
/// The rule as settings of a study: what `options_of` reads back.
[[nodiscard]] std::vector<Setting> rule_settings(const AnalysisOptions& options);

/// What a rule makes of the ratings, and how that differs from another.
struct RuleEffect {
  int decided = 0;                  ///< regions of the first time-point with a flag
  int left_out = 0;                 ///< of these lesioned or failed
  int differ = 0;                   ///< regions with another flag than the other rule gives; none counts as a flag here
  int taken_in = 0, taken_out = 0;  ///< of these, out or in by the other rule and in or out by this one
};
[[nodiscard]] RuleEffect rule_effect(const Snapshot& snapshot, const AnalysisOptions& rule,
                                     const AnalysisOptions& other);

/// A region that two raters or more flagged differently at their first look.
struct Disagreement {
  std::string person, session, region;
  std::vector<std::pair<std::string, Flag>> flags;  ///< rater and flag, by rater; unrated left out
  Flag adjudicated = Flag::unrated;
  bool matters = false;  ///< some kept the region and some did not
};
/// By person (sub-2 before sub-10), session, region.
[[nodiscard]] std::vector<Disagreement> disagreements(const Snapshot& snapshot);

}  // namespace ipsi::study
