// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem_diagram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/numeric/random.h"
#include "core/stats/path_layout.h"
#include "tests/support/support.h"

namespace ipsi::stats {
namespace {

/// Any data will do: places depend on the model, labels on the numbers.
spec::Diagram diagram_of(const std::string& text, DiagramLabels labels = DiagramLabels::standardized) {
  const auto syntax = parse_sem(text);
  EXPECT_OK(syntax);
  std::vector<std::string> columns;
  for (const SemPath& p : syntax->paths)
    for (const std::string& name : {p.lhs, p.rhs}) columns.push_back(name);
  const auto model = build_sem(*syntax, columns);
  EXPECT_OK(model);
  numeric::Stream stream(11);
  Eigen::MatrixXd rows(300, static_cast<Eigen::Index>(model->observed.size()));
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    const double common = stream.normal();
    for (Eigen::Index j = 0; j < rows.cols(); ++j) rows(i, j) = common + 0.8 * stream.normal();
  }
  const auto fit = fit_sem(*model, rows);
  EXPECT_OK(fit);
  return sem_diagram(*model, *fit, labels);
}

class PathDiagrams : public testing::TestWithParam<const char*> {};

TEST_P(PathDiagrams, NothingCoversANodeOrLeavesThePage) {
  for (const DiagramLabels labels : {DiagramLabels::standardized, DiagramLabels::intervals}) {
    const spec::Diagram d = diagram_of(GetParam(), labels);
    ASSERT_FALSE(d.nodes.empty());
    for (std::size_t i = 0; i < d.nodes.size(); ++i) {
      const auto& a = d.nodes[i];
      EXPECT_GE(a.width, words_mm(a.label, d.node_pt));
      EXPECT_GE(a.x - 0.5 * a.width, 0.0) << a.label;
      EXPECT_LE(a.x + 0.5 * a.width, d.width) << a.label;
      EXPECT_GE(a.y - 0.5 * a.height, 0.0) << a.label;
      EXPECT_LE(a.y + 0.5 * a.height, d.height) << a.label;
      for (std::size_t j = 0; j < i; ++j) {
        const auto& b = d.nodes[j];
        EXPECT_FALSE(std::abs(a.x - b.x) < 0.5 * (a.width + b.width) &&
                     std::abs(a.y - b.y) < 0.5 * (a.height + b.height))
            << a.label << " over " << b.label;
      }
      for (const auto& arrow : d.arrows) {
        const double half = 0.5 * words_mm(arrow.label, d.label_pt);
        EXPECT_FALSE(std::abs(a.x - arrow.label_x) < 0.5 * a.width + half - 0.2 &&
                     std::abs(a.y - arrow.label_y) < 0.5 * a.height + 0.5 && !arrow.label.empty())
            << arrow.label << " over " << a.label;
        if (arrow.points.size() == 2)
          for (int s = 1; s < 40; ++s) {
            const double t = s / 40.0;
            const double x = arrow.points[0][0] + t * (arrow.points[1][0] - arrow.points[0][0]);
            const double y = arrow.points[0][1] + t * (arrow.points[1][1] - arrow.points[0][1]);
            EXPECT_FALSE(std::abs(x - a.x) < 0.49 * a.width && std::abs(y - a.y) < 0.49 * a.height &&
                         a.shape == spec::Diagram::Node::Shape::rectangle)
                << "a line through " << a.label;
          }
      }
    }
    for (std::size_t i = 0; i < d.arrows.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const auto &a = d.arrows[i], &b = d.arrows[j];
        if (a.label.empty() || b.label.empty()) continue;
        const double w = 0.5 * (words_mm(a.label, d.label_pt) + words_mm(b.label, d.label_pt));
        EXPECT_FALSE(std::abs(a.label_x - b.label_x) < w - 0.2 && std::abs(a.label_y - b.label_y) < 1.5)
            << a.label << " over " << b.label;
      }
    EXPECT_NE(d.caption.find("n = 300"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PathDiagrams,
                         testing::Values("m ~ x\ny ~ m + x", "y ~ x + z",
                                         "m1 ~ x\nm2 ~ x\nm3 ~ x\ny ~ m1 + m2 + m3 + x",
                                         "F =~ a + b + c\nG =~ d + e + f\nG ~ F\na ~~ d\nb ~~ e",
                                         "F =~ a + b + c\nG =~ d + e + f\nH =~ g + h + i",
                                         "p ~ cst + age + sex\nm ~ p + cst + age + sex\nq ~ m + p + age + sex"));

TEST(PathDiagrams, RunsFromLeftToRight) {
  const spec::Diagram d = diagram_of("m ~ x\ny ~ m + x");
  const auto place = [&](const char* name) {
    for (const auto& n : d.nodes)
      if (n.label == name) return n.x;
    return -1.0;
  };
  EXPECT_LT(place("x"), place("m"));
  EXPECT_LT(place("m"), place("y"));
  int paths = 0, loops = 0;
  for (const auto& a : d.arrows) (a.head_at_start ? loops : paths) += 1;
  EXPECT_EQ(paths, 3);
  EXPECT_EQ(loops, 2);
  EXPECT_EQ(diagram_of("m ~ x\ny ~ m + x").alt, d.alt);
}

}  // namespace
}  // namespace ipsi::stats
