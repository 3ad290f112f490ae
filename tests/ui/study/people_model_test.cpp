// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/people_model.h"

#include <QSignalSpy>

#include "core/engine/quantiles.h"
#include "core/study/analysis_table.h"
#include "tests/ui/study/study_support.h"

namespace ipsi::ui {
namespace {
using test::StudyDesk;
using View = PeopleModel::View;

int column(const PeopleModel& model, const char* title) {
  const auto& columns = model.state().columns;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].title == title) return static_cast<int>(i);
  return -1;
}
QStringList cells(const PeopleModel& model, const char* title) {
  QStringList out;
  for (int row = 0; row < static_cast<int>(model.state().shown.size()); ++row)
    out << model.cell(row, column(model, title));
  return out;
}

TEST(PeopleModel, ACohortRowIsMadeOfTheAnalysisTable) {
  StudyDesk desk;
  PeopleModel model(desk.context);
  ASSERT_EQ(model.state().shown.size(), 2U);
  EXPECT_EQ(cells(model, "Cohort"), (QStringList{"A", "B"}));
  EXPECT_EQ(cells(model, "N"), (QStringList{"4", "5"}));
  const auto table = desk.session.table();
  for (int row = 0; row < 2; ++row) {
    std::vector<double> ages;
    for (std::size_t i = 0; i < table->rows(); ++i)
      if (table->find("cohort")->texts[i] == model.cell(row, 0).toStdString())
        ages.push_back(table->find("age")->values[i]);
    EXPECT_EQ(model.cell(row, column(model, "Age")), QString::number(engine::spread_of(ages).median, 'f', 1));
  }
  EXPECT_EQ(cells(model, "Regions"), (QStringList{"12.0", "12.0"}));
  EXPECT_EQ(cells(model, "Score"), (QStringList{"–", "–"}));
}

TEST(PeopleModel, SortingIsByNumberAndNaturalByName) {
  StudyDesk desk(12);
  PeopleModel model(desk.context);
  model.setView(View::people);
  EXPECT_EQ(cells(model, "Person").front(), "sub-01");
  model.sortBy(column(model, "Days"));
  EXPECT_EQ(cells(model, "Days").front(), "10");
  EXPECT_EQ(cells(model, "Days").back(), "400");
  model.sortBy(column(model, "Days"));
  EXPECT_EQ(cells(model, "Days").front(), "400");
  EXPECT_EQ(cells(model, "Days").back(), "10");
}

TEST(PeopleModel, AFilterHoldsWordsAndComparisons) {
  StudyDesk desk;
  PeopleModel model(desk.context);
  model.setView(View::people);
  model.setFilter("right");
  EXPECT_EQ(model.state().shown.size(), 3U);
  model.setFilter("right age>65");
  EXPECT_EQ(cells(model, "Person"), (QStringList{"sub-06", "sub-09"}));
  EXPECT_EQ(model.state().note, "2 of 9 people");
  model.setFilter("days<=10");
  EXPECT_EQ(model.state().shown.size(), 3U);
  model.setFilter("height>3");
  EXPECT_FALSE(model.state().filter_error.isEmpty());
  model.setFilter("");
  EXPECT_TRUE(model.state().filter_error.isEmpty());
  EXPECT_EQ(model.state().shown.size(), 9U);
}

TEST(PeopleModel, TheSubgroupOfTheWindowCounts) {
  StudyDesk desk;
  PeopleModel model(desk.context);
  model.setView(View::people);
  desk.session.setSubset("chronic");
  EXPECT_EQ(static_cast<int>(model.state().shown.size()), desk.session.subsetSize("chronic"));
  EXPECT_EQ(model.state().people, 3);
}

TEST(PeopleModel, ACohortOpensAsItsPeopleAndAPersonInQc) {
  StudyDesk desk;
  PeopleModel model(desk.context);
  model.open(1);
  EXPECT_EQ(model.state().view, View::people);
  EXPECT_EQ(model.state().chosen, "Cohort B");
  EXPECT_EQ(model.state().shown.size(), 5U);
  QSignalSpy wanted(&desk.shell, &Shell::workspaceWanted);
  model.open(2);
  EXPECT_EQ(desk.session.person(), "sub-05");
  ASSERT_EQ(wanted.count(), 1);
  EXPECT_EQ(wanted.at(0).at(0).toString(), "qc");
  model.open(2, "explore");
  EXPECT_EQ(wanted.at(1).at(0).toString(), "explore");
  model.showAll();
  EXPECT_EQ(model.state().shown.size(), 9U);
}

TEST(PeopleModel, IdsThatAreNobodyAreListedWithTheirReason) {
  StudyDesk desk;
  PeopleModel model(desk.context);
  model.showOnly("Leave", {{"sub-02", "x"}, {"ghost", "without a counterpart"}});
  EXPECT_EQ(cells(model, "Person"), (QStringList{"ghost", "sub-02"}));
  EXPECT_EQ(model.cell(0, column(model, "Why")), "without a counterpart");
  EXPECT_TRUE(model.out(0));
  EXPECT_EQ(model.cell(1, column(model, "Why")), "x");
  model.setFilter("ghost");
  EXPECT_EQ(model.state().shown.size(), 1U);
}

TEST(PeopleModel, ARatingChangesWhatIsUsable) {
  StudyDesk desk;
  PeopleModel model(desk.context);
  model.setView(View::people);
  EXPECT_EQ(cells(model, "Usable").front(), "12");
  study::Rating rating;
  rating.person = "sub-01", rating.session = "1", rating.region = "left_putamen";
  rating.flag = study::Flag::failed;
  ASSERT_TRUE(desk.session.rate({rating}, "x"));
  EXPECT_EQ(cells(model, "Usable").front(), "11");
  EXPECT_EQ(cells(model, "Regions").front(), "12");
}

TEST(PeopleModel, WithoutAStudyThereAreNoRows) {
  StudyDesk desk;
  desk.session.close();
  PeopleModel model(desk.context);
  EXPECT_TRUE(model.state().shown.empty());
  model.open(0);
  model.sortBy(3);
  model.setFilter("x");
  EXPECT_EQ(model.person(0), "");
}

}  // namespace
}  // namespace ipsi::ui
