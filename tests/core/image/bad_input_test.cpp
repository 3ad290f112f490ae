// SPDX-License-Identifier: GPL-3.0-or-later
#include <random>

#include "build_files.h"
#include "core/image/io.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using namespace ipsi::test;

/// A failure people can use: one of these codes, words, the file named.
void expect_told(const std::filesystem::path& path, Code code) {
  const auto volume = read_volume(path);
  ASSERT_FALSE(volume) << path;
  EXPECT_EQ(volume.error().code, code) << volume.error();
  EXPECT_FALSE(volume.error().what.empty());
  EXPECT_NE(volume.error().where.find(path.filename().string()), std::string::npos) << volume.error();
  EXPECT_EQ(to_line(volume.error()).find('\n'), std::string::npos);
}

TEST(BadInput, MissingEmptyFolderAndText) {
  TemporaryDir dir;
  expect_told(dir / "none.mgz", Code::NotFound);
  spit(dir / "empty.nii.gz", "");
  expect_told(dir / "empty.nii.gz", Code::ReadFailed);
  std::filesystem::create_directory(dir / "folder.mgz");
  expect_told(dir / "folder.mgz", Code::ReadFailed);
  for (const char* name : {"a.mgz", "a.mgh", "a.nii", "a.nii.gz", "a.hdr", "a.nrrd", "a.txt", "a"}) {
    spit(dir / name, "subject,age\nsub-01,63\n");
    expect_told(dir / name, Code::ReadFailed);
    spit(dir / name, gz("subject,age\nsub-01,63\n"));
    expect_told(dir / name, Code::ReadFailed);
  }
}

TEST(BadInput, MghHeadersThatCannotBe) {
  TemporaryDir dir;
  const std::string good = mgh(MghParts{}, ramp<float>(24));
  const auto with = [&](std::size_t at, int value) {
    std::string bad = good;
    put<std::int32_t>(bad, at, value, Order::big);
    for (const auto& [name, bytes] : {std::pair{"a.mgh", bad}, {"a.mgz", gz(bad)}}) {
      spit(dir / name, bytes);
      expect_told(dir / name, Code::ReadFailed);
    }
  };
  with(0, 2);           // version
  with(0, 0x01000000);  // written on a machine of the other byte order
  for (const std::size_t size : {4U, 8U, 12U, 16U}) {
    with(size, 0);
    with(size, -5);
    with(size, 2147483647);         // more than the file has, and than memory has
    if (size != 16) with(size, 5);  // plausible, still more than the file has
  }
  with(20, 7);  // complex
  with(20, -1);
  with(20, 99);
  MghParts flat;
  flat.direction = {1, 0, 0, 1, 0, 0, 0, 0, 1};  // i and j run the same way
  spit(dir / "flat.mgz", gz(mgh(flat, ramp<float>(24))));
  expect_told(dir / "flat.mgz", Code::ReadFailed);
  MghParts zero;
  zero.spacing = {1, 0, 1};
  spit(dir / "zero.mgz", gz(mgh(zero, ramp<float>(24))));
  expect_told(dir / "zero.mgz", Code::ReadFailed);
  MghParts nan;
  nan.centre[1] = std::numeric_limits<float>::quiet_NaN();
  spit(dir / "nan.mgz", gz(mgh(nan, ramp<float>(24))));
  expect_told(dir / "nan.mgz", Code::ReadFailed);
}

TEST(BadInput, AllSizesAtTheirLargestAskForNoMemory) {
  TemporaryDir dir;
  MghParts parts;
  std::string file = mgh(parts, ramp<float>(24));
  for (const std::size_t at : {4U, 8U, 12U, 16U}) put<std::int32_t>(file, at, 2147483647, Order::big);
  spit(dir / "a.mgz", gz(file));
  expect_told(dir / "a.mgz", Code::ReadFailed);
  EXPECT_FALSE(read_info(dir / "a.mgz"));
}

