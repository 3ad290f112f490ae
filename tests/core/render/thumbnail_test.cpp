// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/thumbnail.h"

#include <cmath>

#include "core/base/files.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

constexpr int kLeftPutamen = 4, kRightPutamen = 5;

Eigen::Vector3d world_of(const Thumbnail& t, int x, int y) {
  return t.corner_mm + t.mm_per_pixel * Eigen::Vector3d(x, y, 0);
}
std::size_t at(const Thumbnail& t, int x, int y) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(t.side) + static_cast<std::size_t>(x);
}

TEST(Thumbnail, PixelsAreTheVoxelsOfTheSliceThroughTheRegion) {
  const auto scan = test::scan_on(test::ras_grid());
  const auto t = make_thumbnails(*scan).of[kLeftPutamen];
  EXPECT_EQ(t.anchor, Anchor::label);
  EXPECT_EQ(t.mm_per_pixel, 1.0);
  // Box of 11 x 23 voxels and 12 mm on both sides: 47, to the next ten.
  EXPECT_EQ(t.side, 50);
  EXPECT_NEAR(t.centre_mm().x(), -24, 1.0);
  EXPECT_NEAR(t.centre_mm().y(), 2, 1.0);
  EXPECT_EQ(t.corner_mm.z(), std::round(scan->places[kLeftPutamen].centre_mm.z()));
  const double gain = 255.0 / (scan->window.high - scan->window.low);
  int region = 0;
  for (int y = 0; y < t.side; ++y)
    for (int x = 0; x < t.side; ++x) {
      const Eigen::Vector3d w = world_of(t, x, y);
      const bool inside = std::abs(w.x() + 0.5) < 48 && std::abs(w.y() + 0.5) < 48;
      const double level = inside ? std::clamp((test::ramp(w) - scan->window.low) * gain, 0.0, 255.0) : 0.0;
      ASSERT_NEAR(t.grey[at(t, x, y)], level, 0.51) << w.transpose();
      ASSERT_EQ((t.marks[at(t, x, y)] & Thumbnail::kRegion) != 0, test::phantom_label(w) == 12) << w.transpose();
      ASSERT_EQ((t.marks[at(t, x, y)] & Thumbnail::kLesion) != 0, inside && test::phantom_lesion(w) == 1);
      region += test::phantom_label(w) == 12 ? 1 : 0;
    }
  EXPECT_EQ(region, 11 * 23);
}

TEST(Thumbnail, TheOrderOfVoxelsInTheFileMakesNoDifference) {
  const auto grid = test::ras_grid();
  const auto once = make_thumbnails(*test::scan_on(grid));
  for (const char* codes : {"LAS", "LIA", "PSR"})
    EXPECT_EQ(once, make_thumbnails(*test::scan_on(test::stored_as(grid, codes)))) << codes;
}

TEST(Thumbnail, PaintedItLooksAsTheScanInTheSingleView) {
  const auto scan = test::scan_on(test::ras_grid());
  const auto t = make_thumbnails(*scan).of[kLeftPutamen];
  PlaneView view;
  view.centre_mm = t.centre_mm();
  view.width = view.height = t.side;
  view.region = kLeftPutamen;
  ThumbnailPainter painter;
  PlaneRenderer renderer;
  for (const Overlay overlay : {Overlay::outline, Overlay::fill, Overlay::off})
    for (const bool lesion : {true, false})
      for (const Convention convention : {Convention::radiological, Convention::neurological}) {
        view.look.overlay = overlay;
        view.look.lesion = lesion;
        view.look.convention = convention;
        const auto& expected = renderer.draw(*scan, view).pixels;
        EXPECT_EQ(painter.draw(t, kLeftPutamen, view.look, t.side, t.side, 1.0).pixels, expected)
            << static_cast<int>(overlay) << lesion << static_cast<int>(convention);
      }
}

TEST(Thumbnail, AnEmptyOneIsBlack) {
  ThumbnailPainter painter;
  for (const std::uint32_t pixel : painter.draw({}, 0, {}, 20, 10, 1.0).pixels) EXPECT_EQ(pixel, 0xFF000000U);
}

/// Thalami and caudates on both sides and the right putamen, about a midplane that is shifted and turned.
struct Turned {
  std::shared_ptr<const Scan> scan;
  Eigen::Vector3d left_putamen;  ///< where it would be
};
Turned turned_head(bool pairs) {
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.15, Eigen::Vector3d::UnitZ()).toRotationMatrix();
  const auto place = [&](double x, double y, double z) -> Eigen::Vector3d {
    return Eigen::Vector3d(3, -2, 1) + turn * Eigen::Vector3d(x, y, z);
  };
  std::vector<std::pair<Eigen::Vector3d, int>> balls{{place(25, 2, 0), 51}};
  if (pairs)
    for (const double side : {-1.0, 1.0}) {
      balls.emplace_back(place(side * 12, -18, 4), side < 0 ? 10 : 49);
      balls.emplace_back(place(side * 13, 14, 8), side < 0 ? 11 : 50);
    }
  auto images = test::phantom_on(test::ras_grid());
  std::size_t v = 0;
  for (int k = 0; k < 96; ++k)
    for (int j = 0; j < 96; ++j)
      for (int i = 0; i < 96; ++i, ++v) {
        images.labels.values[v] = 0;
        for (const auto& [centre, label] : balls)
          if ((images.t1.grid.to_world({double(i), double(j), double(k)}) - centre).norm() < 6)
            images.labels.values[v] = label;
      }
  return {*make_scan(images.t1, images.labels, images.lesion), place(-25, 2, 0)};
}

