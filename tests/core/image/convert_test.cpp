// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "build_files.h"
#include "core/image/io.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using namespace ipsi::test;

template <class T>
void there_and_back(int mgh_type, Stored stored, const std::vector<T>& voxels) {
  TemporaryDir dir;
  MghParts parts;
  parts.size = {2, static_cast<int>(voxels.size()) / 2, 1};
  parts.type = mgh_type;
  parts.spacing = {1, 1.25F, 2};
  parts.centre = {5.5F, -6.25F, 7};
  const std::string file = mgh(parts, voxels);
  spit(dir / "a.mgh", file);
  const auto out = convert(dir / "a.mgh", dir / "b.nii.gz");
  ASSERT_OK(out);
  EXPECT_EQ(out->to, stored);
  EXPECT_EQ(out->largest_change, 0.0);
  ASSERT_OK(convert(dir / "b.nii.gz", dir / "c.mgh"));
  const std::string back = slurp(dir / "c.mgh");
  ASSERT_GE(back.size(), file.size());
  // Everything FreeSurfer reads: sizes, type, flag, directions, centre, voxels; byte for byte.
  EXPECT_EQ(back.substr(0, 90), file.substr(0, 90));
  EXPECT_EQ(back.substr(284, file.size() - 284), file.substr(284));
  EXPECT_EQ(read_info(dir / "b.nii.gz")->grid.affine, read_info(dir / "a.mgh")->grid.affine);
}

TEST(Convert, MghToNiftiAndBackIsExact) {
  there_and_back<std::uint8_t>(0, Stored::uint8, {0, 1, 128, 255});
  there_and_back<std::int16_t>(4, Stored::int16, {-32768, 0, 258, 32767});
  // Beyond what a float holds exactly: the values must not pass through one.
  there_and_back<std::int32_t>(1, Stored::int32, {16777217, -2147483647, 2147483647, 0});
  there_and_back<float>(3, Stored::float32, {0.1F, -1e-30F, 3e30F, 5});
}

TEST(Convert, NanAndFramesPass) {
  TemporaryDir dir;
  MghParts parts;
  parts.size = {2, 2, 2};
  parts.frames = 3;
  std::vector<float> voxels = ramp<float>(24);
  voxels[3] = std::nanf("");
  const std::string file = mgh(parts, voxels, bytes_of(2500.0F, Order::big));  // footer: repetition time in ms
  spit(dir / "a.mgz", gz(file));
  ASSERT_OK(convert(dir / "a.mgz", dir / "b.nii"));
  EXPECT_EQ(read_info(dir / "b.nii")->frames, 3);
  ASSERT_OK(convert(dir / "b.nii", dir / "c.mgh"));
  EXPECT_EQ(slurp(dir / "c.mgh").substr(284, 96), file.substr(284, 96));
}

TEST(Convert, ScaledNiftiKeepsItsFactorsAmongNiftiFiles) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.datatype = 4;
  parts.bits = 16;
  parts.slope = 0.1F;
  parts.intercept = 5;
  parts.sform = 4;
  spit(dir / "a.nii", nifti(parts, ramp<std::int16_t>(24)));
  ASSERT_OK(convert(dir / "a.nii", dir / "b.nii"));
  const std::string b = slurp(dir / "b.nii");
  EXPECT_EQ(get<float>(b, 112, Order::little), 0.1F);
  EXPECT_EQ(get<float>(b, 116, Order::little), 5.0F);
  EXPECT_EQ(get<std::int16_t>(b, 254, Order::little), 4);  // still MNI
  EXPECT_EQ(b.substr(352), slurp(dir / "a.nii").substr(352));
  // MGH has no factors: the real values as float32, and the rounding is reported.
  const auto report = convert(dir / "a.nii", dir / "c.mgz");
  ASSERT_OK(report);
  EXPECT_EQ(report->to, Stored::float32);
  EXPECT_GT(report->largest_change, 0.0);
  EXPECT_LT(report->largest_change, 1e-6);
  EXPECT_EQ(read_volume(dir / "c.mgz")->values, read_volume(dir / "a.nii")->values);
}

TEST(Convert, TypesThatMghLacksAreWidened) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.datatype = 512;
  parts.bits = 16;
  spit(dir / "u16.nii", nifti(parts, std::vector<std::uint16_t>(24, 65535)));
  auto report = convert(dir / "u16.nii", dir / "u16.mgz");
  ASSERT_OK(report);
  EXPECT_EQ(report->to, Stored::int32);
  EXPECT_EQ(read_labels(dir / "u16.mgz")->values, std::vector<std::int32_t>(24, 65535));
  parts.datatype = 256;
  parts.bits = 8;
  spit(dir / "i8.nii", nifti(parts, std::vector<std::int8_t>(24, -3)));
  report = convert(dir / "i8.nii", dir / "i8.mgz");
  ASSERT_OK(report);
  EXPECT_EQ(report->to, Stored::int16);
  EXPECT_EQ(read_labels(dir / "i8.mgz")->values, std::vector<std::int32_t>(24, -3));
  parts.datatype = 64;
  parts.bits = 64;
  spit(dir / "f64.nii", nifti(parts, std::vector<double>(24, 0.1)));
  report = convert(dir / "f64.nii", dir / "f64.mgz");
  ASSERT_OK(report);
  EXPECT_EQ(report->to, Stored::float32);
  EXPECT_DOUBLE_EQ(report->largest_change, std::abs(static_cast<double>(0.1F) - 0.1));
}

TEST(Convert, ColoursDoNotFitMgh) {
  TemporaryDir dir;
  NiftiParts parts;
  parts.size = {2, 2, 2};
  parts.datatype = 2304;
  parts.bits = 32;
  spit(dir / "a.nii", nifti(parts, ramp<std::uint8_t>(32)));
  const auto report = convert(dir / "a.nii", dir / "a.mgz");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::InvalidInput);
  EXPECT_FALSE(std::filesystem::exists(dir / "a.mgz"));
  ASSERT_OK(convert(dir / "a.nii", dir / "b.nii.gz"));
  EXPECT_EQ(read_info(dir / "b.nii.gz")->components, 4);
}

TEST(Convert, WritingIsDeterministic) {
  TemporaryDir dir;
  spit(dir / "a.mgh", mgh(MghParts{}, ramp<float>(24)));
  ASSERT_OK(convert(dir / "a.mgh", dir / "b.mgz"));
  ASSERT_OK(convert(dir / "a.mgh", dir / "c.mgz"));
  EXPECT_EQ(slurp(dir / "b.mgz"), slurp(dir / "c.mgz"));
}

}  // namespace
}  // namespace ipsi::image
