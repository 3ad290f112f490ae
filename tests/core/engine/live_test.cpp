// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/live.h"

#include <cmath>
#include <random>

#include "core/base/regions.h"
#include "core/engine/batch.h"
#include "core/engine/model_checks.h"
#include "core/study/analysis_table.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

using test::many_patients;
using test::snapshot_of;
using test::table_of;

table::Table people_of(const study::Snapshot& snapshot) {
  auto made = study::analysis_table(snapshot, {});
  EXPECT_OK(made);
  return *made;
}

/// Every cell of results and coefficients, bit for bit; counts of the influential and robust estimates are a batch's
/// alone.
void expect_equal(const Live& live, const study::Snapshot& snapshot, const Analyses& analyses) {
  const auto batch = run_batch(snapshot, analyses, {}, Task());
  ASSERT_OK(batch);
  const auto results = live.results();
  ASSERT_OK(results);
  const auto wanted = table_of(*batch, "results");
  ASSERT_EQ(results->rows(), wanted.rows());
  ASSERT_EQ(results->names(), wanted.names());
  for (std::size_t c = 0; c < wanted.columns(); ++c) {
    const std::string& name = wanted.column(c).name;
    if (name.starts_with("n_influential") || name.starts_with("robust_")) continue;
    for (std::size_t r = 0; r < wanted.rows(); ++r)
      ASSERT_EQ(results->column(c).cell(r), wanted.column(c).cell(r)) << wanted.column(c).name << " row " << r;
  }
  const auto coefficients = coefficients_table(live.analyses(), live.fitted());
  ASSERT_OK(coefficients);
  EXPECT_EQ(coefficients->hash(), table_of(*batch, "coefficients").hash());
}

study::Rating& any_rating(study::Snapshot& snapshot, std::mt19937& random) {
  return snapshot.ratings[random() % snapshot.ratings.size()];
}

TEST(Live, EqualsTheBatchAfterAnySequenceOfFlags) {
  auto patients = many_patients(260, 9);
  for (std::size_t i = 0; i < patients.size(); ++i) patients[i].days = static_cast<double>(5 + i * 3);
  auto snapshot = snapshot_of(patients);
  const Analyses analyses = published_analyses();
  auto live = Live::fit(people_of(snapshot), analyses.analyses, Task());
  ASSERT_OK(live);
  expect_equal(*live, snapshot, analyses);
  std::mt19937 random(20211);
  constexpr study::Flag kFlags[] = {study::Flag::ok, study::Flag::lesioned, study::Flag::failed, study::Flag::unrated};
  for (int step = 0; step < 25; ++step) {
    const int together = step % 7 == 0 ? 12 : 1;
    for (int k = 0; k < together; ++k) any_rating(snapshot, random).flag = kFlags[random() % 4];
    auto next = live->update(people_of(snapshot), Task());
    ASSERT_OK(next);
    live = std::move(next);
    ASSERT_NO_FATAL_FAILURE(expect_equal(*live, snapshot, analyses)) << "step " << step;
  }
}

TEST(Live, AFlagRefitsOneRegionsModelsInTheAnalysesThatHoldThePerson) {
  auto snapshot = snapshot_of(many_patients(200, 9));  // all chronic
  const auto live = Live::fit(people_of(snapshot), published_analyses().analyses, Task());
  ASSERT_OK(live);
  EXPECT_EQ(live->refitted().size(), 84U);
  const auto& changed = snapshot.ratings[12 * 17 + 4];  // left_putamen of one person
  ASSERT_EQ(changed.region, "left_putamen");
  const std::string side = snapshot.people[17].lesion_side == "left" ? "ipsi" : "contra";
  snapshot.ratings[12 * 17 + 4].flag = study::Flag::lesioned;
  const auto next = live->update(people_of(snapshot), Task());
  ASSERT_OK(next);
  ASSERT_FALSE(next->refitted().empty());
  EXPECT_LE(next->refitted().size(), 6U);
  for (const std::size_t i : next->refitted()) {
    const RegionModel& m = next->fitted().models[i];
    EXPECT_EQ(m.side, side);
    EXPECT_EQ(m.structure, "putamen");
    // Whoever lacks the score is counted there already, whatever the flag.
    if (next->analyses()[static_cast<std::size_t>(m.analysis)].predictor == "primary_score") {
      EXPECT_EQ(m.people.lesioned, live->fitted().models[i].people.lesioned + 1);
    }
  }
  const auto same = next->update(people_of(snapshot), Task());
  ASSERT_OK(same);
  EXPECT_TRUE(same->refitted().empty());
}

