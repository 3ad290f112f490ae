// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "build_files.h"
#include "core/image/io.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using namespace ipsi::test;

Eigen::Matrix4d diagonal(double x, double y, double z) {
  Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
  m.diagonal().head<3>() << x, y, z;
  return m;
}

TEST(Nifti, SformIsPreferredAndKeptExactlyShearIncluded) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.qform = 1;
  parts.sform = 2;
  parts.srow = {1, 0.25F, 0, -10, 0, 2, 0.5F, -20, 0.125F, 0, 3, -30};
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  const auto volume = read_volume(dir / "a.nii");
  ASSERT_OK(volume);
  Eigen::Matrix4d expected;
  expected << 1, 0.25, 0, -10, 0, 2, 0.5, -20, 0.125, 0, 3, -30, 0, 0, 0, 1;
  EXPECT_EQ(volume->grid.affine, expected);
  EXPECT_EQ(volume->values, ramp<float>(24));

  ASSERT_OK(write_volume(*volume, dir / "b.nii.gz"));
  const auto back = read_volume(dir / "b.nii.gz");
  ASSERT_OK(back);
  EXPECT_EQ(back->grid.affine, expected);
  EXPECT_EQ(get<std::int16_t>(ungz(slurp(dir / "b.nii.gz"), 1000), 252, Order::little), 0);  // no quaternion has shear
}

TEST(Nifti, QformWhereTheSformHasNoCode) {
  // Half a turn about S: b = c = 0, d = 1 gives diag(-1, -1, 1); qfac -1 flips k.
  TemporaryDir dir;
  NiftiParts parts;
  parts.qform = 1;
  parts.sform = 0;
  parts.quaternion = {0, 0, 1};
  parts.pixdim = {-1, 2, 3, 4, 1, 0, 0, 0};
  parts.offset = {5, 6, 7};
  parts.srow.fill(99);
  spit(dir / "a.nii.gz", gz(nifti(parts, ramp<float>(24))));
  const auto info = read_info(dir / "a.nii.gz");
  ASSERT_OK(info);
  Eigen::Matrix4d expected = diagonal(-2, -3, -4);
  expected.col(3) << 5, 6, 7, 1;
  EXPECT_LT((info->grid.affine - expected).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_EQ(info->grid.orientation(), "LPI");
}

TEST(Nifti, QuaternionOfAKnownRotation) {
  // 90 degrees about S: (a, d) = (cos 45, sin 45); i runs forward, j to the left.
  TemporaryDir dir;
  NiftiParts parts;
  parts.qform = 1;
  parts.sform = 0;
  parts.quaternion = {0, 0, static_cast<float>(std::sqrt(0.5))};
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  const auto info = read_info(dir / "a.nii");
  ASSERT_OK(info);
  Eigen::Matrix3d expected;
  expected << 0, -1, 0, 1, 0, 0, 0, 0, 1;
  EXPECT_LT((info->grid.affine.topLeftCorner<3, 3>() - expected).cwiseAbs().maxCoeff(), 1e-7);
}

TEST(Nifti, WithoutCodesTheSpacingAloneCounts) {  // method 1 of nifti1.h
  TemporaryDir dir;
  NiftiParts parts;
  parts.sform = 0;
  parts.pixdim = {1, 2, 3, 4, 1, 0, 0, 0};
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  EXPECT_EQ(read_info(dir / "a.nii")->grid.affine, diagonal(2, 3, 4));
}

TEST(Nifti, AFlatSformFallsBackOnTheQform) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.qform = 1;
  parts.srow.fill(0);
  parts.pixdim = {1, 2, 2, 2, 1, 0, 0, 0};
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  ASSERT_OK(read_info(dir / "a.nii"));
  EXPECT_EQ(read_info(dir / "a.nii")->grid.affine, diagonal(2, 2, 2));
}

TEST(Nifti, UnitsOfLengthBecomeMillimetres) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.srow = {0.5F, 0, 0, 1, 0, 0.5F, 0, 2, 0, 0, 0.5F, 3};
  parts.units = 1;  // metres
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  EXPECT_EQ(read_info(dir / "a.nii")->grid.spacing(), Eigen::Vector3d(500, 500, 500));
  parts.units = 3;  // micrometres
  parts.srow = {500, 0, 0, 1000, 0, 500, 0, 2000, 0, 0, 500, 3000};
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  EXPECT_LT((read_info(dir / "a.nii")->grid.affine.col(3).head<3>() - Eigen::Vector3d(1, 2, 3)).norm(), 1e-12);
}

