// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_cohort.h"

#include <QClipboard>

#include "tests/ui/explore/explore_support.h"

namespace ipsi::ui {
namespace {

struct Desk {
  test::ExploreStudy study;
  ExploreCohort tab;
  explicit Desk(bool open = true) : study(false, open), tab(study.context) {
    Theme::apply(ThemeChoice::dark, 100);
    tab.resize(1298, 698);
    tab.show();
    tab.activateWindow();
    tab.setActive(true);
    QTest::qWait(1);
  }
  template <class T = BrushPlot>
  T* find(const char* name) {
    return tab.findChild<T*>(name);
  }
  const CohortModel::State& state() { return tab.model().state(); }
  void drag(QWidget* on, const QPolygonF& path, Qt::KeyboardModifiers with = {}) {
    QTest::mousePress(on, Qt::LeftButton, with, path.front().toPoint());
    for (const QPointF& at : path) move(on, at, with);
    QTest::mouseRelease(on, Qt::LeftButton, with, path.back().toPoint());
  }
  static void move(QWidget* on, const QPointF& at, Qt::KeyboardModifiers with) {
    QMouseEvent event(QEvent::MouseMove, at, on->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, with);
    QApplication::sendEvent(on, &event);
  }
};

std::vector<int> within(const BrushPlot& plot, const QPolygonF& outline) {
  std::vector<int> out;
  for (std::size_t i = 0; i < plot.places().size(); ++i)
    if (!std::isnan(plot.places()[i].x()) && outline.containsPoint(plot.places()[i], Qt::OddEvenFill))
      out.push_back(static_cast<int>(i));
  return out;
}

TEST(ExploreCohort, ARectangleChoosesExactlyThoseInside) {
  Desk desk;
  auto* scatter = desk.find("cohort.scatter");
  const QRectF all(scatter->rect());
  for (const auto& [x, y, w, h] : {std::array{0.1, 0.1, 0.5, 0.5}, {0.3, 0.0, 0.4, 0.9}, {0.002, 0.004, 0.99, 0.99}}) {
    const QRectF box(std::floor(x * all.width()), std::floor(y * all.height()), std::floor(w * all.width()) - 1,
                     std::floor(h * all.height()) - 1);
    const auto expected = within(*scatter, QPolygonF(box));
    desk.drag(scatter, {box.topLeft(), box.center(), box.bottomRight()});
    EXPECT_EQ(desk.state().chosen, expected);
  }
  EXPECT_EQ(desk.state().chosen.size(), 14U);  // all that have a score
  EXPECT_EQ(desk.find<QLabel>("cohort.chosen")->text(), "14 people chosen");
}

TEST(ExploreCohort, ALassoChoosesExactlyThoseInside) {
  Desk desk;
  auto* scatter = desk.find("cohort.scatter");
  QTest::mouseClick(desk.find<Segments>("cohort.tools")->button(1), Qt::LeftButton);
  QPolygonF star;  // crosses itself: the odd-even rule decides
  for (int i = 0; i < 5; ++i) {
    const double turn = 2.0 * M_PI * (2 * i) / 5.0;
    star << QPointF(std::round(scatter->width() * (0.5 + 0.45 * std::sin(turn))),
                    std::round(scatter->height() * (0.5 - 0.45 * std::cos(turn))));
  }
  const auto expected = within(*scatter, star);
  EXPECT_GT(expected.size(), 1U);
  EXPECT_LT(expected.size(), 14U);
  desk.drag(scatter, star);
  EXPECT_EQ(desk.state().chosen, expected);
}

TEST(ExploreCohort, ABrushOfTheHistogramIsARangeOfVolumes) {
  Desk desk;
  auto* histogram = desk.find("cohort.histogram");
  const auto& places = histogram->places();
  const double from = std::floor(places[2].x()) - 1, to = from + 90;
  desk.drag(histogram, {QPointF(from, 20), QPointF(to, 24)});
  std::vector<int> expected;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i].x() >= from && places[i].x() <= to) expected.push_back(static_cast<int>(i));
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(desk.state().chosen, expected);
}

