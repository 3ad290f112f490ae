// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace ipsi::ingest {

enum class Better { high, low };
[[nodiscard]] inline std::string_view to_string(Better better) {
  return better == Better::high ? "high" : "low";
}

/// A behaviour test: its scale, its column names in the public stroke dictionary and elsewhere.
/// @source shared domain notes, section 7; maxima marked there as unverified carry that in `note`
struct Measure {
  std::string test;                     ///< the name in the study and on screen: "FMA-UE"
  std::vector<std::string> columns;     ///< header names, compared by `plain_name`
  std::vector<std::string> unaffected;  ///< ratio measures: header names of the other limb's value
  double min = 0.0;
  double max = 0.0;  ///< NaN: the scale is open, only the ratio to the other limb is comparable
  Better better = Better::high;
  double other_max = 0.0;  ///< the maximum of a version in use under the same name; 0 = none
  bool timed = false;      ///< seconds: 120 is a code for "unable" or the cap
  std::string note;

  [[nodiscard]] bool ratio() const { return !unaffected.empty(); }
};

/// Lower case letters and digits only: "FMUE_TOTAL", "fmue total" and "FmueTotal" are the same name.
[[nodiscard]] std::string plain_name(std::string_view name);

/// Every measure that is understood.
[[nodiscard]] std::span<const Measure> measures();

/// The measure of a column; SIS_<domain> gives a measure of its own. nullopt when it is none.
[[nodiscard]] std::optional<Measure> measure_of_column(std::string_view column);

/// The ratio measure whose other limb this column holds; nullptr when it is none.
[[nodiscard]] const Measure* measure_of_unaffected(std::string_view column);

/// Fraction of maximum: 0 worst, 1 best. Never clipped.
/// @error InvalidInput  raw lies outside min..max, or a bound is not finite
[[nodiscard]] Result<double> fraction_of_maximum(double raw, double min, double max, Better better);

/// Affected against unaffected limb: affected / unaffected where high is better, unaffected / affected for times.
/// May exceed 1 (the affected hand is the stronger): kept.
/// @error InvalidInput  a value is negative or the divisor is 0
[[nodiscard]] Result<double> limb_ratio(double affected, double unaffected, Better better);

/// True for 999, -99, 9999, -999, "NT" and, for times, 120: codes of "unable" that are no score.
[[nodiscard]] bool is_unable_code(std::string_view cell, std::optional<double> value, const Measure& measure,
                                  double max);

}  // namespace ipsi::ingest
