// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_panel.h"

#include <QPlainTextEdit>
#include <QSignalSpy>

#include "tests/ui/study/study_support.h"

namespace ipsi::ui {
namespace {
using test::StudyDesk;
using Stage = ImportModel::Stage;

struct Looks {
  Looks() { Theme::apply(ThemeChoice::light, 100); }
};

struct Desk {
  Looks looks;  // before the panel, as in the program
  StudyDesk study;
  StudyPanel panel;
  explicit Desk(int people = 9) : study(people), panel(study.context) {
    panel.resize(1298, 698);
    panel.show();
    panel.activateWindow();
    QTest::qWait(1);
  }
  template <class T = QWidget>
  T* get(const char* name) {
    T* found = panel.findChild<T*>(name);
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  void offer() {
    study.shell.offerImport(StudyDesk::traps());
    ASSERT_TRUE(test::planned(panel.importModel()));
  }
  /// A picture for people to look at, where a folder is named.
  void keep(const char* name) {
    const QString folder = qEnvironmentVariable("IPSI_SCREENS");
    if (folder.isEmpty()) return;
    QTest::qWait(1);
    panel.grab().save(folder + "/study_" + name + ".png");
  }
};

TEST(StudyPanel, AnEmptyStudyIsASentenceAButtonAndALink) {
  Desk desk(0);
  EXPECT_TRUE(desk.get("study.empty")->isVisible());
  EXPECT_FALSE(desk.get("study.table")->isVisible());
  EXPECT_EQ(desk.get("study.empty")->findChildren<QPushButton*>().size(), 2);
  desk.keep("empty");
}

TEST(StudyPanel, WhatIsDroppedStartsADryRunAndNothingIsWritten) {
  Desk desk(0);
  desk.offer();
  EXPECT_TRUE(desk.get("study.problems")->isVisible());
  EXPECT_EQ(desk.get<QPushButton>("study.import.go")->text(), "Import 0 of 20");
  EXPECT_FALSE(desk.get<QPushButton>("study.import.go")->isEnabled());
  EXPECT_TRUE(desk.get("study.import.blocked")->isVisible());
  EXPECT_EQ(desk.get<QLabel>("study.import.problems")->text(), "53 problems");
  EXPECT_EQ(desk.study.session.snapshot()->last_act, 0);
  desk.keep("blocked");
}

TEST(StudyPanel, OffersThatCameBeforeThePanelAreTaken) {
  StudyDesk study(0);
  study.shell.offerImport(study.clean());
  StudyPanel panel(study.context);
  EXPECT_TRUE(test::planned(panel.importModel()));
}

TEST(StudyPanel, FromTheKeyboardToTheImportAndBack) {
  Desk desk(0);
  desk.offer();
  auto* list = desk.get<QListView>("study.problems");
  list->setFocus();
  const int first = desk.panel.importModel().state().current;
  QTest::keyClick(list, Qt::Key_Down);
  EXPECT_NE(desk.panel.importModel().state().current, first);
  EXPECT_TRUE(desk.get<QLabel>("study.excerpt.title")->text().contains("as it stands in the file"));
  QTest::keyClick(desk.get("study.filter.2"), Qt::Key_Space);
  EXPECT_EQ(desk.panel.importModel().state().filter, ImportModel::Filter::bad);
  QPushButton* keep = nullptr;
  for (auto* button : desk.panel.findChildren<QPushButton*>())
    if (button->text() == "Line 15") keep = button;
  ASSERT_NE(keep, nullptr);
  QTest::keyClick(keep, Qt::Key_Space);
  ASSERT_TRUE(test::planned(desk.panel.importModel()));
  auto* go = desk.get<QPushButton>("study.import.go");
  EXPECT_EQ(go->text(), "Import 16 of 20");
  ASSERT_TRUE(go->isEnabled());
  desk.keep("ready");
  QTest::keyClick(go, Qt::Key_Space);
  EXPECT_EQ(desk.study.session.snapshot()->people.size(), 16U);
  EXPECT_TRUE(desk.get("study.table")->isVisible());
  desk.keep("imported");
  ASSERT_TRUE(desk.study.session.undo({"import"}));
  EXPECT_TRUE(desk.get("study.empty")->isVisible());
}

TEST(StudyPanel, ACountOpensWhoTheyAre) {
  Desk desk(0);
  desk.offer();
  auto* count = desk.get<QAbstractButton>("study.count.in:volumes:participants");
  QTest::keyClick(count, Qt::Key_Space);
  auto* who = desk.get<QPlainTextEdit>("study.import.people");
  EXPECT_TRUE(who->isVisible());
  EXPECT_TRUE(who->toPlainText().contains("sub-099"));
  desk.keep("count");
}

TEST(StudyPanel, AFailureIsACardAndCanBeRunAgain) {
  Desk desk(0);
  desk.study.shell.offerImport({{"freesurfer", QString::fromStdString(desk.study.file("nowhere"))}});
  ASSERT_TRUE(test::wait_until([&] { return desk.panel.importModel().state().stage == Stage::failed; }));
  EXPECT_TRUE(desk.get("study.import.error")->isVisible());
  EXPECT_FALSE(desk.get("study.import.go")->isVisible());
  desk.keep("failed");
  std::filesystem::create_directories(desk.study.file("nowhere"));
  QTest::keyClick(desk.get("study.import.again"), Qt::Key_Space);
  ASSERT_TRUE(test::wait_until([&] { return desk.panel.importModel().state().stage != Stage::running; }));
  QTest::keyClick(desk.get("study.import.cancel"), Qt::Key_Space);
  EXPECT_TRUE(desk.get("study.empty")->isVisible());
}

TEST(StudyPanel, TheTableSortsFiltersAndOpens) {
  Desk desk;
  auto* table = desk.get<QTableView>("study.table");
  EXPECT_EQ(table->model()->rowCount(), 2);
  QTest::keyClick(desk.get("study.view.1"), Qt::Key_Space);
  EXPECT_EQ(table->model()->rowCount(), 9);
  auto* filter = desk.get<QLineEdit>("study.filter");
  QTest::keyClicks(filter, "right");
  EXPECT_EQ(table->model()->rowCount(), 3);
  QTest::keyClick(filter, Qt::Key_Return);
  EXPECT_TRUE(table->hasFocus());
  QSignalSpy wanted(&desk.study.shell, &Shell::workspaceWanted);
  QTest::keyClick(table, Qt::Key_Down);
  QTest::keyClick(table, Qt::Key_Return);
  EXPECT_EQ(desk.study.session.person(), "sub-06");
  EXPECT_EQ(wanted.count(), 1);
  desk.keep("people");
}

TEST(StudyPanel, AStepOfTheFlowListsWhoLeaves) {
  Desk desk(0);
  desk.offer();
  desk.panel.importModel().answer("duplicates", "last");
  for (const auto& q : desk.panel.importModel().state().questions)
    if (q.id.startsWith("duplicate")) {
      desk.panel.importModel().answer(q.id, "last");
      break;
    }
  ASSERT_TRUE(test::planned(desk.panel.importModel()));
  ASSERT_TRUE(desk.panel.importModel().import());
  auto* flow = desk.get<StudyFlow>("study.flow");
  const auto& steps = desk.panel.studyModel().state().flow;
  int step = -1;
  for (std::size_t i = 1; i < steps.size() && step < 0; ++i)
    if (steps[i].out > 0) step = static_cast<int>(i);
  ASSERT_GE(step, 0);
  QTest::mouseClick(flow, Qt::LeftButton, {}, flow->boxOf(step, true).center());
  const auto& state = desk.panel.peopleModel().state();
  EXPECT_EQ(static_cast<long long>(state.shown.size()), steps[static_cast<std::size_t>(step)].out);
  EXPECT_TRUE(desk.panel.peopleModel().out(0));
  EXPECT_TRUE(desk.get("study.chip.all")->isVisible());
  desk.keep("leaving");
  QTest::keyClick(desk.get("study.chip.all"), Qt::Key_Space);
  EXPECT_TRUE(state.chosen.isEmpty());
  flow->setFocus();
  QTest::keyClick(flow, Qt::Key_Down);
  QTest::keyClick(flow, Qt::Key_Return);
  EXPECT_FALSE(state.chosen.isEmpty());
  EXPECT_TRUE(flow->words().contains("Analysed: "));
}

TEST(StudyPanel, AScaleIsChangedInItsForm) {
  Desk desk(0);
  desk.study.shell.offerImport(desk.study.clean());
  ASSERT_TRUE(test::planned(desk.panel.importModel()));
  ASSERT_TRUE(desk.panel.importModel().import());
  QTest::keyClick(desk.get("study.view.2"), Qt::Key_Space);
  auto* max = desk.get<QDoubleSpinBox>("study.scale.max");
  auto* apply = desk.get<QPushButton>("study.scale.apply");
  EXPECT_TRUE(max->isVisible());
  EXPECT_FALSE(apply->isEnabled());
  max->setFocus();
  max->selectAll();
  QTest::keyClicks(max, "33");
  ASSERT_TRUE(apply->isEnabled());
  QTest::keyClick(apply, Qt::Key_Space);
  EXPECT_EQ(desk.panel.studyModel().state().scales[0].max, "33");
  EXPECT_TRUE(desk.get("study.scale.outside")->isVisible());
  desk.keep("scores");
  QTest::keyClick(desk.get("study.scale.outside"), Qt::Key_Space);
  EXPECT_EQ(desk.panel.peopleModel().state().shown.size(), 2U);
}

TEST(StudyPanel, EveryThingToPressIsInThePalette) {
  Desk desk(0);
  for (const char* id : {"study.add.volumes", "study.add.freesurfer", "study.import", "study.import.cancel",
                         "study.import.export", "study.view.people", "study.view.scores", "study.filter"})
    EXPECT_NE(desk.study.actions.find(id), nullptr) << id;
  EXPECT_FALSE(desk.study.actions.enabled("study.import"));
  desk.study.shell.offerImport(desk.study.clean());
  ASSERT_TRUE(test::planned(desk.panel.importModel()));
  EXPECT_TRUE(desk.study.actions.trigger("study.import"));
  EXPECT_EQ(desk.study.session.snapshot()->people.size(), 5U);
}

TEST(StudyPanel, LargeTextFitsTheWindow) {
  Desk desk(0);
  desk.offer();
  Theme::apply(ThemeChoice::dark, 150);
  QTest::qWait(1);
  EXPECT_LE(desk.panel.minimumSizeHint().width(), 1178);  // 1280 less the rail at that size
  desk.panel.resize(1264, 698);
  desk.keep("large");
  Theme::apply(ThemeChoice::light, 100);
}

TEST(StudyPanel, WithoutAStudyItIsPaintedAllTheSame) {
  Desk desk;
  desk.study.session.close();
  EXPECT_TRUE(desk.get("study.empty")->isVisible());
  EXPECT_FALSE(desk.panel.grab().isNull());
  for (const auto choice : {ThemeChoice::dark, ThemeChoice::light}) {
    Theme::apply(choice, 150);
    EXPECT_FALSE(desk.panel.grab().isNull());
  }
  Theme::apply(ThemeChoice::light, 100);
}

}  // namespace
}  // namespace ipsi::ui
