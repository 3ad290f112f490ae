// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/theme.h"

#include <QLabel>
#include <QStyle>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "tests/support/qt_support.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/style.h"

namespace ipsi::ui {
namespace {

struct Row {
  QColor Theme::*colour;
  std::vector<double> light, dark;  // on window, surface, hover, selection
};

// The printed table of the design: WCAG 2.1 contrast, one decimal.
const std::vector<Row> kOnGrounds{
    {&Theme::text, {14.9, 16.7, 14.4, 13.6}, {14.6, 13.5, 11.2, 10.5}},
    {&Theme::muted, {6.0, 6.8, 5.8, 5.5}, {7.3, 6.8, 5.6, 5.3}},
    {&Theme::accent, {6.6, 7.4, 6.4, 6.0}, {8.7, 8.1, 6.7, 6.3}},
    {&Theme::control, {3.7, 4.1, 3.5, 3.3}, {4.6, 4.3, 3.6, 3.3}},
};
struct Pair {
  QColor Theme::*a;
  QColor Theme::*b;
  double light, dark;
};
const std::vector<Pair> kPairs{
    {&Theme::flag_ok, &Theme::selection, 4.2, 5.7},
    {&Theme::flag_lesioned_edge, &Theme::selection, 4.9, 8.3},
    {&Theme::flag_failed, &Theme::selection, 3.9, 4.4},
    {&Theme::flag_unrated, &Theme::selection, 3.4, 4.2},
    {&Theme::flag_ok_mark, &Theme::flag_ok, 5.2, 8.3},
    {&Theme::flag_lesioned_mark, &Theme::flag_lesioned, 7.4, 7.4},
    {&Theme::flag_failed_mark, &Theme::flag_failed, 4.8, 6.5},
    {&Theme::primary_text, &Theme::primary, 7.4, 5.7},
    {&Theme::warning_text, &Theme::warning_bg, 7.2, 8.8},
    {&Theme::error_text, &Theme::error_bg, 6.2, 7.6},
    {&Theme::banner_text, &Theme::banner, 7.1, 6.3},
};
constexpr double kRounding = 0.0501;

TEST(Theme, ContrastIsWhatTheDesignComputed) {
  const Theme light = Theme::light_theme(), dark = Theme::dark_theme();
  const std::vector<QColor Theme::*> grounds{&Theme::window, &Theme::surface, &Theme::hover, &Theme::selection};
  for (const auto& row : kOnGrounds)
    for (std::size_t i = 0; i < grounds.size(); ++i) {
      EXPECT_NEAR(contrast(light.*row.colour, light.*grounds[i]), row.light[i], kRounding) << i;
      EXPECT_NEAR(contrast(dark.*row.colour, dark.*grounds[i]), row.dark[i], kRounding) << i;
    }
  for (const auto& pair : kPairs) {
    EXPECT_NEAR(contrast(light.*pair.a, light.*pair.b), pair.light, kRounding) << (light.*pair.a).name().toStdString();
    EXPECT_NEAR(contrast(dark.*pair.a, dark.*pair.b), pair.dark, kRounding) << (dark.*pair.a).name().toStdString();
  }
}

TEST(Theme, ContrastOfBlackAndWhiteIsTwentyOne) {
  EXPECT_NEAR(contrast(Qt::black, Qt::white), 21.0, 1e-9);
  EXPECT_NEAR(contrast(Qt::white, Qt::black), 21.0, 1e-9);
  EXPECT_NEAR(contrast(Qt::red, Qt::red), 1.0, 1e-9);
}

TEST(Theme, NumbersAsTheWindowWritesThem) {
  const QString minus = minusSign();
  EXPECT_FALSE(minus.contains('-'));
  EXPECT_EQ(formatNumber(1234567.891, 2), "1,234,567.89");
  EXPECT_EQ(formatNumber(-1234.5, 1), minus + "1,234.5");
  EXPECT_EQ(formatNumber(999, 0), "999");
  EXPECT_EQ(formatNumber(1000, 0), "1,000");
  EXPECT_EQ(formatNumber(-0.001, 2), "0.00");
  EXPECT_EQ(formatNumber(std::nan(""), 2), QString(QChar(0x2013)));
  EXPECT_EQ(formatNumber(-std::numeric_limits<double>::infinity(), 2), minus + QChar(0x221E));
  EXPECT_EQ(formatP(0.0009999), "<0.001");
  EXPECT_EQ(formatP(0.001), "0.001");
  EXPECT_EQ(formatP(0.0164), "0.016");
  EXPECT_EQ(formatP(1.0), "1.000");
}

/// How many pixels of a picture are painted.
int painted(const QImage& image) {
  int n = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) n += qAlpha(image.pixel(x, y)) > 0 ? 1 : 0;
  return n;
}

QImage canvas(int size) {
  QImage image(size, size, QImage::Format_ARGB32_Premultiplied);
  image.fill(Qt::transparent);
  return image;
}

TEST(Theme, EveryIconIsDrawnInTheColourAsked) {
  Theme::apply(ThemeChoice::light, 100);
  const QStringList names = iconNames();
  EXPECT_GE(names.size(), 50);
  for (const QString& name : names) {
    QImage image = canvas(48);
    QPainter painter(&image);
    paintIcon(painter, QRectF(0, 0, 48, 48), name, QColor(200, 10, 20));
    painter.end();
    EXPECT_GT(painted(image), 40) << name.toStdString();
    for (int y = 0; y < 48; ++y)
      for (int x = 0; x < 48; ++x)
        if (qAlpha(image.pixel(x, y)) == 255) {
          EXPECT_EQ(qRed(image.pixel(x, y)), 200) << name.toStdString();
        }
    // Two pixels of margin on the 24 grid: nothing touches the edge.
    for (int i = 0; i < 48; ++i)
      for (const QPoint p : {QPoint(i, 0), QPoint(i, 47), QPoint(0, i), QPoint(47, i)})
        EXPECT_EQ(qAlpha(image.pixel(p)), 0) << name.toStdString();
  }
}

TEST(Theme, FlagsDifferInShapeNotOnlyInColour) {
  Theme::apply(ThemeChoice::dark, 100);
  std::set<QByteArray> shapes;
  for (int i = 0; i <= static_cast<int>(FlagSymbol::later); ++i) {
    QImage image = canvas(20);
    QPainter painter(&image);
    paintFlag(painter, QRectF(0, 0, 20, 20), static_cast<FlagSymbol>(i));
    painter.end();
    QByteArray shape;
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 20; ++x) shape += qAlpha(image.pixel(x, y)) > 127 ? '#' : '.';
    EXPECT_TRUE(shapes.insert(shape).second) << "flag " << i << " looks like another in black and white";
  }
}

