// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/planes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/render/planes_layer.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;
using test::ramp;
using test::ras_grid;
using test::scan_on;

int grey_of(std::uint32_t pixel) {
  return static_cast<int>(pixel & 0xFF);
}
int red_of(std::uint32_t pixel) {
  return static_cast<int>(pixel >> 16 & 0xFF);
}

PlaneView view_of(Plane plane, double mm_per_pixel = 0.5, int width = 160, int height = 140) {
  PlaneView view;
  view.plane = plane;
  view.centre_mm = {2, 3, 1};
  view.mm_per_pixel = mm_per_pixel;
  view.width = width;
  view.height = height;
  view.look.overlay = Overlay::off;
  view.look.lesion = false;
  view.look.window = GreyWindow{0.0, 255.0};
  return view;
}

constexpr std::array<Plane, 3> kAll{Plane::axial, Plane::coronal, Plane::sagittal};

TEST(Planes, PixelsAreTheLinearImageAtTheirWorldPoints) {  // closed form: the ramp itself
  const auto scan = scan_on(ras_grid());
  PlaneRenderer renderer;
  for (const Plane plane : kAll)
    for (const Convention convention : {Convention::radiological, Convention::neurological}) {
      PlaneView view = view_of(plane);
      view.look.convention = convention;
      const PlanePicture& picture = renderer.draw(*scan, view);
      for (int y = 0; y < view.height; ++y)
        for (int x = 0; x < view.width; ++x) {
          const double value = ramp(world_at(view, {x + 0.5, y + 0.5}));
          const double level = std::clamp(value, 0.0, 255.0);
          ASSERT_NEAR(grey_of(picture.at(x, y)), level, 0.51) << to_string(plane) << " " << x << " " << y;
        }
    }
}

TEST(Planes, MirroredAndPermutedCopiesGiveEqualPixels) {
  const auto original = scan_on(ras_grid());
  PlaneRenderer a, b;
  for (const char* codes : {"LAS", "LIA", "PSR", "SPL", "AIR"}) {
    const auto copy = scan_on(test::stored_as(ras_grid(), codes));
    ASSERT_EQ(copy->grey->stored.orientation(), codes);
    for (const Plane plane : kAll)
      for (const Overlay overlay : {Overlay::outline, Overlay::fill}) {
        PlaneView view = view_of(plane, 0.7);
        view.centre_mm = {-24, 2, 2};
        view.look.overlay = overlay;
        view.look.lesion = true;
        view.region = 4;
        EXPECT_EQ(a.draw(*original, view).pixels, b.draw(*copy, view).pixels) << codes << " " << to_string(plane);
      }
  }
}

TEST(Planes, AnObliqueCopyGivesTheSamePicture) {
  const auto original = scan_on(ras_grid());
  const auto copy = scan_on(test::turned(23.0, {0.3, -0.5, 0.8}));
  ASSERT_FALSE(axis_aligned(copy->grey->grid));
  PlaneRenderer a, b;
  for (const Plane plane : kAll) {
    PlaneView view = view_of(plane, 0.5, 120, 120);
    const PlanePicture& one = a.draw(*original, view);
    const PlanePicture& two = b.draw(*copy, view);
    for (std::size_t i = 0; i < one.pixels.size(); ++i)  // both round the same linear function
      ASSERT_NEAR(grey_of(one.pixels[i]), grey_of(two.pixels[i]), 1) << to_string(plane);
    // The region: filled, its pixels must agree but for the voxels' stairs along its edges.
    view.look.overlay = Overlay::fill;
    view.look.opacity = 1.0;
    view.centre_mm = {-24, 2, 2};
    const auto full = a.draw(*original, view).pixels, turned = b.draw(*copy, view).pixels;
    int both = 0, one_only = 0;
    for (std::size_t i = 0; i < full.size(); ++i) {
      const bool f = full[i] == 0xFF4DE3FF, t = turned[i] == 0xFF4DE3FF;
      both += f && t ? 1 : 0;
      one_only += f != t ? 1 : 0;
    }
    // 1 mm voxels displace an edge by at most half their diagonal: 0.87 mm of the perimeter on both sides.
    const double perimeter_pixels = 2.0 * (24.0 + 12.0) / view.mm_per_pixel;
    EXPECT_GT(both, 400);
    EXPECT_LT(one_only, perimeter_pixels * 0.87 / view.mm_per_pixel) << to_string(plane);
  }
}

