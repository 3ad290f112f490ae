// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "core/engine/batch.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

using test::number;
using test::row_of;
using test::table_of;

/// 180 patients of six cohorts whom two raters see differently, and an effect of the score.
study::Snapshot two_raters() {
  auto patients = test::many_patients(180, 6);
  for (auto& p : patients) p.volume += 150.0 * p.score;
  auto out = test::snapshot_of(patients);
  std::mt19937 random(4);
  std::vector<study::Rating> more;
  for (study::Rating& rating : out.ratings) {
    study::Rating second = rating;
    second.rater = "second";
    if (random() % 8 == 0) second.flag = random() % 2 == 0 ? study::Flag::lesioned : study::Flag::failed;
    if (random() % 8 == 0) rating.flag = random() % 2 == 0 ? study::Flag::lesioned : study::Flag::failed;
    more.push_back(second);
  }
  out.ratings.insert(out.ratings.end(), more.begin(), more.end());
  return out;
}

Analysis chronic() {
  for (const Analysis& a : published_analyses().analyses)
    if (a.id == "chronic") return a;
  return {};
}

/// What a batch says of one region when it is asked for that choice and nothing else.
table::Table batch_with(const study::Snapshot& snapshot, const Specification& row, Analysis a) {
  a.ratings = row.ratings;
  a.criterion = row.estimator == Estimator::ml ? Criterion::ml : Criterion::reml;
  study::Snapshot people = snapshot;
  if (!row.without.empty()) {
    std::set<std::string> gone;
    for (const study::Person& p : people.people)
      if (p.cohort == row.without) gone.insert(p.id);
    for (const std::string& id : gone) people.exclusions.push_back({id, "test", "left out"});
  }
  const auto result = run_batch(people, {.analyses = {a}}, {}, Task());
  EXPECT_OK(result);
  return table_of(*result, "results");
}

void expect_equals_batch(const study::Snapshot& snapshot, const Analysis& a, const Sensitivity& found) {
  for (const Specification& row : found.rows) {
    const auto results = batch_with(snapshot, row, a);
    const std::size_t r = row_of(results, a.id, "ipsilesional", "putamen");
    const std::string who = row.ratings + " " + std::string(to_string(row.estimator)) + " " + row.without;
    EXPECT_EQ(number(results, "n", r), row.n) << who;
    EXPECT_EQ(number(results, "n_cohorts", r), row.n_cohorts) << who;
    if (row.estimator == Estimator::robust) {
      EXPECT_EQ(number(results, "robust_beta", r), row.beta) << who;
      EXPECT_EQ(number(results, "robust_se", r), row.se) << who;
      EXPECT_NEAR(row.ci_high - row.beta, 1.959963984540054 * row.se, 1e-12) << who;
      continue;
    }
    EXPECT_EQ(number(results, "beta", r), row.beta) << who;
    EXPECT_EQ(number(results, "se", r), row.se) << who;
    EXPECT_EQ(number(results, "ci_low", r), row.ci_low) << who;
    EXPECT_EQ(number(results, "ci_high", r), row.ci_high) << who;
    EXPECT_EQ(number(results, "df", r), row.df) << who;
    EXPECT_EQ(number(results, "p", r), row.p) << who;
  }
}

TEST(Sensitivity, EveryRowEqualsABatchWithThatChoiceAlone) {
  const auto snapshot = two_raters();
  const Analysis a = chronic();
  const auto found = sensitivity(snapshot, a, "ipsi", "putamen", {.threads = 2});
  ASSERT_OK(found);
  ASSERT_EQ(found->rows.size(), 6 * 3 + 6u);  // four rules and two raters by three estimators; six cohorts
  expect_equals_batch(snapshot, a, *found);
  std::set<int> sizes;
  for (const Specification& row : found->rows) sizes.insert(row.n);
  EXPECT_GT(sizes.size(), 5u);  // the choices do choose
  EXPECT_TRUE(found->rows.front().base);
  EXPECT_EQ(std::count_if(found->rows.begin(), found->rows.end(), [](const auto& row) { return row.base; }), 1);
}

