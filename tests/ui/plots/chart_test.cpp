// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/chart.h"

#include <algorithm>
#include <cmath>

#include "tests/support/qt_support.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

struct Desk {
  Chart chart;
  explicit Desk(const spec::Figure& figure) {
    Theme::apply(ThemeChoice::light, 100);
    chart.resize(520, 320);
    chart.show();
    chart.setFigure(figure);
    QTest::qWait(20);  // the replot is queued
  }
};

/// Estimates with intervals, a row for each category; not in the order of their values.
spec::Figure forest() {
  spec::Figure f;
  f.horizontal = true;
  f.x.label = "difference";
  f.y.categories = {"first", "second", "third", "fourth"};
  spec::Series s{spec::Series::Kind::intervals, "",
                 {2.0, -1.0, 0.5, 1.0},         {0, 1, 2, 3},
                 {1.8, -3.0, 0.4, 0.0},         {2.2, 1.0, 0.6, 2.0},
                 {true, false, true, false},    0};
  f.series.push_back(s);
  return f;
}

/// First and last pixel of a row that `wanted` holds for, -1 where none does.
template <class Wanted>
std::pair<int, int> painted(const QImage& image, int y, int from, Wanted&& wanted) {
  int first = -1, last = -1;
  for (int x = from; x < image.width(); ++x)
    if (wanted(image.pixel(x, y))) {
      first = first < 0 ? x : first;
      last = x;
    }
  return {first, last};
}

TEST(Chart, EveryIntervalStandsAtItsOwnMark) {
  const spec::Figure f = forest();
  Desk desk(f);
  const auto& s = f.series[0];
  // Where a value lies, from two marks.
  const QPointF a = desk.chart.place(0, 0), b = desk.chart.place(0, 1);
  const double px = (a.x() - b.x()) / (s.x[0] - s.x[1]);
  const QImage image = desk.chart.grab().toImage();
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    const QPointF at = desk.chart.place(0, static_cast<int>(i));
    const double low = a.x() + px * (s.low[i] - s.x[0]), high = a.x() + px * (s.high[i] - s.x[0]);
    const int left = static_cast<int>(a.x() + px * (-3.2 - s.x[0]));
    const auto [first, last] = painted(image, static_cast<int>(std::lround(at.y())), left,
                                       [](QRgb p) { return qBlue(p) - qRed(p) > 40; });  // the grid is grey
    // The mark itself may be wider than a short interval.
    EXPECT_NEAR(first, std::min(low, at.x() - 4), 3.0) << i;
    EXPECT_NEAR(last, std::max(high, at.x() + 4), 3.0) << i;
  }
}

TEST(Chart, TheFirstCategoryIsAtTheTop) {
  Desk desk(forest());
  for (int i = 1; i < 4; ++i) EXPECT_GT(desk.chart.place(0, i).y(), desk.chart.place(0, i - 1).y());
}

TEST(Chart, ALogarithmicAxisHasEqualStepsForEqualRatios) {
  spec::Figure f;
  f.x = {"mL", std::nullopt, {}, true};
  f.y = {"%", std::pair(0.0, 100.0), {}, false};
  f.series.push_back({spec::Series::Kind::points, "", {1, 10, 100}, {10, 20, 30}, {}, {}, {}, 1});
  Desk desk(f);
  const double first = desk.chart.place(0, 1).x() - desk.chart.place(0, 0).x();
  EXPECT_GT(first, 50.0);
  EXPECT_NEAR(desk.chart.place(0, 2).x() - desk.chart.place(0, 1).x(), first, 0.01);
}

/// Lines that end at the same place: their names do not cover each other, and there is room for them.
TEST(Chart, NamesOfLinesStandApart) {
  spec::Figure f;
  f.y = {"%", std::pair(0.0, 100.0), {}, false};
  for (int i = 0; i < 4; ++i)
    f.series.push_back(
        {spec::Series::Kind::line, "a long name " + std::to_string(i), {0, 1}, {5, 50.0 + i}, {}, {}, {}, i});
  Desk desk(f);
  const double end = desk.chart.place(0, 1).x();
  const int wide = QFontMetrics(ui::font(TextRole::small)).horizontalAdvance("a long name 0");
  EXPECT_LT(end + wide, desk.chart.width());
  // Right of the axes every name has rows of its own: as many dark rows as four lines of text have at least.
  const QImage image = desk.chart.grab().toImage();
  int rows = 0;
  for (int y = 0; y < image.height(); ++y)
    rows += painted(image, y, static_cast<int>(end) + 30, [](QRgb p) { return qGray(p) < 140; }).first >= 0 ? 1 : 0;
  EXPECT_GE(rows, 4 * QFontMetrics(ui::font(TextRole::small)).xHeight());
  for (const ThemeChoice theme : {ThemeChoice::dark, ThemeChoice::light}) {
    Theme::apply(theme, 100);
    EXPECT_FALSE(desk.chart.grab().isNull());
  }
}

}  // namespace
}  // namespace ipsi::ui
