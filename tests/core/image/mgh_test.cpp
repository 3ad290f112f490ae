// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "build_files.h"
#include "core/image/io.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using namespace ipsi::test;

Eigen::Matrix4d matrix(std::initializer_list<double> rows) {
  Eigen::Matrix4d m;
  int i = 0;
  for (const double v : rows) {
    m(i / 4, i % 4) = v;
    ++i;
  }
  return m;
}

TEST(Mgh, AffineFollowsFromCentreDirectionsAndSpacing) {
  // By hand: origin = c_ras - Mdc diag(spacing) (size / 2), size 2 x 3 x 4, spacing 2 x 1 x 3, LIA.
  // R: 10 - (-2)(1) = 12; A: 20 - (3)(2) = 14; S: 30 - (-1)(1.5) = 31.5.
  TemporaryDir dir;
  MghParts parts;
  parts.spacing = {2, 1, 3};
  parts.centre = {10, 20, 30};
  spit(dir / "a.mgh", mgh(parts, ramp<float>(24)));
  const auto volume = read_volume(dir / "a.mgh");
  ASSERT_OK(volume);
  EXPECT_EQ(volume->grid.affine, matrix({-2, 0, 0, 12, 0, 0, 3, 14, 0, -1, 0, 31.5, 0, 0, 0, 1}));
  EXPECT_EQ(volume->grid.orientation(), "LIA");
  EXPECT_EQ(volume->grid.size, (std::array<int, 3>{2, 3, 4}));
  EXPECT_EQ(volume->values, ramp<float>(24));
  EXPECT_EQ(volume->at(1, 2, 3), 1 + 2 * 2 + 2 * 3 * 3);  // i fastest
}

TEST(Mgh, WithoutGoodRasFlagTheDefaultsHold) {
  // domain.md section 4: LIA, c_ras = 0; FreeSurfer's spacing is then 1 mm whatever the fields say.
  TemporaryDir dir;
  MghParts parts;
  parts.good_ras = 0;
  parts.spacing = {9, 9, 9};
  parts.direction = {9, 9, 9, 9, 9, 9, 9, 9, 9};
  parts.centre = {99, 99, 99};
  spit(dir / "a.mgz", gz(mgh(parts, ramp<float>(24))));
  const auto volume = read_volume(dir / "a.mgz");
  ASSERT_OK(volume);
  EXPECT_EQ(volume->grid.affine, matrix({-1, 0, 0, 1, 0, 0, 1, -2, 0, -1, 0, 1.5, 0, 0, 0, 1}));
}

template <class T>
void expect_type(int type, Stored stored, const std::vector<T>& voxels) {
  TemporaryDir dir;
  MghParts parts;
  parts.size = {static_cast<int>(voxels.size()), 1, 1};
  parts.type = type;
  spit(dir / "a.mgz", gz(mgh(parts, voxels, std::string(20, '\7'))));  // a footer is not voxels
  const auto info = read_info(dir / "a.mgz");
  ASSERT_OK(info);
  EXPECT_EQ(info->stored, stored);
  const auto volume = read_volume(dir / "a.mgz");
  ASSERT_OK(volume);
  const auto labels = read_labels(dir / "a.mgz");
  ASSERT_OK(labels);
  for (std::size_t i = 0; i < voxels.size(); ++i) {
    EXPECT_EQ(volume->values[i], static_cast<float>(voxels[i]));
    EXPECT_EQ(labels->values[i], static_cast<std::int32_t>(voxels[i]));
  }
}

TEST(Mgh, EveryVoxelTypeIsBigEndian) {
  expect_type<std::uint8_t>(0, Stored::uint8, {0, 1, 127, 128, 255});
  expect_type<std::int32_t>(1, Stored::int32, {0, 1, 2035, -5, 16777216, -16777216});
  expect_type<std::int64_t>(2, Stored::int64, {0, 258, -7});
  expect_type<float>(3, Stored::float32, {0, 1, 258, -3, 1e6F});
  expect_type<std::int16_t>(4, Stored::int16, {0, 1, 258, -32768, 32767});
  expect_type<double>(8, Stored::float64, {0, 1, 258, -3});
  expect_type<std::uint16_t>(10, Stored::uint16, {0, 258, 65535});
}

Labels some_labels(Stored stored) {
  Labels labels;
  labels.grid.size = {5, 4, 3};
  labels.grid.affine = matrix({-1, 0, 0, 12.5, 0, 0, 1, -17.25, 0, -1, 0, 40, 0, 0, 0, 1});
  labels.stored = stored;
  labels.values.resize(60);
  for (int i = 0; i < 60; ++i) labels.values[std::size_t(i)] = (i * 37) % 256;
  return labels;
}

TEST(Mgh, LabelsComeBackAsTheyWere) {
  TemporaryDir dir;
  for (const Stored stored : {Stored::uint8, Stored::int16, Stored::int32, Stored::float32})
    for (const char* name : {"a.mgz", "a.mgh"}) {
      const Labels labels = some_labels(stored);
      ASSERT_OK(write_labels(labels, dir / name));
      const auto back = read_labels(dir / name);
      ASSERT_OK(back);
      EXPECT_EQ(back->values, labels.values);
      EXPECT_EQ(back->grid.affine, labels.grid.affine);
      EXPECT_EQ(read_info(dir / name)->stored, stored);
    }
}

