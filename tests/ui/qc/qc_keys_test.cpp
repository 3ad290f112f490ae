// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_keys.h"

#include <QPushButton>
#include <QSignalSpy>
#include <set>

#include "tests/support/qt_support.h"
#include "ui/panels/qc_key_map.h"

namespace ipsi::ui {
namespace {

QcStroke pressed(const QcKeymap& keys, int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier,
                 const QString& text = {}) {
  return keys.stroke(QKeyEvent(QEvent::KeyPress, key, modifiers, text));
}

TEST(QcKeymap, EachHandReachesEverything) {
  for (const QcHand hand : {QcHand::left, QcHand::right, QcHand::both}) {
    const QcKeymap keys(hand);
    for (const QcCommand& c : qc_commands()) {
      const QString names = keys.keysOf(c.id);
      ASSERT_FALSE(names.isEmpty()) << c.id;
      for (const QString& name : names.split(", ")) EXPECT_EQ(keys.stroke(name), c.stroke) << c.id;
    }
  }
  // No key does two things within a hand.
  std::set<std::string> left, right;
  for (const QcCommand& c : qc_commands()) {
    EXPECT_TRUE(left.insert(c.left).second) << c.left;
    EXPECT_TRUE(right.insert(c.right).second) << c.right;
  }
}

TEST(QcKeymap, FlagsLieUnderTheFingersOfTheHand) {
  const QcKeymap left(QcHand::left), right(QcHand::right), both(QcHand::both);
  EXPECT_EQ(pressed(left, Qt::Key_A).key, QcKey::ok);
  EXPECT_EQ(pressed(left, Qt::Key_J).key, QcKey::none);
  EXPECT_EQ(pressed(right, Qt::Key_J).key, QcKey::ok);
  EXPECT_EQ(pressed(right, Qt::Key_L).key, QcKey::failed);
  EXPECT_EQ(pressed(right, Qt::Key_A).key, QcKey::none);
  EXPECT_EQ(pressed(both, Qt::Key_A).key, QcKey::ok);
  EXPECT_EQ(pressed(both, Qt::Key_K).key, QcKey::lesioned);
  EXPECT_EQ(both.keysOf("ok"), "A, J");
  EXPECT_EQ(pressed(left, Qt::Key_W, Qt::ShiftModifier), (QcStroke{QcKey::back, 5}));
  EXPECT_EQ(pressed(left, Qt::Key_A, Qt::ControlModifier).key, QcKey::none);
  EXPECT_EQ(pressed(right, Qt::Key_Question, Qt::ShiftModifier, "?").key, QcKey::help);
  EXPECT_EQ(pressed(left, Qt::Key_Backtab, Qt::ShiftModifier).key, QcKey::none);
}

TEST(QcKeymap, AKeyThatIsTakenIsSwappedAndNothingLosesItsKey) {
  QcKeymap keys;
  keys.set("lesioned", "A");
  EXPECT_EQ(keys.keysOf("lesioned"), "A");
  EXPECT_EQ(keys.keysOf("ok"), "S");
  keys.set("undo", "Y");  // free until now
  EXPECT_EQ(keys.keysOf("undo"), "Y");
  EXPECT_EQ(pressed(keys, Qt::Key_Z).key, QcKey::none);
  for (const QcCommand& c : qc_commands()) EXPECT_FALSE(keys.keysOf(c.id).isEmpty()) << c.id;
  const QcKeymap again = QcKeymap::load(keys.save());
  EXPECT_EQ(again.keysOf("lesioned"), "A");
  EXPECT_EQ(again.keysOf("undo"), "Y");
  keys.reset();
  EXPECT_EQ(keys.keysOf("ok"), "A");
  EXPECT_FALSE(keys.changed());
}

TEST(QcKeyMapView, PressingAButtonThenAKeyChangesIt) {
  QWidget desk;
  QcKeyMap map(&desk);
  desk.show();
  map.show();
  QSignalSpy changed(&map, &QcKeyMap::keysChanged);
  QObject::connect(&map, &QcKeyMap::keysChanged, &map, &QcKeyMap::setKeys);
  auto* button = map.findChild<QPushButton*>("qc.keys.failed");
  button->click();
  EXPECT_EQ(map.waiting(), "failed");
  QTest::keyClick(button, Qt::Key_Escape);
  EXPECT_EQ(map.waiting(), "");
  EXPECT_EQ(changed.size(), 0);
  button->click();
  QTest::keyClick(button, Qt::Key_G);
  ASSERT_EQ(changed.size(), 1);
  EXPECT_EQ(button->text(), "G");
  map.findChild<QPushButton*>("qc.keys.reset")->click();
  EXPECT_EQ(button->text(), "D");
}

}  // namespace
}  // namespace ipsi::ui