TEST(Thumbnail, WithoutLabelTheOppositeSideTellsThePlace) {
  const Turned head = turned_head(true);
  const auto all = make_thumbnails(*head.scan);
  const Thumbnail& missing = all.of[kLeftPutamen];
  EXPECT_EQ(missing.anchor, Anchor::mirrored);
  EXPECT_LT((missing.centre_mm() - head.left_putamen).head<2>().norm(), 1.0);
  EXPECT_LT(std::abs(missing.centre_mm().z() - head.left_putamen.z()), 1.0);
  EXPECT_EQ(missing.side, all.of[kRightPutamen].side);
  EXPECT_EQ(all.of[kRightPutamen].anchor, Anchor::label);
}

TEST(Thumbnail, WithoutOppositeSideTheAtlasThenTheMiddleOfTheHead) {
  const Turned head = turned_head(false);  // one region: nothing tells where the midplane is
  ExpectedPlaces expected;
  expected[kLeftPutamen] = Eigen::Vector3d(-20, 5, 3);
  const auto all = make_thumbnails(*head.scan, expected);
  EXPECT_EQ(all.of[kLeftPutamen].anchor, Anchor::atlas);
  EXPECT_LT((all.of[kLeftPutamen].centre_mm() - *expected[kLeftPutamen]).norm(), 1.0);
  EXPECT_EQ(all.of[0].anchor, Anchor::head);
  EXPECT_LT((all.of[0].centre_mm() - head.scan->middle_mm()).norm(), 1.0);
}

TEST(Thumbnail, AFineGridIsTakenToMillimetresAndALargeRegionToALargePicture) {
  image::Grid fine = test::ras_grid();
  fine.size = {192, 192, 192};
  fine.affine.topLeftCorner<3, 3>() *= 0.5;
  const auto t = make_thumbnails(*test::scan_on(fine)).of[kLeftPutamen];
  EXPECT_DOUBLE_EQ(t.mm_per_pixel, 0.7);
  EXPECT_EQ(t.side, 71);
  int region = 0;
  for (const std::uint8_t m : t.marks) region += m & Thumbnail::kRegion;
  EXPECT_NEAR(region * 0.49, 11.5 * 23.5, 12.0);  // voxel centres at -29.5 .. -18.5 and -9.5 .. 13.5
  EXPECT_LE(t.bytes(), 20480U);
}

// ---- on the disk
// -----------------------------------------------------------------------------------------------------

Thumbnails sample() {
  auto out = make_thumbnails(*test::scan_on(test::ras_grid()));
  out.problem = "lesion: too short";
  return out;
}

TEST(ThumbnailCache, WhatIsReadIsWhatWasWritten) {
  const Thumbnails made = sample();
  const std::string bytes = to_bytes(made);
  const auto read = thumbnails_of_bytes(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, made);
  EXPECT_LT(bytes.size(), made.bytes());
}

TEST(ThumbnailCache, ADamagedFileGivesNothingElse) {
  const Thumbnails made = sample();
  const std::string bytes = to_bytes(made);
  for (std::size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 97) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x21);
    const auto read = thumbnails_of_bytes(damaged);  // a bit that means nothing to the packer does no harm
    EXPECT_TRUE(!read || *read == made) << "byte " << i;
    EXPECT_FALSE(thumbnails_of_bytes(bytes.substr(0, i))) << "cut at " << i;
  }
  EXPECT_FALSE(thumbnails_of_bytes(""));
  std::string other = bytes;
  other.replace(other.find("1\n"), 1, "9");  // another version
  EXPECT_FALSE(thumbnails_of_bytes(other));
}

TEST(ThumbnailCache, KeepsByKeyAndForgetsWhatIsDamaged) {
  const test::TemporaryDir dir;
  const ThumbnailCache cache(dir / "deep");
  EXPECT_FALSE(cache.has("a"));
  EXPECT_FALSE(cache.find("a"));
  const Thumbnails made = sample();
  cache.store("a", made);
  EXPECT_TRUE(cache.has("a"));
  EXPECT_EQ(cache.find("a"), made);
  EXPECT_FALSE(cache.find("b"));
  for (const auto& file : std::filesystem::directory_iterator(dir / "deep")) test::spit(file.path(), "ipsi thumb");
  EXPECT_FALSE(cache.find("a"));
  EXPECT_FALSE(cache.has("a"));  // so that it is made again
  const ThumbnailCache nowhere{std::filesystem::path()};
  nowhere.store("a", made);
  EXPECT_FALSE(nowhere.find("a"));
  test::spit(dir / "file", "");
  const ThumbnailCache refused(dir / "file");  // a file where the folder should be
  refused.store("a", made);
  EXPECT_FALSE(refused.find("a"));
}

TEST(ThumbnailCache, TheFolderIsBounded) {
  const test::TemporaryDir dir;
  const Thumbnails made = sample();
  const auto each = to_bytes(made).size();
  const ThumbnailCache cache(dir.path(), 20 * each);
  std::size_t most = 0;
  for (int i = 0; i < 300; ++i) {
    cache.store("person " + std::to_string(i), made);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(dir.path())) ++files;
    most = std::max(most, files);
  }
  EXPECT_LT(most, 150U);
  EXPECT_GE(most, 20U);
  EXPECT_TRUE(cache.has("person 299"));
}

}  // namespace
}  // namespace ipsi::render