TEST(Live, SeesWhatElseChanged) {
  auto patients = many_patients(120, 6);
  const Analyses analyses = published_analyses();
  const auto live = Live::fit(people_of(snapshot_of(patients)), analyses.analyses, Task());
  ASSERT_OK(live);
  patients[3].age += 1.0;
  patients[9].volume += 40.0;
  patients[20].excluded = "no_age";
  patients[30].cohort = "2";
  const auto snapshot = snapshot_of(patients);
  const auto next = live->update(people_of(snapshot), Task());
  ASSERT_OK(next);
  expect_equal(*next, snapshot, analyses);
}

TEST(ModelChecks, AreOfTheModelThatIsShown) {
  auto patients = many_patients(200, 9);
  patients[7].volume += 4000.0;  // one that stands out
  const auto snapshot = snapshot_of(patients);
  Analyses analyses = published_analyses();
  const auto live = Live::fit(people_of(snapshot), analyses.analyses, Task());
  ASSERT_OK(live);
  const auto batch = run_batch(snapshot, analyses, {}, Task());
  ASSERT_OK(batch);
  const auto results = table_of(*batch, "results");
  std::size_t checked = 0;
  for (std::size_t i = 0; i < live->fitted().models.size(); i += 7) {
    const RegionModel& m = live->fitted().models[i];
    if (!m.fit) continue;
    const auto checks =
        check_model(m, live->analyses()[static_cast<std::size_t>(m.analysis)], live->frame(), live->ids(), Task());
    ASSERT_OK(checks);
    EXPECT_EQ(checks->people.size(), static_cast<std::size_t>(m.people.n));
    EXPECT_EQ(static_cast<int>(checks->cohorts.size()), m.n_cohorts);
    ASSERT_TRUE(checks->influence && checks->robust);
    EXPECT_EQ(test::number(results, "n_influential", i),
              static_cast<double>(checks->influence->observation.influential.size()));
    EXPECT_EQ(test::number(results, "robust_beta", i), checks->robust_row.beta);
    EXPECT_EQ(checks->robust_row.differs(),
              std::abs(checks->robust_row.beta - m.beta()) > 0.5 * m.fit->coefficients.se[m.coefficient]);
    Eigen::Index most = 0;
    checks->influence->observation.cooks.maxCoeff(&most);
    if (std::find(checks->people.begin(), checks->people.end(), live->ids()[7]) != checks->people.end() &&
        m.structure == "putamen") {
      EXPECT_EQ(checks->people[static_cast<std::size_t>(most)], live->ids()[7]);
    }
    ++checked;
  }
  EXPECT_GE(checked, 5U);
}

TEST(Live, AModelThatFailsSaysWhyAndRecovers) {
  auto snapshot = snapshot_of(many_patients(60, 5));
  Analyses analyses = published_analyses();
  analyses.analyses = {analyses.analyses[2]};
  const auto live = Live::fit(people_of(snapshot), analyses.analyses, Task());
  ASSERT_OK(live);
  const auto before = snapshot;
  for (auto& r : snapshot.ratings)
    if (r.region == "left_caudate" || r.region == "right_caudate") r.flag = study::Flag::failed;
  const auto failed = live->update(people_of(snapshot), Task());
  ASSERT_OK(failed);
  EXPECT_FALSE(failed->fitted().models[1].failure.empty());
  expect_equal(*failed, snapshot, analyses);
  const auto again = failed->update(people_of(before), Task());
  ASSERT_OK(again);
  expect_equal(*again, before, analyses);
}