TEST(Planes, LettersFollowTheConvention) {
  const auto letters = [](Plane plane, Convention convention) {
    const Letters l = letters_of(plane, convention);
    return std::string{l.left, l.right, l.top, l.bottom};
  };
  EXPECT_EQ(letters(Plane::axial, Convention::radiological), "RLAP");
  EXPECT_EQ(letters(Plane::axial, Convention::neurological), "LRAP");
  EXPECT_EQ(letters(Plane::coronal, Convention::radiological), "RLSI");
  EXPECT_EQ(letters(Plane::coronal, Convention::neurological), "LRSI");
  EXPECT_EQ(letters(Plane::sagittal, Convention::radiological), "APSI");
  EXPECT_EQ(letters(Plane::sagittal, Convention::neurological), "APSI");
}

TEST(Planes, APlantedVoxelIsSeenWhereItsWorldPointFalls) {  // in every plane, storage and convention
  const Vector3d place(17, -12, 9);
  for (const char* codes : {"RAS", "LIA"}) {
    const image::Grid grid = test::stored_as(ras_grid(), codes);
    image::Volume t1;
    t1.grid = grid;
    t1.values.assign(grid.voxels(), 10.0F);
    const Vector3d v = grid.to_voxel(place);
    t1.values[grid.index(int(std::lround(v[0])), int(std::lround(v[1])), int(std::lround(v[2])))] = 200.0F;
    const auto scan = make_scan(t1, {}, {});
    ASSERT_OK(scan);
    PlaneRenderer renderer;
    for (const Plane plane : kAll)
      for (const Convention convention : {Convention::radiological, Convention::neurological}) {
        PlaneView view = view_of(plane, 0.25, 300, 300);
        view.look.interpolation = Interpolation::nearest;
        view.look.convention = convention;
        const int across = axes_of(plane, convention).across;
        view.centre_mm[across] = place[across];
        const PlanePicture& picture = renderer.draw(**scan, view);
        const Vector2d predicted = pixel_of(view, place);
        int bright = 0;
        for (int y = 0; y < view.height; ++y)
          for (int x = 0; x < view.width; ++x) {
            if (grey_of(picture.at(x, y)) != 200) continue;
            ++bright;
            EXPECT_LE(std::abs(x + 0.5 - predicted[0]), 2.0);
            EXPECT_LE(std::abs(y + 0.5 - predicted[1]), 2.0);
          }
        EXPECT_EQ(bright, 16) << codes << to_string(plane);  // 1 mm at 0.25 mm a pixel: 4 x 4
        view.centre_mm[across] += 1.0;
        for (const std::uint32_t pixel : renderer.draw(**scan, view).pixels) ASSERT_NE(grey_of(pixel), 200);
      }
  }
}

TEST(Planes, RightOfThePersonIsLeftInRadiologicalPictures) {
  const auto scan = scan_on(ras_grid());  // brighter to the right (+x)
  PlaneRenderer renderer;
  for (const Plane plane : {Plane::axial, Plane::coronal}) {
    PlaneView view = view_of(plane);
    const PlanePicture& r = renderer.draw(*scan, view);
    EXPECT_GT(grey_of(r.at(40, 70)), grey_of(r.at(120, 70)));
    view.look.convention = Convention::neurological;
    const PlanePicture& n = renderer.draw(*scan, view);
    EXPECT_LT(grey_of(n.at(40, 70)), grey_of(n.at(120, 70)));
  }
}

