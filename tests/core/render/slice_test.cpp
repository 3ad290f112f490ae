// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/slice.h"

#include <cmath>

#include "core/image/io.h"
#include "core/render/template_file.h"
#include "tests/core/render/phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

const brain::Template& head() {
  static const brain::Template made = test::phantom_head();
  return made;
}

double area(const std::vector<Loop>& loops) {
  double sum = 0.0;
  for (const Loop& loop : loops) sum += area_of(loop);
  return sum;
}

/// Centre of mass of the enclosed area.
Eigen::Vector2d middle(const std::vector<Loop>& loops) {
  Eigen::Vector2d sum(0, 0);
  double whole = 0;
  for (const Loop& loop : loops)
    for (std::size_t i = 0; i < loop.size(); ++i) {
      const auto &p = loop[i], &q = loop[(i + 1) % loop.size()];
      const double cross = p.x() * q.y() - p.y() * q.x();
      sum += cross / 3 * (p + q);
      whole += cross;
    }
  return sum / whole;
}

TEST(Slice, VoxelEdgesEncloseExactlyTheVoxels) {
  const Field field = field_of(head(), Plane::axial);
  const auto view = cut(head(), Plane::axial, 4.0, field, {.edges = SliceOptions::Edges::voxel});
  ASSERT_OK(view);
  EXPECT_EQ(view->at_mm, 4.0);
  const auto& grid = head().regions.grid;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    int voxels = 0;
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) voxels += head().regions.at(i, j, 64) == kRegions[r].label;
    ASSERT_GT(voxels, 100);
    EXPECT_DOUBLE_EQ(area(view->regions[r]), voxels) << kRegions[r].key;
  }
}

TEST(Slice, IsRadiologicalAndInPlace) {  // the person's left at the right of the picture, front and top up
  for (const Plane plane : {Plane::axial, Plane::coronal, Plane::sagittal})
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      const Eigen::Vector3d c = test::phantom_centre(r);
      const double at = plane == Plane::axial ? c.z() : plane == Plane::coronal ? c.y() : c.x();
      const Field field = field_of(head(), plane);
      const auto view = cut(head(), plane, at, field);
      ASSERT_OK(view);
      const Eigen::Vector2d expected(plane == Plane::sagittal ? -c.y() : -c.x(),
                                     plane == Plane::axial ? -c.y() : -c.z());
      const Eigen::Vector2d found = middle(view->regions[r]) + Eigen::Vector2d(field.left, field.top);
      EXPECT_NEAR((found - expected).norm(), 0.0, 0.1) << to_string(plane) << " " << kRegions[r].key;
    }
}

TEST(Slice, SmoothedEdgesKeepTheArea) {
  const Field field = field_of(head(), Plane::axial);
  const auto voxel = cut(head(), Plane::axial, 4.0, field, {.edges = SliceOptions::Edges::voxel});
  const auto smoothed = cut(head(), Plane::axial, 4.0, field);
  ASSERT_OK(voxel);
  ASSERT_OK(smoothed);
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    EXPECT_NEAR(area(smoothed->regions[r]), area(voxel->regions[r]), 0.03 * area(voxel->regions[r]));
}

TEST(Slice, HeadIsGreyInsideAndClearOutside) {
  const Field field = field_of(head(), Plane::axial, 2.0);
  EXPECT_NEAR(field.width, 117.0 + 4.0, 1e-9);  // 58 mm to both sides of voxel centres, half a voxel each, 2 mm margin
  const auto view = cut(head(), Plane::axial, 0.0, field, {.pixels_per_mm = 2.0});
  ASSERT_OK(view);
  const Picture& p = view->head;
  EXPECT_EQ(p.width, 242);
  EXPECT_EQ(p.at(0, 0)[3], 0);
  const auto centre = p.at(p.width / 2, p.height / 2);
  EXPECT_EQ(centre[3], 255);
  EXPECT_EQ(centre[0], centre[1]);
  // The phantom brightens towards the person's right (x > 0), which is the left of the picture.
  EXPECT_GT(p.at(p.width / 4, p.height / 2)[0], p.at(3 * p.width / 4, p.height / 2)[0]);
}

TEST(Slice, BestLayerShowsMostRegions) {
  EXPECT_EQ(best_layer(head(), Plane::axial), 4.0);                // through all twelve centres
  EXPECT_EQ(std::abs(best_layer(head(), Plane::sagittal)), 24.0);  // through six
}

TEST(Slice, OutsideTheTemplateSaysHowFarItGoes) {
  const auto refused = cut(head(), Plane::coronal, 500.0, field_of(head(), Plane::coronal));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput);
  EXPECT_NE(refused.error().mend.find("-60 to 60"), std::string::npos) << refused.error();
  EXPECT_FALSE(cut(head(), Plane::axial, NAN, field_of(head(), Plane::axial)));
}

TEST(TemplateFile, ReadsLabelsInAnyOrientation) {
  const test::TemporaryDir dir;
  image::Grid grid;  // as FreeSurfer stores: left, inferior, anterior
  grid.size = {64, 64, 64};
  grid.affine << -1, 0, 0, 32, 0, 0, 1, -32, 0, -1, 0, 32, 0, 0, 0, 1;
  auto labels = test::ball(grid, {-10, 12, 6}, 7.0, 10);
  labels.stored = image::Stored::int32;
  ASSERT_OK(image::write_labels(labels, dir / "aseg.mgz"));
  const auto made = template_from_files(dir / "aseg.mgz", {});
  ASSERT_OK(made);
  EXPECT_EQ(made->regions.grid.orientation(), "RAS");
  const auto view = cut(*made, Plane::axial, 6.0, field_of(*made, Plane::axial));
  ASSERT_OK(view);
  const Eigen::Vector2d found = middle(view->regions[0]) + Eigen::Vector2d(view->field.left, view->field.top);
  EXPECT_NEAR((found - Eigen::Vector2d(10, -12)).norm(), 0.0, 0.1);
  for (auto& v : labels.values) v = v != 0 ? 17 : 0;  // hippocampus only
  ASSERT_OK(image::write_labels(labels, dir / "other.mgz"));
  const auto refused = template_from_files(dir / "other.mgz", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput);
  EXPECT_EQ(template_from_files(dir / "absent.mgz", {}).error().code, Code::NotFound);
}

}  // namespace
}  // namespace ipsi::render
