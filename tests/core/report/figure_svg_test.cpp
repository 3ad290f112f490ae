// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/figure_svg.h"

#include <cmath>
#include <regex>

#include "tests/core/report/read_figure.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

using spec::Figure;
using spec::Series;
using Kind = Series::Kind;

Series series(Kind kind, std::vector<double> x, std::vector<double> y, std::string label = {}, int colour = 0) {
  Series out;
  out.kind = kind;
  out.x = std::move(x);
  out.y = std::move(y);
  out.label = std::move(label);
  out.colour = colour;
  return out;
}

Figure forest() {
  Figure f;
  f.id = "forest";
  f.title = "Chronic";
  f.alt = "Two intervals.";
  f.horizontal = true;
  f.x.label = "β of behaviour (SD of volume per unit), 95 % CI";
  f.x.range = std::pair{-1.0, 2.0};
  f.y.categories = {"Putamen, ipsi (n 207)", "Accumbens, ipsi (n 289)"};
  f.series = {series(Kind::intervals, {1.0, 0.5}, {0, 1})};
  f.series[0].low = {0.5, -0.5};
  f.series[0].high = {1.5, 1.25};
  f.series[0].filled = {true, false};
  f.lines = {{true, 0.0, ""}};
  return f;
}

/// All straight two-point lines of an SVG as x1, y1, x2, y2.
std::vector<std::array<double, 4>> segments(const std::string& svg) {
  static const std::regex kLine(R"re(d="M([-0-9.]+) ([-0-9.]+)L([-0-9.]+) ([-0-9.]+)")re");
  std::vector<std::array<double, 4>> out;
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), kLine); it != std::sregex_iterator(); ++it)
    out.push_back({std::stod((*it)[1]), std::stod((*it)[2]), std::stod((*it)[3]), std::stod((*it)[4])});
  return out;
}

TEST(FigureSvg, IntervalsLieOnTheScaleOfTheAxis) {
  const auto svg = to_svg(forest(), 114);
  ASSERT_OK(svg);
  const auto lines = segments(*svg);
  // The first line is the zero, then the intervals, then the axis from -1 to 2 and its ticks.
  ASSERT_GE(lines.size(), 5U);
  const double zero = lines[0][0];
  EXPECT_EQ(lines[0][2], zero);
  const auto &first = lines[1], &second = lines[2], &axis = lines[3];
  const double unit = (axis[2] - axis[0]) / 3.0;
  EXPECT_NEAR(zero, axis[0] + unit, 2e-3);
  EXPECT_NEAR(first[0], zero + 0.5 * unit, 2e-3);
  EXPECT_NEAR(first[2], zero + 1.5 * unit, 2e-3);
  EXPECT_NEAR(second[0], zero - 0.5 * unit, 2e-3);
  EXPECT_NEAR(second[2], zero + 1.25 * unit, 2e-3);
  EXPECT_LT(first[1], second[1]);  // the first category is at the top
  for (const char* words : {"Putamen, ipsi (n 207)", "β of behaviour", ">−1</text>", ">2</text>"})
    EXPECT_NE(svg->find(words), std::string::npos) << words;
  EXPECT_EQ(*svg, *to_svg(forest(), 114));
}

TEST(FigureSvg, BarsStandOnZeroAndSideBySide) {
  Figure f;
  f.id = "bars";
  f.horizontal = true;
  f.x.range = std::pair{0.0, 100.0};
  f.y.categories = {"A", "B"};
  f.series = {series(Kind::bars, {40, 10}, {0, 1}, "lesioned", 0), series(Kind::bars, {20, 5}, {0, 1}, "failed", 1)};
  const auto svg = to_svg(f, 100);
  ASSERT_OK(svg);
  static const std::regex kBox(
      R"re(d="M([-0-9.]+) ([-0-9.]+)L([-0-9.]+) [-0-9.]+L[-0-9.]+ ([-0-9.]+)L[^"]*Z" fill="(#0072B2|#E69F00)")re");
  std::vector<std::array<double, 4>> boxes;  // left, top, right, bottom; the two swatches of the key come last
  for (auto it = std::sregex_iterator(svg->begin(), svg->end(), kBox); it != std::sregex_iterator(); ++it)
    boxes.push_back({std::stod((*it)[1]), std::stod((*it)[2]), std::stod((*it)[3]), std::stod((*it)[4])});
  ASSERT_EQ(boxes.size(), 6U);
  const auto length = [&](std::size_t i) { return boxes[i][2] - boxes[i][0]; };
  EXPECT_NEAR(length(1), length(0) / 4, 2e-3);
  EXPECT_NEAR(length(2), length(0) / 2, 2e-3);
  EXPECT_NEAR(length(3), length(0) / 8, 2e-3);
  EXPECT_NEAR(boxes[0][3], boxes[2][1], 2e-3);  // they touch and do not overlap
  EXPECT_LT(boxes[2][3], boxes[1][1]);
  EXPECT_NE(svg->find(">lesioned</text>"), std::string::npos);
}

TEST(FigureSvg, MissingPointsAreLeftOutAndBreakLines) {
  Figure f;
  f.id = "line";
  f.x.range = f.y.range = std::pair{0.0, 4.0};
  f.series = {series(Kind::line, {0, 1, 2, 3, 4}, {0, 1, NAN, 3, 4}, "fit"),
              series(Kind::points, {1, NAN, 3}, {1, 2, NAN}, "", -1)};
  const auto svg = to_svg(f, 80, 60);
  ASSERT_OK(svg);
  EXPECT_EQ(svg->find("nan"), std::string::npos);
  static const std::regex kBroken(R"re(d="M[-0-9. ]+L[-0-9. ]+M[-0-9. ]+L[-0-9. ]+")re");
  EXPECT_TRUE(std::regex_search(*svg, kBroken));
  EXPECT_NE(svg->find(">fit</text>"), std::string::npos);
}

TEST(FigureSvg, EveryFormatAndAnEmptyFigureWork) {
  for (const Format format : {Format::png, Format::pdf, Format::svg}) {
    const auto made = draw_figure(forest(), {.format = format, .width_mm = 85, .dpi = 254});
    ASSERT_OK(made);
    EXPECT_EQ(*made, *draw_figure(forest(), {.format = format, .width_mm = 85, .dpi = 254}));
    if (format == Format::png) {
      EXPECT_EQ(test::pixels_of(*made).width, 850);
    }
    EXPECT_OK(draw_figure({}, {.format = format}));
  }
}

TEST(FigureSvg, RefusesWhatItCannotDraw) {
  Figure f = forest();
  f.series[0].low.pop_back();
  ASSERT_FALSE(to_svg(f));
  EXPECT_EQ(to_svg(f).error().code, Code::InvalidInput);
  Figure log = forest();
  log.x.logarithmic = true;
  EXPECT_FALSE(to_svg(log));
  EXPECT_FALSE(to_svg(forest(), 5));
}

TEST(FigureSvg, TicksAreRound) {
  EXPECT_EQ(ticks(0, 1, 5, false), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0}));
  EXPECT_EQ(ticks(-1, 2, 3, false), (std::vector<double>{-1, 0, 1, 2}));
  EXPECT_EQ(ticks(0, 404, 4, false), (std::vector<double>{0, 200, 400}));
  EXPECT_EQ(ticks(1, 1000, 5, true), (std::vector<double>{1, 10, 100, 1000}));
  EXPECT_EQ(ticks(1, 12, 5, true), (std::vector<double>{1, 2, 5, 10}));
  EXPECT_GE(ticks(0.3, 0.4, 1, false).size(), 2U);
}

}  // namespace
}  // namespace ipsi::report
