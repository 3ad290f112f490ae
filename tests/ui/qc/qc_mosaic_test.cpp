// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_mosaic.h"

#include <QSignalSpy>

#include "tests/ui/qc/qc_support.h"

namespace ipsi::ui {
namespace {

struct Wall {
  test::QcStudy study;
  QcModel model{study.context};
  QcMosaic mosaic{study.context, model};
  explicit Wall(bool images = true, bool open = true) : study(images, open) {
    Theme::apply(ThemeChoice::dark, 100);
    mosaic.resize(750, 590);
    model.chooseRegion(4);
    mosaic.show();
    mosaic.activateWindow();
    mosaic.tiles().setFocus();
    QTest::qWait(1);
  }
  QImage tile(int index) { return mosaic.tiles().viewport()->grab().toImage().copy(mosaic.tiles().tileRect(index)); }
  bool come() {
    return test::wait_until([&] {  // risk and the background's thumbnails too: tiles change by them
      return mosaic.thumbnails().find({"sub-02", "1"}).pictures != nullptr && study.jobs.idle();
    });
  }
};

TEST(QcMosaic, ShowsTheQueueWithItsPictures) {
  Wall wall;
  EXPECT_EQ(wall.mosaic.tiles().count(), static_cast<int>(wall.model.state().queue.size()));
  EXPECT_EQ(wall.mosaic.tiles().current(), wall.model.state().current);
  const QImage before = wall.tile(1);
  ASSERT_TRUE(wall.come());
  EXPECT_NE(wall.tile(1), before);
  // The other putamen has no label: another picture and a word about it.
  const QImage left = wall.tile(1);
  wall.model.chooseRegion(5);
  EXPECT_NE(wall.tile(1), left);
  wall.model.chooseRegion(4);
  EXPECT_EQ(wall.tile(1), left);
}

TEST(QcMosaic, AClickGoesToThePersonAndKeepsTheRegion) {
  Wall wall;
  QTest::mouseClick(wall.mosaic.tiles().viewport(), Qt::LeftButton, {}, wall.mosaic.tiles().tileRect(3).center());
  EXPECT_EQ(wall.model.state().current, 3);
  EXPECT_EQ(wall.model.state().region, 4);
  EXPECT_EQ(wall.mosaic.tiles().current(), 3);
  QSignalSpy opened(&wall.mosaic, &QcMosaic::opened);
  QTest::keyClick(&wall.mosaic.tiles(), Qt::Key_Return);
  EXPECT_EQ(opened.count(), 1);
  wall.model.choosePerson(1);  // by another way
  EXPECT_EQ(wall.mosaic.tiles().current(), 1);
}

TEST(QcMosaic, AFlagIsSeenAtOnce) {
  Wall wall;
  wall.model.choosePerson(0);
  const QImage before = wall.tile(2);
  study::Rating rating{"sub-03", "1", "left_putamen", "", study::Flag::failed, "", "", ""};
  wall.model.chooseRegion(4);
  ASSERT_TRUE(wall.study.session.rate({rating}, "by another way"));
  EXPECT_NE(wall.tile(2), before);
  EXPECT_TRUE(wall.study.session.undo({"rate"}));
  EXPECT_EQ(wall.model.glance(2).flag, QcFlag::unrated);
}

TEST(QcMosaic, TheLookOfTheSingleViewHoldsHere) {
  Wall wall;
  ASSERT_TRUE(wall.come());
  const QImage outline = wall.tile(1);
  wall.mosaic.setOverlayHidden(true);
  EXPECT_NE(wall.tile(1), outline);
  wall.mosaic.setOverlayHidden(false);
  render::PlaneLook look;
  look.overlay = render::Overlay::fill;
  wall.mosaic.setLook(look);
  EXPECT_NE(wall.tile(1), outline);
}

TEST(QcMosaic, ReasonsAreHiddenWithTheSuggestions) {
  Wall wall;
  ASSERT_TRUE(wall.come());
  const auto spoken = [&] {
    wall.mosaic.tiles().refresh();
    return wall.mosaic.tiles().accessibleDescription();
  };
  EXPECT_TRUE(spoken().contains("risk")) << spoken().toStdString();
  wall.model.setSuggest(QcSuggest::after);
  EXPECT_FALSE(spoken().contains("risk")) << spoken().toStdString();
  wall.model.setSuggest(QcSuggest::never);
  EXPECT_FALSE(spoken().contains("risk"));
}

TEST(QcMosaic, NothingIsReadWhileItIsHidden) {
  test::QcStudy study(true);
  QcModel model(study.context);
  QcMosaic mosaic(study.context, model);
  model.chooseRegion(4);
  QTest::qWait(20);
  EXPECT_FALSE(mosaic.thumbnails().state().waiting);
  EXPECT_EQ(mosaic.thumbnails().bytes(), 0U);
}

TEST(QcMosaic, AnEmptyStudyHasNoTiles) {
  Wall wall(false, false);
  EXPECT_EQ(wall.mosaic.tiles().count(), 0);
  EXPECT_FALSE(wall.mosaic.grab().isNull());
}

}  // namespace
}  // namespace ipsi::ui