TEST(Theme, StyleSheetIsWholeAndFollowsTheTheme) {
  const QString light = style_sheet(Theme::light_theme()), dark = style_sheet(Theme::dark_theme());
  EXPECT_GT(light.size(), 1000);
  EXPECT_FALSE(light.contains('@'));
  EXPECT_FALSE(dark.contains('@'));
  EXPECT_TRUE(dark.contains("#1a1d22"));
  EXPECT_FALSE(dark.contains("background: #ffffff"));  // text on primary is white in both
}

TEST(Theme, TextSizeAndColoursReachLabelsThatExist) {
  Theme::apply(ThemeChoice::light, 100);
  Label heading("Rate", TextRole::heading), note("muted", TextRole::small, Tone::muted);
  heading.ensurePolished();
  note.ensurePolished();
  EXPECT_NEAR(heading.font().pointSizeF(), 18.0, 0.01);
  Theme::apply(ThemeChoice::dark, 150);
  QApplication::processEvents();
  EXPECT_NEAR(heading.font().pointSizeF(), 27.0, 0.01);
  EXPECT_NEAR(note.font().pointSizeF(), 13.5, 0.01);
  EXPECT_EQ(note.palette().color(note.foregroundRole()), Theme::dark_theme().muted);
  Theme::apply(ThemeChoice::light, 30);
  EXPECT_EQ(Theme::text_percent(), 90);
  EXPECT_GE(font(TextRole::tiny).pointSizeF(), 8.0);
}

TEST(Controls, SegmentsMoveByUserAndProgramWithoutEcho) {
  Segments segments({"Fill", "Outline", "Off"});
  int told = -1;
  QObject::connect(&segments, &Segments::chosen, [&](int i) { told = i; });
  segments.setCurrent(2);
  EXPECT_EQ(segments.current(), 2);
  EXPECT_EQ(told, -1);
  segments.button(1)->click();
  EXPECT_EQ(segments.current(), 1);
  EXPECT_EQ(told, 1);
}

TEST(Notices, QuestionIsAnsweredByEscWithTheLastAnswer) {
  QWidget window;
  QuestionBar bar(&window);
  window.show();
  QString said;
  bar.ask("A job is running", "", {{"Stop", [&] { said = "stop"; }}, {"Keep working", [&] { said = "keep"; }}});
  EXPECT_TRUE(bar.isVisible());
  QTest::keyClick(&bar, Qt::Key_Escape);
  EXPECT_EQ(said, "keep");
  EXPECT_FALSE(bar.isVisible());
}

}  // namespace
}  // namespace ipsi::ui
