// SPDX-License-Identifier: GPL-3.0-or-later
// 131 real lesion masks over the atlas of the head they were drawn on, and a real FreeSurfer folder: as a lab's data go
// through risk and suggestions.
#include <cmath>
#include <fstream>

#include "core/image/io.h"
#include "core/ingest/image_features.h"
#include "core/ingest/risk.h"
#include "tests/core/brain/colin27.h"
#include "tests/support/support.h"

namespace ipsi::ingest {
namespace {
namespace fs = std::filesystem;
using test::TemporaryDir;

constexpr int kMasks = 131;

std::string subject(int i) {
  return fmt::format("Subject_{:03}", i);
}

study::Snapshot people_with(const fs::path& labels) {
  study::Snapshot out;
  out.cohorts.push_back({"real", "real"});
  for (int i = 1; i <= kMasks; ++i) {
    const std::string id = subject(i);
    out.people.push_back({id, "real", "patient", "", "left", ""});
    out.sessions.push_back({id, "1", 1, "", study::kMissing, study::kMissing});
    out.scans.push_back({id, "1", "labels", labels.string(), "", 0, 0});
    out.scans.push_back(
        {id, "1", "lesion", test::shared_path("data/lesions_lesymap/" + id + ".nii.gz").string(), "", 0, 0});
  }
  return out;
}

/// mm3 of each region inside the mask, the long way: every voxel of the labels looked up in the mask.
std::array<double, 12> overlap_by_looking(const image::Labels& labels, const image::Labels& mask) {
  std::array<double, 12> out{};
  const Eigen::Matrix4d to_mask = mask.grid.affine.inverse() * labels.grid.affine;
  const double voxel = std::abs(labels.grid.affine.topLeftCorner<3, 3>().determinant());
  for (int k = 0; k < labels.grid.size[2]; ++k)
    for (int j = 0; j < labels.grid.size[1]; ++j)
      for (int i = 0; i < labels.grid.size[0]; ++i) {
        const int label = labels.at(i, j, k);
        if (label == 0) continue;
        const Eigen::Vector4d at = to_mask * Eigen::Vector4d(i, j, k, 1);
        const std::array<int, 3> v{static_cast<int>(std::lround(at[0])), static_cast<int>(std::lround(at[1])),
                                   static_cast<int>(std::lround(at[2]))};
        bool inside = true;
        for (std::size_t axis = 0; axis < 3; ++axis) inside = inside && v[axis] >= 0 && v[axis] < mask.grid.size[axis];
        if (!inside || mask.at(v[0], v[1], v[2]) == 0) continue;
        for (std::size_t r = 0; r < 12; ++r)
          if (kRegions[r].label == label) out[r] += voxel;
      }
  return out;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    mx += x[i] / static_cast<double>(x.size()), my += y[i] / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}

TEST(RealLesions, GoThroughWithTheirNumbersRight) {
  IPSI_NEEDS_SHARED("data/lesions_lesymap");
  IPSI_NEEDS_COLIN27();
  const auto colin = test::colin27();
  ASSERT_OK(colin);
  const TemporaryDir folder;
  ASSERT_OK(image::write_labels(colin->regions, folder / "labels.nii.gz"));
  const auto snapshot = people_with(folder / "labels.nii.gz");
  const auto features =
      study_features(snapshot, folder / "s.ipsi", {.threads = 2, .cache_dir = folder / "cache"}, Task{});
  ASSERT_OK(features);
  ASSERT_EQ(features->size(), static_cast<std::size_t>(kMasks));
  std::vector<double> volume, score;
  std::ifstream scores(test::shared_path("data/lesions_lesymap/behavior.txt"));
  for (double s = 0; scores >> s;) score.push_back(s);
  ASSERT_EQ(score.size(), static_cast<std::size_t>(kMasks));
  for (std::size_t i = 0; i < features->size(); ++i) {
    const auto& image = (*features)[i].image;
    EXPECT_EQ((*features)[i].problem, "");
    ASSERT_TRUE(image.has_lesion) << image.lesion_problem;
    EXPECT_GT(image.lesion_left, 0.9) << subject(static_cast<int>(i) + 1);
    volume.push_back(image.lesion.lesion_mm3);
    if (i % 10 != 0) continue;  // the long way takes a second each
    const auto mask =
        image::read_labels(test::shared_path("data/lesions_lesymap/" + subject(static_cast<int>(i) + 1) + ".nii.gz"));
    ASSERT_OK(mask);
    const auto seen = overlap_by_looking(colin->regions, *mask);
    for (std::size_t r = 0; r < 12; ++r)
      EXPECT_NEAR(image.lesion.regions[r].overlap_mm3, seen[r], 1e-6)
          << subject(static_cast<int>(i) + 1) << ' ' << kRegions[r].key;
  }
  // What the data's own page says of them: 5 to 376 mL, median 76, r = -0.54 with the score.
  std::vector<double> sorted = volume;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_NEAR(sorted.front() / 1000.0, 5.0, 0.5);
  EXPECT_NEAR(sorted[kMasks / 2] / 1000.0, 76.0, 0.5);
  EXPECT_NEAR(sorted.back() / 1000.0, 376.0, 0.5);
  EXPECT_NEAR(correlation(volume, score), -0.54, 0.005);

  int lesioned = 0;
  for (const auto& risk : assess_risk(snapshot, *features)) {
    if (risk.lesion_fraction >= 0.5) {
      EXPECT_EQ(risk.suggestion.flag, study::Flag::lesioned) << risk.person << ' ' << risk.where().key;
    }
    if (risk.where().side == Side::right) {
      EXPECT_LT(risk.lesion_fraction, 0.2) << risk.person << ' ' << risk.where().key;
    }
    lesioned += risk.suggestion.flag == study::Flag::lesioned ? 1 : 0;
  }
  EXPECT_GT(lesioned, kMasks / 4);  // lesions of the middle cerebral artery reach the deep grey of many
}

TEST(RealLesions, ARealFreeSurferImageHasTwelveWholeRegions) {
  IPSI_NEEDS_SHARED("data/freesurfer_subject/mri/aparc+aseg.mgz");
  const auto path = test::shared_path("data/freesurfer_subject/mri/aparc+aseg.mgz");
  study::Snapshot snapshot;
  snapshot.cohorts.push_back({"real", "real"});
  snapshot.people.push_back({"id_001", "real", "patient", "", "left", ""});
  snapshot.sessions.push_back({"id_001", "1", 1, "", study::kMissing, study::kMissing});
  snapshot.scans.push_back({"id_001", "1", "labels", path.string(), "", 0, 0});
  const TemporaryDir folder;
  const auto features = study_features(snapshot, folder / "s.ipsi", {.threads = 1, .cache_dir = {}}, Task{});
  ASSERT_OK(features);
  ASSERT_EQ(features->size(), 1U);
  const auto labels = image::read_labels(path);
  ASSERT_OK(labels);
  std::array<double, 12> counted{};
  for (const auto label : labels->values)
    for (std::size_t r = 0; r < 12; ++r) counted[r] += kRegions[r].label == label ? 1.0 : 0.0;
  for (std::size_t r = 0; r < 12; ++r) {
    const auto& shape = (*features)[0].image.shape[r];
    EXPECT_NEAR(shape.mm3, counted[r], 1e-6) << kRegions[r].key;  // voxels of 1 mm3
    EXPECT_GT(counted[r], 0.0);
  }
  for (const auto& risk : assess_risk(snapshot, *features)) {
    EXPECT_EQ(risk.basis, Basis::images);
    EXPECT_NE(risk.suggestion.flag, study::Flag::lesioned) << risk.where().key;  // there is no mask
    EXPECT_LT(risk.displaced_mm, 15.0) << risk.where().key;
  }
}

}  // namespace
}  // namespace ipsi::ingest
