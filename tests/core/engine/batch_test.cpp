// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/batch.h"

#include <algorithm>
#include <cmath>

#include "core/table/delimited.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

using test::many_patients;
using test::number;
using test::Patient;
using test::row_of;
using test::snapshot_of;
using test::table_of;
using test::text;

Analyses chronic_only() {
  Analyses out = published_analyses();
  out.analyses = {out.analyses[2]};
  return out;
}

spec::ResultSet run(const std::vector<Patient>& patients, const Analyses& analyses = chronic_only()) {
  const auto result = run_batch(snapshot_of(patients), analyses, {.study = "t.ipsi"}, Task());
  EXPECT_OK(result);
  return *result;
}

/// Every row failed, says `why`, and holds no number that could be taken for a result.
void expect_all_fail(const spec::ResultSet& result, const std::string& why) {
  const auto& t = table_of(result, "results");
  ASSERT_EQ(t.rows(), 12U);
  for (std::size_t r = 0; r < t.rows(); ++r) {
    EXPECT_NE(text(t, "notes", r).find(why), std::string::npos) << text(t, "notes", r);
    for (const char* column : {"beta", "se", "t", "p", "p_adjusted", "d", "significant"})
      EXPECT_TRUE(std::isnan(number(t, column, r))) << column;
    EXPECT_EQ(number(t, "converged", r), 0.0);
  }
  EXPECT_TRUE(std::any_of(result.findings.begin(), result.findings.end(), [&](const auto& f) {
    return f.find(why) != std::string::npos && f.find("all 12 models") != std::string::npos;
  }));
}

TEST(Batch, ResultsDoNotDependOnThreads) {
  const auto snapshot = snapshot_of(many_patients(200, 9));
  const auto tables = [&](int threads) {
    const auto result = run_batch(snapshot, published_analyses(), {.threads = threads}, Task());
    EXPECT_OK(result);
    std::vector<std::string> hashes;
    for (const auto& named : result->tables) hashes.push_back(named.table.hash());
    return hashes;
  };
  const auto one = tables(1);
  EXPECT_EQ(one.size(), 11U);
  for (const int threads : {2, 3, 16}) EXPECT_EQ(tables(threads), one) << threads;
}

TEST(Batch, ScalingVolumesByAConstantChangesOnlyRawEstimates) {
  auto patients = many_patients(150, 6);
  auto doubled = patients;
  for (Patient& p : doubled) p.volume *= 2.0;
  Analyses raw = chronic_only();
  raw.analyses[0].scale = Scale::raw;
  const auto& a = table_of(run(patients), "results");
  const auto& b = table_of(run(doubled), "results");
  const auto& c = table_of(run(patients, raw), "results");
  const auto& d = table_of(run(doubled, raw), "results");
  const double beta = number(a, "beta", 0);
  EXPECT_TRUE(test::near(number(b, "beta", 0), beta, 1e-9));
  EXPECT_TRUE(test::near(number(d, "beta", 0), 2.0 * number(c, "beta", 0), 1e-9));
  EXPECT_TRUE(test::near(number(c, "t", 0), number(a, "t", 0), 1e-7));  // a unit changes no test
}

TEST(Batch, FlaggedRegionsLeaveTheirOwnModelOnly) {
  const auto patients = many_patients(150, 6);
  auto snapshot = snapshot_of(patients);
  int flagged = 0;
  for (auto& rating : snapshot.ratings)
    if (rating.region == "left_putamen" && rating.person < "sub-0040") {
      rating.flag = study::Flag::lesioned;
      ++flagged;
    }
  ASSERT_EQ(flagged, 39);
  int left = 0;
  for (const Patient& p : patients) left += p.id < "sub-0040" && p.side == "left" ? 1 : 0;
  const auto result = run_batch(snapshot, chronic_only(), {}, Task());
  ASSERT_OK(result);
  const auto& t = table_of(*result, "results");
  EXPECT_EQ(number(t, "n", row_of(t, "chronic", "ipsilesional", "putamen")), 150 - left);
  EXPECT_EQ(number(t, "n", row_of(t, "chronic", "contralesional", "putamen")), 150 - (39 - left));
  EXPECT_EQ(number(t, "n", row_of(t, "chronic", "ipsilesional", "caudate")), 150);
  EXPECT_NE(text(t, "notes", row_of(t, "chronic", "ipsilesional", "putamen")).find(fmt::format("{} lesioned", left)),
            std::string::npos);
}

TEST(Batch, OneCohortIsARowThatSaysSo) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.cohort = "only";
  expect_all_fail(run(patients), "all 80 people are of one cohort");
}

TEST(Batch, AConstantPredictorIsNamed) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.score = 0.5;
  expect_all_fail(run(patients), "primary_score is 0.5 in all 80 rows");
}

TEST(Batch, OneSexOnlyIsNamed) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.sex = "male";
  expect_all_fail(run(patients), "sex is male in all 80 rows");
}

TEST(Batch, CollinearColumnsAreNamed) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.icv = 1e6 + 1e4 * p.age;
  const auto result = run(patients);
  expect_all_fail(result, "icv");
  expect_all_fail(result, "age");
}

TEST(Batch, EveryoneFlaggedIsARowThatSaysSo) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.flag = study::Flag::failed;
  expect_all_fail(run(patients), "everyone is left out by QC");
}

TEST(Batch, AnEmptySubsetIsARowThatSaysSo) {
  Analyses early = published_analyses();
  early.analyses = {early.analyses[1]};
  expect_all_fail(run(many_patients(80, 4), early), "nobody is in the subset 'early'");
}

