// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/numeric/agreement.h"
#include "core/study/model.h"
#include "core/table/table.h"

namespace ipsi::ingest {

/// What raters are compared on: the three flags, or whether the region stays (ok) or leaves (lesioned, failed).
enum class Categories { flags, kept };

struct AgreementOptions {
  Categories categories = Categories::flags;
  double level = 0.95;
};

/// The agreement of some raters: on everything, on each region, in each cohort that has an item.
struct AgreementPart {
  numeric::Agreement all;
  std::vector<std::pair<std::string, numeric::Agreement>> regions;  ///< "left_thalamus", in the order of kRegions
  std::vector<std::pair<std::string, numeric::Agreement>> cohorts;
};

/// `a` and `b` are raters' names: two raters, a first and a later look ("ab", "ab#2"), or "gold" and a rater.
struct PairAgreement {
  std::string a, b;
  AgreementPart part;
};

struct AgreementReport {
  std::vector<std::string> categories;  ///< of the prevalence and confusion
  std::vector<std::string> raters;
  AgreementPart everyone;              ///< all raters at once
  std::vector<PairAgreement> pairs;    ///< every two raters
  std::vector<PairAgreement> repeats;  ///< a rater's later looks against the first
  std::vector<PairAgreement> gold;     ///< raters against the gold answers
};

/// How well the raters of a study agree, with each other, with themselves and with gold answers.
///
/// An item is a person's region at a session; `unrated` says nothing; the people are the clusters. Adjudication
/// ("consensus") is nobody's look and does not enter. @cost 20,000 ratings of 3 raters: some 10 ms
[[nodiscard]] AgreementReport rater_agreement(const study::Snapshot& snapshot, const AgreementOptions& options = {});

/// A rater's score on a calibration set, from a pair whose `a` is "gold". Left out means lesioned or failed.
struct GoldScore {
  int n = 0, correct = 0;
  double share, low, high;      ///< correct of n with its interval over people; NaN when n is 0
  int to_leave = 0, found = 0;  ///< regions that gold leaves out, and that the rater left out too
  int to_keep = 0, kept = 0;
};
[[nodiscard]] GoldScore score_of(const numeric::Agreement& gold_first);

/// The keys of cli.md: n, percent, kappa (Cohen's of two raters, else Fleiss'), ac1, each with _ci and _se, and with
/// _ci_people, where people and not items are independent.
[[nodiscard]] Json to_json(const numeric::Agreement& agreement, const std::vector<std::string>& categories);
[[nodiscard]] Json to_json(const AgreementReport& report);

/// The report as one table, a row per comparison (raters all, pair, repeat or gold; a and b) and part (overall, region,
/// cohort): n people rated_once, percent, kappa (kappa_of) and ac1 each with _low and _high over people, the share of
/// each category, note.
[[nodiscard]] Result<table::Table> reliability_table(const AgreementReport& report);

/// What a reader must know of these numbers; empty = nothing.
[[nodiscard]] std::string note_of(const numeric::Agreement& agreement, const std::vector<std::string>& categories);
/// Cohen's kappa of two raters, else Fleiss'.
[[nodiscard]] const numeric::Coefficient& kappa_of(const numeric::Agreement& agreement);

}  // namespace ipsi::ingest
