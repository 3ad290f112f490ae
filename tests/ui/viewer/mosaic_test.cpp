// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewer/mosaic_widget.h"

#include <QScrollBar>
#include <QSignalSpy>

#include "tests/core/render/planes_phantom.h"
#include "tests/support/qt_support.h"

namespace ipsi::ui {
namespace {

struct Desk {
  MosaicWidget mosaic;
  std::vector<MosaicTile> tiles;
  int asked = 0;
  explicit Desk(int count, QSize size = QSize(750, 560)) {
    Theme::apply(ThemeChoice::dark, 100);
    const auto scan = test::scan_on(test::ras_grid());
    const auto made = std::make_shared<render::Thumbnails>(render::make_thumbnails(*scan));
    for (int i = 0; i < count; ++i) {
      MosaicTile tile;
      tile.name = QString("sub-%1").arg(i);
      tile.words = tile.name;
      tile.thumbnail = std::shared_ptr<const render::Thumbnail>(made, &made->of[4]);
      tiles.push_back(tile);
    }
    mosaic.setSource([this](int i) {
      ++asked;
      return tiles.at(static_cast<std::size_t>(i));
    });
    mosaic.setCount(count);
    mosaic.setRegion(4);
    mosaic.resize(size);
    mosaic.show();
    mosaic.activateWindow();
    mosaic.setFocus();
    settle();
  }
  static void settle() { QTest::qWait(1); }
  QImage shot() { return mosaic.viewport()->grab().toImage(); }
  [[nodiscard]] int wholly_visible() const {
    int n = 0;
    for (int i = 0; i < mosaic.count(); ++i) n += mosaic.viewport()->rect().contains(mosaic.tileRect(i)) ? 1 : 0;
    return n;
  }
};

TEST(Mosaic, ShowsTwentyFourTilesWhereverTheyFit) {
  for (const QSize size : {QSize(720, 540), QSize(1290, 600), QSize(1700, 900), QSize(760, 520)}) {
    Desk desk(828, size);
    EXPECT_GE(desk.wholly_visible(), 24) << size.width();
    EXPECT_EQ(desk.mosaic.rows(), (desk.wholly_visible() + desk.mosaic.columns() - 1) / desk.mosaic.columns());
    for (int i = 1; i < 30; ++i) EXPECT_FALSE(desk.mosaic.tileRect(i).intersects(desk.mosaic.tileRect(i - 1)));
  }
}

TEST(Mosaic, LargeTextMakesFewerTilesInWhichNamesCanBeRead) {
  Desk desk(828, QSize(580, 400));
  Theme::apply(ThemeChoice::dark, 150);
  desk.mosaic.resize(581, 400);
  Desk::settle();
  const int name = QFontMetrics(ui::font(TextRole::small)).horizontalAdvance("sub-c00s000");
  EXPECT_GT(desk.mosaic.tileRect(0).width(), name);
  EXPECT_GE(desk.wholly_visible(), 6);
  Theme::apply(ThemeChoice::dark, 100);
}

TEST(Mosaic, ClickChoosesDoubleClickAndEnterOpen) {
  Desk desk(100);
  QSignalSpy chosen(&desk.mosaic, &MosaicWidget::chosen), opened(&desk.mosaic, &MosaicWidget::opened);
  const auto middle = [&](int i) { return desk.mosaic.tileRect(i).center(); };
  QTest::mouseClick(desk.mosaic.viewport(), Qt::LeftButton, {}, middle(8));
  ASSERT_EQ(chosen.count(), 1);
  EXPECT_EQ(chosen.at(0).at(0).toInt(), 8);
  EXPECT_EQ(desk.mosaic.current(), 8);
  QTest::mouseDClick(desk.mosaic.viewport(), Qt::LeftButton, {}, middle(9));
  ASSERT_EQ(opened.count(), 1);
  EXPECT_EQ(opened.at(0).at(0).toInt(), 9);
  QTest::keyClick(&desk.mosaic, Qt::Key_Return);
  EXPECT_EQ(opened.count(), 2);
}

TEST(Mosaic, ArrowsAndPagesMoveAndStayInside) {
  Desk desk(100);
  const int columns = desk.mosaic.columns();
  desk.mosaic.setCurrent(0);
  QTest::keyClick(&desk.mosaic, Qt::Key_Left);
  QTest::keyClick(&desk.mosaic, Qt::Key_Up);
  EXPECT_EQ(desk.mosaic.current(), 0);
  QTest::keyClick(&desk.mosaic, Qt::Key_Right);
  QTest::keyClick(&desk.mosaic, Qt::Key_Down);
  EXPECT_EQ(desk.mosaic.current(), 1 + columns);
  QTest::keyClick(&desk.mosaic, Qt::Key_PageDown);
  EXPECT_EQ(desk.mosaic.current(), 1 + columns * (1 + desk.mosaic.rows()));
  EXPECT_TRUE(desk.mosaic.viewport()->rect().contains(desk.mosaic.tileRect(desk.mosaic.current())));
  QTest::keyClick(&desk.mosaic, Qt::Key_End);
  EXPECT_EQ(desk.mosaic.current(), 99);
  QTest::keyClick(&desk.mosaic, Qt::Key_Down);
  QTest::keyClick(&desk.mosaic, Qt::Key_PageDown);
  EXPECT_EQ(desk.mosaic.current(), 99);
  EXPECT_TRUE(desk.mosaic.viewport()->rect().contains(desk.mosaic.tileRect(99)));
  for (int i = 0; i < 30; ++i) QTest::keyClick(&desk.mosaic, Qt::Key_PageUp);
  EXPECT_LT(desk.mosaic.current(), columns);
  QTest::keyClick(&desk.mosaic, Qt::Key_Home);
  EXPECT_EQ(desk.mosaic.current(), 0);
}

TEST(Mosaic, TheNextPageComesWholeWhenTheCurrentOneLeavesTheView) {
  Desk desk(100);
  const int last = desk.wholly_visible() - 1;
  desk.mosaic.setCurrent(last);
  EXPECT_EQ(desk.mosaic.verticalScrollBar()->value(), 0);
  QSignalSpy chosen(&desk.mosaic, &MosaicWidget::chosen);
  desk.mosaic.setCurrent(last + 1);
  EXPECT_EQ(desk.mosaic.visible().first, last + 1);
  EXPECT_EQ(chosen.count(), 0);
}

TEST(Mosaic, ScrollingAsksAndPaintsNothingAgain) {
  Desk desk(200);
  desk.shot();
  ASSERT_TRUE(test::wait_until([&] { return desk.asked >= 2 * desk.mosaic.visible().second; }));
  Desk::settle();
  const int before = desk.asked;
  auto* bar = desk.mosaic.verticalScrollBar();
  const QImage first = desk.shot();
  for (int y = 0; y < 200; y += 20) {
    bar->setValue(y);
    desk.shot();
  }
  EXPECT_EQ(desk.asked, before);
  bar->setValue(0);
  EXPECT_EQ(desk.shot(), first);
}

TEST(Mosaic, AChangedTileIsPaintedAgain) {
  Desk desk(30);
  const QImage before = desk.shot();
  desk.tiles[2].flag = FlagSymbol::failed;
  EXPECT_EQ(desk.shot(), before);  // not yet told
  desk.mosaic.refresh();
  const QImage after = desk.shot();
  const QRect changed = desk.mosaic.tileRect(2);
  EXPECT_NE(after.copy(changed), before.copy(changed));
  EXPECT_EQ(after.copy(desk.mosaic.tileRect(3)), before.copy(desk.mosaic.tileRect(3)));
}

TEST(Mosaic, OverlayAndLesionFollowTheLook) {
  Desk desk(30);
  const QImage outline = desk.shot();
  desk.mosaic.setOverlayHidden(true);
  const QImage hidden = desk.shot();
  EXPECT_NE(hidden, outline);
  desk.mosaic.setOverlayHidden(false);
  EXPECT_EQ(desk.shot(), outline);
  render::PlaneLook look;
  look.overlay = render::Overlay::off;
  look.lesion = false;
  desk.mosaic.setLook(look);
  EXPECT_EQ(desk.shot(), hidden);
  look.overlay = render::Overlay::fill;
  desk.mosaic.setLook(look);
  EXPECT_NE(desk.shot(), hidden);
}

TEST(Mosaic, WhatIsMissingSaysSoAndTheFlagStaysVisible) {
  Desk desk(30);
  const QImage there = desk.shot().copy(desk.mosaic.tileRect(0));
  desk.tiles[0].thumbnail = nullptr;
  desk.mosaic.refresh();
  const QImage reading = desk.shot().copy(desk.mosaic.tileRect(0));
  desk.tiles[0].missing = "no scan";
  desk.mosaic.refresh();
  const QImage missing = desk.shot().copy(desk.mosaic.tileRect(0));
  EXPECT_NE(there, reading);
  EXPECT_NE(missing, reading);
}

TEST(Mosaic, NobodyIsAnEmptyGround) {
  Desk desk(0);
  EXPECT_EQ(desk.mosaic.current(), -1);
  QTest::keyClick(&desk.mosaic, Qt::Key_Down);
  QTest::keyClick(&desk.mosaic, Qt::Key_Return);
  QTest::mouseClick(desk.mosaic.viewport(), Qt::LeftButton, {}, QPoint(50, 50));
  EXPECT_FALSE(desk.shot().isNull());
}

TEST(Mosaic, RatingKeysGoToTheWorkspace) {
  Desk desk(30);
  for (const Qt::Key key : {Qt::Key_A, Qt::Key_Space, Qt::Key_Q}) {
    QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
    QCoreApplication::sendEvent(&desk.mosaic, &event);
    EXPECT_FALSE(event.isAccepted()) << key;
  }
}

}  // namespace
}  // namespace ipsi::ui