TEST(ExploreCohort, ShiftAddsAltTakesAwayEscGivesUp) {
  Desk desk;
  auto* scatter = desk.find("cohort.scatter");
  const auto around = [&](int person) {
    const QPointF at = scatter->places()[static_cast<std::size_t>(person)];
    return QPolygonF{at - QPointF(4, 4), at + QPointF(4, 4)};
  };
  desk.drag(scatter, around(0));
  desk.drag(scatter, around(7), Qt::ShiftModifier);
  EXPECT_EQ(desk.state().chosen, (std::vector<int>{0, 7}));
  desk.drag(scatter, around(0), Qt::AltModifier);
  EXPECT_EQ(desk.state().chosen, (std::vector<int>{7}));
  QTest::mousePress(scatter, Qt::LeftButton, {}, around(3).front().toPoint());
  Desk::move(scatter, around(3).back(), {});
  EXPECT_EQ(desk.state().chosen, (std::vector<int>{3}));
  QTest::keyClick(scatter, Qt::Key_Escape);
  EXPECT_EQ(desk.state().chosen, (std::vector<int>{7}));
  QTest::mouseRelease(scatter, Qt::LeftButton, {}, around(3).back().toPoint());
  EXPECT_EQ(desk.state().chosen, (std::vector<int>{7}));
  QTest::keyClick(scatter, Qt::Key_Escape);
  EXPECT_TRUE(desk.state().chosen.empty());
}

TEST(ExploreCohort, KeysWalkAndChoose) {
  Desk desk;
  auto* scatter = desk.find("cohort.scatter");
  scatter->setFocus();
  QTest::keyClick(scatter, Qt::Key_Right);  // the leftmost
  QTest::keyClick(scatter, Qt::Key_Space);
  ASSERT_EQ(desk.state().chosen.size(), 1U);
  const int first = desk.state().chosen[0];
  for (const auto& place : scatter->places())
    if (!std::isnan(place.x())) {
      EXPECT_GE(place.x(), scatter->places()[static_cast<std::size_t>(first)].x());
    }
  QTest::keyClick(scatter, Qt::Key_Right, Qt::ShiftModifier);
  QTest::keyClick(scatter, Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_EQ(desk.state().chosen.size(), 3U);
  bool opened = false;
  QObject::connect(&desk.tab, &ExploreCohort::personWanted, [&] { opened = true; });
  QTest::keyClick(scatter, Qt::Key_Return);
  EXPECT_TRUE(opened);
  EXPECT_TRUE(desk.state().people[static_cast<std::size_t>(desk.state().current)].chosen);
}

TEST(ExploreCohort, AClickIsThePersonTheListIsCopied) {
  Desk desk;
  auto* scatter = desk.find("cohort.scatter");
  QTest::mouseClick(scatter, Qt::LeftButton, {}, scatter->places()[9].toPoint());
  EXPECT_EQ(desk.study.session.person(), "sub-10");
  desk.tab.model().beginBrush();
  desk.tab.model().brush({9, 10}, CohortModel::Brush::replace);
  EXPECT_TRUE(desk.study.actions.trigger("explore.brush.copy"));
  const auto lines = QApplication::clipboard()->text().split('\n');
  ASSERT_EQ(lines.size(), 3);
  EXPECT_TRUE(lines[1].startsWith("sub-10\tA\t"));
}

TEST(ExploreCohort, SaysWhoIsNotDrawn) {
  Desk desk;
  EXPECT_TRUE(desk.find<QLabel>("cohort.scatter.note")->text().startsWith("n = 14 of 15: 1 without the score"));
  desk.drag(desk.find("cohort.histogram"), {QPointF(0, 10), QPointF(2000, 60)});
  EXPECT_EQ(desk.state().chosen.size(), 15U);
  EXPECT_TRUE(desk.find<QLabel>("cohort.hint")->text().contains("1 not in the scatter"));
}

TEST(ExploreCohort, AnEmptyStudyPaints) {
  Desk desk(false);
  EXPECT_FALSE(desk.tab.grab().isNull());
  QTest::keyClick(desk.find("cohort.scatter"), Qt::Key_Right);
  QTest::keyClick(desk.find("cohort.scatter"), Qt::Key_Space);
  QTest::keyClick(desk.find("cohort.histogram"), Qt::Key_Left, Qt::ShiftModifier);
  EXPECT_FALSE(desk.find<QPushButton>("cohort.qc")->isEnabled());
}

}  // namespace
}  // namespace ipsi::ui
