// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/lesions.h"

#include <cmath>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
namespace fs = std::filesystem;
using test::box_mask;
using test::measurement;
using test::of_trap;
using test::small_head;
using test::spit;

void write_mask(const image::Labels& mask, const fs::path& path) {
  fs::create_directories(path.parent_path());
  ASSERT_OK(image::write_labels(mask, path));
}

TEST(MaskName, UnderstandsTheNamesInUse) {
  const auto expect = [](const char* file, const char* id, const char* session, const char* space) {
    const auto name = mask_name(file);
    EXPECT_EQ(name.skip, "") << file;
    EXPECT_EQ(name.id, id) << file;
    EXPECT_EQ(name.session, session) << file;
    EXPECT_EQ(name.space, space) << file;
  };
  expect("sub-001_lesion.nii.gz", "sub-001", "", "");
  expect("sub-001.nii.gz", "sub-001", "", "");
  expect("Subject_001.nii.gz", "Subject_001", "", "");
  expect("A_12_lesion_mask.nii", "A_12", "", "");
  expect("A12-lesion.nii.gz", "A12", "", "");
  expect("sub-r001s001_ses-1_space-MNI152NLin2009aSym_label-L_desc-T1lesion_mask.nii.gz", "sub-r001s001", "1",
         "MNI152NLin2009aSym");
  expect("sub-x_ses-1_space-orig_label-lesion_desc-T1lesion_mask.nii.gz", "sub-x", "1", "orig");
  for (const char* file :
       {"behavior.txt", "sub-1_T1w.nii.gz", "sub-1_desc-brain_mask.nii.gz", "sub-1_dseg.nii.gz", "lesion.nii.gz"})
    EXPECT_NE(mask_name(file).skip, "") << file;
}

TEST(Lesions, RealMasksHaveTheirPublishedVolumesAndTheParcellationIsRefused) {
  IPSI_NEEDS_SHARED("data/lesions_lesymap/Subject_001.nii.gz");
  Sources sources;
  sources.lesions = ipsi::test::shared_path("data/lesions_lesymap");
  const auto plan = test::plan_of(sources);
  EXPECT_EQ(plan.importable, 131);
  EXPECT_TRUE(test::named(plan, "not_a_mask", "Parcellation_403areas.nii.gz", 0, "", "Parcellation_403areas"));
  EXPECT_TRUE(std::ranges::any_of(plan.skipped, [](const auto& s) { return s.first == "behavior.txt"; }));
  std::vector<double> ml;
  double least_left = 1;
  for (const study::Change& change : plan.changes)
    if (const auto* put = std::get_if<study::Put>(&change))
      if (const auto* m = std::get_if<study::Measurement>(put); m != nullptr && m->region == "lesion") {
        if (m->measure == "volume") ml.push_back(m->value / 1000);
        if (m->measure == "left_fraction") least_left = std::min(least_left, m->value);
      }
  ASSERT_EQ(ml.size(), 131U);
  std::ranges::sort(ml);
  EXPECT_NEAR(ml.front(), 5, 0.5);  // README of the data: 5 to 376 mL, median 76, all left
  EXPECT_NEAR(ml.back(), 376, 0.5);
  EXPECT_NEAR(ml[65], 76, 0.5);
  EXPECT_GT(least_left, 0.5);
}

class LesionFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    test::write_subject(dir_ / "subjects", "sub-1");
    spit(dir_ / "p.tsv", "participant_id\tsite\tlesion_side\nsub-1\tA\tleft\nsub-2\tA\tleft\n");
    sources_.freesurfer = dir_ / "subjects";
    sources_.participants = dir_ / "p.tsv";
    sources_.lesions = dir_ / "lesions";
  }
  test::TemporaryDir dir_;
  Sources sources_;
};

TEST_F(LesionFolder, OverlapWithEachRegionIsStored) {
  write_mask(box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7}), dir_ / "lesions" / "sub-1_lesion.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "lesion", "volume", "lesion_mask")->value, 32 * 8);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_overlap", "lesion_mask")->value, 32 * 8);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_fraction", "lesion_mask")->value, 0.5);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_share", "lesion_mask")->value, 1.0);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_distance", "lesion_mask")->value, 0.0);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_caudate", "lesion_distance", "lesion_mask")->value, 2.0);
  const auto* scan = test::planned<study::Scan>(plan, [](const study::Scan& s) { return s.kind == "lesion"; });
  ASSERT_NE(scan, nullptr);
  EXPECT_EQ(scan->hash.size(), 32U);
  EXPECT_EQ(of_trap(plan, "swap").size(), 0U);
  EXPECT_EQ(plan.counts.at("ratings"), 0);  // suggested, never set
}

