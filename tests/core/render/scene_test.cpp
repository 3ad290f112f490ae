// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/scene.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <numbers>

#include "core/render/colormap.h"
#include "core/render/compose.h"
#include "tests/core/render/phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

using test::kPhantomRadius;
using test::phantom_centre;

constexpr int kWidth = 480, kHeight = 400;

/// The scene of the phantom, opened once, without an X server.
Scene& scene() {
  static const std::unique_ptr<Scene> opened = [] {
    ::unsetenv("DISPLAY");
    auto model = head_model(test::phantom_head(), Task());
    auto made = Scene::open(*model);
    if (!made) throw std::runtime_error(to_line(made.error()));
    return std::move(*made);
  }();
  return *opened;
}

Shown everything() {
  Shown shown;
  shown.regions.set();
  return shown;
}

const Camera& front() {
  return *find_camera("front");
}

Surfaces render(const Camera& camera, const Shown& shown) {
  auto made = scene().render(camera, {{0, 0, 0}, 140.0}, kWidth, kHeight, shown);
  EXPECT_OK(made);
  return std::move(*made);
}

/// Pixel of a world point.
std::pair<int, int> project(const Camera& camera, const Eigen::Vector3d& world, double mm_per_pixel) {
  return {static_cast<int>(std::floor(kWidth / 2.0 + world.dot(camera.right()) / mm_per_pixel)),
          static_cast<int>(std::floor(kHeight / 2.0 - world.dot(camera.up) / mm_per_pixel))};
}

std::uint8_t region_at(const Surfaces& s, std::pair<int, int> at) {
  return s.region[static_cast<std::size_t>(at.second * s.width + at.first)];
}

TEST(Mesh, OfABallHasItsVolumePlaceAndNoHoles) {
  image::Grid grid;  // anisotropic and turned to the left: world geometry, not voxels, counts
  grid.size = {60, 40, 30};
  grid.affine.topLeftCorner<3, 3>() = Eigen::Vector3d(1.0, 1.5, 2.0).asDiagonal();
  grid.affine.topRightCorner<3, 1>() = Eigen::Vector3d(-40, 5, 10);
  const Eigen::Vector3d centre(-11, 34, 40);
  const image::Labels labels = test::ball(grid, centre, 14.0, 10);
  const auto voxels = std::count(labels.values.begin(), labels.values.end(), 10);
  const Mesh mesh = surface_of(labels, 10);
  EXPECT_NEAR(mesh.volume_mm3(), static_cast<double>(voxels) * 3.0, 0.02 * static_cast<double>(voxels) * 3.0);
  EXPECT_NEAR(mesh.volume_mm3(), 4.0 / 3.0 * std::numbers::pi * std::pow(14.0, 3), 300.0);
  std::map<std::pair<int, int>, int> edges;
  for (const auto& t : mesh.triangles)
    for (std::size_t e = 0; e < 3; ++e) ++edges[{t[e], t[(e + 1) % 3]}];
  for (const auto& [edge, count] : edges) {  // closed and oriented: each edge once in each direction
    ASSERT_EQ(count, 1);
    ASSERT_EQ(edges.count({edge.second, edge.first}), 1U);
  }
  for (std::size_t i = 0; i < mesh.points.size(); ++i) {
    const Eigen::Vector3d out = mesh.points[i].cast<double>() - centre;
    EXPECT_NEAR(out.norm(), 14.0, 1.3);
    EXPECT_GT(mesh.normals[i].cast<double>().dot(out.normalized()), 0.8);
  }
  EXPECT_TRUE(surface_of(labels, 11).empty());
}

TEST(Mesh, DecimationKeepsTheVolume) {
  image::Grid grid;
  grid.size = {40, 40, 40};
  const image::Labels labels = test::ball(grid, {20, 20, 20}, 15.0, 10);
  const Mesh whole = surface_of(labels, 10), half = surface_of(labels, 10, {.keep = 0.5});
  EXPECT_NEAR(static_cast<double>(half.triangles.size()), 0.5 * static_cast<double>(whole.triangles.size()),
              0.02 * static_cast<double>(whole.triangles.size()));
  EXPECT_NEAR(half.volume_mm3(), whole.volume_mm3(), 0.01 * whole.volume_mm3());
}

