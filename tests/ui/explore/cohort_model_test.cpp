// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/cohort_model.h"

#include <numeric>

#include "tests/ui/explore/explore_support.h"

namespace ipsi::ui {
namespace {

using test::region_index;

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

struct Cohort : test::ExploreStudy {
  CohortModel model{context};
  Cohort() { model.setActive(true); }
  const CohortModel::State& state() { return model.state(); }
  std::vector<std::string> chosen() {
    std::vector<std::string> out;
    for (const int i : state().chosen) out.push_back(state().people[static_cast<std::size_t>(i)].id.toStdString());
    return out;
  }
};

TEST(CohortModel, PeopleAreThoseOfTheAnalysisTable) {
  Cohort cohort;
  cohort.session.select(cohort.session.person(), "left_putamen");
  const auto table = study::analysis_table(*cohort.session.snapshot());
  ASSERT_OK(table);
  const auto& state = cohort.state();
  ASSERT_EQ(state.people.size(), table->rows());
  for (std::size_t row = 0; row < table->rows(); ++row) {
    EXPECT_EQ(state.people[row].id.toStdString(), table->find("subject")->texts[row]);
    EXPECT_TRUE(same(state.people[row].volume, table->find("left_putamen")->values[row]));
    EXPECT_TRUE(same(state.people[row].score, table->find("primary_score")->values[row]));
    EXPECT_TRUE(same(1000.0 * state.people[row].lesion_ml, table->find("lesion_volume")->values[row]));
  }
  EXPECT_EQ(state.drawn, 14);
  EXPECT_EQ(state.no_score, 1);  // sub-03
  EXPECT_EQ(state.no_volume, 0);
  EXPECT_EQ(state.region_title, "Left putamen");
}

TEST(CohortModel, EveryPersonIsInOneBinAndHasOneFate) {
  Cohort cohort;
  cohort.model.chooseRegion(region_index("left_putamen"));
  const auto& state = cohort.state();
  int in_bins = 0, in_fates = 0;
  for (std::size_t b = 0; b < state.bins.size(); ++b) {
    int inside = 0;
    for (const auto& p : state.people) inside += p.volume >= state.bins[b].low && p.volume < state.bins[b].high ? 1 : 0;
    EXPECT_EQ(state.bins[b].n, inside) << b;
    in_bins += state.bins[b].n;
  }
  for (const auto& fate : state.fates) in_fates += fate.n;
  EXPECT_EQ(in_bins, 15);
  EXPECT_EQ(in_fates, 15);
  EXPECT_EQ(state.fates[0].n, 13);  // ok
  EXPECT_EQ(state.fates[1].n, 1);
  EXPECT_EQ(state.fates[2].n, 1);
  EXPECT_EQ(state.fates[0].unknown, 1);  // sub-04 has no lesion volume
  EXPECT_DOUBLE_EQ(state.fates[1].median, 0.5 * 25);
}

TEST(CohortModel, AChoiceAddsTakesAwayAndStays) {
  Cohort cohort;
  auto& model = cohort.model;
  model.beginBrush();
  model.brush({0, 1, 2}, CohortModel::Brush::replace);
  model.brush({1, 2}, CohortModel::Brush::replace);  // the brush moved on: it counts from its beginning
  EXPECT_EQ(cohort.chosen(), (std::vector<std::string>{"sub-02", "sub-03"}));
  model.beginBrush();
  model.brush({5, 6}, CohortModel::Brush::add);
  model.brush({6}, CohortModel::Brush::add);
  EXPECT_EQ(cohort.chosen(), (std::vector<std::string>{"sub-02", "sub-03", "sub-07"}));
  model.beginBrush();
  model.brush({2}, CohortModel::Brush::remove);
  EXPECT_EQ(cohort.chosen(), (std::vector<std::string>{"sub-02", "sub-07"}));
  model.cancelBrush();
  EXPECT_EQ(cohort.chosen().size(), 3U);
  model.chooseRegion(5);
  EXPECT_EQ(cohort.chosen().size(), 3U);
  cohort.session.setSubset("early");
  EXPECT_EQ(cohort.chosen(), (std::vector<std::string>{"sub-07"}));
  EXPECT_EQ(cohort.state().chosen_elsewhere, 2);
  model.clearBrush();
  EXPECT_EQ(cohort.state().chosen_elsewhere, 0);
}

TEST(CohortModel, CountsOfTheChosenAddUp) {
  Cohort cohort;
  cohort.model.beginBrush();
  cohort.model.brush({0, 3, 4, 9}, CohortModel::Brush::replace);
  const auto& state = cohort.state();
  const auto sum = [](const auto& parts) {
    return std::accumulate(parts.begin(), parts.end(), 0, [](int n, const auto& part) { return n + part.chosen; });
  };
  EXPECT_EQ(sum(state.bins), 4);
  EXPECT_EQ(sum(state.fates), 4);
}

TEST(CohortModel, TheChosenBecomeTheQueueOfQc) {
  Cohort cohort;
  QString wanted;
  QObject::connect(&cohort.shell, &Shell::workspaceWanted, [&](const QString& key) { wanted = key; });
  QcModel qc(cohort.context);
  cohort.model.beginBrush();
  cohort.model.brush({4, 6, 8}, CohortModel::Brush::replace);
  cohort.model.openInQc();
  EXPECT_EQ(wanted, "qc");
  EXPECT_EQ(qc.state().filter, QcFilter::chosen);
  EXPECT_EQ(qc.state().chosen, 3);
  ASSERT_EQ(qc.state().queue.size(), 3U);
  EXPECT_EQ(qc.state().queue[0].id, "sub-05");
  ASSERT_NE(qc.person(), nullptr);
  EXPECT_EQ(qc.person()->id, cohort.session.person());
  qc.nextPerson();
  qc.nextPerson();
  EXPECT_EQ(qc.person()->id, "sub-09");
  QcModel later(cohort.context);  // QC is made when it is first shown
  EXPECT_EQ(later.state().filter, QcFilter::chosen);
  EXPECT_EQ(later.state().queue.size(), 3U);
  cohort.session.select("sub-02");  // somebody else on purpose: everybody is there again
  EXPECT_EQ(qc.state().filter, QcFilter::all);
  EXPECT_EQ(qc.person()->id, "sub-02");
}

TEST(CohortModel, AnotherScoreIsThatTest) {
  Cohort cohort;
  EXPECT_EQ(cohort.state().scores, (QStringList{"Primary score", "FMA-UE"}));  // ARAT is of a later session only
  cohort.model.chooseScore(1);
  EXPECT_EQ(cohort.state().score, 1);
  EXPECT_DOUBLE_EQ(cohort.state().people[0].score, 9.0 / 66.0);
}

TEST(CohortModel, TheCohortOfThePersonStandsOutUntilAnotherIsChosen) {
  Cohort cohort;
  EXPECT_EQ(cohort.state().cohorts[cohort.state().cohort], "B");
  cohort.session.select("sub-02");
  EXPECT_EQ(cohort.state().cohorts[cohort.state().cohort], "A");
  cohort.model.chooseCohort(1);
  cohort.session.select("sub-04");
  EXPECT_EQ(cohort.state().cohorts[cohort.state().cohort], "B");
}

TEST(CohortModel, WithoutAStudyNothingHappens) {
  test::ExploreStudy study(false, false);
  CohortModel model(study.context);
  model.setActive(true);
  model.beginBrush();
  model.brush({0, 1}, CohortModel::Brush::add);
  model.openInQc();
  model.chooseRegion(2);
  model.chooseScore(1);
  EXPECT_TRUE(model.state().people.empty());
  EXPECT_TRUE(model.state().chosen.empty());
}

}  // namespace
}  // namespace ipsi::ui