TEST(Sensitivity, StartsFromTheAnalysisAsItIs) {
  const auto snapshot = two_raters();
  Analysis a = chronic();
  a.ratings = "rater:second";
  a.criterion = Criterion::ml;
  a.scale = Scale::raw;
  const auto found = sensitivity(snapshot, a, "ipsi", "putamen", {});
  ASSERT_OK(found);
  expect_equals_batch(snapshot, a, *found);
  EXPECT_EQ(found->unit, "mm3");
  const auto base = std::find_if(found->rows.begin(), found->rows.end(), [](const auto& row) { return row.base; });
  ASSERT_NE(base, found->rows.end());
  EXPECT_EQ(base->ratings, "rater:second");
  EXPECT_EQ(base->estimator, Estimator::ml);
  EXPECT_EQ(found->rows.back().ratings, "rater:second");
  EXPECT_EQ(found->rows.back().estimator, Estimator::ml);
}

TEST(Sensitivity, CountsRulesThatComeToTheSamePeopleOnce) {
  const auto snapshot = test::snapshot_of(test::many_patients(120, 5));  // one rater: all rules are one
  const Analysis a = chronic();
  const auto one = sensitivity(snapshot, a, "contra", "thalamus", {.threads = 1});
  const auto two = sensitivity(snapshot, a, "contra", "thalamus", {.threads = 3});
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_EQ(one->rows.size(), 4 * 3 + 5u);
  EXPECT_EQ(std::count_if(one->rows.begin(), one->rows.end(), [](const auto& row) { return row.repeats; }), 9);
  const auto result = sensitivity_result(*one, a);
  EXPECT_EQ(result.json["summary"]["fitted"], 3 + 5);
  EXPECT_EQ(result.json["summary"]["repeats"], 9);
  EXPECT_EQ(result.json.dump(), sensitivity_result(*two, a).json.dump());
  EXPECT_EQ(result.json.dump().find("nan"), std::string::npos);
  EXPECT_EQ(table_of(result, "specification_curve").rows(), one->rows.size());
  ASSERT_EQ(result.figures.size(), 1u);
  EXPECT_EQ(result.figures[0].y.categories.size(), 8u);
}

TEST(Sensitivity, SaysWhatTheseNumbersOfPeopleCouldHaveFound) {
  const auto snapshot = two_raters();
  const Analysis a = chronic();
  const auto found = sensitivity(snapshot, a, "ipsi", "putamen", {});
  ASSERT_OK(found);
  ASSERT_EQ(found->detectable.size(), 2u);
  const auto& c = found->base.fit->coefficients;
  EXPECT_DOUBLE_EQ(found->detectable[1].alpha, 0.05 / 12);
  for (const Detectable& d : found->detectable)
    EXPECT_NEAR(stats::power_of_t(d.beta / c.se[1], c.df[1], d.alpha), 0.8, 1e-9);
  ASSERT_TRUE(found->icc);
  const double between = std::pow(found->base.fit->random_sd[0], 2), within = std::pow(found->base.fit->sigma, 2);
  EXPECT_NEAR(found->icc->value, between / (between + within), 1e-12);
}

TEST(Sensitivity, FailuresAreRowsAndBadRequestsAreRefused) {
  auto snapshot = test::snapshot_of(test::many_patients(60, 2));
  const Analysis a = chronic();
  const auto found = sensitivity(snapshot, a, "ipsi", "putamen", {});  // without one of two cohorts: no random effect
  ASSERT_OK(found);
  EXPECT_FALSE(found->rows.back().failure.empty());
  EXPECT_TRUE(std::isnan(found->rows.back().beta));
  EXPECT_EQ(sensitivity_result(*found, a).json["summary"]["failed"], 2);
  EXPECT_EQ(sensitivity(snapshot, a, "left", "putamen", {}).error().code, Code::NotFound);
  Analysis wrong = a;
  wrong.predictor = "nosuch";
  EXPECT_EQ(sensitivity(snapshot, wrong, "ipsi", "putamen", {}).error().code, Code::NotFound);
  Task task;
  task.cancel();
  EXPECT_EQ(sensitivity(snapshot, a, "ipsi", "putamen", {}, task).error().code, Code::Cancelled);
}

}  // namespace
}  // namespace ipsi::engine
