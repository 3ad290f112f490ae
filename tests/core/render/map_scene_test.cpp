// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/map_scene.h"

#include <cmath>

#include "core/render/colormap.h"
#include "tests/core/render/phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

std::shared_ptr<const MapModel> model() {
  static const auto made = [] {
    auto built = map_model(std::make_shared<const brain::Template>(test::phantom_head()), Task());
    EXPECT_OK(built);
    return *built;
  }();
  return made;
}

std::unique_ptr<MapScene> open() {
  auto scene = MapScene::open(model());
  EXPECT_OK(scene);
  return std::move(*scene);
}

MapView front(MapView::Quality quality = MapView::Quality::full) {
  return {
      .camera = *find_camera("front"), .frame = {{0, 0, 0}, 140.0}, .width = 240, .height = 200, .quality = quality};
}

/// Pixel of a world point seen by `front`: R to the left of the picture.
std::size_t pixel(const MapView& view, const Eigen::Vector3d& world) {
  const double mm = view.frame.height_mm / view.height;
  const int x = static_cast<int>(std::floor(view.width / 2.0 + world.dot(view.camera.right()) / mm));
  const int y = static_cast<int>(std::floor(view.height / 2.0 - world.dot(view.camera.up) / mm));
  return static_cast<std::size_t>(y * view.width + x);
}

Paints paints(Rgb colour) {
  Paints out{};
  out.fill({Look::significant, colour});
  return out;
}

TEST(MapScene, TellsWhichRegionIsWhere) {
  const auto scene = open();
  for (const auto quality : {MapView::Quality::drag, MapView::Quality::full}) {
    const auto drawn = scene->draw(front(quality), paints({200, 40, 20}));
    ASSERT_OK(drawn);
    // The last structure is in front of the others of its side.
    const std::size_t left = kRegions.size() - 2, right = kRegions.size() - 1;
    EXPECT_EQ(drawn->forms->region[pixel(front(), test::phantom_centre(left))], left + 1);
    EXPECT_EQ(drawn->forms->region[pixel(front(), test::phantom_centre(right))], right + 1);
    EXPECT_EQ(drawn->forms->region[0], 0);
    EXPECT_EQ(drawn->picture.at(0, 0)[3], 0);
  }
}

TEST(MapScene, AnotherColourNeedsNoRendering) {
  const auto scene = open();
  ASSERT_OK(scene->draw(front(), paints({200, 40, 20})));
  EXPECT_EQ(scene->renderings(), 1);
  const auto blue = scene->draw(front(), paints({20, 40, 200}));
  ASSERT_OK(blue);
  const auto rough = scene->draw(front(MapView::Quality::drag), paints({20, 40, 200}));
  ASSERT_OK(rough);
  EXPECT_EQ(scene->renderings(), 1);
  const std::size_t at = pixel(front(), test::phantom_centre(kRegions.size() - 1));
  EXPECT_GT(blue->picture.rgba[4 * at + 2], blue->picture.rgba[4 * at]);
  EXPECT_GT(rough->picture.rgba[4 * at + 2], rough->picture.rgba[4 * at]);
  EXPECT_EQ(rough->picture.width, blue->picture.width);
}

TEST(MapScene, AnExcludedRegionIsAnOutlineOnly) {
  const auto scene = open();
  Paints some = paints({200, 40, 20});
  const std::size_t gone = kRegions.size() - 1;
  some[gone].look = Look::excluded;
  const auto drawn = scene->draw(front(), some);
  ASSERT_OK(drawn);
  EXPECT_NE(drawn->forms->region[pixel(front(), test::phantom_centre(gone))], gone + 1);
  EXPECT_TRUE(drawn->forms->outlines[gone].empty());
  ASSERT_EQ(drawn->forms->excluded_outlines[gone].size(), 1U);
  const double mm = front().frame.height_mm / front().height;
  EXPECT_NEAR(area_of(drawn->forms->excluded_outlines[gone][0]) * mm * mm,
              M_PI * test::kPhantomRadius * test::kPhantomRadius, 12.0);
}

TEST(MapScene, ACutTakesTheNearSideAwayAndClosesWhatItOpens) {
  const auto scene = open();
  const std::size_t first = kRegions.size() - 2;  // left, the foremost
  const Eigen::Vector3d centre = test::phantom_centre(first);
  MapView view = front();
  view.clip = Clip{1, centre.y()};  // through the middle of the ball, across A
  const auto cut = scene->draw(view, paints({200, 40, 20}));
  ASSERT_OK(cut);
  const std::size_t at = pixel(view, centre);
  EXPECT_EQ(cut->forms->region[at], first + 1);
  // A flat face: no highlight, the same light everywhere on it.
  const auto& rgba = cut->picture.rgba;
  const std::size_t beside = pixel(view, centre + Eigen::Vector3d(4, 0, 3));
  EXPECT_EQ(rgba[4 * at], rgba[4 * beside]);
  view.clip = Clip{1, centre.y() - 2 * test::kPhantomRadius + 4.0};  // between it and the one behind
  const auto behind = scene->draw(view, paints({200, 40, 20}));
  ASSERT_OK(behind);
  EXPECT_EQ(behind->forms->region[at], first - 1);
  view.clip.reset();
  const auto whole = scene->draw(view, paints({200, 40, 20}));
  ASSERT_OK(whole);
  EXPECT_NE(whole->picture.rgba[4 * at], rgba[4 * at]);
}

TEST(MapScene, ClosingOneLeavesTheOthersAlive) {
  const auto scene = open();
  const auto before = scene->draw(front(), paints({200, 40, 20}));
  ASSERT_OK(before);
  {
    const auto other = open();
    ASSERT_OK(other->draw(front(), paints({1, 2, 3})));
  }
  MapView turned = front();
  turned.camera = *find_camera("left");
  ASSERT_OK(scene->draw(turned, paints({200, 40, 20})));
  const auto after = scene->draw(front(), paints({200, 40, 20}));
  ASSERT_OK(after);
  EXPECT_EQ(before->picture.rgba, after->picture.rgba);
}

TEST(MapScene, TheCoarseFormsAreTheSameForms) {
  const auto& full = *model()->full;
  const auto& coarse = *model()->coarse;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    EXPECT_LT(coarse.regions[r].triangles.size(), full.regions[r].triangles.size() / 3);
    EXPECT_NEAR(coarse.regions[r].volume_mm3(), full.regions[r].volume_mm3(), 0.03 * full.regions[r].volume_mm3());
  }
}

}  // namespace
}  // namespace ipsi::render