TEST(Planes, OutlinesLieOnVoxelEdges) {
  // One voxel of the left putamen; its edges are where its corners project to.
  image::Grid grid = ras_grid();
  image::Volume t1;
  t1.grid = grid;
  t1.values.assign(grid.voxels(), 0.0F);
  t1.values[0] = 1.0F;
  image::Labels labels;
  labels.grid = grid;
  labels.values.assign(grid.voxels(), 0);
  labels.values[grid.index(40, 50, 48)] = 12;
  const auto scan = make_scan(t1, labels, {});
  ASSERT_OK(scan);
  PlaneView view = view_of(Plane::axial, 0.1, 200, 200);
  view.centre_mm = grid.to_world({40, 50, 48});
  view.look.overlay = Overlay::outline;
  view.region = 4;  // left putamen
  PlaneRenderer renderer;
  const PlanePicture& picture = renderer.draw(**scan, view);
  // The voxel covers pixels 95..105 in both directions; the line is 1.8 wide: 94.1..95.9.
  for (int t = 97; t < 104; ++t)
    for (const auto& [x, y] : {std::pair{95, t}, {104, t}, {t, 95}, {t, 104}}) {
      EXPECT_EQ(picture.at(x, y) & 0xFFFFFFU, picture.at(95, 100) & 0xFFFFFFU);
      // Covered for 0.9 of the pixel, on black.
      EXPECT_NEAR(red_of(picture.at(x, y)), 0x4D * 0.9, 1.5);
      EXPECT_NEAR(grey_of(picture.at(x, y)), 0xFF * 0.9, 2.0);
    }
  // Same on the outer side of the edge: the line is centred on it.
  EXPECT_NEAR(grey_of(picture.at(94, 100)), 0xFF * 0.9, 2.0);
  EXPECT_NEAR(grey_of(picture.at(105, 100)), 0xFF * 0.9, 2.0);
  EXPECT_EQ(grey_of(picture.at(96, 100)), 0);  // inside: halo on black
  EXPECT_EQ(grey_of(picture.at(93, 100)), 0);
  int lit = 0;
  for (const std::uint32_t pixel : picture.pixels) lit += (pixel & 0xFFFFFFU) != 0 ? 1 : 0;
  EXPECT_EQ(lit, 12 * 12 - 8 * 8);  // a frame of pixels 94..105 less 96..103
}

TEST(Planes, TheHaloDarkensBesideTheLine) {
  image::Grid grid = ras_grid();
  image::Volume t1;
  t1.grid = grid;
  t1.values.assign(grid.voxels(), 200.0F);
  image::Labels labels;
  labels.grid = grid;
  labels.values.assign(grid.voxels(), 0);
  labels.values[grid.index(40, 50, 48)] = 12;
  const auto scan = make_scan(t1, labels, {});
  ASSERT_OK(scan);
  PlaneView view = view_of(Plane::axial, 0.1, 200, 200);
  view.centre_mm = grid.to_world({40, 50, 48});
  view.look.overlay = Overlay::outline;
  view.region = 4;
  PlaneRenderer renderer;
  const PlanePicture& picture = renderer.draw(**scan, view);
  // Halo from 93.3 to 96.7: 0.7 of pixels 93 and 96, at 67 % black.
  EXPECT_NEAR(grey_of(picture.at(96, 100)), 200 * (1 - 0.67 * 0.7), 2.0);
  EXPECT_NEAR(grey_of(picture.at(93, 100)), 200 * (1 - 0.67 * 0.7), 2.0);
  EXPECT_EQ(grey_of(picture.at(92, 100)), 200);
  EXPECT_EQ(grey_of(picture.at(100, 100)), 200);
}

TEST(Planes, ThinOutlinesTakeThePixelThatHoldsTheEdge) {
  image::Grid grid = ras_grid();
  image::Volume t1;
  t1.grid = grid;
  t1.values.assign(grid.voxels(), 0.0F);
  t1.values[0] = 1.0F;
  image::Labels labels;
  labels.grid = grid;
  labels.values.assign(grid.voxels(), 0);
  labels.values[grid.index(40, 50, 48)] = 12;
  const auto scan = make_scan(t1, labels, {});
  ASSERT_OK(scan);
  PlaneView view = view_of(Plane::axial, 0.1, 200, 200);
  view.centre_mm = grid.to_world({40, 50, 48}) + Vector3d(0.03, 0.03, 0);  // edges at 95.3 and 105.3
  view.look.overlay = Overlay::outline;
  view.region = 5;  // the right putamen is current: the left one is its pair, 1 pixel
  PlaneRenderer renderer;
  const PlanePicture& picture = renderer.draw(**scan, view);
  for (const auto& [x, y] : {std::pair{95, 100}, {105, 100}, {100, 95}, {100, 105}})
    EXPECT_EQ(picture.at(x, y), 0xFF4DE3FFU) << x << " " << y;
  for (const auto& [x, y] : {std::pair{94, 100}, {96, 100}, {104, 100}, {100, 94}, {100, 96}, {100, 104}})
    EXPECT_EQ(picture.at(x, y), 0xFF000000U) << x << " " << y;
}