TEST(Mgh, WriterFillsTheFieldsFreeSurferReads) {
  TemporaryDir dir;
  ASSERT_OK(write_labels(some_labels(Stored::uint8), dir / "a.mgh"));
  const std::string file = slurp(dir / "a.mgh");
  ASSERT_GE(file.size(), 284U + 60U);
  EXPECT_EQ(get<std::int32_t>(file, 0, Order::big), 1);
  EXPECT_EQ(get<std::int32_t>(file, 4, Order::big), 5);
  EXPECT_EQ(get<std::int32_t>(file, 16, Order::big), 1);       // frames
  EXPECT_EQ(get<std::int32_t>(file, 20, Order::big), 0);       // uchar
  EXPECT_EQ(get<std::int16_t>(file, 28, Order::big), 1);       // goodRASFlag
  EXPECT_EQ(get<float>(file, 42, Order::big), -1.0F);          // i runs left
  EXPECT_EQ(get<float>(file, 42 + 4 * 5, Order::big), -1.0F);  // j runs down
  EXPECT_EQ(get<float>(file, 42 + 4 * 7, Order::big), 1.0F);   // k runs forward
  // c_ras = affine * size / 2 = (12.5 - 2.5, -17.25 + 1.5, 40 - 2)
  EXPECT_EQ(get<float>(file, 78, Order::big), 10.0F);
  EXPECT_EQ(get<float>(file, 82, Order::big), -15.75F);
  EXPECT_EQ(get<float>(file, 86, Order::big), 38.0F);
  EXPECT_EQ(static_cast<unsigned char>(file[284 + 3]), 111);  // 3 * 37
}

TEST(Mgh, ObliqueAffineKeepsItsPlace) {
  TemporaryDir dir;
  Volume volume;
  volume.grid.size = {11, 12, 13};
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.4, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
  volume.grid.affine.topLeftCorner<3, 3>() = turn * Eigen::Vector3d(0.9, -1.1, 2.5).asDiagonal();
  volume.grid.affine.topRightCorner<3, 1>() << -31.0, 17.0, 5.0;
  volume.values = ramp<float>(volume.grid.voxels());
  ASSERT_OK(write_volume(volume, dir / "a.mgz"));
  const auto back = read_volume(dir / "a.mgz");
  ASSERT_OK(back);
  EXPECT_TRUE(back->grid.same_as(volume.grid, 1e-4));  // the format keeps single precision
  EXPECT_EQ(back->values, volume.values);
}

TEST(Mgh, SeveralGzipMembersAreOneFile) {
  TemporaryDir dir;
  const std::string file = mgh(MghParts{}, ramp<float>(24));
  spit(dir / "a.mgz", gz(file.substr(0, 100)) + gz(file.substr(100, 200)) + gz(file.substr(300)));
  const auto volume = read_volume(dir / "a.mgz");
  ASSERT_OK(volume);
  EXPECT_EQ(volume->values, ramp<float>(24));
}

TEST(Mgh, TheSizeNoteOfGzipIsOnlyAHint) {
  TemporaryDir dir;
  std::string file = gz(mgh(MghParts{{40, 40, 40}}, std::vector<float>(64000, 1.5F)));
  for (const std::uint32_t lie : {0U, 1U, 4294967295U}) {
    put(file, file.size() - 4, lie, Order::little);
    spit(dir / "a.mgz", file);
    // The note takes part in the check of the stream, so a wrong one is damage: said so, without a huge allocation.
    const auto volume = read_volume(dir / "a.mgz");
    ASSERT_FALSE(volume);
    EXPECT_EQ(volume.error().code, Code::ReadFailed);
  }
}

TEST(Mgh, AnUncompressedMgzAndACompressedMghAreReadByContent) {
  TemporaryDir dir;
  spit(dir / "a.mgz", mgh(MghParts{}, ramp<float>(24)));
  spit(dir / "b.mgh", gz(mgh(MghParts{}, ramp<float>(24))));
  for (const char* name : {"a.mgz", "b.mgh"}) {
    const auto volume = read_volume(dir / name);
    ASSERT_OK(volume);
    EXPECT_EQ(volume->values, ramp<float>(24));
  }
}

TEST(Mgh, NanVoxelsStayInVolumes) {
  TemporaryDir dir;
  std::vector<float> voxels = ramp<float>(24);
  voxels[7] = std::nanf("");
  spit(dir / "a.mgz", gz(mgh(MghParts{}, voxels)));
  const auto volume = read_volume(dir / "a.mgz");
  ASSERT_OK(volume);
  EXPECT_TRUE(std::isnan(volume->values[7]));
  EXPECT_EQ(volume->values[8], 8.0F);
}

}  // namespace
}  // namespace ipsi::image
