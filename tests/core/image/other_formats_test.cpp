// SPDX-License-Identifier: GPL-3.0-or-later
#include "build_files.h"
#include "core/image/io.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using namespace ipsi::test;

std::string raw_floats(std::size_t n) {
  std::string out;
  for (const float v : ramp<float>(n)) out += bytes_of(v, Order::little);
  return out;
}

TEST(Nrrd, LpsDirectionsBecomeRas) {
  TemporaryDir dir;
  spit(dir / "a.nrrd",
       "NRRD0004\ntype: float\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 3 4\n"
       "space directions: (2,0,0) (0,0,-3) (0,1.5,0)\nkinds: domain domain domain\nendian: little\nencoding: raw\n"
       "space origin: (10,20,30)\n\n" +
           raw_floats(24));
  const auto volume = read_volume(dir / "a.nrrd");
  ASSERT_OK(volume);
  Eigen::Matrix4d expected;  // rows R and A change sign
  expected << -2, 0, 0, -10, 0, 0, -1.5, -20, 0, -3, 0, 30, 0, 0, 0, 1;
  EXPECT_LT((volume->grid.affine - expected).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_EQ(volume->grid.orientation(), "LIP");
  EXPECT_EQ(volume->values, ramp<float>(24));
}

TEST(MetaImage, OffsetAndDirectionsBecomeRas) {
  TemporaryDir dir;
  spit(dir / "a.mha",
       "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
       "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 10 20 30\nCenterOfRotation = 0 0 0\nElementSpacing = 2 3 4\n"
       "DimSize = 2 3 4\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n" +
           raw_floats(24));
  const auto volume = read_volume(dir / "a.mha");
  ASSERT_OK(volume);
  Eigen::Matrix4d expected;
  expected << -2, 0, 0, -10, 0, -3, 0, -20, 0, 0, 4, 30, 0, 0, 0, 1;
  EXPECT_LT((volume->grid.affine - expected).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_EQ(volume->values, ramp<float>(24));
}

TEST(OtherFormats, LabelsGoThereAndBack) {
  TemporaryDir dir;
  Labels labels;
  labels.grid.size = {5, 4, 3};
  const Eigen::Matrix3d turn = Eigen::AngleAxisd(0.4, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
  labels.grid.affine.topLeftCorner<3, 3>() = turn * Eigen::Vector3d(0.9, -1.1, 2.5).asDiagonal();
  labels.grid.affine.topRightCorner<3, 1>() << -31.0, 17.0, 5.0;
  labels.stored = Stored::int16;
  for (int i = 0; i < 60; ++i) labels.values.push_back(i * 31);
  for (const char* name : {"a.nrrd", "a.mha"}) {
    ASSERT_OK(write_labels(labels, dir / name));
    const auto back = read_labels(dir / name);
    ASSERT_OK(back);
    EXPECT_EQ(back->values, labels.values);
    EXPECT_EQ(back->stored, Stored::int16);
    EXPECT_TRUE(back->grid.same_as(labels.grid, 1e-4)) << name;  // MetaImage prints 6 digits
  }
}

TEST(MetaImage, CompressedVoxelsCutOrDamagedAreTold) {  // ITK 5.2 takes such files without a word
  TemporaryDir dir;
  Labels labels;
  labels.grid.size = {20, 20, 20};
  for (int i = 0; i < 8000; ++i) labels.values.push_back(i * 7 % 1000);
  ASSERT_OK(write_labels(labels, dir / "a.mha"));
  const std::string good = slurp(dir / "a.mha");
  ASSERT_NE(good.find("CompressedData = True"), std::string::npos);
  spit(dir / "cut.mha", good.substr(0, good.size() - 100));
  std::string bad = good;
  bad[bad.size() - 300] = static_cast<char>(~bad[bad.size() - 300]);
  spit(dir / "bad.mha", bad);
  for (const char* name : {"cut.mha", "bad.mha"}) {
    const auto volume = read_volume(dir / name);
    ASSERT_FALSE(volume);
    EXPECT_EQ(volume.error().code, Code::ReadFailed) << volume.error();
  }
}

TEST(MetaImage, DetachedBigEndianVoxels) {
  TemporaryDir dir;
  std::string voxels = "12345678";  // a header to skip
  for (int i = 0; i < 24; ++i) voxels += bytes_of(static_cast<std::int16_t>(i * 300), Order::big);
  spit(dir / "a.raw", voxels);
  spit(dir / "a.mhd",
       "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = True\nHeaderSize = 8\n"
       "DimSize = 2 3 4\nElementType = MET_SHORT\nElementDataFile = a.raw\n");
  const auto labels = read_labels(dir / "a.mhd");
  ASSERT_OK(labels);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(labels->values[std::size_t(i)], i * 300);
  std::filesystem::remove(dir / "a.raw");
  EXPECT_EQ(read_labels(dir / "a.mhd").error().code, Code::NotFound);
}

TEST(Nrrd, AHugeHeaderAsksForNoMemory) {
  TemporaryDir dir;
  for (const char* sizes : {"4000 4000 4000", "100000 100000 100000", "2000000000 2000000000 2000000000"}) {
    spit(dir / "a.nrrd", std::string("NRRD0004\ntype: float\ndimension: 3\nsizes: ") + sizes +
                             "\nendian: little\nencoding: raw\n\n" + raw_floats(24));
    const auto volume = read_volume(dir / "a.nrrd");
    ASSERT_FALSE(volume);
    EXPECT_EQ(volume.error().code, Code::ReadFailed) << volume.error();
  }
}

TEST(OtherFormats, DamageIsToldInOneLine) {
  TemporaryDir dir;
  const std::string nrrd = "NRRD0004\ntype: float\ndimension: 3\nsizes: 20 30 40\nendian: little\nencoding: raw\n\n";
  const std::string mha =
      "ObjectType = Image\nNDims = 3\nBinaryData = True\nDimSize = 20 30 40\nElementType = MET_FLOAT\n"
      "ElementDataFile = LOCAL\n";
  for (const auto& [name, bytes] : {std::pair<std::string, std::string>{"short.nrrd", nrrd + raw_floats(24)},
                                    {"head.nrrd", nrrd.substr(0, 40)},
                                    {"short.mha", mha + raw_floats(24)},
                                    {"head.mha", mha.substr(0, 60)},
                                    {"huge.mha",
                                     "ObjectType = Image\nNDims = 3\nDimSize = 2000000 2000000 2000000\n"
                                     "ElementType = MET_FLOAT\nElementDataFile = LOCAL\n" +
                                         raw_floats(2)}}) {
    spit(dir / name, bytes);
    const auto volume = read_volume(dir / name);
    ASSERT_FALSE(volume) << name;
    EXPECT_EQ(volume.error().code, Code::ReadFailed) << volume.error();
    EXPECT_EQ(to_line(volume.error()).find('\n'), std::string::npos);
    EXPECT_NE(volume.error().where.find(name), std::string::npos) << volume.error();
  }
}

}  // namespace
}  // namespace ipsi::image
