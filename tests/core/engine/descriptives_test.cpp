// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/descriptives.h"

#include <algorithm>
#include <cmath>

#include "core/engine/batch.h"
#include "core/engine/quantiles.h"
#include "core/numeric/robust.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

using test::number;
using test::Patient;
using test::table_of;
using test::text;

TEST(Quantiles, AreOfTypeSeven) {  // R: quantile(x, type = 7)
  using numeric::quantile;
  const std::vector<double> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_DOUBLE_EQ(quantile(ten, 0.25), 3.25);
  EXPECT_DOUBLE_EQ(quantile(ten, 0.5), 5.5);
  EXPECT_DOUBLE_EQ(quantile(ten, 0.9), 9.1);
  EXPECT_DOUBLE_EQ(quantile({7}, 0.25), 7);
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
  const Spread s = spread_of({4, std::nan(""), 1, 2, 3});  // R: IQR(1:4) = 1.5
  EXPECT_EQ(s.n, 4);
  EXPECT_DOUBLE_EQ(s.iqr(), 1.5);
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.max, 4);
}

TEST(Names, AreOrderedAsPeopleCount) {
  std::vector<std::string> names{"10", "b", "2", "a", "1"};
  std::sort(names.begin(), names.end(), natural_less);
  EXPECT_EQ(names, (std::vector<std::string>{"1", "2", "10", "a", "b"}));
}

spec::ResultSet run(const std::vector<Patient>& patients) {
  const auto result = run_batch(test::snapshot_of(patients), published_analyses(), {.study = "t.ipsi"}, Task());
  EXPECT_OK(result);
  return *result;
}

TEST(TableOne, IsThePublishedLayoutCountedByHand) {
  auto patients = test::many_patients(60, 2);
  patients.resize(6);
  const double ages[] = {50, 60, 70, 55, 65, 75};
  const double scores[] = {0.1, 0.2, 0.4, 0.5, 0.6, 0.9};
  const char* sexes[] = {"female", "male", "male", "female", "female", "male"};
  for (std::size_t i = 0; i < 6; ++i) {
    patients[i].cohort = i < 4 ? "10" : "9";
    patients[i].age = ages[i];
    patients[i].score = scores[i];
    patients[i].sex = sexes[i];
  }
  const auto result = run(patients);
  const auto& t = table_of(result, "table1");
  EXPECT_EQ(t.names(),
            (std::vector<std::string>{"cohort_id", "n", "females", "males", "age_median", "age_iqr", "age_min",
                                      "age_max", "score_median", "score_iqr", "score_min", "score_max"}));
  ASSERT_EQ(t.rows(), 2U);
  EXPECT_EQ(text(t, "cohort_id", 0), "9");
  const double wanted[] = {4, 2, 2, 57.5, 8.75, 50, 70, 0.3, 0.25, 0.1, 0.5};  // type 7 of 50 55 60 70; .1 .2 .4 .5
  for (std::size_t c = 0; c < 11; ++c) EXPECT_NEAR(t.column(c + 1).values[1], wanted[c], 1e-12) << t.column(c + 1).name;
  const auto& total = table_of(result, "table1_total");
  EXPECT_EQ(number(total, "n", 0), 6);
  EXPECT_EQ(number(total, "age_median", 0), 62.5);
}

TEST(ScoresBySide, AgreeWithWilcoxonCountedByHand) {
  auto patients = test::many_patients(60, 3);
  patients.resize(7);
  const double scores[] = {0.1, 0.3, 0.35, 0.8, 0.2, 0.6, 0.7};
  for (std::size_t i = 0; i < 7; ++i) {
    patients[i].score = scores[i];
    patients[i].side = i < 4 ? "left" : "right";
  }
  const auto result = run(patients);
  const auto& t = table_of(result, "scores_by_side");
  std::size_t r = 0;
  while (text(t, "subset", r) != "chronic") ++r;
  EXPECT_EQ(number(t, "n_left", r), 4);
  EXPECT_EQ(number(t, "n_right", r), 3);
  // Pairs with left above right: .1: 0, .3: 1, .35: 1, .8: 3. Of the 35 ways to choose four ranks 15 give W <= 5.
  EXPECT_EQ(number(t, "wilcoxon_w", r), 5);
  EXPECT_NEAR(number(t, "wilcoxon_p", r), 30.0 / 35.0, 1e-12);
  const double z = (5.0 - 6.0) / std::sqrt(4.0 * 3.0 * 8.0 / 12.0);
  EXPECT_NEAR(number(t, "wilcoxon_r", r), std::abs(z) / std::sqrt(7.0), 1e-12);
}

TEST(Flow, EveryPersonIsCountedOnceOnTheWay) {
  auto patients = test::many_patients(120, 4);
  for (std::size_t i = 0; i < patients.size(); ++i) {
    if (i % 5 == 0) patients[i].flag = study::Flag::lesioned;
    if (i % 7 == 0) patients[i].flag = study::Flag::failed;
    if (i % 11 == 0) patients[i].volume = table::kMissing;
    if (i % 13 == 0) patients[i].flag = study::Flag::unrated;
    if (i % 17 == 0) patients[i].days = 30.0;
    if (i % 19 == 0) patients[i].test = "ARAT";
  }
  const auto result = run(patients);
  const auto& e = table_of(result, "exclusions");
  const auto& models = table_of(result, "results");
  ASSERT_EQ(e.rows(), models.rows());
  for (std::size_t r = 0; r < e.rows(); ++r) {
    const auto n = [&](const char* column) { return number(e, column, r); };
    EXPECT_EQ(n("n_subset"), n("no_predictor") + n("no_covariate") + n("n_group"));
    EXPECT_EQ(n("n_group"), n("lesioned") + n("failed") + n("no_volume") + n("n"));
    EXPECT_EQ(n("n"), number(models, "n", r));
    EXPECT_LE(n("unrated"), n("n"));
  }
  const auto& qc = table_of(result, "qc");
  ASSERT_EQ(qc.rows(), 12U);
  for (std::size_t r = 0; r < qc.rows(); ++r)
    EXPECT_EQ(number(qc, "ok", r) + number(qc, "lesioned", r) + number(qc, "failed", r) + number(qc, "unrated", r),
              120);
}

}  // namespace
}  // namespace ipsi::engine