TEST(BadInput, NiftiHeadersThatCannotBe) {
  TemporaryDir dir;
  const std::string good = nifti(NiftiParts{}, ramp<float>(24));
  const auto refused = [&](const std::string& bytes) {
    spit(dir / "a.nii", bytes);
    expect_told(dir / "a.nii", Code::ReadFailed);
    spit(dir / "a.nii.gz", gz(bytes));
    expect_told(dir / "a.nii.gz", Code::ReadFailed);
  };
  const auto with16 = [&](std::size_t at, int value) {
    std::string bad = good;
    put<std::int16_t>(bad, at, static_cast<std::int16_t>(value), Order::little);
    refused(bad);
  };
  with16(40, 0);  // dimensions
  with16(40, 8);
  with16(40, -3);
  with16(42, 0);  // sizes
  with16(44, -4);
  with16(46, 32767);
  with16(70, 1);     // one bit a voxel
  with16(70, 32);    // complex
  with16(70, 1536);  // long double
  with16(70, 12345);
  std::string bad = good;
  put<float>(bad, 108, -1.0F, Order::little);
  refused(bad);
  put<float>(bad, 108, 1e30F, Order::little);
  refused(bad);
  put<float>(bad, 108, std::numeric_limits<float>::quiet_NaN(), Order::little);
  refused(bad);
  put<float>(bad, 108, 100.0F, Order::little);  // inside the header
  refused(bad);
  bad = good;
  put<float>(bad, 280, std::numeric_limits<float>::infinity(), Order::little);
  refused(bad);
}

TEST(BadInput, WhatFollowsTheVoxelsIsTold) {
  TemporaryDir dir;
  const std::string good = nifti(NiftiParts{}, ramp<float>(24));
  spit(dir / "a.nii.gz", gz(good) + "garbage after the end");
  expect_told(dir / "a.nii.gz", Code::ReadFailed);
  spit(dir / "a.nii", good + "garbage");
  expect_told(dir / "a.nii", Code::ReadFailed);
  spit(dir / "padded.nii.gz", gz(good + std::string(160, '\0')) + std::string(512, '\0'));  // tapes and tars do this
  EXPECT_OK(read_volume(dir / "padded.nii.gz"));
  spit(dir / "a.mgz", gz(mgh(MghParts{}, ramp<float>(24))) + "garbage");
  expect_told(dir / "a.mgz", Code::ReadFailed);
}

/// Every prefix and many single changed bytes of a file: an error or a volume of the size its header says.
void survive(const std::string& file, const std::string& name, std::size_t voxels_from) {
  TemporaryDir dir;
  const auto path = dir / name;
  const std::size_t step = std::max<std::size_t>(1, file.size() / 400);
  for (std::size_t n = 1; n < file.size(); n += n < 700 ? 1 : step) {
    std::filesystem::remove(path);  // writing over a file makes the disk wait for each one
    spit(path, file.substr(0, n));
    const auto volume = read_volume(path);
    if (n < voxels_from) {
      ASSERT_FALSE(volume) << name << " cut to " << n;
      ASSERT_TRUE(volume.error().code == Code::ReadFailed) << volume.error();
    }
    (void)read_info(path);
  }
  std::mt19937 random(7);
  for (int trial = 0; trial < 1500; ++trial) {
    std::string bad = file;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int c = 0; c < changes; ++c) {
      const std::size_t range = random() % 2 == 0 ? std::min<std::size_t>(file.size(), 360) : file.size();
      bad[random() % range] = static_cast<char>(random());
    }
    std::filesystem::remove(path);
    spit(path, bad);
    const auto volume = read_volume(path);
    if (volume) {
      ASSERT_EQ(volume->values.size(), volume->grid.voxels());
      ASSERT_LT(volume->values.size(), 1U << 24);
    }
    (void)read_labels(path);
    (void)read_mask(path);
    (void)read_info(path);
  }
}

TEST(BadInput, CutAndDamagedMghNeverCrashes) {
  MghParts parts;
  parts.size = {9, 8, 7};
  const std::string plain = mgh(parts, ramp<float>(504));
  survive(plain, "a.mgh", plain.size());
  survive(gz(plain), "a.mgz", gz(plain).size());
}

TEST(BadInput, CutAndDamagedNiftiNeverCrashes) {
  NiftiParts parts;
  parts.size = {9, 8, 7};
  parts.qform = 1;
  parts.datatype = 4;
  parts.bits = 16;
  const std::string plain = nifti(parts, ramp<std::int16_t>(504));
  survive(plain, "a.nii", plain.size());
  survive(gz(plain), "a.nii.gz", gz(plain).size());
}

}  // namespace
}  // namespace ipsi::image
