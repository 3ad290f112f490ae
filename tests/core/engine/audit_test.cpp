// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/audit.h"

#include <algorithm>
#include <cmath>

#include "core/base/regions.h"
#include "core/engine/batch.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

using study::Flag;
using test::many_patients;
using test::near;
using test::number;
using test::snapshot_of;
using test::table_of;
using test::text;

/// 100 patients with lesions of 1 mL upwards; the larger ones lose their ipsilesional putamen.
study::Snapshot biased() {
  auto patients = many_patients(100, 4);
  auto s = snapshot_of(patients);
  for (std::size_t i = 0; i < patients.size(); ++i) {
    if (i < 95)  // the last five are not known
      s.measurements.push_back(
          {patients[i].id, "1", "lesion", "volume", "lesion_mask", 1000.0 * (1.0 + static_cast<double>(i)), "mm3", ""});
    const bool left = patients[i].side == "left";
    for (auto& rating : s.ratings)
      if (rating.person == patients[i].id && rating.region == (left ? "left_putamen" : "right_putamen"))
        rating.flag = i >= 40 && i % 5 != 0 ? (i % 2 == 0 ? Flag::lesioned : Flag::failed) : Flag::ok;
  }
  return s;
}

std::size_t audit_row(const table::Table& t, const std::string& side, const std::string& region,
                      const std::string& variable) {
  for (std::size_t r = 0; r < t.rows(); ++r)
    if (text(t, "side", r) == side && text(t, "region", r) == region && text(t, "variable", r) == variable) return r;
  ADD_FAILURE() << side << " " << region << " " << variable;
  return 0;
}

// R: m <- glm(y ~ x, family = binomial, control = list(epsilon = 1e-15, maxit = 200)); the errors from the information
// at coef(m), as those of summary(m) are of the step before the last.
TEST(LogisticSlope, EqualsR) {
  const std::vector<double> x{0.5, 1.2, 1.9, 2.1, 2.8, 3.3, 3.9, 4.4, 5.2, 6.0, 6.1, 7.7};
  const std::vector<int> y{0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1};
  const LogisticSlope s = logistic_slope(x, y);
  EXPECT_TRUE(near(s.beta, 0.549355294856902, 1e-9));
  EXPECT_TRUE(near(s.se, 0.362596865159225, 1e-9));
  EXPECT_TRUE(near(s.p, 0.129757707195902, 1e-9));
}

// Of a yes or no the slope is the log odds ratio of the 2 x 2 table, its variance 1/a + 1/b + 1/c + 1/d.
TEST(LogisticSlope, OfTwoGroupsIsTheirOddsRatio) {
  std::vector<double> x;
  std::vector<int> y;
  const auto add = [&](double group, int out, int n) {
    for (int i = 0; i < n; ++i) {
      x.push_back(group);
      y.push_back(out);
    }
  };
  add(0, 0, 40);
  add(0, 1, 7);
  add(1, 0, 21);
  add(1, 1, 16);
  const LogisticSlope s = logistic_slope(x, y);
  EXPECT_TRUE(near(s.beta, std::log(16.0 * 40.0 / (21.0 * 7.0)), 1e-10));
  EXPECT_TRUE(near(s.se, std::sqrt(1.0 / 40 + 1.0 / 7 + 1.0 / 21 + 1.0 / 16), 1e-9));
}

TEST(LogisticSlope, DoesNotExistWhereGroupsAreApart) {
  for (const auto& y : {std::vector<int>{0, 0, 1, 1}, std::vector<int>{1, 1, 0, 0}, std::vector<int>{0, 0, 0, 0},
                        std::vector<int>{1, 1, 1, 1}})
    EXPECT_TRUE(std::isnan(logistic_slope({1, 2, 3, 4}, y).beta));
  EXPECT_TRUE(std::isnan(logistic_slope({2, 2, 2, 2}, {0, 1, 0, 1}).beta));
  EXPECT_TRUE(std::isnan(logistic_slope({}, {}).beta));
  EXPECT_TRUE(std::isnan(logistic_slope({1, 2, 2, 3}, {0, 0, 1, 1}).beta)) << "apart but for a tie";
}

TEST(StandardDifference, ByHand) {
  // Means 3 and 2, variances 1 and 4: 1 / sqrt(2.5).
  const auto d = standard_difference({2, 3, 4}, {0, 2, 4});
  const double expected = 1.0 / std::sqrt(2.5);
  EXPECT_TRUE(near(d.value, expected, 1e-12));
  EXPECT_TRUE(near(d.high - d.value, 1.959963984540054 * std::sqrt(6.0 / 9.0 + expected * expected / 12.0), 1e-12));
  EXPECT_TRUE(std::isnan(standard_difference({1}, {1, 2}).value));
  EXPECT_TRUE(std::isnan(standard_difference({1, 1}, {1, 1}).value));
}

