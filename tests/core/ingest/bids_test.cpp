// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/core/ingest/fixture.h"

namespace ipsi::ingest {
namespace {
namespace fs = std::filesystem;
using test::measurement;
using test::of_trap;
using test::small_head;
using test::spit;

class BidsFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    spit(dir_ / "dataset_description.json",
         R"({"Name": "strokes", "BIDSVersion": "1.8.0", "DatasetType": "derivative"})");
    spit(dir_ / "participants.tsv",
         "participant_id\tsite\tage\tsex\tlesion_side\nsub-1\tA\t60\tF\tleft\nsub-2\tA\tn/a\tM\tright\n");
    sources_.bids = dir_.path();
  }
  fs::path anat(const std::string& where) {
    fs::create_directories(dir_ / where / "anat");
    return dir_ / where / "anat";
  }
  test::TemporaryDir dir_;
  Sources sources_;
};

TEST_F(BidsFolder, ReadsSegmentationMaskAndTable) {
  const auto path = anat("sub-1/ses-1");
  ASSERT_OK(image::write_labels(small_head(), path / "sub-1_ses-1_desc-aseg_dseg.nii.gz"));
  ASSERT_OK(image::write_labels(test::box_mask(small_head().grid, {8, 2, 4}, {9, 5, 7}),
                                path / "sub-1_ses-1_space-orig_label-lesion_desc-T1lesion_mask.nii.gz"));
  const auto plan = test::plan_of(sources_);
  EXPECT_EQ(plan.importable, 2);
  EXPECT_EQ(plan.matched, 1);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "label_count")->value, 512);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "lesion_fraction", "lesion_mask")->value, 0.5);
  EXPECT_TRUE(test::named(plan, "bids", "dataset_description.json", 0, "", ""));
  EXPECT_EQ(test::person(plan, "sub-2")->sex, "male");
}

TEST_F(BidsFolder, LooksLabelsUpByName) {
  auto labels = small_head();
  for (auto& value : labels.values)
    if (value != 0) value += 100;
  const auto path = anat("sub-1");
  ASSERT_OK(image::write_labels(labels, path / "sub-1_desc-my_dseg.nii.gz"));
  spit(path / "sub-1_desc-my_dseg.tsv",
       "index\tname\tcolor\n110\tLeft-Thalamus-Proper\t#fff\n149\tRight-Thalamus\t#fff\n150\tR_Caudate\t#"
       "fff\n999\tother\t#fff\n");
  const auto plan = test::plan_of(sources_);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "label_count")->value, 512);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "right_caudate", "volume", "label_count")->value, 512);
  EXPECT_TRUE(std::isnan(measurement(plan, "sub-1", "left_putamen", "volume", "label_count")->value));
  // Its numbers are not FreeSurfer's, so it is not offered as "labels".
  EXPECT_NE(test::planned<study::Scan>(plan, [](const study::Scan& s) { return s.kind == "dseg"; }), nullptr);
}

TEST_F(BidsFolder, TemplateSpaceGivesNoVolumes) {
  ASSERT_OK(image::write_labels(small_head(), anat("sub-1") / "sub-1_space-MNI152NLin2009cAsym_desc-aseg_dseg.nii.gz"));
  const auto plan = test::plan_of(sources_);
  EXPECT_EQ(of_trap(plan, "template_space").size(), 1U);
  EXPECT_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "label_count"), nullptr);
}

TEST_F(BidsFolder, ReadsTheFreeSurferFoldersOfFmriprep) {
  anat("sub-1");
  test::write_subject(dir_ / "sourcedata" / "freesurfer", "sub-1");
  const auto plan = test::plan_of(sources_);
  EXPECT_DOUBLE_EQ(measurement(plan, "sub-1", "left_thalamus", "volume", "aseg_stats")->value, 512);
}

TEST_F(BidsFolder, SessionsTableGivesDatesAndDays) {
  spit(dir_ / "participants.tsv", "participant_id\tsession\tsite\nsub-1\t2\tA\nsub-1\t1\tA\n");
  anat("sub-1/ses-1");
  spit(dir_ / "sub-1" / "sub-1_sessions.tsv",
       "session_id\tacq_time\tdays_post_stroke\nses-2\t2020-05-01\tn/a\nses-1\t2020-06-01\t60\n");
  const auto plan = test::plan_of(sources_);
  const auto session = [&](const char* label) {
    return test::planned<study::Session>(
        plan, [&](const study::Session& s) { return s.person == "sub-1" && s.label == label; });
  };
  EXPECT_EQ(session("2")->ordinal, 1);  // by date
  EXPECT_EQ(session("1")->ordinal, 2);
  EXPECT_DOUBLE_EQ(session("1")->days_post_stroke, 60);
  EXPECT_TRUE(std::isnan(session("2")->days_post_stroke));
}

TEST_F(BidsFolder, RefusesAFolderWithoutSubjects) {
  const auto plan = ingest::plan(sources_, {}, Task{});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::InvalidInput);
}

}  // namespace
}  // namespace ipsi::ingest