TEST(Planes, LineWidthsFollowThePixelRatio) {
  const auto scan = scan_on(ras_grid());
  PlaneView view = view_of(Plane::axial, 0.25, 320, 280);
  view.centre_mm = {-24, 2, 2};
  view.look.overlay = Overlay::outline;
  view.look.window = GreyWindow{1e6, 2e6};  // all black
  view.region = 4;
  const auto ink = [&](double ratio) {
    view.pixel_ratio = ratio;
    PlaneRenderer renderer;
    double sum = 0.0;
    for (const std::uint32_t pixel : renderer.draw(*scan, view).pixels) sum += grey_of(pixel) / 255.0;
    return sum;
  };
  EXPECT_NEAR(ink(2.0) / ink(1.0), 2.0, 0.03);
  // Perimeter of 11 x 23 voxels at 4 pixels a mm, 1.8 wide; 8 bits a pixel and the four corners make the difference.
  EXPECT_NEAR(ink(1.0), 2 * (11 + 23) * 4 * 1.8, 6.0);
}

TEST(Planes, OpacityBlendsFills) {
  const auto scan = scan_on(ras_grid());
  PlaneView view = view_of(Plane::axial);
  view.centre_mm = {-24, 2, 2};
  view.region = 4;
  view.look.overlay = Overlay::fill;
  view.look.opacity = 0.35;
  PlaneRenderer renderer;
  const Vector2d inside = pixel_of(view, {-24, 2, 2});
  const auto at = [&] {
    return renderer.draw(*scan, view).at(static_cast<int>(inside[0]), static_cast<int>(inside[1]));
  };
  const std::uint32_t mixed = at();
  view.look.overlay = Overlay::off;
  const std::uint32_t plain = at();
  EXPECT_NEAR(red_of(mixed), 0.65 * red_of(plain) + 0.35 * 0x4D, 1.5);
  EXPECT_NEAR(grey_of(mixed), 0.65 * grey_of(plain) + 0.35 * 0xFF, 1.5);
}

TEST(Planes, OffMeansTheSamePixelsAsNoRegions) {
  const auto with = scan_on(ras_grid());
  auto images = test::phantom_on(ras_grid());
  const auto without = make_scan(images.t1, {}, {});
  ASSERT_OK(without);
  PlaneRenderer a, b;
  for (const Plane plane : kAll) {
    PlaneView view = view_of(plane);
    view.centre_mm = {-24, 2, 2};
    EXPECT_EQ(a.draw(*with, view).pixels, b.draw(**without, view).pixels);
    view.look.overlay = Overlay::outline;
    view.look.lesion = true;
    EXPECT_NE(a.draw(*with, view).pixels, b.draw(**without, view).pixels);
  }
}

TEST(Planes, OutsideTheFieldOfViewIsBlack) {
  const auto scan = scan_on(ras_grid());
  PlaneView view = view_of(Plane::axial, 1.0, 200, 200);
  view.centre_mm = {0, 0, 0};
  PlaneRenderer renderer;
  view.look.window = GreyWindow{-1000.0, -900.0};  // white inside
  const PlanePicture& picture = renderer.draw(*scan, view);
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x) {
      const Vector3d w = world_at(view, {x + 0.5, y + 0.5});
      const bool inside = w.x() >= -48.5 && w.x() < 47.5 && w.y() >= -48.5 && w.y() < 47.5;
      ASSERT_EQ(grey_of(picture.at(x, y)), inside ? 255 : 0) << x << " " << y;
    }
  view.centre_mm[2] = 48.0;  // beyond the last slice
  for (const std::uint32_t pixel : renderer.draw(*scan, view).pixels) ASSERT_EQ(pixel, 0xFF000000U);
}

TEST(Planes, WorldAndPixelAreInverse) {
  for (const Plane plane : kAll) {
    const PlaneView view = view_of(plane, 0.37, 211, 97);
    const Vector2d pixel(33.25, 71.5);
    EXPECT_LT((pixel_of(view, world_at(view, pixel)) - pixel).norm(), 1e-9);
  }
}

TEST(Planes, OddSizesAndOneVoxelAreDrawn) {
  image::Volume t1;
  t1.grid.size = {1, 1, 1};
  t1.values = {7.0F};
  const auto scan = make_scan(t1, {}, {});
  ASSERT_OK(scan);
  PlaneRenderer renderer;
  for (const Plane plane : kAll)
    for (const int size : {0, 1, 3}) {
      PlaneView view = view_of(plane, 0.1, size, size);
      view.centre_mm.setZero();
      view.look.window = GreyWindow{0.0, 7.0};
      const PlanePicture& picture = renderer.draw(**scan, view);
      ASSERT_EQ(picture.pixels.size(), static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
      for (const std::uint32_t pixel : picture.pixels) EXPECT_EQ(grey_of(pixel), 255);
    }
}

}  // namespace
}  // namespace ipsi::render
