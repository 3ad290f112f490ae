// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_panel.h"

#include "tests/ui/explore/explore_support.h"

namespace ipsi::ui {
namespace {

struct Desk {
  test::ExploreStudy study;
  ExplorePanel panel;
  explicit Desk(bool images = false, bool open = true) : study(images, open), panel(study.context) {
    Theme::apply(ThemeChoice::dark, 100);
    panel.resize(1298, 698);
    panel.show();
    panel.activateWindow();
    QTest::qWait(1);
  }
  template <class T>
  T* find(const char* name) {
    return panel.findChild<T*>(name);
  }
  QString text(const char* name) { return find<QLabel>(name)->text(); }
  const ExploreModel::State& state() { return panel.model().state(); }
};

TEST(ExplorePanel, ShowsThePersonThatIsChosen) {
  Desk desk(true);
  EXPECT_EQ(desk.text("explore.title"), "sub-01");
  EXPECT_EQ(desk.text("explore.fact.3"), "10, early");
  EXPECT_EQ(desk.text("explore.fact.5"), "0.5 mL");
  ASSERT_TRUE(test::wait_until([&] { return desk.state().model != nullptr; }));
  EXPECT_EQ(desk.find<TriplanarWidget>("explore.viewer")->scan(), desk.state().scan);
  EXPECT_EQ(desk.text("explore.regions.note"), "z for ICV and age, n = 15");
  const auto* regions = desk.find<ExploreRegions>("explore.regions");
  const auto& tile = desk.state().regions[0];
  EXPECT_TRUE(regions->words(0).contains("z " + formatNumber(tile.numbers.z, 1)));
  EXPECT_TRUE(desk.find<ExploreOverlap>("explore.overlap")->sentence().contains("without a label"));
  desk.study.session.select("sub-12");
  EXPECT_EQ(desk.text("explore.title"), "sub-12");
  EXPECT_EQ(desk.text("explore.fact.5"), "72.0 mL");
}

TEST(ExplorePanel, KeysChooseRegionsAndActionsStepPeople) {
  Desk desk;
  auto* regions = desk.find<ExploreRegions>("explore.regions");
  regions->setFocus();
  QTest::keyClick(regions, Qt::Key_Down);
  EXPECT_EQ(desk.study.session.region(), "left_caudate");
  QTest::keyClick(regions, Qt::Key_Right);
  EXPECT_EQ(desk.study.session.region(), "right_caudate");
  QTest::keyClick(regions, Qt::Key_Home);
  EXPECT_EQ(desk.study.session.region(), "left_thalamus");
  QTest::mouseClick(regions, Qt::LeftButton, {}, regions->rowRect(9).center());
  EXPECT_EQ(desk.study.session.region(), "right_pallidum");
  const auto* next = desk.study.actions.find("explore.next");
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->shortcut, "PgDown");
  EXPECT_TRUE(desk.study.actions.trigger("explore.next"));
  EXPECT_EQ(desk.study.session.person(), "sub-02");
  EXPECT_EQ(desk.study.session.region(), "right_pallidum");
  EXPECT_TRUE(desk.study.actions.trigger("explore.previous"));
  EXPECT_EQ(desk.text("explore.title"), "sub-01");
}

TEST(ExplorePanel, EachGapIsASentence) {
  Desk desk;
  auto* scores = desk.find<ExploreScores>("explore.scores");
  EXPECT_TRUE(scores->note().startsWith("3 sessions"));
  EXPECT_TRUE(desk.find<ExploreOverlap>("explore.overlap")->sentence().startsWith("No lesion mask"));
  desk.study.session.select("sub-02");
  EXPECT_TRUE(scores->note().startsWith("One session"));
  desk.study.session.select("sub-03");
  EXPECT_TRUE(scores->note().startsWith("No score"));
  EXPECT_TRUE(desk.state().message.contains("no scan"));
  desk.study.session.select("sub-04");
  EXPECT_EQ(desk.text("explore.fact.5"), "not known");
}

TEST(ExplorePanel, ABrokenImageIsATileAndTheRestWorks) {
  Desk desk(true);
  ASSERT_TRUE(test::wait_until([&] { return desk.state().model != nullptr; }));
  desk.study.session.select("sub-05");
  test::spit(desk.study.folder / "t1.nii.gz", "not an image");
  desk.study.session.select("sub-02");
  ASSERT_TRUE(test::wait_until([&] { return desk.state().message.contains("t1.nii.gz"); }));
  EXPECT_EQ(desk.find<TriplanarWidget>("explore.viewer")->scan(), nullptr);
  EXPECT_EQ(desk.state().model, nullptr);
  EXPECT_FALSE(std::isnan(desk.state().regions[0].numbers.z));
  auto* regions = desk.find<ExploreRegions>("explore.regions");
  QTest::mouseClick(regions, Qt::LeftButton, {}, regions->rowRect(3).center());
  EXPECT_EQ(desk.state().region, test::region_index("left_pallidum"));
  EXPECT_TRUE(desk.study.actions.trigger("explore.next"));
  EXPECT_EQ(desk.text("explore.title"), "sub-03");
}

TEST(ExplorePanel, TheTabsKeepOnlyTheSeenOneAtWork) {
  Desk desk(true);
  ASSERT_TRUE(test::wait_until([&] { return desk.state().model != nullptr; }));
  EXPECT_TRUE(desk.study.actions.trigger("explore.cohort"));
  EXPECT_TRUE(desk.panel.showsCohort());
  EXPECT_EQ(desk.panel.model().cachedBytes(), 0U);
  EXPECT_EQ(desk.panel.cohort().model().state().people.size(), 15U);
  auto* tabs = desk.find<Segments>("cohort.tabs");
  QTest::mouseClick(tabs->button(0), Qt::LeftButton);
  EXPECT_FALSE(desk.panel.showsCohort());
  EXPECT_EQ(tabs->current(), 1);
  ASSERT_TRUE(test::wait_until([&] { return desk.panel.model().cachedBytes() > 0; }));
  desk.study.session.select("sub-02");
  desk.panel.hide();
  EXPECT_EQ(desk.panel.model().cachedBytes(), 0U);
}

TEST(ExplorePanel, AnotherSessionIsChosenFromTheBox) {
  Desk desk;
  auto* box = desk.find<QComboBox>("explore.visit");
  ASSERT_EQ(box->count(), 3);
  EXPECT_EQ(box->itemText(1), "session 2, day 60");
  EXPECT_TRUE(desk.study.actions.trigger("explore.visit.next"));
  EXPECT_EQ(box->currentIndex(), 1);
  EXPECT_EQ(desk.text("explore.fact.3"), "60, subacute");
  desk.study.session.select("sub-02");
  EXPECT_FALSE(box->isVisible());
}

TEST(ExplorePanel, AnEmptyStudyIsASentence) {
  Desk desk(false, false);
  EXPECT_TRUE(desk.find<QWidget>("explore.empty")->isVisible());
  EXPECT_FALSE(desk.find<QWidget>("explore.viewer")->isVisible());
  EXPECT_FALSE(desk.study.actions.trigger("explore.next"));
  desk.study.session.open(desk.study.folder / "small.ipsi");
  EXPECT_FALSE(desk.find<QWidget>("explore.empty")->isVisible());
  EXPECT_EQ(desk.text("explore.title"), "sub-01");
}

TEST(ExplorePanel, LargeTextStillFits) {
  Desk desk;
  Theme::apply(ThemeChoice::light, 150);
  QTest::qWait(1);
  const auto* regions = desk.find<ExploreRegions>("explore.regions");
  EXPECT_GE(regions->height(), regions->sizeHint().height());
  EXPECT_FALSE(desk.panel.grab().isNull());
  Theme::apply(ThemeChoice::dark, 100);
}

}  // namespace
}  // namespace ipsi::ui