TEST(Audit, FindsThatLargerLesionsLeave) {
  const auto result = exclusion_audit(biased(), {});
  ASSERT_OK(result);
  const auto t = table_of(*result, "audit");
  EXPECT_EQ(t.rows(), 13U * 4U) << "twelve regions and any, four variables";
  const std::size_t r = audit_row(t, "ipsi", "putamen", "lesion_volume");
  EXPECT_EQ(number(t, "n_left_out", r) + number(t, "n_kept", r) + number(t, "n_missing", r), 100.0);
  EXPECT_EQ(number(t, "n_missing", r), 5.0);
  EXPECT_EQ(number(t, "n_left_out", r), 44.0) << "40..94 but every fifth";
  EXPECT_EQ(number(t, "n_lesioned", r) + number(t, "n_failed", r), 48.0) << "of everyone, volume known or not";
  EXPECT_GT(number(t, "difference_low", r), 0.5);
  EXPECT_GT(number(t, "odds_low", r), 1.5);
  EXPECT_LT(number(t, "p_adjusted", r), 1e-4);
  EXPECT_GT(number(t, "middle_left_out", r), number(t, "middle_kept", r));
  const std::size_t none = audit_row(t, "contra", "putamen", "lesion_volume");
  EXPECT_EQ(number(t, "n_left_out", none), 0.0);
  EXPECT_TRUE(std::isnan(number(t, "difference", none)) && std::isnan(number(t, "odds_ratio", none)));
  const std::size_t any = audit_row(t, "any", "any", "lesion_volume");
  EXPECT_EQ(number(t, "n_left_out", any), 44.0);
  EXPECT_TRUE(std::isnan(number(t, "p_adjusted", any)));
  EXPECT_TRUE(std::any_of(result->findings.begin(), result->findings.end(), [](const std::string& f) {
    return f.find("lesion volume") != std::string::npos && f.find("higher among those left out in 1") != f.npos;
  }));
}

TEST(Audit, CountsEveryoneInBinsAndCohorts) {
  const auto result = exclusion_audit(biased(), {});
  ASSERT_OK(result);
  const auto bins = table_of(*result, "audit_volume");
  EXPECT_EQ(bins.rows(), 12U * 5U);
  double n = 0, left = 0;
  std::vector<double> shares;
  for (std::size_t r = 0; r < bins.rows(); ++r) {
    if (text(bins, "side", r) != "ipsi" || text(bins, "region", r) != "putamen") continue;
    n += number(bins, "n", r);
    left += number(bins, "left_out", r);
    shares.push_back(number(bins, "share", r));
  }
  EXPECT_EQ(n, 95.0);
  EXPECT_EQ(left, 44.0);
  EXPECT_EQ(shares.front(), 0.0);
  EXPECT_GT(shares.back(), 0.7);
  const auto cohorts = table_of(*result, "audit_cohorts");
  EXPECT_EQ(cohorts.rows(), 13U * 4U);
  double everyone = 0;
  for (std::size_t r = 0; r < 4; ++r) everyone += number(cohorts, "n", r);
  EXPECT_EQ(everyone, 100.0);
  ASSERT_EQ(result->figures.size(), 3U);
  for (const auto& figure : result->figures) {
    EXPECT_FALSE(figure.alt.empty());
    EXPECT_NE(figure.caption.find("n"), std::string::npos);
  }
}

// R: chisq.test(matrix(c(6, 4, 3, 7, 1, 9), 2), correct = FALSE)
TEST(Audit, SpreadOfCohortsEqualsR) {
  auto patients = many_patients(30, 1);
  for (std::size_t i = 0; i < 30; ++i) {
    patients[i].cohort = fmt::format("c{}", i / 10);
    const std::size_t out = i < 10 ? 6 : i < 20 ? 3 : 1;
    patients[i].flag = i % 10 < out ? Flag::failed : Flag::ok;
  }
  const auto result = exclusion_audit(snapshot_of(patients), {});
  ASSERT_OK(result);
  const auto t = table_of(*result, "audit_cohort_spread");
  EXPECT_TRUE(near(number(t, "chi_square", 0), 5.7, 1e-12));
  EXPECT_TRUE(near(number(t, "p", 0), 0.0578443208748385, 1e-10));
  EXPECT_TRUE(near(number(t, "cramers_v", 0), std::sqrt(5.7 / 30), 1e-12));
  EXPECT_TRUE(near(number(t, "least_expected", 0), 10.0 / 3, 1e-12));
}