TEST(HeadModel, IsMadeOncePerTemplateAndRefusesAnEmptyOne) {
  const auto head = test::phantom_head();
  const auto first = head_model(head, Task()), second = head_model(head, Task());
  ASSERT_OK(first);
  EXPECT_EQ(first->get(), second->get());
  auto empty = head;
  std::fill(empty.regions.values.begin(), empty.regions.values.end(), 0);
  const auto refused = head_model(empty, Task());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput);
}

TEST(Camera, AxesAreARightHandedFrame) {
  for (const Camera& camera : cameras()) {
    EXPECT_NEAR(camera.from.norm(), 1.0, 1e-12) << camera.name;
    EXPECT_NEAR(camera.up.norm(), 1.0, 1e-12) << camera.name;
    EXPECT_NEAR(camera.from.dot(camera.up), 0.0, 1e-12) << camera.name;
  }
  // From the front the person's left (-x) is at the right of the picture; from above the front is up.
  EXPECT_NEAR(front().right().x(), -1.0, 1e-12);
  EXPECT_NEAR(find_camera("top")->right().x(), 1.0, 1e-12);
  EXPECT_NEAR(find_camera("left")->right().y(), -1.0, 1e-12);
  EXPECT_LT(find_camera("oblique")->right().x(), 0.0);
  EXPECT_EQ(find_camera("nowhere"), nullptr);
}

TEST(Scene, APixelOverARegionCarriesThatRegion) {
  for (const char* name : {"top", "bottom"}) {  // from there no ball hides another
    const Surfaces s = render(*find_camera(name), everything());
    for (std::size_t r = 0; r < kRegions.size(); ++r)
      EXPECT_EQ(region_at(s, project(*find_camera(name), phantom_centre(r), s.mm_per_pixel)), r + 1)
          << name << " " << kRegions[r].key;
  }
}

TEST(Scene, BallsHaveTheirSizeAndDepth) {
  const Surfaces s = render(*find_camera("top"), everything());
  std::array<double, kRegions.size() + 1> area{};
  for (const std::uint8_t id : s.region) area[id] += s.mm_per_pixel * s.mm_per_pixel;
  const double disc = std::numbers::pi * kPhantomRadius * kPhantomRadius;
  for (std::size_t r = 1; r <= kRegions.size(); ++r) EXPECT_NEAR(area[r], disc, 0.04 * disc) << r;
  // From the left the far ball of a pair is hidden; seen alone it lies 48 mm deeper.
  Shown near_only = everything(), far_only = everything();
  near_only.regions.reset().set(0);
  far_only.regions.reset().set(1);
  const Camera& left = *find_camera("left");
  const Surfaces a = render(left, near_only), b = render(left, far_only), both = render(left, everything());
  const auto at = project(left, phantom_centre(0), a.mm_per_pixel);
  const auto i = static_cast<std::size_t>(at.second * a.width + at.first);
  EXPECT_NEAR(b.depth[i] - a.depth[i], 48.0, 0.2);
  EXPECT_EQ(both.region[i], 1);
}

TEST(Scene, HiddenRegionsAndBackgroundAreEmpty) {
  Shown shown = everything();
  shown.regions.reset(4);
  shown.brain = false;
  const Surfaces s = render(*find_camera("top"), shown);
  for (std::size_t i = 0; i < s.pixels(); ++i) {
    ASSERT_NE(s.region[i], 5);
    ASSERT_EQ(s.brain[i], 0);
    ASSERT_EQ(std::isinf(s.depth[i]), s.region[i] == 0);
  }
}

TEST(Scene, TheBrainIsADiscThatFacesTheViewerInItsMiddle) {
  const Surfaces s = render(front(), everything());
  const auto centre = static_cast<std::size_t>(s.height / 2 * s.width + s.width / 2);
  EXPECT_GT(s.brain[centre], 245);
  const double pixels =
      static_cast<double>(std::count_if(s.brain.begin(), s.brain.end(), [](auto v) { return v != 0; }));
  const double disc = std::numbers::pi * 58.0 * 58.0;
  EXPECT_NEAR(pixels * s.mm_per_pixel * s.mm_per_pixel, disc, 0.04 * disc);
}

TEST(Scene, TheSameTwice) {
  const Surfaces a = render(front(), everything()), b = render(front(), everything());
  EXPECT_EQ(a.region, b.region);
  EXPECT_EQ(a.diffuse, b.diffuse);
  EXPECT_EQ(a.depth, b.depth);
}

TEST(Scene, RefusesImpossibleSizes) {
  for (const int side : {0, -3, 100000}) {
    const auto refused = scene().render(front(), {}, side, 100, everything());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::InvalidInput);
  }
}

