// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/ingest/behaviour.h"
#include "core/study/model.h"
#include "core/study/study.h"

namespace ipsi::ingest {

/// A test as it was normalised: one for each maximum and direction in use under the same name.
struct ScaleInUse {
  std::string test;
  double min = 0.0, max = 0.0;  ///< max NaN: an open scale, each value against the other limb
  Better better = Better::high;
  std::string unit;                                               ///< "points", "s", "ratio"
  std::string note;                                               ///< of the measure: "33 items x 2; .."
  long long n = 0;                                                ///< scores
  long long people = 0;                                           ///< people who have one
  long long fractions = 0;                                        ///< scores with a fraction of the maximum
  std::vector<std::string> cohorts;                               ///< natural order
  std::vector<std::pair<std::string, std::string>> out_of_range;  ///< person, "61 of 60"
  double lowest = study::kMissing, highest = study::kMissing;     ///< of the raw values
  [[nodiscard]] bool ratio() const { return max != max; }
};

/// Every scale of the study, by test, the larger maximum first. @cost one pass over the scores
[[nodiscard]] std::vector<ScaleInUse> scales_of(const study::Snapshot& snapshot);

/// All scores of `scale` normalised anew with another maximum or direction, and what follows for the flow, as one act.
/// A raw value outside the new scale keeps its raw value and loses its fraction, with a note; nothing is clipped.
/// @error NotFound      the study has no score on this scale
/// @error InvalidInput  the maximum is not above the minimum, or the scale is an open one
[[nodiscard]] Result<study::Request> rescale(const study::Snapshot& snapshot, const ScaleInUse& scale, double max,
                                             Better better, const std::string& author);

}  // namespace ipsi::ingest
