// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "core/image/io.h"
#include "core/image/surface.h"
#include "core/render/planes.h"
#include "core/render/scan.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3f;

void put(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 0xFF);
}

/// A FreeSurfer surface file, byte by byte as the format page has it.
std::string surface_file(const std::vector<Vector3f>& points,
                         const std::vector<std::array<std::uint32_t, 3>>& triangles, const std::string& geometry = {},
                         int real_ras = 0) {
  std::string out(
      "\xFF\xFF\xFE"
      "created by the test\n\n",
      24);
  put(out, static_cast<std::uint32_t>(points.size()));
  put(out, static_cast<std::uint32_t>(triangles.size()));
  for (const Vector3f& p : points)
    for (int a = 0; a < 3; ++a) put(out, std::bit_cast<std::uint32_t>(p[a]));
  for (const auto& t : triangles)
    for (const std::uint32_t i : t) put(out, i);
  put(out, 2);
  put(out, static_cast<std::uint32_t>(real_ras));
  if (!geometry.empty()) {
    put(out, 20);
    out += geometry;
  }
  return out;
}

const std::vector<Vector3f> kTetra{{0, 0, 0}, {10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
const std::vector<std::array<std::uint32_t, 3>> kFaces{{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};

const char* const kConformed =
    "valid = 1  # volume info valid\nfilename = ../mri/orig.mgz\nvolume = 256 256 256\n"
    "voxelsize = 1.0 1.0 1.0\nxras   = -1.0 0.0 0.0\nyras   = 0.0 0.0 -1.0\nzras   = 0.0 1.0 0.0\n"
    "cras   = 5.5 -17.25 12.0\n";

TEST(Surfaces, ConformedVolumesShiftByTheirCentre) {  // domain.md: tkr + c_ras = scanner
  test::TemporaryDir dir;
  test::spit(dir / "lh.white", surface_file(kTetra, kFaces, kConformed));
  const auto surface = image::read_surface(dir / "lh.white", nullptr);
  ASSERT_OK(surface);
  EXPECT_EQ(surface->placed, image::Surface::Placed::geometry);
  ASSERT_EQ(surface->points.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_LT((surface->points[i] - kTetra[i] - Vector3f(5.5F, -17.25F, 12.0F)).norm(), 1e-4F);
  EXPECT_EQ(surface->triangles[3], (std::array<std::int32_t, 3>{1, 2, 3}));
}

TEST(Surfaces, TheVolumeServesWhereTheFileTellsNothing) {
  test::TemporaryDir dir;
  test::spit(dir / "lh.white", surface_file(kTetra, kFaces));
  image::Grid grid;  // LIA of 256 1 mm voxels with c_ras (3, 4, 5)
  grid.size = {256, 256, 256};
  grid.affine.topLeftCorner<3, 3>() << -1, 0, 0, 0, 0, 1, 0, -1, 0;
  grid.affine.topRightCorner<3, 1>() =
      Vector3d(3, 4, 5) - grid.affine.topLeftCorner<3, 3>() * Vector3d::Constant(128.0);
  const auto with = image::read_surface(dir / "lh.white", &grid);
  ASSERT_OK(with);
  EXPECT_EQ(with->placed, image::Surface::Placed::volume);
  EXPECT_LT((with->points[1] - Vector3f(13, 4, 5)).norm(), 1e-4F);
  const auto without = image::read_surface(dir / "lh.white", nullptr);
  EXPECT_EQ(without->placed, image::Surface::Placed::unknown);
  EXPECT_EQ(without->points[1], kTetra[1]);
}

TEST(Surfaces, ScannerSpaceStaysAsItIs) {
  test::TemporaryDir dir;
  test::spit(dir / "lh.white", surface_file(kTetra, kFaces, kConformed, 1));
  const auto surface = image::read_surface(dir / "lh.white", nullptr);
  ASSERT_OK(surface);
  EXPECT_EQ(surface->placed, image::Surface::Placed::scanner);
  EXPECT_EQ(surface->points[2], kTetra[2]);
}

TEST(Surfaces, ObliqueVolumesTurnTheSurface) {
  // The middle of the volume is 0 in tkr space and c_ras in the scanner's; tkr's axes are those of the voxels.
  image::Grid grid = test::stored_as(test::ras_grid(), "LIA");
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.3, Vector3d(1, 2, 3).normalized()).toRotationMatrix();
  grid.affine.topRows<3>() = turn * grid.affine.topRows<3>();
  const Eigen::Matrix4d place = image::tkr_to_scanner(grid);
  EXPECT_LT((place.topLeftCorner<3, 3>() - turn).norm(), 1e-12);
  const Vector3d middle = grid.to_world(Vector3d::Constant(48.0));
  EXPECT_LT((place.topRightCorner<3, 1>() - middle).norm(), 1e-9);
}

TEST(Surfaces, BadFilesAreNamed) {
  test::TemporaryDir dir;
  const std::string good = surface_file(kTetra, kFaces);
  const auto error_of = [&](const std::string& bytes) {
    test::spit(dir / "lh.white", bytes);
    const auto surface = image::read_surface(dir / "lh.white", nullptr);
    EXPECT_FALSE(surface);
    return surface ? std::string() : to_line(surface.error());
  };
  EXPECT_NE(error_of(good.substr(0, 60)).find("promises 4 points"), std::string::npos);
  EXPECT_NE(error_of("hello").find("not a FreeSurfer surface"), std::string::npos);
  EXPECT_NE(error_of("").find("lh.white"), std::string::npos);
  EXPECT_NE(error_of("\xFF\xFF\xFF" + good.substr(3)).find("quadrangles"), std::string::npos);
  auto faces = kFaces;
  faces[2][1] = 4;
  EXPECT_NE(error_of(surface_file(kTetra, faces)).find("point 4 of 4"), std::string::npos);
  EXPECT_EQ(image::read_surface(dir / "none", nullptr).error().code, Code::NotFound);
}

TEST(Surfaces, ACutIsThePolygonOfGeometry) {
  test::TemporaryDir dir;
  test::spit(dir / "lh.white", surface_file(kTetra, kFaces, "", 1));
  const SurfaceCuts cuts(*image::read_surface(dir / "lh.white", nullptr));
  for (const double z : {0.5, 2.5, 4.0, 9.9}) {
    std::vector<std::array<Vector3f, 2>> lines;
    cuts.cut(2, z, lines);
    ASSERT_EQ(lines.size(), 3U) << z;
    double length = 0.0;
    for (const auto& line : lines) {
      EXPECT_FLOAT_EQ(line[0][2], static_cast<float>(z));
      length += (line[1] - line[0]).norm();
    }
    // A right triangle with legs 10 - z.
    EXPECT_NEAR(length, (10.0 - z) * (2.0 + std::sqrt(2.0)), 1e-4);
  }
  std::vector<std::array<Vector3f, 2>> none;
  cuts.cut(2, 10.5, none);
  cuts.cut(2, -0.5, none);
  EXPECT_TRUE(none.empty());
}

TEST(Surfaces, WhiteAndPialAreFoundBesideTheScanAndDrawn) {
  test::TemporaryDir dir;
  std::filesystem::create_directories(dir / "mri");
  std::filesystem::create_directories(dir / "surf");
  const auto images = test::phantom_on(test::ras_grid());
  ScanPaths paths{dir / "mri" / "T1.mgz", {}, {}};
  ASSERT_OK(image::write_volume(images.t1, paths.t1));
  test::spit(dir / "surf" / "lh.white", surface_file(kTetra, kFaces, "", 1));
  test::spit(dir / "surf" / "rh.pial", "damaged");
  const auto cortex = load_cortex(paths, Task());
  ASSERT_OK(cortex);
  EXPECT_EQ((*cortex)->white.size(), 1U);
  ASSERT_EQ((*cortex)->problems.size(), 1U);
  const auto scan = load_scan(paths, Task());
  ASSERT_OK(scan);
  PlaneView view;
  view.width = view.height = 200;
  view.mm_per_pixel = 0.1;
  view.centre_mm = {5, 5, 2};
  view.look.surfaces = true;
  view.look.window = GreyWindow{1e6, 2e6};
  PlaneRenderer renderer;
  const PlanePicture& picture = renderer.draw(**scan, view, cortex->get());
  // The cut at z = 2 has a corner at (8, 0) and an edge along x = 0: at y = 4 the white line is 50 pixels right of the
  // middle (radiological: x runs to the left).
  EXPECT_NEAR(static_cast<int>(picture.at(149, 110) >> 16 & 0xFF) + static_cast<int>(picture.at(150, 110) >> 16 & 0xFF),
              0.9 * 0xF0, 4.0);
  EXPECT_EQ(picture.at(145, 110) & 0xFFFFFFU, 0U);
}

}  // namespace
}  // namespace ipsi::render
