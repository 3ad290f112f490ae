// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/regions.h"

namespace ipsi::demo {

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Median, interquartile range, minimum and maximum as printed.
struct Spread {
  double median = 0, iqr = 0, low = 0, high = 0;
};

/// When a person was seen. Early and late subacute together are the published subacute group; `between` (91 to 179
/// days) belongs to no group but "all".
enum class Period { early, late_subacute, between, chronic };

/// One of the 28 published cohorts with the part that was not published: who was seen when, by which test.
struct CohortPlan {
  int number = 0;  ///< cohort_id of the published table
  int n = 0, females = 0;
  Spread age, score;
  int count[4] = {0, 0, 0, 0};                           ///< people by Period
  std::string primary_test, second_test;                 ///< columns of participants.tsv; second may be ""
  std::vector<std::string> lost_subacute, lost_chronic;  ///< regions the cohort loses whole: "thalamus" (both sides),
                                                         ///< "ipsi_thalamus"
  [[nodiscard]] std::string id() const;                  ///< "cohort-09": the site of participants.tsv
};

/// One printed row of a model table.
struct PublishedModel {
  std::string analysis, predictor, structure;
  bool ipsi = true;
  int n = 0, n_cohorts = 0;  ///< n_cohorts = n - df - 4 (containment df, four slopes)
  double beta = 0, se = 0, df = 0, t = 0;
  bool age = false, sex = false, icv = false;  ///< printed as significant covariates
};

/// What the demo study copies: both published tables and the plan of cohorts, from resources/demo.
struct Published {
  std::vector<CohortPlan> cohorts;
  std::vector<PublishedModel> models;

  /// The row for (analysis, predictor "sensorimotor_behaviour" .., structure, side); nullptr when there is none.
  [[nodiscard]] const PublishedModel* model(const std::string& analysis, const std::string& predictor,
                                            std::string_view structure, bool ipsi) const;
};

/// @error NotFound, InvalidInput  a resource file is missing or contradicts itself (file, line)
[[nodiscard]] Result<Published> read_published();

/// A raw score under the column name of participants.tsv.
struct RawScore {
  std::string column;
  double raw = 0;
};

/// One synthetic person before anything is known of the brain.
struct Person {
  std::string id;  ///< "sub-c09s012"; controls "sub-c09h001"
  int cohort = 0;  ///< index into Published::cohorts
  bool control = false;
  bool female = false;
  double age = 0;  ///< whole years
  Period period = Period::early;
  double days = kNone;  ///< since stroke; NaN for controls
  Side lesion_side = Side::left;
  std::string lesion_class;  ///< "subcortical", "cortical", "mixed"
  double lesion_mm3 = 0;
  double icv_mm3 = 0;
  double score = kNone;  ///< primary score as fraction of maximum, from the raw score
  std::vector<RawScore> scores;

  [[nodiscard]] bool has(std::string_view column) const;
  [[nodiscard]] bool impairment() const { return has("fmue_total"); }
  [[nodiscard]] bool activity() const { return has("arat_total") || has("wmft_fas"); }
};

/// Everyone, cohort by cohort; the controls after the patients.
///
/// Counts (people, women, periods) are the published ones exactly. Ages and scores are spread so that median,
/// interquartile range and extremes come out as printed, up to the steps of the test; who has which is drawn.
[[nodiscard]] std::vector<Person> draw_people(const Published& published, int controls, std::uint64_t seed);

}  // namespace ipsi::demo
