// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipsi::study {

// The rows of a study as plain values. Keys are the people's own names (no surrogate ids), so that the log can be
// read by a person and two copies of a study can be compared. Missing numbers are NaN, missing text is "".

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

enum class Flag { unrated, ok, lesioned, failed };
[[nodiscard]] std::string_view to_string(Flag flag);
[[nodiscard]] std::optional<Flag> parse_flag(std::string_view text);

struct Cohort {
  std::string id;  ///< key; the `site` of participants.tsv
  std::string name;
};

struct Person {
  std::string id;            ///< key; participant id as written in the source ("sub-0012")
  std::string cohort;        ///< -> Cohort::id
  std::string group;         ///< "patient" or "control"
  std::string sex;           ///< "female", "male" or ""
  std::string lesion_side;   ///< "left", "right", "bilateral", "none" or ""; only left and right have an ipsi side
  std::string lesion_class;  ///< "cortical", "subcortical", "mixed", "brainstem", "cerebellar" or ""
};

struct Session {
  std::string person, label;  ///< key; label "1" where the source has only one
  int ordinal = 1;            ///< time order within the person; the smallest is the first time-point
  std::string date;           ///< ISO 8601 or ""
  double age_years = kMissing;
  double days_post_stroke = kMissing;
};

struct Scan {
  std::string person, session, kind;  ///< key; kind: "t1" "brain" "labels" "lesion" "aseg_stats" "lh_aparc_stats" ...
  std::string path;                   ///< relative to the study file's folder where it lies under it, else absolute
  std::string hash;                   ///< content hash (base/files.h) when last looked at
  std::int64_t bytes = 0;
  std::int64_t modified = 0;  ///< seconds since 1970, to skip rehashing
};

struct Measurement {
  std::string person, session, region, measure, source;  ///< key; region "left_thalamus" .. or "head";
                                                         ///< measure "volume", "icv", "thickness" ..; source
                                                         ///< "enigma_csv", "aseg_stats", "label_count" ..
  double value = kMissing;
  std::string unit;  ///< "mm3", "mm", "mm2"
  std::string note;  ///< why it is missing ("excluded, reason unknown")
};

struct Score {
  std::string person, session, test;  ///< key; test "FMA-UE", "ARAT", ... (ingest/behaviour.h)
  double raw = kMissing;
  double min_used = 0.0, max_used = kMissing;
  std::string direction;         ///< "high" or "low" is better
  double normalised = kMissing;  ///< fraction of maximum, 0 worst, 1 best; never clipped
  std::string note;
};

struct Rating {
  std::string person, session, region, rater;  ///< key
  Flag flag = Flag::unrated;
  std::string comment;
  std::string time;       ///< ISO 8601 UTC, set by the study when empty
  std::string scan_hash;  ///< hash of the "labels" scan that was looked at; "" when there was none
};

/// Why a person is not analysed; absent = analysed. Part of the flow from everyone to the analysed.
struct Exclusion {
  std::string person;  ///< key
  std::string step;    ///< "not_first_session", "no_side", "no_age", "no_sex", "no_score", "control", ...
  std::string reason;  ///< for people
};

/// One line of the stored flow: n people reach this step, `out` leave at it.
struct FlowStep {
  int ordinal = 0;    ///< key
  std::string label;  ///< "Imported", "Lesion side left or right", ...
  long long n = 0, out = 0;
  std::string detail;
};

struct Setting {
  std::string key, value;  ///< key: "rating_rule", "synthetic", ...
};

/// Key of the setting that says whether several people rate the study where it lies: "1" or "0" (shared_session.h).
inline constexpr std::string_view kSharedSetting = "session.shared";
/// Key of the setting that only a rater's working copy of a shared study has.
inline constexpr std::string_view kCopySetting = "shared.copy";

/// Everything in a study at one moment, read in one transaction.
struct Snapshot {
  std::vector<Cohort> cohorts;
  std::vector<Person> people;
  std::vector<Session> sessions;
  std::vector<Scan> scans;
  std::vector<Measurement> measurements;
  std::vector<Score> scores;
  std::vector<Rating> ratings;
  std::vector<Exclusion> exclusions;
  std::vector<FlowStep> flow;
  std::vector<Setting> settings;
  std::int64_t last_act = 0;  ///< id of the newest act in the log

  [[nodiscard]] std::string setting(std::string_view key, std::string_view fallback = "") const;
};

}  // namespace ipsi::study
