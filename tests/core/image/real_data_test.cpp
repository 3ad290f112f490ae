// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include "core/image/geometry.h"
#include "core/image/io.h"
#include "core/image/morphology.h"
#include "tests/support/support.h"

namespace ipsi::image {
namespace {

using ipsi::test::shared_path;
using ipsi::test::TemporaryDir;

TEST(RealData, LabelCountsOfAFreeSurferSubject) {  // counts: domain.md section 4, measured with other software
  IPSI_NEEDS_SHARED("data/freesurfer_subject/mri/aparc+aseg.mgz");
  const auto labels = read_labels(shared_path("data/freesurfer_subject/mri/aparc+aseg.mgz"));
  ASSERT_OK(labels);
  EXPECT_EQ(labels->grid.size, (std::array<int, 3>{256, 256, 256}));
  EXPECT_EQ(labels->grid.orientation(), "LIA");
  EXPECT_EQ(labels->stored, Stored::int32);
  const auto orig = read_volume(shared_path("data/freesurfer_subject/mri/orig.mgz"));
  ASSERT_OK(orig);
  const auto rows = label_stats(*labels, &*orig);
  ASSERT_OK(rows);
  std::map<int, long long> voxels;
  for (const LabelStats& row : *rows) {
    voxels[row.label] = row.voxels;
    EXPECT_DOUBLE_EQ(row.mm3, static_cast<double>(row.voxels));  // conformed: 1 mm
  }
  const std::map<int, long long> expected{{4, 18109}, {43, 22261}, {10, 7653}, {49, 8472}, {11, 4969}, {50, 4938},
                                          {12, 7475}, {51, 7785},  {13, 2476}, {52, 1911}, {26, 823},  {58, 859}};
  for (const auto& [label, count] : expected) EXPECT_EQ(voxels[label], count) << label;
  // Left is left: the left putamen lies at smaller R than the right one, by the affine alone.
  const auto centre = [&](int label) {
    for (const LabelStats& row : *rows)
      if (row.label == label) return row.centre_mm;
    return Eigen::Vector3d(0, 0, 0);
  };
  EXPECT_LT(centre(12)[0] + 30.0, centre(51)[0]);
}

TEST(RealData, LasAndRasFilesOfOneTemplateAreEqualVoxelByVoxel) {
  IPSI_NEEDS_SHARED("data/templates/MNI152_T1_2mm.nii.gz");
  const auto las = read_volume(shared_path("data/templates/MNI152_T1_2mm.nii.gz"));
  const auto ras = read_volume(shared_path("data/templates/tpl-MNI152NLin6Asym_res-02_T1w.nii.gz"));
  ASSERT_OK(las);
  ASSERT_OK(ras);
  EXPECT_EQ(las->grid.orientation(), "LAS");
  EXPECT_EQ(ras->grid.orientation(), "RAS");
  const Volume turned = to_ras(*las);
  EXPECT_TRUE(turned.grid.same_as(ras->grid));
  EXPECT_EQ(turned.values, ras->values);
  EXPECT_EQ(resample(*las, ras->grid).values, ras->values);  // and through world coordinates
}

TEST(RealData, TinyMghWithAShearedAffine) {  // affine as printed in the documentation of the file's makers
  IPSI_NEEDS_SHARED("data/mgh_surface/nilearn_test.mgz");
  const auto info = read_info(shared_path("data/mgh_surface/nilearn_test.mgz"));
  ASSERT_OK(info);
  EXPECT_EQ(info->grid.size, (std::array<int, 3>{3, 4, 5}));
  EXPECT_EQ(info->frames, 2);
  Eigen::Matrix4d expected;
  expected << 1, 2, 3, -13, 2, 3, 1, -11.5, 3, 1, 2, -11.5, 0, 0, 0, 1;
  EXPECT_LT((info->grid.affine - expected).cwiseAbs().maxCoeff(), 1e-5);
}

TEST(RealData, LesionMasksAreMasks) {
  IPSI_NEEDS_SHARED("data/lesions_lesymap/Subject_001.nii.gz");
  for (const char* name : {"Subject_001", "Subject_050", "Subject_131"}) {
    const auto mask = read_mask(shared_path(std::string("data/lesions_lesymap/") + name + ".nii.gz"));
    ASSERT_OK(mask);
    EXPECT_EQ(mask->grid.size, (std::array<int, 3>{181, 217, 181}));
    const auto rows = label_stats(*mask, nullptr);
    ASSERT_OK(rows);
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_GE(rows->front().mm3, 4.5e3);  // README: 5 to 376 mL
    EXPECT_LE(rows->front().mm3, 376.5e3);
    EXPECT_LT(rows->front().centre_mm[0], 0.0);  // left-hemisphere lesions
  }
  const auto parcels = read_mask(shared_path("data/lesions_lesymap/Parcellation_403areas.nii.gz"));
  ASSERT_FALSE(parcels);
  EXPECT_EQ(parcels.error().code, Code::InvalidInput);
}

TEST(RealData, ColourImagesAndTextAreRefused) {
  IPSI_NEEDS_SHARED("data/atlases/CIT168.nii.gz");
  for (const char* name : {"data/atlases/CIT168.nii.gz", "data/atlases/Thalamus_Nuclei-HCP-4DSPAMs_paqd.nii.gz"}) {
    const auto labels = read_labels(shared_path(name));
    ASSERT_FALSE(labels);
    EXPECT_EQ(labels.error().code, Code::InvalidInput);
    EXPECT_NE(labels.error().what.find("colours"), std::string::npos) << labels.error();
  }
  const auto text = read_volume(shared_path("data/lesions_lesymap/behavior.txt"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::ReadFailed);
}

TEST(RealData, AFreeSurferVolumeGoesToNiftiAndBackUnchanged) {
  IPSI_NEEDS_SHARED("data/freesurfer_subject/mri/brainmask.mgz");
  TemporaryDir dir;
  const auto path = shared_path("data/freesurfer_subject/mri/brainmask.mgz");
  ASSERT_OK(convert(path, dir / "a.nii.gz"));
  ASSERT_OK(convert(dir / "a.nii.gz", dir / "b.mgz"));
  const auto original = read_volume(path);
  const auto back = read_volume(dir / "b.mgz");
  ASSERT_OK(back);
  EXPECT_EQ(back->values, original->values);
  EXPECT_EQ(back->stored, original->stored);
  EXPECT_TRUE(back->grid.same_as(original->grid, 1e-4));
}

TEST(RealData, LesionDistancesAndPieces) {
  IPSI_NEEDS_SHARED("data/lesions_lesymap/Subject_001.nii.gz");
  const auto mask = read_mask(shared_path("data/lesions_lesymap/Subject_001.nii.gz"));
  ASSERT_OK(mask);
  const auto pieces = connected_components(*mask);
  long long total = 0;
  for (const long long n : pieces.voxels) total += n;
  EXPECT_EQ(total, label_stats(*mask, nullptr)->front().voxels);
  const Volume distance = distance_mm(*mask);
  // One voxel of 1 mm beyond the box that holds it all, the distance is at least 1.
  const auto box = bounding_box(*mask);
  ASSERT_TRUE(box);
  for (std::size_t i = 0; i < distance.values.size(); ++i) ASSERT_EQ(distance.values[i] == 0.0F, mask->values[i] == 1);
  ASSERT_GT(box->low[0], 0);
  for (int k = box->low[2]; k <= box->high[2]; ++k)
    for (int j = box->low[1]; j <= box->high[1]; ++j) ASSERT_GE(distance.at(box->low[0] - 1, j, k), 1.0F);
}

}  // namespace
}  // namespace ipsi::image
