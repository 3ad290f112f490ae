// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/image_features.h"

#include <atomic>
#include <cmath>

#include "core/study/study.h"
#include "tests/core/ingest/balls.h"

namespace ipsi::ingest {
namespace {
using test::ball;
using test::ball_brain;
using test::compacted;
using test::region_at;
using test::TemporaryDir;

image::Labels lesion_ball(const image::Grid& like, const Eigen::Vector3d& centre, double radius) {
  image::Labels mask;
  mask.grid = like;
  mask.stored = image::Stored::uint8;
  mask.values.assign(like.voxels(), 0);
  ball(mask, centre, radius, 1);
  return mask;
}

TEST(ImageFeatures, MeasureOverlapAsWholeImagesDo) {
  const auto head = ball_brain();
  image::Labels fine = test::empty_head(75, 1.4);  // another grid, turned
  fine.grid.affine.topLeftCorner<3, 3>() =
      Eigen::AngleAxisd(0.2, Eigen::Vector3d(0.1, 1, 0.4).normalized()).toRotationMatrix() * 1.4;
  fine.grid.affine.topRightCorner<3, 1>() = -fine.grid.affine.topLeftCorner<3, 3>() * Eigen::Vector3d::Constant(37);
  for (const auto& grid : {head.grid, fine.grid}) {
    const auto mask = lesion_ball(grid, atlas_places()[region_at("left_putamen")].centre_mm, 9);
    const auto whole = lesion_overlap(head, mask);
    ASSERT_OK(whole);
    const auto compact_mask = compacted(mask);
    const ImageFeatures f = measure_image(compacted(head), &compact_mask);
    ASSERT_TRUE(f.has_lesion);
    EXPECT_EQ(f.lesion.lesion_mm3, whole->lesion_mm3);
    EXPECT_EQ(f.lesion.resampled, whole->resampled);
    for (std::size_t r = 0; r < 12; ++r) {
      EXPECT_EQ(f.lesion.regions[r].overlap_mm3, whole->regions[r].overlap_mm3) << kRegions[r].key;
      EXPECT_NEAR(f.lesion.regions[r].distance_mm, whole->regions[r].distance_mm, 1e-4) << kRegions[r].key;
    }
    EXPECT_GT(f.lesion_left, 0.9);
    EXPECT_GT(f.atlas[region_at("left_putamen")], 0.2);
    EXPECT_LT(f.atlas[region_at("right_putamen")], 1e-9);
  }
}

TEST(ImageFeatures, AMirroredHeadHasMirroredNumbers) {
  const auto head = ball_brain();
  auto mirrored = head;  // x -> -x in the world; then each label to the other side
  for (int k = 0; k < head.grid.size[2]; ++k)
    for (int j = 0; j < head.grid.size[1]; ++j)
      for (int i = 0; i < head.grid.size[0]; ++i) {
        const Region* region = region_of_label(head.at(head.grid.size[0] - 1 - i, j, k));
        mirrored.values[head.grid.index(i, j, k)] =
            region == nullptr ? 0 : region_of(region->structure, other(region->side)).label;
      }
  const auto at = atlas_places()[region_at("left_caudate")].centre_mm;
  const auto lesion = compacted(lesion_ball(head.grid, at, 8));
  const auto lesion_mirrored = compacted(lesion_ball(head.grid, {-at[0], at[1], at[2]}, 8));
  const ImageFeatures a = measure_image(compacted(head), &lesion);
  const ImageFeatures b = measure_image(compacted(mirrored), &lesion_mirrored);
  for (std::size_t r = 0; r < 12; ++r) {
    EXPECT_EQ(a.shape[r].voxels, b.shape[r ^ 1U].voxels);
    EXPECT_NEAR(a.shape[r].centre_mm[0], -b.shape[r ^ 1U].centre_mm[0], 1e-9);
    EXPECT_DOUBLE_EQ(a.lesion.regions[r].overlap_mm3, b.lesion.regions[r ^ 1U].overlap_mm3);
    EXPECT_NEAR(a.lesion.regions[r].distance_mm, b.lesion.regions[r ^ 1U].distance_mm, 1e-4);
  }
  EXPECT_NEAR(a.lesion_left, 1.0 - b.lesion_left, 0.05);
}

TEST(ImageFeatures, ReadBackAsTheyWere) {
  auto head = ball_brain();
  for (auto& v : head.values)
    if (v == 10) v = 0;  // NaN are kept too
  const auto lesion = compacted(lesion_ball(head.grid, {-12, -18, 7}, 6));
  const ImageFeatures f = measure_image(compacted(head), &lesion);
  const auto back = features_of(Json::parse(to_json(f).dump()));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back).dump(), to_json(f).dump());
  EXPECT_FALSE(features_of(Json::parse(R"({"version": 0})")));
  Json damaged = to_json(f);
  damaged["regions"][3]["shape"] = Json::array();
  EXPECT_FALSE(features_of(damaged));
}