TEST(SceneDeathTest, WithoutOpenGlSaysWhatToInstall) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ::setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent.json", 1);  // EGL finds no driver
        const auto refused = Scene::open(std::make_shared<HeadModel>());
        if (!refused) std::fputs(to_line(refused.error()).c_str(), stderr);
        std::exit(refused ? 1 : refused.error().code == Code::Environment ? 0 : 2);
      },
      testing::ExitedWithCode(0), "install libegl1 and libgl1-mesa-dri");
}

TEST(Compose, FlatLightGivesExactlyTheColourOfTheValue) {
  const Scale scale{-1.6, 1.6};
  Paints paints{};
  for (std::size_t r = 0; r < paints.size(); ++r)
    paints[r] = {r % 3 == 0   ? Look::significant
                 : r % 3 == 1 ? Look::not_significant
                              : Look::untested,
                 scale.colour(-1.5 + 0.27 * static_cast<double>(r))};
  const Camera& top = *find_camera("top");
  const Surfaces s = render(top, everything());
  const Picture picture = compose(s, paints, {.supersampling = 2, .light = ComposeOptions::Light::flat});
  ASSERT_EQ(picture.width, kWidth / 2);
  ASSERT_EQ(picture.height, kHeight / 2);
  for (std::size_t r = 0; r < paints.size(); ++r) {
    const auto [x, y] = project(top, phantom_centre(r), s.mm_per_pixel);
    const Rgb fill = fill_of(paints[r]);
    const auto pixel = picture.at(x / 2, y / 2);
    EXPECT_EQ((Rgb{pixel[0], pixel[1], pixel[2]}), fill) << kRegions[r].key;
    EXPECT_EQ(pixel[3], 255);
  }
  EXPECT_EQ(fill_of({Look::significant, {0xB5, 0x5A, 0x2B}}), (Rgb{0xB5, 0x5A, 0x2B}));
  EXPECT_EQ(to_hex(fill_of({Look::not_significant, {0xB5, 0x5A, 0x2B}})), "#CCA795");  // 60 % to #DBDBDB
}

TEST(Compose, ShadeKeepsTheHueAndTheOutsideIsClear) {
  Paints paints{};
  paints.fill({Look::significant, {0x37, 0x78, 0xAB}});
  Shown shown = everything();
  shown.brain = false;
  const Surfaces s = render(*find_camera("top"), shown);
  const Picture picture = compose(s, paints);
  EXPECT_EQ(picture.at(0, 0)[3], 0);
  EXPECT_EQ(picture.at(picture.width - 1, picture.height - 1)[3], 0);
  const auto [x, y] = project(*find_camera("top"), phantom_centre(0), s.mm_per_pixel);
  const auto pixel = picture.at(x / 2, y / 2);
  EXPECT_EQ(pixel[3], 255);
  EXPECT_GT(pixel[2], pixel[1]);  // blue stays blue
  EXPECT_GT(pixel[1], pixel[0]);
  const Picture again = compose(s, paints);
  EXPECT_EQ(picture.rgba, again.rgba);
}

TEST(Compose, AValueOnOneSideColoursThatSideOnly) {
  Paints paints{};
  paints.fill({Look::not_significant, {0xF1, 0xEA, 0xE5}});
  const std::size_t left_putamen = 4;
  ASSERT_EQ(kRegions[left_putamen].key, "left_putamen");
  const Rgb planted{0x9A, 0x35, 0x17};
  paints[left_putamen] = {Look::significant, planted};
  for (const char* name : {"front", "top", "oblique"}) {
    const Camera& camera = *find_camera(name);
    const Surfaces s = render(camera, everything());
    const Picture picture = compose(s, paints, {.supersampling = 1, .light = ComposeOptions::Light::flat});
    int hits = 0, wrong = 0;
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x) {
        const auto pixel = picture.at(x, y);
        if (Rgb{pixel[0], pixel[1], pixel[2]} != planted || pixel[3] == 0) continue;
        ++hits;
        wrong += region_at(s, {x, y}) != left_putamen + 1;
      }
    // From the front two balls stand before the putamen's; nothing else may carry its colour.
    if (camera.name == "top") {
      EXPECT_GT(hits, 500);
    }
    EXPECT_EQ(wrong, 0) << name;
  }
}

}  // namespace
}  // namespace ipsi::render