TEST(Batch, AScoreNobodyHasIsARowThatSaysSo) {
  Analyses activity = published_analyses();
  activity.analyses = {activity.analyses[5]};
  expect_all_fail(run(many_patients(80, 4), activity), "has activity");
}

TEST(Batch, CohortsOfOnePersonEachAreARowThatSaysSo) {
  auto patients = many_patients(40, 4);
  for (Patient& p : patients) p.cohort = p.id;
  expect_all_fail(run(patients), "one person only");
}

TEST(Batch, TooFewPeopleAreARowThatSaysSo) {
  auto patients = many_patients(80, 2);
  patients.resize(5);
  expect_all_fail(run(patients), "too few");
}

TEST(Batch, EqualVolumesAreNamed) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.volume = 500.0;
  expect_all_fail(run(patients), "the volume is 500 in all rows");
}

TEST(Batch, SomeModelsFailAndTheOthersGoOn) {
  auto snapshot = snapshot_of(many_patients(150, 6));
  for (auto& m : snapshot.measurements)
    if (m.region.ends_with("putamen")) m.value = table::kMissing;
  const auto result = run_batch(snapshot, chronic_only(), {}, Task());
  ASSERT_OK(result);
  const auto& t = table_of(*result, "results");
  for (std::size_t r = 0; r < t.rows(); ++r) {
    const bool putamen = text(t, "region", r) == "putamen";
    EXPECT_EQ(std::isnan(number(t, "beta", r)), putamen) << r;
    EXPECT_EQ(std::isnan(number(t, "p_adjusted", r)), putamen) << r;
    if (!putamen) {
      EXPECT_DOUBLE_EQ(number(t, "p_adjusted", r), std::min(1.0, 12.0 * number(t, "p", r)));
    }
  }
}

TEST(Batch, UnratedRegionsStayAndAreTold) {
  auto patients = many_patients(80, 4);
  for (Patient& p : patients) p.flag = study::Flag::unrated;
  const auto result = run(patients);
  const auto& t = table_of(result, "results");
  EXPECT_EQ(number(t, "n", 0), 80);
  EXPECT_NE(text(t, "notes", 0).find("80 unrated kept"), std::string::npos);
  EXPECT_TRUE(std::any_of(result.findings.begin(), result.findings.end(),
                          [](const auto& f) { return f.find("without a rating") != std::string::npos; }));
}

TEST(Batch, AColumnThatIsNotThereIsAnErrorWithItsPlace) {
  Analyses wrong = chronic_only();
  wrong.analyses[0].predictor = "primary_scores";
  auto result = run_batch(snapshot_of(many_patients(80, 4)), wrong, {}, Task());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::NotFound);
  EXPECT_NE(result.error().where.find("analyses[0], predictor"), std::string::npos) << result.error().where;
  wrong.analyses[0].predictor = "sex";
  result = run_batch(snapshot_of(many_patients(80, 4)), wrong, {}, Task());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::InvalidInput);
}

TEST(Batch, NobodyAnalysedIsAnError) {
  auto patients = many_patients(20, 4);
  for (Patient& p : patients) p.excluded = "no_age";
  const auto result = run_batch(snapshot_of(patients), chronic_only(), {.study = "t.ipsi"}, Task());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::InvalidInput);
}

TEST(Batch, StopsWhenAsked) {
  const Task task;
  task.cancel();
  const auto result = run_batch(snapshot_of(many_patients(80, 4)), chronic_only(), {.threads = 2}, task);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::Cancelled);
}

TEST(Batch, TheManifestSaysWhatWasRunOnWhat) {
  auto patients = many_patients(80, 4);
  const auto a = run(patients);
  const auto again = run(patients);
  patients[3].age += 1.0;
  const auto other = run(patients);
  EXPECT_EQ(a.manifest["cohort_hash"], again.manifest["cohort_hash"]);
  EXPECT_NE(a.manifest["cohort_hash"], other.manifest["cohort_hash"]);
  EXPECT_EQ(a.manifest["spec_hash"], other.manifest["spec_hash"]);
  Analyses raw = chronic_only();
  raw.analyses[0].scale = Scale::raw;
  EXPECT_NE(run(patients, raw).manifest["spec_hash"], a.manifest["spec_hash"]);
}

TEST(Batch, SyntheticStudiesAreCalledSo) {
  auto snapshot = snapshot_of(many_patients(80, 4));
  EXPECT_EQ(run_batch(snapshot, chronic_only(), {}, Task())->json["synthetic"], false);
  snapshot.settings.push_back({"synthetic", "true"});
  const auto result = run_batch(snapshot, chronic_only(), {}, Task());
  EXPECT_EQ(result->json["synthetic"], true);
  EXPECT_EQ(result->manifest["synthetic"], true);
  EXPECT_NE(result->methods_text[0].find("simulated"), std::string::npos);
}

TEST(Batch, AForestHasARowForEachModelAndFillsTheSignificant) {
  const auto result = run(many_patients(150, 6));
  const auto& t = table_of(result, "results");
  const auto& f = result.figures.at(0);
  EXPECT_EQ(f.id, "forest_chronic");
  ASSERT_EQ(f.y.categories.size(), 12U);
  ASSERT_EQ(f.series.size(), 2U);
  for (std::size_t s = 0; s < 2; ++s)
    for (std::size_t i = 0; i < f.series[s].x.size(); ++i) {
      const auto r = static_cast<std::size_t>(f.series[s].y[i]);
      EXPECT_EQ(f.series[s].x[i], number(t, "beta", r));
      EXPECT_EQ(f.series[s].low[i], number(t, "ci_low", r));
      EXPECT_EQ(f.series[s].filled[i], number(t, "significant", r) == 1.0);
    }
}

}  // namespace
}  // namespace ipsi::engine