TEST_F(LesionFolder, AMaskOnTheOtherSideThanTheTableIsTold) {
  write_mask(box_mask(small_head().grid, {28, 2, 4}, {31, 5, 7}), dir_ / "lesions" / "sub-1_lesion.nii.gz");
  const auto plan = test::plan_of(sources_);
  ASSERT_EQ(of_trap(plan, "swap").size(), 1U);
  EXPECT_TRUE(test::named(plan, "swap", "p.tsv", 2, "lesion_side", "sub-1"));
  EXPECT_NE(of_trap(plan, "swap")[0].what.find("table says left"), std::string::npos);
  EXPECT_NE(of_trap(plan, "swap")[0].what.find("right of the midline"), std::string::npos);
}

TEST_F(LesionFolder, OrientationOfStorageDoesNotSwapSides) {
  auto mask = box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7});
  image::Labels las = mask;  // the same world, stored with i running from right to left
  las.grid.affine.col(0) *= -1;
  las.grid.affine.block<3, 1>(0, 3) = mask.grid.to_world({39, 0, 0});
  for (int k = 0; k < 30; ++k)
    for (int j = 0; j < 30; ++j)
      for (int i = 0; i < 40; ++i) las.values[las.grid.index(39 - i, j, k)] = mask.values[mask.grid.index(i, j, k)];
  write_mask(las, dir_ / "lesions" / "sub-1_lesion.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_EQ(of_trap(plan, "swap").size(), 0U);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_overlap", "lesion_mask")->value, 32 * 8);
  EXPECT_EQ(of_trap(plan, "mask_grid").size(), 1U);
}

TEST_F(LesionFolder, AnEmptyMaskIsLegalAndTold) {
  write_mask(box_mask(small_head().grid, {1, 1, 1}, {0, 0, 0}), dir_ / "lesions" / "sub-1.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_TRUE(test::named(plan, "empty_mask", "sub-1.nii.gz", 0, "", "sub-1"));
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "lesion", "volume", "lesion_mask")->value, 0);
}

TEST_F(LesionFolder, BrokenFilesAndStrangersAreListedAndTheOthersGoOn) {
  write_mask(box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7}), dir_ / "lesions" / "sub-1_lesion.nii.gz");
  spit(dir_ / "lesions" / "sub-2_lesion.nii.gz", "nonsense");
  write_mask(box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7}), dir_ / "lesions" / "sub-77_lesion.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_TRUE(test::named(plan, "unreadable", "sub-2_lesion.nii.gz", 0, "", "sub-2"));
  EXPECT_TRUE(test::named(plan, "unmatched", "sub-77_lesion.nii.gz", 0, "", "sub-77"));
  EXPECT_NE(measurement(plan, "sub-1", "lesion", "volume", "lesion_mask"), nullptr);
}

TEST_F(LesionFolder, FieldsOfViewThatDoNotMeetGiveNoOverlap) {
  auto mask = box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7});
  mask.grid.affine(1, 3) += 200;
  write_mask(mask, dir_ / "lesions" / "sub-1_lesion.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_TRUE(test::named(plan, "field_of_view", "sub-1_lesion.nii.gz", 0, "", "sub-1"));
  EXPECT_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_overlap", "lesion_mask"), nullptr);
  EXPECT_NE(measurement(plan, "sub-1", "lesion", "volume", "lesion_mask"), nullptr);
}

TEST_F(LesionFolder, NativeSpaceIsPreferredToTemplateSpace) {
  const auto mask = box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7});
  write_mask(mask, dir_ / "lesions" / "sub-1_ses-1_space-orig_label-lesion_desc-T1lesion_mask.nii.gz");
  write_mask(mask, dir_ / "lesions" / "sub-1_ses-1_space-MNI152NLin2009aSym_label-L_desc-T1lesion_mask.nii.gz");
  write_mask(mask, dir_ / "lesions" / "sub-2_ses-1_space-MNI152NLin2009aSym_label-L_desc-T1lesion_mask.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_FALSE(plan.blocked());
  EXPECT_EQ(of_trap(plan, "several_masks").size(), 1U);
  EXPECT_EQ(of_trap(plan, "template_space").size(), 1U);
  EXPECT_EQ(of_trap(plan, "template_space")[0].subject, "sub-2");
  EXPECT_NE(measurement(plan, "sub-1", "left_thalamus", "lesion_overlap", "lesion_mask"), nullptr);
}

TEST_F(LesionFolder, TwoMasksOfOneSessionBlock) {
  const auto mask = box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7});
  write_mask(mask, dir_ / "lesions" / "sub-1_lesion.nii.gz");
  write_mask(mask, dir_ / "lesions" / "b" / "sub-1.nii.gz");
  const auto plan = test::plan_of(sources_);
  EXPECT_TRUE(plan.blocked());
  EXPECT_EQ(of_trap(plan, "duplicate_id").size(), 1U);
}

}  // namespace
}  // namespace ipsi::ingest
