// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_panel.h"
#include "ui/panels/qc_key_map.h"

#include "tests/ui/qc/qc_support.h"

namespace ipsi::ui {
namespace {

struct Desk {
  test::QcStudy study;
  QcPanel panel;
  explicit Desk(bool images = false, bool open = true) : study(images, open), panel(study.context) {
    Theme::apply(ThemeChoice::dark, 100);
    panel.resize(1298, 698);
    panel.show();
    panel.activateWindow();
    QTest::qWait(1);
    viewer()->setFocus();
  }
  TriplanarWidget* viewer() { return panel.findChild<TriplanarWidget*>("qc.viewer"); }
  QLineEdit* comment() { return panel.findChild<QLineEdit*>("qc.comment"); }
  void press(int key, Qt::KeyboardModifiers with = Qt::NoModifier) {
    QTest::keyClick(viewer(), static_cast<Qt::Key>(key), with);
  }
  const QcModel::State& state() { return panel.model().state(); }
};

TEST(QcPanel, TheLeftHandRatesAPerson) {
  Desk desk;
  desk.press(Qt::Key_A);
  EXPECT_EQ(desk.state().tiles[0].flag, QcFlag::ok);
  desk.press(Qt::Key_S);
  EXPECT_EQ(desk.state().tiles[1].flag, QcFlag::lesioned);
  desk.press(Qt::Key_D);
  EXPECT_EQ(desk.state().tiles[2].flag, QcFlag::failed);
  desk.press(Qt::Key_3);
  EXPECT_EQ(desk.state().region, 5);  // the side stays: right putamen
  desk.press(Qt::Key_Tab);
  EXPECT_EQ(desk.state().region, 4);
  desk.press(Qt::Key_Z);
  EXPECT_EQ(desk.state().tiles[2].flag, QcFlag::unrated);
  desk.press(Qt::Key_Z, Qt::ShiftModifier);
  EXPECT_EQ(desk.state().tiles[2].flag, QcFlag::failed);
  desk.press(Qt::Key_N);
  EXPECT_EQ(desk.panel.model().person()->id, "sub-02");
  desk.press(Qt::Key_Space, Qt::ShiftModifier);
  EXPECT_EQ(desk.panel.model().person()->id, "sub-01");
}

TEST(QcPanel, TheMosaicTakesThePicturesPlaceAndTheSameKeysRate) {
  Desk desk(true);
  ASSERT_TRUE(test::wait_until([&] { return desk.state().scan && desk.state().scan->whole; }));
  desk.press(Qt::Key_3);
  const int region = desk.state().region;
  desk.press(Qt::Key_G);
  auto* tiles = &desk.panel.findChild<QcMosaic*>()->tiles();
  ASSERT_TRUE(tiles->isVisible());
  EXPECT_TRUE(tiles->hasFocus());
  EXPECT_FALSE(desk.viewer()->isVisible());
  EXPECT_EQ(tiles->count(), 9);
  const QString first = desk.panel.model().person()->id;
  QTest::keyClick(tiles, Qt::Key_D);
  EXPECT_NE(desk.panel.model().person()->id, first);
  EXPECT_EQ(desk.state().region, region);
  QTest::keyClick(tiles, Qt::Key_Right);  // arrows move among people
  EXPECT_EQ(tiles->current(), desk.state().current);
  ASSERT_EQ(desk.study.on_disk().size(), 1U);
  EXPECT_EQ(desk.study.on_disk()[0].person, first.toStdString());
  QTest::keyClick(tiles, Qt::Key_Z);
  EXPECT_EQ(desk.panel.model().person()->id, first);
  QTest::keyClick(tiles, Qt::Key_G);
  EXPECT_TRUE(desk.viewer()->isVisible());
  EXPECT_TRUE(desk.viewer()->hasFocus());
  ASSERT_TRUE(test::wait_until([&] { return !desk.state().waiting; }));
}

TEST(QcPanel, NoRatingKeyActsWhileACommentIsWritten) {
  Desk desk;
  desk.press(Qt::Key_C);
  ASSERT_TRUE(desk.comment()->hasFocus());
  QTest::keyClicks(desk.comment(), "as dad 1?");
  QTest::keyClick(desk.comment(), Qt::Key_Space);
  EXPECT_EQ(desk.state().rated, 0);
  EXPECT_EQ(desk.state().region, 0);
  EXPECT_EQ(desk.comment()->text(), "as dad 1? ");
  QTest::keyClick(desk.comment(), Qt::Key_Escape);  // leaves, saves nothing
  EXPECT_TRUE(desk.viewer()->hasFocus());
  EXPECT_EQ(desk.state().tiles[0].comment, "");
  desk.press(Qt::Key_C);
  QTest::keyClicks(desk.comment(), "seen");
  QTest::keyClick(desk.comment(), Qt::Key_Return);
  EXPECT_EQ(desk.state().tiles[0].comment, "seen");
  EXPECT_TRUE(desk.viewer()->hasFocus());
  desk.press(Qt::Key_A);
  EXPECT_EQ(desk.state().tiles[0].flag, QcFlag::ok);
  EXPECT_EQ(desk.study.on_disk().at(0).comment, "seen");
}

TEST(QcPanel, LookKeysChangeThePictureAndStay) {
  Desk desk(true);
  ASSERT_TRUE(test::wait_until([&] { return desk.state().scan && desk.state().scan->whole; }));
  desk.press(Qt::Key_3);
  EXPECT_LT((desk.viewer()->crosshair() - desk.state().scan->places[4].centre_mm).norm(), 1.0);
  const double z = desk.viewer()->crosshair().z();
  desk.press(Qt::Key_E);
  EXPECT_DOUBLE_EQ(desk.viewer()->crosshair().z(), z + 1.0);
  desk.press(Qt::Key_W, Qt::ShiftModifier);
  EXPECT_DOUBLE_EQ(desk.viewer()->crosshair().z(), z - 4.0);
  desk.press(Qt::Key_R);
  EXPECT_DOUBLE_EQ(desk.viewer()->crosshair().z(), z);
  const QImage shown = desk.viewer()->viewImage();
  QTest::keyPress(desk.viewer(), Qt::Key_Q);
  EXPECT_NE(desk.viewer()->viewImage(), shown);
  QTest::keyRelease(desk.viewer(), Qt::Key_Q);
  EXPECT_EQ(desk.viewer()->viewImage(), shown);
  desk.press(Qt::Key_F);
  desk.press(Qt::Key_T);
  const auto look = desk.viewer()->look();
  EXPECT_EQ(look.overlay, render::Overlay::off);
  EXPECT_FALSE(look.lesion);
  desk.press(Qt::Key_N);
  EXPECT_EQ(desk.viewer()->look(), look);
  QcPanel again(desk.study.context);  // and at the next start
  EXPECT_EQ(again.findChild<TriplanarWidget*>("qc.viewer")->look().overlay, render::Overlay::off);
}

TEST(QcPanel, AButtonKeepsItsOwnKeys) {
  Desk desk;
  auto* lesion = desk.panel.findChild<QPushButton*>("qc.lesion");
  lesion->setFocus();
  const bool on = lesion->isChecked();
  QTest::keyClick(lesion, Qt::Key_Space);
  EXPECT_NE(lesion->isChecked(), on);
  EXPECT_TRUE(desk.study.on_disk().empty());
  QTest::keyClick(lesion, Qt::Key_A);  // a rating key acts all the same
  EXPECT_EQ(desk.study.on_disk().size(), 1U);
  QTest::keyClick(lesion, Qt::Key_Escape);
  EXPECT_TRUE(desk.viewer()->hasFocus());
}

TEST(QcPanel, AClickOnATileChoosesIt) {
  Desk desk;
  auto* tiles = desk.panel.findChild<QcTiles*>("qc.tiles");
  QTest::mouseClick(tiles, Qt::LeftButton, {}, tiles->tileRect(7).center());
  EXPECT_EQ(desk.state().region, desk.state().order[7]);
  EXPECT_TRUE(tiles->words(4).contains("1,012"));
}

TEST(QcPanel, TheMapOfKeysComesAndGoes) {
  Desk desk;
  auto* map = desk.panel.findChild<QWidget*>("qc.keys");
  QTest::keyClicks(desk.viewer(), "?");
  EXPECT_TRUE(map->isVisible());
  desk.press(Qt::Key_Escape);
  EXPECT_FALSE(map->isVisible());
}

TEST(QcPanel, AnEmptyStudyIsASentence) {
  Desk desk(false, false);
  EXPECT_TRUE(desk.panel.findChild<QWidget*>("qc.empty")->isVisible());
  EXPECT_FALSE(desk.viewer()->isVisible());
  QTest::keyClick(&desk.panel, Qt::Key_A);
  QTest::keyClick(&desk.panel, Qt::Key_Space);
  EXPECT_FALSE(desk.panel.grab().isNull());
}

TEST(QcPanel, EveryActionOfTheKeyboardIsInThePalette) {
  Desk desk;
  for (const char* id : {"qc.flag.ok", "qc.flag.lesioned", "qc.flag.failed", "qc.rest", "qc.undo", "qc.comment"})
    EXPECT_NE(desk.study.actions.find(id), nullptr) << id;
  EXPECT_TRUE(desk.study.actions.trigger("qc.flag.failed"));
  EXPECT_EQ(desk.state().tiles[0].flag, QcFlag::failed);
}

TEST(QcPanel, VAsksWhyBeforeAPersonFails) {
  Desk desk;
  auto* comment = desk.panel.findChild<QLineEdit*>("qc.comment");
  desk.press(Qt::Key_V);
  EXPECT_TRUE(comment->hasFocus());
  EXPECT_TRUE(comment->placeholderText().contains("Why"));
  QTest::keyClicks(comment, "sad");  // letters, not flags
  QTest::keyClick(comment, Qt::Key_Escape);
  EXPECT_TRUE(desk.study.on_disk().empty());
  desk.press(Qt::Key_V);
  QTest::keyClick(comment, Qt::Key_Return);  // no reason yet: goes on asking
  EXPECT_TRUE(comment->hasFocus());
  QTest::keyClicks(comment, "motion");
  QTest::keyClick(comment, Qt::Key_Return);
  EXPECT_EQ(desk.study.on_disk().size(), 12U);
  EXPECT_FALSE(comment->placeholderText().contains("Why"));
}

TEST(QcPanel, TheRightHandRatesToo) {
  Desk desk;
  desk.panel.findChild<QcKeyMap*>("qc.keys")->findChild<Segments*>("qc.keys.hand")->button(1)->click();
  desk.press(Qt::Key_A);
  EXPECT_TRUE(desk.study.on_disk().empty());
  desk.press(Qt::Key_J);
  desk.press(Qt::Key_L);
  ASSERT_EQ(desk.study.on_disk().size(), 2U);
  EXPECT_EQ(desk.study.actions.find("qc.flag.ok")->shortcut, "J");
  EXPECT_EQ(QcKeymap::load(desk.study.settings.value("qc/keys").toMap()).hand(), QcHand::right);
}

TEST(QcPanel, SurfacesAreReadWhenWantedAndTheirLackIsSaid) {
  Desk desk(true);
  ASSERT_TRUE(test::wait_until([&] { return desk.state().scan != nullptr; }));
  QString said;
  QObject::connect(&desk.study.shell, &Shell::toastWanted, &desk.panel, [&](const QString& text) { said = text; });
  ASSERT_TRUE(desk.study.actions.trigger("qc.surfaces"));
  EXPECT_TRUE(desk.study.settings.value("qc/surfaces").toBool());
  ASSERT_TRUE(test::wait_until([&] { return desk.state().cortex != nullptr; }));
  EXPECT_TRUE(desk.state().cortex->empty());
  EXPECT_TRUE(said.contains("no FreeSurfer surfaces")) << said.toStdString();
  ASSERT_TRUE(desk.study.actions.trigger("qc.surfaces"));
  EXPECT_EQ(desk.state().cortex, nullptr);
}

}  // namespace
}  // namespace ipsi::ui
