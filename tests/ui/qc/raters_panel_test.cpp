// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>

#include "tests/ui/qc/raters_support.h"
#include "ui/panels/qc_audit.h"
#include "ui/panels/qc_pages.h"
#include "ui/panels/qc_raters.h"
#include "ui/panels/qc_raters_parts.h"

namespace ipsi::ui {
namespace {

using study::Flag;

template <class Page>
struct Desk : test::RatedStudy {
  std::unique_ptr<Page> page;
  void show() {
    Theme::apply(ThemeChoice::light, 100);
    page = std::make_unique<Page>(context);
    page->resize(1094, 660);
    page->show();
    page->activateWindow();
    settle();
  }
  void settle() {
    EXPECT_TRUE(test::wait_until([&] { return !page->model().state().working && jobs.idle(); }));
  }
  template <class W>
  W* find(const char* name) {
    W* out = page->template findChild<W*>(name);
    EXPECT_NE(out, nullptr) << name;
    return out;
  }
};
using Raters = Desk<QcRaters>;
using Audit = Desk<QcAudit>;

TEST(QcRaters, ShowsEveryPartOfAnEmptyAFullAndAClosedStudy) {
  Raters desk;
  desk.show();
  for (int part = 0; part < 6; ++part) {
    desk.page->showPart(part);
    EXPECT_FALSE(desk.page->grab().isNull());
  }
  desk.two_raters();
  desk.a_conflict();
  desk.settle();
  for (int part = 0; part < 6; ++part) {
    desk.page->showPart(part);
    EXPECT_FALSE(desk.page->grab().isNull());
  }
  EXPECT_EQ(desk.find<CellsTable>("qc.raters.table")->rows(), 3);
  EXPECT_EQ(desk.find<CellsTable>("qc.disputes.table")->rows(), 4) << "C's caudate too";
  EXPECT_EQ(desk.find<CellsTable>("qc.conflicts.table")->rows(), 1);
  desk.session.close();
  EXPECT_TRUE(desk.find<QWidget>("qc.raters.empty")->isVisible());
}

TEST(QcRaters, TheKappaTableShowsTheModelsNumbers) {
  Raters desk;
  desk.two_raters();
  desk.show();
  desk.page->showPart(QcRaters::agreement);
  auto* table = desk.find<CellsTable>("qc.agreement.table");
  const auto& rows = desk.page->model().state().comparisons.at(0).rows;
  ASSERT_EQ(table->rows(), static_cast<int>(rows.size()));
  for (int r = 0; r < table->rows(); ++r) {
    const auto& row = rows[static_cast<std::size_t>(r)];
    EXPECT_EQ(table->cell(r, 1).text, formatNumber(row.n, 0));
    EXPECT_EQ(table->cell(r, 3).text, formatNumber(100 * row.percent.value, 1));
    EXPECT_EQ(table->cell(r, 4).text, formatNumber(row.kappa.value, 2));
    EXPECT_EQ(table->cell(r, 5).text, formatNumber(row.ac1.value, 2));
  }
  EXPECT_TRUE(desk.find<QLabel>("qc.agreement.note")->isVisible()) << "nearly all is ok: kappa misleads";
  desk.find<QPushButton>("qc.agreement.copy")->click();
  EXPECT_TRUE(QApplication::clipboard()->text().contains("Left putamen"));
  desk.find<QToolButton>("qc.agreement.as.1")->click();
  desk.settle();
  EXPECT_TRUE(desk.page->model().state().kept);
}

TEST(QcRaters, ANameIsChangedByTyping) {
  Raters desk;
  desk.show();
  auto* me = desk.find<QLineEdit>("qc.raters.me");
  EXPECT_EQ(me->text(), "A");
  me->setFocus();
  me->selectAll();
  QTest::keyClicks(me, "gold");
  EXPECT_TRUE(desk.find<QLabel>("qc.raters.meaning")->text().contains("right answers"));
  QTest::keyClick(me, Qt::Key_Return);
  EXPECT_EQ(desk.session.rater(), "gold");
  EXPECT_EQ(desk.settings.rater(), "gold");
}

TEST(QcRaters, AssignsFromItsFields) {
  Raters desk;
  desk.two_raters();
  desk.show();
  desk.page->showPart(QcRaters::assignment);
  desk.find<QSpinBox>("qc.assign.overlap")->setValue(20);
  desk.find<QSpinBox>("qc.assign.seed")->setValue(5);
  desk.find<QPushButton>("qc.assign")->click();
  desk.settle();
  const auto& state = desk.page->model().state();
  ASSERT_TRUE(state.assigned);
  EXPECT_DOUBLE_EQ(state.plan.overlap, 0.2);
  EXPECT_EQ(state.plan.seed, 5U);
  EXPECT_EQ(desk.find<CellsTable>("qc.assign.table")->rows(), 2);
}

TEST(QcRaters, ARuleIsChosenInTheTableAndUsedByTheButton) {
  Raters desk;
  desk.two_raters();
  desk.show();
  desk.page->showPart(QcRaters::rules);
  auto* table = desk.find<CellsTable>("qc.rules.table");
  auto* use = desk.find<QPushButton>("qc.rules.use");
  EXPECT_FALSE(use->isEnabled()) << "in force already";
  table->setFocus();
  QTest::keyClick(table, Qt::Key_End);
  ASSERT_TRUE(use->isEnabled());
  use->click();
  desk.settle();
  EXPECT_EQ(desk.page->model().state().rule, "rater:B");
  EXPECT_TRUE(table->cell(5, 0).text.contains("in use"));
  EXPECT_FALSE(use->isEnabled());
}

TEST(QcRaters, ADroppedFileIsAPlanThatTheButtonImports) {
  Raters desk;
  desk.show();
  test::spit(desk.folder / "b.tsv",
             "subject\tregion\tflag\trater\ttime\nsub-01\tleft_caudate\tok\tB\t2024-05-01T10:00:00Z\n");
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(QString::fromStdString((desk.folder / "b.tsv").string()))});
  QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(desk.page.get(), &enter);
  EXPECT_TRUE(enter.isAccepted());
  QDropEvent drop(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(desk.page.get(), &drop);
  ASSERT_TRUE(test::wait_until(
      [&] { return desk.page->exchange().state().stage == RatingExchange::Stage::planned && desk.jobs.idle(); }));
  auto* import = desk.find<QPushButton>("qc.files.import");
  ASSERT_TRUE(import->isVisible());
  EXPECT_EQ(import->text(), "Import 1 flag");
  EXPECT_TRUE(desk.on_disk().empty());
  import->click();
  EXPECT_EQ(desk.on_disk().size(), 1U);
  EXPECT_FALSE(import->isVisible());
}

TEST(QcRaters, EscapeAndTheButtonLeaveAndAdjudicationIsAskedFor) {
  Raters desk;
  desk.two_raters();
  desk.show();
  QSignalSpy closed(desk.page.get(), &QcRaters::closed), adjudicate(desk.page.get(), &QcRaters::adjudicate);
  QTest::keyClick(desk.page.get(), Qt::Key_Escape);
  desk.find<QPushButton>("qc.raters.back")->click();
  EXPECT_EQ(closed.size(), 2);
  desk.page->showPart(QcRaters::disputes);
  desk.find<QPushButton>("qc.disputes.adjudicate")->click();
  EXPECT_EQ(adjudicate.size(), 1);
  EXPECT_TRUE(desk.actions.trigger("qc.raters.adjudicate"));
  EXPECT_EQ(adjudicate.size(), 2);
}

TEST(QcRaters, AFailingJobIsACardWithItsReason) {
  Raters desk;
  study::Request request{.author = "x", .kind = "setting", .summary = "", .changes = {}};
  request.put(study::Setting{"assignment", "{"});
  ASSERT_TRUE(desk.session.apply(std::move(request)));
  desk.show();
  EXPECT_FALSE(desk.page->model().state().what.isEmpty());
  EXPECT_FALSE(desk.find<CellsTable>("qc.raters.table")->isVisible());
  EXPECT_FALSE(desk.page->grab().isNull());
}

TEST(QcAudit, ShowsTheTableOfTheChosenVariable) {
  Audit desk;
  desk.two_raters();
  desk.show();
  auto* table = desk.find<CellsTable>("qc.audit.table");
  ASSERT_EQ(table->rows(), 13);
  const auto& rows = desk.page->model().state().rows;
  for (int r = 0; r < 13; ++r) {
    EXPECT_EQ(table->cell(r, 1).text, formatNumber(rows[static_cast<std::size_t>(r)].left_out, 0));
    EXPECT_EQ(table->cell(r, 6).text, formatNumber(rows[static_cast<std::size_t>(r)].d, 2));
  }
  desk.find<QToolButton>("qc.audit.variable.3")->click();
  EXPECT_EQ(desk.page->model().state().variable, 3);
  EXPECT_FALSE(desk.page->grab().isNull());
  QSignalSpy closed(desk.page.get(), &QcAudit::closed);
  QTest::keyClick(desk.page.get(), Qt::Key_Escape);
  EXPECT_EQ(closed.size(), 1);
}

TEST(QcAudit, SaysThatNobodyLeavesAndThatNoStudyIsOpen) {
  Audit desk;
  desk.show();
  EXPECT_TRUE(desk.find<QLabel>("qc.audit.none")->isVisible());
  EXPECT_FALSE(desk.find<CellsTable>("qc.audit.table")->isVisible());
  desk.session.close();
  EXPECT_TRUE(desk.find<QWidget>("qc.audit.empty")->isVisible());
  EXPECT_FALSE(desk.page->grab().isNull());
}

TEST(QcAudit, AStudyOfNobodyIsACard) {
  Audit desk;
  ASSERT_TRUE(desk.session.create(desk.folder / "none.ipsi"));
  desk.show();
  EXPECT_TRUE(desk.find<QWidget>("qc.audit.error")->isVisible());
}

/// In the workspace: the page takes the pictures' place, and adjudication is a queue in the name of the consensus.
TEST(QcPages, AdjudicatingIsAQueueInTheNameOfTheConsensus) {
  test::RatedStudy study;
  study.two_raters();
  Theme::apply(ThemeChoice::light, 100);
  QcPanel panel(study.context);
  addQcPages(panel, study.context);
  panel.resize(1298, 698);
  panel.show();
  panel.activateWindow();
  ASSERT_TRUE(study.actions.trigger("qc.page.raters"));
  auto* page = panel.findChild<QcRaters*>("qc.raters");
  ASSERT_NE(page, nullptr);
  EXPECT_TRUE(page->isVisible());
  EXPECT_FALSE(panel.findChild<QWidget*>("qc.viewer")->isVisible());
  ASSERT_TRUE(test::wait_until([&] { return !page->model().state().working && study.jobs.idle(); }));
  ASSERT_TRUE(study.actions.trigger("qc.raters.adjudicate"));
  EXPECT_FALSE(page->isVisible());
  EXPECT_EQ(panel.model().state().filter, QcFilter::disagree);
  ASSERT_EQ(panel.model().state().queue.size(), 3U);
  panel.model().choosePerson(0);
  panel.model().chooseRegion(4);  // left putamen
  EXPECT_EQ(panel.model().state().tiles[4].flag, QcFlag::unrated) << "what the two said is hidden";
  panel.model().flag(QcFlag::ok);
  const auto ratings = study.on_disk();
  const auto decided =
      std::find_if(ratings.begin(), ratings.end(), [](const auto& r) { return r.rater == "consensus"; });
  ASSERT_NE(decided, ratings.end());
  EXPECT_EQ(decided->region, "left_putamen");
  ASSERT_TRUE(study.actions.trigger("qc.page.audit"));
  EXPECT_TRUE(panel.findChild<QcAudit*>("qc.audit")->isVisible());
  EXPECT_TRUE(test::wait_until([&] { return study.jobs.idle(); }));
}

}  // namespace
}  // namespace ipsi::ui
