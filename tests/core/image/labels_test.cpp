// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "build_files.h"
#include "core/image/io.h"
#include "core/image/label_names.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using namespace ipsi::test;

/// A 10 x 10 x 10 float file with these values at the front, 0 elsewhere.
std::string floats(std::vector<float> values) {
  NiftiParts parts;
  parts.size = {10, 10, 10};
  values.resize(1000, 0.0F);
  return nifti(parts, values);
}

Result<Labels> labels_of(const std::vector<float>& values) {
  TemporaryDir dir;
  spit(dir / "a.nii", floats(values));
  return read_labels(dir / "a.nii");
}

Result<Labels> mask_of(const std::vector<float>& values) {
  TemporaryDir dir;
  spit(dir / "a.nii", floats(values));
  return read_mask(dir / "a.nii");
}

TEST(ReadLabels, WholeNumbersStoredAsFloatsAreLabels) {
  const auto labels = labels_of({0, 1, 2035, -7});
  ASSERT_OK(labels);
  EXPECT_EQ(labels->values[2], 2035);
  EXPECT_EQ(labels->values[3], -7);
  EXPECT_EQ(labels->stored, Stored::int32);
}

TEST(ReadLabels, NanIsRefusedWithCountAndFirstPlace) {
  std::vector<float> values(1000, 1.0F);
  values[123] = values[500] = values[999] = std::nanf("");
  values[3] = 0.5F;  // NaN is told first
  const auto labels = labels_of(values);
  ASSERT_FALSE(labels);
  EXPECT_EQ(labels.error().code, Code::InvalidInput);
  EXPECT_NE(labels.error().what.find("3 voxels hold NaN"), std::string::npos) << labels.error();
  EXPECT_NE(labels.error().where.find("voxel (3, 2, 1)"), std::string::npos) << labels.error();
}

TEST(ReadLabels, FractionsAreRefused) {
  const auto labels = labels_of({0, 1, 1.5F, 2.25F});
  ASSERT_FALSE(labels);
  EXPECT_EQ(labels.error().code, Code::InvalidInput);
  EXPECT_NE(labels.error().what.find("2 voxels hold fractions such as 1.5"), std::string::npos) << labels.error();
  EXPECT_NE(labels.error().where.find("voxel (2, 0, 0)"), std::string::npos) << labels.error();
}

TEST(ReadLabels, NumbersBeyond32BitsAreRefused) {
  for (const float v : {3e9F, -3e9F, INFINITY}) {
    const auto labels = labels_of({1, v});
    ASSERT_FALSE(labels);
    EXPECT_EQ(labels.error().code, Code::InvalidInput);
  }
}

TEST(ReadMask, BinarisesAtHalfOfTheLargest) {
  for (const float one : {1.0F, 0.9999F, 255.0F, 0.99999F}) {
    const auto mask = mask_of({0, one, one, 0, 0.0001F});
    ASSERT_OK(mask);
    EXPECT_EQ(mask->values[0], 0);
    EXPECT_EQ(mask->values[1], 1);
    EXPECT_EQ(mask->values[4], 0);
    EXPECT_EQ(std::count(mask->values.begin(), mask->values.end(), 1), 2);
    EXPECT_EQ(mask->stored, Stored::uint8);
  }
}

TEST(ReadMask, SoftEdgesAreCutAtOneHalf) {
  std::vector<float> values(600, 1.0F);
  for (int i = 0; i < 100; ++i) values.push_back(0.25F);
  for (int i = 0; i < 50; ++i) values.push_back(0.5F);
  const auto mask = mask_of(values);
  ASSERT_OK(mask);
  EXPECT_EQ(std::count(mask->values.begin(), mask->values.end(), 1), 650);
}

TEST(ReadMask, AnEmptyMaskIsLegal) {
  const auto mask = mask_of({});
  ASSERT_OK(mask);
  EXPECT_EQ(std::count(mask->values.begin(), mask->values.end(), 0), 1000);
}

TEST(ReadMask, RefusesWhatIsNoMask) {
  std::vector<float> parcels(1000), intensities(1000), probabilities(1000);
  for (std::size_t i = 0; i < 1000; ++i) {
    parcels[i] = float(i % 4);
    intensities[i] = float(i) * 0.37F;
    probabilities[i] = float(i) / 999.0F;
  }
  std::vector<float> nan(1000, 1.0F);
  nan[11] = std::nanf("");
  for (const auto& values : {parcels, intensities, probabilities, nan, {0, 1, -1}, {0, 0.3F}}) {
    const auto mask = mask_of(values);
    ASSERT_FALSE(mask);
    EXPECT_EQ(mask.error().code, Code::InvalidInput);
  }
  EXPECT_NE(mask_of(nan).error().where.find("voxel (1, 1, 0)"), std::string::npos);
}

TEST(LabelNames, AreFreeSurfers) {
  EXPECT_EQ(freesurfer_name(10), "Left-Thalamus");
  EXPECT_EQ(freesurfer_name(43), "Right-Lateral-Ventricle");
  EXPECT_EQ(freesurfer_name(58), "Right-Accumbens-area");
  EXPECT_EQ(freesurfer_name(255), "CC_Anterior");
  EXPECT_EQ(freesurfer_name(1022), "ctx-lh-postcentral");
  EXPECT_EQ(freesurfer_name(2035), "ctx-rh-insula");
  EXPECT_EQ(freesurfer_name(2036), std::nullopt);
  EXPECT_EQ(freesurfer_name(1), std::nullopt);
  EXPECT_EQ(freesurfer_name(-4), std::nullopt);
}

TEST(WriteLabels, RefusesNumbersThatDoNotFit) {
  TemporaryDir dir;
  Labels labels;
  labels.grid.size = {3, 1, 1};
  labels.values = {1, 256, 300};
  labels.stored = Stored::uint8;
  for (const char* name : {"a.mgz", "a.nii.gz"}) {
    const auto written = write_labels(labels, dir / name);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::InvalidInput);
    EXPECT_NE(written.error().what.find("2 voxels do not fit uint8, such as 256"), std::string::npos)
        << written.error();
    EXPECT_FALSE(std::filesystem::exists(dir / name));
  }
  labels.stored = Stored::uint16;  // MGH files of every FreeSurfer release: int32 instead
  ASSERT_OK(write_labels(labels, dir / "b.mgz"));
  EXPECT_EQ(read_info(dir / "b.mgz")->stored, Stored::int32);
  EXPECT_EQ(read_labels(dir / "b.mgz")->values, labels.values);
}

TEST(WriteVolume, RefusesFractionsInWholeTypesAndUnknownNames) {
  TemporaryDir dir;
  Volume volume;
  volume.grid.size = {2, 1, 1};
  volume.values = {1.0F, 1.5F};
  volume.stored = Stored::int16;
  EXPECT_EQ(write_volume(volume, dir / "a.nii").error().code, Code::InvalidInput);
  volume.stored = Stored::float32;
  EXPECT_EQ(write_volume(volume, dir / "a.jpg").error().code, Code::InvalidInput);
  EXPECT_EQ(write_volume(volume, dir / "no" / "a.nii").error().code, Code::Environment);
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
  volume.values.pop_back();
  EXPECT_EQ(write_volume(volume, dir / "a.nii").error().code, Code::InvalidInput);
}

}  // namespace
}  // namespace ipsi::image