TEST(Nifti, ScaleFactorsApply) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.datatype = 4;
  parts.bits = 16;
  parts.slope = 0.5F;
  parts.intercept = -3.0F;
  spit(dir / "a.nii.gz", gz(nifti(parts, ramp<std::int16_t>(24))));
  const auto volume = read_volume(dir / "a.nii.gz");
  ASSERT_OK(volume);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(volume->values[std::size_t(i)], 0.5F * float(i) - 3.0F);
  EXPECT_EQ(volume->stored, Stored::float32);
  EXPECT_EQ(read_info(dir / "a.nii.gz")->stored, Stored::int16);

  parts.slope = 0.0F;  // means: no scaling
  spit(dir / "b.nii.gz", gz(nifti(parts, ramp<std::int16_t>(24))));
  EXPECT_EQ(read_volume(dir / "b.nii.gz")->values, ramp<float>(24));
}

template <class T>
void expect_type(int datatype, Stored stored, const std::vector<T>& voxels) {
  for (const Order order : {Order::little, Order::big}) {
    TemporaryDir dir;
    NiftiParts parts;
    parts.size = {static_cast<int>(voxels.size()), 1, 1};
    parts.datatype = datatype;
    parts.bits = 8 * static_cast<int>(sizeof(T));
    parts.order = order;
    spit(dir / "a.nii", nifti(parts, voxels));
    const auto volume = read_volume(dir / "a.nii");
    ASSERT_OK(volume);
    EXPECT_EQ(volume->stored, stored);
    for (std::size_t i = 0; i < voxels.size(); ++i) EXPECT_EQ(volume->values[i], static_cast<float>(voxels[i]));
  }
}

TEST(Nifti, EveryVoxelTypeInBothByteOrders) {
  expect_type<std::uint8_t>(2, Stored::uint8, {0, 1, 255});
  expect_type<std::int8_t>(256, Stored::int8, {-128, -1, 127});
  expect_type<std::int16_t>(4, Stored::int16, {-300, 0, 258});
  expect_type<std::uint16_t>(512, Stored::uint16, {0, 258, 65535});
  expect_type<std::int32_t>(8, Stored::int32, {-70000, 258, 2035});
  expect_type<std::uint32_t>(768, Stored::uint32, {0, 4000000000U});
  expect_type<std::int64_t>(1024, Stored::int64, {-5, 1LL << 40});
  expect_type<std::uint64_t>(1280, Stored::uint64, {0, 1ULL << 60});
  expect_type<float>(16, Stored::float32, {-1.5F, 0.25F});
  expect_type<double>(64, Stored::float64, {-1.5, 1e30});
}

TEST(Nifti, Version2IsReadAndWrittenWhereSizesNeedIt) {
  TemporaryDir dir;
  Volume volume;
  volume.grid.size = {40000, 2, 1};  // beyond the 16-bit sizes of version 1
  volume.values = ramp<float>(80000);
  volume.grid.affine(0, 3) = 0.1;  // not representable in single precision: version 2 keeps doubles
  ASSERT_OK(write_volume(volume, dir / "a.nii.gz"));
  EXPECT_EQ(get<std::int32_t>(ungz(slurp(dir / "a.nii.gz"), 1 << 20), 0, Order::little), 540);
  const auto back = read_volume(dir / "a.nii.gz");
  ASSERT_OK(back);
  EXPECT_EQ(back->values, volume.values);
  EXPECT_EQ(back->grid.affine, volume.grid.affine);
}

TEST(Nifti, PairsOfHeaderAndImage) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.magic = std::string("ni1\0", 4);
  parts.srow = {2, 0, 0, 1, 0, 2, 0, 2, 0, 0, 2, 3};
  const std::string whole = nifti(parts, ramp<float>(24));
  spit(dir / "a.hdr", whole.substr(0, 348));
  EXPECT_EQ(read_volume(dir / "a.hdr").error().code, Code::NotFound);
  spit(dir / "a.img", whole.substr(352));
  for (const char* name : {"a.hdr", "a.img"}) {
    const auto volume = read_volume(dir / name);
    ASSERT_OK(volume);
    EXPECT_EQ(volume->values, ramp<float>(24));
    EXPECT_EQ(volume->grid.affine(2, 3), 3.0);
  }
  spit(dir / "b.hdr", whole.substr(0, 348));
  spit(dir / "b.img.gz", gz(whole.substr(352)));
  EXPECT_EQ(read_volume(dir / "b.hdr")->values, ramp<float>(24));
}