TEST(Diagnostics, PartialResidualsGiveBackTheSlope) {
  const auto snapshot = snapshot_of(many_patients(150, 8));
  const auto live = Live::fit(people_of(snapshot), {published_analyses().analyses[2]}, Task());
  ASSERT_OK(live);
  for (const RegionModel& m : live->fitted().models) {
    ASSERT_TRUE(m.fit);
    const Diagnostics d = diagnostics_of(m, live->analyses()[0], live->frame());
    ASSERT_EQ(d.people.size(), static_cast<std::size_t>(m.people.n));
    EXPECT_EQ(d.line_x.front(), m.x.minCoeff());
    EXPECT_NEAR((d.line_y.back() - d.line_y.front()) / (d.line_x.back() - d.line_x.front()), m.beta(), 1e-12);
    for (std::size_t i = 0; i < d.x.size(); ++i) {
      const auto k = static_cast<Eigen::Index>(i);
      EXPECT_NEAR(d.partial[i] - m.beta() * (d.x[i] - m.x.mean()), m.fit->residual[k], 1e-12);
      EXPECT_EQ(d.x[i], (*live->frame().number("primary_score"))[static_cast<std::size_t>(d.people[i])]);
    }
    EXPECT_TRUE(std::is_sorted(d.people_sample.begin(), d.people_sample.end()));
    EXPECT_NEAR(d.people_normal.front(), -d.people_normal.back(), 1e-12);
    // R: qnorm(ppoints(150))[1] = qnorm(0.5 / 150)
    EXPECT_NEAR(d.people_normal.front(), -2.713051888, 1e-8);
    if (!m.fit->boundary) {
      EXPECT_EQ(d.cohort_order.size(), static_cast<std::size_t>(m.n_cohorts));
    }
  }
}

TEST(Live, FollowsFlagsInTheSimulatedStudy) {
  IPSI_NEEDS_SHARED("oracles/stats/enigma_sim");
  const auto data = test::shared_path("oracles/stats/enigma_sim") / "data.csv";
  study::Snapshot snapshot;
  for (const auto& change : test::enigma_changes(data))
    if (const auto* put = std::get_if<study::Put>(&change))
      std::visit(
          [&](const auto& row) {
            using Row = std::decay_t<decltype(row)>;
            if constexpr (std::is_same_v<Row, study::Cohort>) snapshot.cohorts.push_back(row);
            if constexpr (std::is_same_v<Row, study::Person>) snapshot.people.push_back(row);
            if constexpr (std::is_same_v<Row, study::Session>) snapshot.sessions.push_back(row);
            if constexpr (std::is_same_v<Row, study::Measurement>) snapshot.measurements.push_back(row);
            if constexpr (std::is_same_v<Row, study::Score>) snapshot.scores.push_back(row);
            if constexpr (std::is_same_v<Row, study::Rating>) snapshot.ratings.push_back(row);
          },
          *put);
  const Analyses analyses = published_analyses();
  auto live = Live::fit(people_of(snapshot), analyses.analyses, Task());
  ASSERT_OK(live);
  ASSERT_EQ(live->fitted().models.size(), 84U);
  std::mt19937 random(5);
  constexpr int kFlags = 30;
  for (int i = 0; i < kFlags; ++i) {
    auto& rating = any_rating(snapshot, random);
    rating.flag = rating.flag == study::Flag::lesioned ? study::Flag::ok : study::Flag::lesioned;
    auto next = live->update(people_of(snapshot), Task());
    ASSERT_OK(next);
    EXPECT_LE(next->refitted().size(), 6U);
    live = std::move(next);
  }
  expect_equal(*live, snapshot, analyses);
}

}  // namespace
}  // namespace ipsi::engine
