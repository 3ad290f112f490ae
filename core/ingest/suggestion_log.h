// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/ingest/risk.h"
#include "core/study/model.h"
#include "core/study/rating_journal.h"

namespace ipsi::ingest {

// What a rater was shown beside each decision, kept so that a report can say how raters followed suggestions.
//
// It is a measurement row of its own in the same act as the rating: measure "suggestion_shown", source the rater, value
// the risk, note what was shown. The log keeps it with the decision, undo takes both back, a copy of the study carries
// it, and the schema stays as it is.

using study::kShownMeasure;

/// When the rater saw the suggestion.
enum class Shown {
  before,  ///< it could be seen while deciding
  after,   ///< blind to suggestions: it appeared when the flag was set
  never,   ///< it was computed but hidden
};
[[nodiscard]] std::string_view to_string(Shown shown);

/// The row that goes beside `rating`. A suggestion of none is kept too: that nothing was suggested is an answer.
/// `seconds`: how long the region was looked at before the decision; NaN where nobody knows.
[[nodiscard]] study::Measurement shown_row(const study::Rating& rating, const RegionRisk& risk, Shown shown,
                                           double seconds = study::kMissing);

/// What such a row says. nullopt when the row is something else or was written otherwise.
struct ShownSuggestion {
  study::Flag flag = study::Flag::unrated;  ///< unrated: none was suggested
  Shown shown = Shown::before;
  double risk = 0;
  std::string why;
  double seconds = study::kMissing;
};
[[nodiscard]] std::optional<ShownSuggestion> read_shown(const study::Measurement& row);

/// How often each flag was given for each suggestion.
struct Following {
  /// [suggested: none, lesioned, failed][given: ok, lesioned, failed]
  std::array<std::array<long long, 3>, 3> count{};
  [[nodiscard]] long long suggested() const;     ///< decisions with a suggestion other than none
  [[nodiscard]] long long followed() const;      ///< of these, with the flag that was suggested
  [[nodiscard]] long long against_none() const;  ///< flagged though nothing was suggested
};
/// Decisions as they stand, by rater and by when the suggestion was seen. Ratings without such a row are `unknown`:
/// by rater, how many.
struct FollowReport {
  std::map<std::string, std::map<Shown, Following>> raters;
  std::map<std::string, long long> unknown;
};
[[nodiscard]] FollowReport follow_report(const study::Snapshot& snapshot);
[[nodiscard]] Json to_json(const FollowReport& report);

}  // namespace ipsi::ingest
