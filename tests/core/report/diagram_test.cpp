// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/diagram.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace ipsi::report {
namespace {

spec::Diagram sample() {
  spec::Diagram d{.id = "d", .title = "Diagram", .caption = "n = 3", .alt = "a to B", .width = 60.0, .height = 30.0};
  d.nodes = {{"a", spec::Diagram::Node::Shape::rectangle, 10, 15, 14, 8},
             {"B", spec::Diagram::Node::Shape::ellipse, 48, 15, 20, 12}};
  d.arrows.push_back({.points = {{17, 15}, {38, 15}}, .label = "0.40*", .label_x = 27, .label_y = 15});
  d.arrows.push_back({.points = {{17, 14}, {22, 5}, {33, 5}, {38, 14}}, .head_at_start = true, .muted = true});
  return d;
}

TEST(DrawnDiagram, KeepsItsWordsInEveryFormat) {
  const auto svg = draw_diagram(sample(), Format::svg);
  ASSERT_OK(svg);
  for (const char* words : {">a<", ">B<", ">0.40*<", "n = 3", "a to B"})
    EXPECT_NE(svg->find(words), std::string::npos) << words;
  EXPECT_EQ(*draw_diagram(sample(), Format::svg), *svg);
  const auto pdf = draw_diagram(sample(), Format::pdf);
  ASSERT_OK(pdf);
  EXPECT_TRUE(pdf->starts_with("%PDF"));
}

TEST(DrawnDiagram, RefusesWhatHasNoPlaces) {
  spec::Diagram d = sample();
  d.width = 0.0;
  EXPECT_EQ(draw_diagram(d, Format::svg).error().code, Code::InvalidInput);
  d = sample();
  d.arrows[0].points.push_back({1, 1});
  EXPECT_EQ(draw_diagram(d, Format::svg).error().code, Code::InvalidInput);
}

}  // namespace
}  // namespace ipsi::report