/// A study of five people with label images; the third file is cut short, the fourth is gone.
class FeatureStudy : public testing::Test {
 protected:
  void SetUp() override {
    auto study = study::Study::create(dir_ / "s.ipsi");
    ASSERT_OK(study);
    study::Request request{"importer", "import", "five heads", {}};
    request.put(study::Cohort{"c", ""});
    for (int i = 1; i <= 5; ++i) {
      const std::string id = fmt::format("sub-{}", i);
      request.put(study::Person{id, "c", "patient", "", "left", ""});
      request.put(study::Session{id, "1", 1, "", 60, 100});
      auto head = ball_brain(3.0 + 0.1 * i);
      head.stored = image::Stored::uint8;
      ASSERT_OK(image::write_labels(head, dir_ / (id + ".mgz")));
      ASSERT_OK(image::write_labels(lesion_ball(head.grid, {-24, 3, 1}, 5 + i), dir_ / (id + "_lesion.nii.gz")));
      request.put(study::Scan{id, "1", "labels", id + ".mgz", "", 0, 0});
      request.put(study::Scan{id, "1", "lesion", id + "_lesion.nii.gz", "", 0, 0});
    }
    ASSERT_OK(study->apply(request));
    std::filesystem::resize_file(dir_ / "sub-3.mgz", 900);
    std::filesystem::remove(dir_ / "sub-4.mgz");
    const auto snapshot = study->snapshot();
    ASSERT_OK(snapshot);
    snapshot_ = *snapshot;
  }
  [[nodiscard]] Result<std::vector<SessionFeatures>> measure(int threads, bool cached, const Task& task = {}) const {
    return study_features(snapshot_, dir_ / "s.ipsi", {threads, cached ? dir_ / "cache" : std::filesystem::path()},
                          task);
  }
  TemporaryDir dir_;
  study::Snapshot snapshot_;
};

TEST_F(FeatureStudy, ABrokenImageDoesNotStopTheOthers) {
  const auto all = measure(2, false);
  ASSERT_OK(all);
  ASSERT_EQ(all->size(), 5U);
  for (const auto& f : *all) {
    const bool broken = f.person == "sub-3" || f.person == "sub-4";
    EXPECT_EQ(f.problem.empty(), !broken) << f.person << ' ' << f.problem;
    if (broken) {
      EXPECT_NE(f.problem.find(f.person + ".mgz"), std::string::npos) << f.problem;
    }
    EXPECT_EQ(f.image.shape[0].voxels > 0, !broken);
  }
}

TEST_F(FeatureStudy, ThreadsAndCacheChangeNoNumber) {
  const auto text = [](const std::vector<SessionFeatures>& all) {
    std::string out;
    for (const auto& f : all) out += f.person + to_json(f.image).dump() + f.problem;
    return out;
  };
  const auto one = measure(1, false);
  ASSERT_OK(one);
  for (const int threads : {1, 2, 4}) {
    const auto again = measure(threads, true);
    ASSERT_OK(again);
    EXPECT_EQ(text(*again), text(*one)) << threads;
    for (const auto& f : *again) EXPECT_EQ(f.cached, threads > 1 && f.problem.empty()) << f.person;
  }
}

TEST_F(FeatureStudy, ANewImageIsMeasuredAgainAndADamagedCacheIsNotTrusted) {
  ASSERT_OK(measure(1, true));
  auto head = ball_brain(6.0);
  head.stored = image::Stored::uint8;
  ASSERT_OK(image::write_labels(head, dir_ / "sub-1.mgz"));
  auto again = measure(1, true);
  ASSERT_OK(again);
  EXPECT_FALSE((*again)[0].cached);
  EXPECT_GT((*again)[0].image.shape[0].mm3, 600);
  EXPECT_TRUE((*again)[1].cached);
  for (const auto& entry : std::filesystem::directory_iterator(dir_ / "cache")) test::spit(entry.path(), "{\"vers");
  again = measure(1, true);
  ASSERT_OK(again);
  for (const auto& f : *again) EXPECT_FALSE(f.cached);
  EXPECT_GT((*again)[0].image.shape[0].voxels, 0);
}

TEST_F(FeatureStudy, StopsWhenAskedAndGoesOnFromThere) {
  const Task* stopper = nullptr;
  std::atomic<int> seen{0};
  const Task task([&](double, const std::string&) {
    if (++seen == 2) stopper->cancel();
  });
  stopper = &task;
  const auto stopped = measure(1, true, task);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
  const auto again = measure(1, true);
  ASSERT_OK(again);
  EXPECT_TRUE((*again)[0].cached);
  EXPECT_FALSE((*again)[4].cached);
}

}  // namespace
}  // namespace ipsi::ingest