TEST(Audit, DoesNotDependOnTheOrderOfPeopleAndFollowsTheRule) {
  auto s = biased();
  const auto expected = table_of(*exclusion_audit(s, {}), "audit");
  std::reverse(s.ratings.begin(), s.ratings.end());
  std::reverse(s.people.begin(), s.people.end());
  EXPECT_EQ(table_of(*exclusion_audit(s, {}), "audit").hash(), expected.hash());
  const auto kept = exclusion_audit(s, {.rule = study::RatingRule::lesioned_kept});
  ASSERT_OK(kept);
  const auto t = table_of(*kept, "audit");
  const std::size_t r = audit_row(t, "ipsi", "putamen", "lesion_volume");
  EXPECT_EQ(number(t, "n_lesioned", r), 0.0);
  EXPECT_EQ(number(t, "n_left_out", r), 22.0) << "failed only";
  EXPECT_FALSE(exclusion_audit(study::Snapshot{}, {}));
}

TEST(Batch, RunsModelsByEachAnalysisOwnRule) {
  auto s = snapshot_of(many_patients(60, 3));
  for (auto& rating : s.ratings) rating.rater = "A";
  const auto first = s.ratings;
  for (std::size_t i = 0; i < first.size(); ++i) {  // B leaves out every fourth person's left thalamus
    auto rating = first[i];
    rating.rater = "B";
    if (rating.region == "left_thalamus" && (i / 12) % 4 == 0) rating.flag = Flag::failed;
    s.ratings.push_back(rating);
  }
  Analyses analyses = published_analyses();
  analyses.analyses = {analyses.analyses[3], analyses.analyses[3], analyses.analyses[3]};
  for (auto& a : analyses.analyses) a.sides = {"left"};
  const char* rules[] = {"rater:A", "rater:B", ""};
  for (std::size_t i = 0; i < 3; ++i) {
    analyses.analyses[i].id = fmt::format("a{}", i);
    analyses.analyses[i].ratings = rules[i];
  }
  const auto result = run_batch(s, analyses, {.study = "t.ipsi"}, Task());
  ASSERT_OK(result);
  const auto t = table_of(*result, "results");
  EXPECT_EQ(number(t, "n", test::row_of(t, "a0", "left", "thalamus")), 60.0);
  EXPECT_EQ(number(t, "n", test::row_of(t, "a1", "left", "thalamus")), 45.0);
  EXPECT_EQ(number(t, "n", test::row_of(t, "a2", "left", "thalamus")), 45.0) << "the strictest until adjudicated";
  EXPECT_EQ(number(t, "n", test::row_of(t, "a1", "left", "caudate")), 60.0);
  EXPECT_NE(text(t, "notes", test::row_of(t, "a1", "left", "thalamus")).find("ratings: rater:B"), std::string::npos);
  EXPECT_TRUE(std::any_of(result->findings.begin(), result->findings.end(), [](const std::string& f) {
    return f.find("15 of 15 regions on which raters differ are not adjudicated") != f.npos;
  }));
  // Each row equals that of a batch with this rule alone.
  for (const char* rule : {"rater:A", "rater:B"}) {
    Analyses alone = analyses;
    alone.analyses = {analyses.analyses[2]};
    alone.ratings = rule;
    const auto one = table_of(*run_batch(s, alone, {.study = "t.ipsi"}, Task()), "results");
    const std::string id = rule == std::string("rater:A") ? "a0" : "a1";
    for (const char* column : {"beta", "se", "p", "p_adjusted"})
      EXPECT_EQ(number(one, column, test::row_of(one, "a2", "left", "thalamus")),
                number(t, column, test::row_of(t, id, "left", "thalamus")));
  }
  analyses.analyses[1].ratings = "rater:C";
  const auto failed = run_batch(s, analyses, {.study = "t.ipsi"}, Task());
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().where.find("analyses[1]"), std::string::npos) << failed.error();
}

TEST(Analyses, KeepTheirRatings) {
  const Json json = Json::parse(R"({"ratings": "majority", "analyses": [
    {"id": "x", "subset": "all", "predictor": "primary_score", "ratings": "rater:A"}]})");
  const auto read = analyses_from_json(json);
  ASSERT_OK(read);
  EXPECT_EQ(read->ratings, "majority");
  EXPECT_EQ(read->analyses[0].ratings, "rater:A");
  EXPECT_EQ(to_json(*analyses_from_json(to_json(*read))), to_json(*read));
  EXPECT_FALSE(to_json(published_analyses()).contains("ratings")) << "stored specifications keep their form";
}

}  // namespace
}  // namespace ipsi::engine