TEST(Nifti, AnalyzeRunsToTheLeft) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.magic = std::string(4, '\0');
  parts.sform = 0;
  parts.srow.fill(0);
  parts.pixdim = {0, 2, 3, 4, 0, 0, 0, 0};
  const std::string whole = nifti(parts, ramp<float>(24));
  spit(dir / "a.hdr", whole.substr(0, 348));
  spit(dir / "a.img", whole.substr(352));
  const auto volume = read_volume(dir / "a.img");
  ASSERT_OK(volume);
  Eigen::Matrix4d expected = diagonal(-2, 3, 4);
  expected.col(3) << 1, -3, -6, 1;  // the middle of the image; nibabel 5.0 gives the same
  EXPECT_EQ(volume->grid.affine, expected);
  EXPECT_EQ(volume->values, ramp<float>(24));
  std::string spm = whole.substr(0, 348);
  for (const auto& [at, origin] : {std::pair<std::size_t, int>{253, 2}, {255, 1}, {257, 3}})
    put<std::int16_t>(spm, at, static_cast<std::int16_t>(origin), Order::little);
  spit(dir / "a.hdr", spm);
  expected.col(3) << 2, 0, -8, 1;
  EXPECT_EQ(read_info(dir / "a.hdr")->grid.affine, expected);
}

TEST(Nifti, OneFrameIn4DIsAVolumeMoreAreNot) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.size = {2, 3, 4, 1};
  spit(dir / "a.nii", nifti(parts, ramp<float>(24)));
  EXPECT_OK(read_volume(dir / "a.nii"));
  parts.size = {2, 3, 2, 2};
  spit(dir / "b.nii", nifti(parts, ramp<float>(24)));
  EXPECT_EQ(read_info(dir / "b.nii")->frames, 2);
  const auto refused = read_volume(dir / "b.nii");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput);
  EXPECT_NE(refused.error().what.find("4D with 2 volumes"), std::string::npos) << refused.error();
}

TEST(Nifti, ColoursAreNotLabels) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.size = {2, 2, 2};
  parts.datatype = 128;
  parts.bits = 24;
  spit(dir / "a.nii", nifti(parts, ramp<std::uint8_t>(24)));
  EXPECT_EQ(read_info(dir / "a.nii")->components, 3);
  const auto refused = read_labels(dir / "a.nii");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidInput);
  EXPECT_NE(refused.error().what.find("colours"), std::string::npos) << refused.error();
}

TEST(Nifti, WriterGivesBothTransformsWhereARotationSuffices) {
  TemporaryDir dir;
  Volume volume;
  volume.grid.size = {3, 4, 5};
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(2.8, Eigen::Vector3d(3, -1, 2).normalized()).toRotationMatrix();
  volume.grid.affine.topLeftCorner<3, 3>() = turn * Eigen::Vector3d(1.5, -1.0, 2.0).asDiagonal();  // left-handed
  volume.grid.affine.topRightCorner<3, 1>() << 1, 2, 3;
  volume.values = ramp<float>(60);
  ASSERT_OK(write_volume(volume, dir / "a.nii"));
  std::string file = slurp(dir / "a.nii");
  put<std::int16_t>(file, 254, 0, Order::little);  // without the sform the quaternion must say the same
  spit(dir / "b.nii", file);
  EXPECT_TRUE(read_info(dir / "b.nii")->grid.same_as(volume.grid, 1e-5));
}

TEST(Nifti, HalfATurnLeavesNoRestInTheQuaternion) {  // conformed FreeSurfer volumes: LIA
  TemporaryDir dir;
  Volume volume;
  volume.grid.size = {3, 4, 5};
  volume.grid.affine << -1, 0, 0, 10, 0, 0, 1, -20, 0, -1, 0, 30, 0, 0, 0, 1;
  volume.values = ramp<float>(60);
  ASSERT_OK(write_volume(volume, dir / "a.nii"));
  const std::string file = slurp(dir / "a.nii");
  double squares = 0.0;
  for (const std::size_t at : {256U, 260U, 264U}) {
    const double v = static_cast<double>(get<float>(file, at, Order::little));
    squares += v * v;
  }
  EXPECT_GE(squares, 1.0);
  EXPECT_LT(squares, 1.0 + 3.5e-7);  // nibabel takes up to three units of single precision as rounding
}

}  // namespace
}  // namespace ipsi::image
