// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/atlas.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "core/base/regions.h"
#include "core/image/geometry.h"
#include "core/image/io.h"
#include "core/image/morphology.h"
#include "tests/core/brain/colin27.h"
#include "tests/support/support.h"

namespace ipsi::brain {
namespace {

std::map<int, image::LabelStats> stats_of(const Template& t) {
  std::map<int, image::LabelStats> out;
  const auto rows = image::label_stats(t.regions, &t.head);
  if (!rows) return out;
  for (const auto& row : *rows) out[row.label] = row;
  return out;
}

TEST(Colin27, RegionsHaveHumanVolumes) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  const auto stats = stats_of(*t);
  ASSERT_EQ(stats.size(), 12U);
  // mm^3 in template space; caudate up to 7 mL, as heads are larger there than in life.
  const std::map<std::string_view, std::pair<double, double>> range{
      {"thalamus", {6000, 9000}}, {"caudate", {3000, 7000}}, {"putamen", {4500, 8000}},
      {"pallidum", {1200, 2500}}, {"accumbens", {400, 800}}, {"lateral_ventricle", {4000, 20000}}};
  for (const Region& region : kRegions) {
    const double mm3 = stats.at(region.label).mm3;
    EXPECT_GE(mm3, range.at(region.structure).first) << region.title;
    EXPECT_LE(mm3, range.at(region.structure).second) << region.title;
    const double other_side = stats.at(region_of(region.structure, other(region.side)).label).mm3;
    EXPECT_LE(mm3 / other_side, 1.25) << region.title;
  }
}

TEST(Colin27, LeftIsLeft) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  ASSERT_EQ(t->regions.grid.orientation(), "RAS");
  long long wrong = 0;
  const auto& grid = t->regions.grid;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) {
        const Region* region = region_of_label(t->regions.at(i, j, k));
        if (region == nullptr) continue;
        const double x = grid.to_world({double(i), double(j), double(k)}).x();
        // Colin27's own midline lies within 2 mm of x = 0.
        wrong += region->side == Side::left ? x > 2.0 : x < -2.0;
      }
  EXPECT_EQ(wrong, 0);
}

/// Centres of mass in MNI space, mm. Thalamus, caudate, putamen, pallidum (external and internal part together):
/// PD25 (Xiao et al. 2015, Human Brain Mapping); accumbens: CIT168 (Pauli et al. 2018, Scientific Data). Measured in
/// the published label files.
struct Published {
  std::string_view key;
  Eigen::Vector3d centre;
};
const std::array<Published, 10> kPublished{{{"left_thalamus", {-12.1, -19.2, 7.2}},
                                            {"right_thalamus", {12.3, -17.8, 7.0}},
                                            {"left_caudate", {-14.5, 10.6, 7.3}},
                                            {"right_caudate", {14.6, 11.8, 7.7}},
                                            {"left_putamen", {-26.2, 2.3, 0.6}},
                                            {"right_putamen", {26.0, 3.7, 0.2}},
                                            {"left_pallidum", {-21.3, -3.3, -1.2}},
                                            {"right_pallidum", {21.1, -2.2, -1.6}},
                                            {"left_accumbens", {-10.2, 8.2, -10.2}},
                                            {"right_accumbens", {9.5, 9.0, -9.8}}}};

TEST(Colin27, CentresAgreeWithPublishedAtlases) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  const auto stats = stats_of(*t);
  for (const auto& [key, centre] : kPublished) {
    const Region* region = find_region(key);
    ASSERT_NE(region, nullptr);
    const Eigen::Vector3d ours = stats.at(region->label).centre_mm;
    // One person's head against two others in the same space: a few millimetres.
    EXPECT_LT((ours - centre).norm(), 4.0) << key << ": " << ours.transpose();
  }
}

TEST(Colin27, OverlapsPd25) {
  IPSI_NEEDS_COLIN27();
  IPSI_NEEDS_SHARED("data/atlases/PD25-subcortical-1mm.nii.gz");
  const auto t = test::colin27();
  ASSERT_OK(t);
  const auto pd25 = image::read_labels(test::shared_path("data/atlases/PD25-subcortical-1mm.nii.gz"));
  ASSERT_OK(pd25);
  const image::Labels other = image::resample(*pd25, t->regions.grid);
  // Left and right numbers of PD25-subcortical.json; pallidum is external with internal part.
  const std::map<int, std::vector<int>> same{{10, {15}}, {49, {16}}, {11, {7}},      {50, {8}},
                                             {12, {9}},  {51, {10}}, {13, {11, 13}}, {52, {12, 14}}};
  for (const auto& [label, theirs] : same) {
    double both = 0;
    double sum = 0;
    for (std::size_t i = 0; i < other.values.size(); ++i) {
      const bool a = t->regions.values[i] == label;
      const bool b = std::ranges::find(theirs, other.values[i]) != theirs.end();
      both += a && b;
      sum += double(a) + double(b);
    }
    // Two heads in MNI space, not registered to each other: good agreement is 0.7 to 0.85; a swapped or displaced
    // structure falls under 0.3.
    EXPECT_GT(2 * both / sum, label == 13 || label == 52 ? 0.5 : 0.65) << region_of_label(label)->title;
  }
}

TEST(Colin27, EachRegionIsOnePiece) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  for (const Region& region : kRegions) {
    const auto box = image::bounding_box(t->regions, region.label);
    ASSERT_TRUE(box) << region.title;
    image::Labels part = image::crop(t->regions, *box);
    for (auto& v : part.values) v = v == region.label ? 1 : 0;
    const auto pieces = image::connected_components(part, image::Neighbours::faces6);
    EXPECT_EQ(pieces.voxels.size(), 1U) << region.title;
  }
}

TEST(Colin27, VentriclesAreTheFluidOfColin27) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  const auto seeds_file = image::read_labels(mricron_dir() / "jhu189.nii.gz");
  ASSERT_OK(seeds_file);
  const image::Labels seeds = image::resample(*seeds_file, t->regions.grid);
  for (const Side side : {Side::left, Side::right}) {
    const int label = region_of("lateral_ventricle", side).label;
    const int first = side == Side::left ? 171 : 176;
    double dark = 0, all = 0, seen = 0, covered = 0;
    for (std::size_t i = 0; i < seeds.values.size(); ++i) {
      const float v = t->head.values[i];
      if (t->regions.values[i] == label) {
        ++all;
        dark += v < 70.0F;  // half-way between fluid (38) and white matter (114) is 76
      }
      if (seeds.values[i] >= first && seeds.values[i] <= first + 3 && v < 45.0F) {
        ++seen;
        covered += t->regions.values[i] == label;
      }
    }
    EXPECT_GT(dark / all, 0.97) << to_string(side);      // the rest is choroid plexus
    EXPECT_GT(covered / seen, 0.97) << to_string(side);  // what an independent atlas calls ventricle, where dark
  }
}

TEST(Colin27, GreyNucleiHoldNoFluid) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  std::map<int, std::pair<double, double>> fluid;
  for (std::size_t i = 0; i < t->regions.values.size(); ++i) {
    const int label = t->regions.values[i];
    if (label == 0 || label == 4 || label == 43) continue;
    fluid[label].first += t->head.values[i] < 60.0F;
    ++fluid[label].second;
  }
  ASSERT_EQ(fluid.size(), 10U);
  for (const auto& [label, n] : fluid) EXPECT_LT(n.first / n.second, 0.02) << region_of_label(label)->title;
}

TEST(Colin27, TissueHoldsTheRegionsAndKeepsSides) {
  IPSI_NEEDS_COLIN27();
  const auto t = test::colin27();
  ASSERT_OK(t);
  ASSERT_TRUE(t->tissue.grid.same_as(t->head.grid));
  std::map<int, long long> voxels;
  std::map<int, Eigen::Vector3d> sum;
  for (int k = 0; k < t->tissue.grid.size[2]; ++k)
    for (int j = 0; j < t->tissue.grid.size[1]; ++j)
      for (int i = 0; i < t->tissue.grid.size[0]; ++i) {
        const std::size_t at = t->tissue.grid.index(i, j, k);
        const int label = t->tissue.values[at];
        if (t->regions.values[at] != 0) {
          ASSERT_EQ(label, t->regions.values[at]);
        }
        ++voxels[label];
        auto& s = sum.try_emplace(label, Eigen::Vector3d::Zero()).first->second;
        s += t->tissue.grid.to_world({double(i), double(j), double(k)});
      }
  for (const auto& [left, right] : std::map<int, int>{{2, 41}, {3, 42}, {7, 46}, {8, 47}, {17, 53}, {18, 54}}) {
    EXPECT_LT(sum[left].x() / double(voxels[left]), -3) << left;
    EXPECT_GT(sum[right].x() / double(voxels[right]), 3) << right;
    EXPECT_NEAR(double(voxels[left]) / double(voxels[right]), 1.0, 0.25) << left;
  }
  EXPECT_LT(sum[16].z() / double(voxels[16]), -15);  // brainstem: low and in the middle
  EXPECT_NEAR(sum[16].x() / double(voxels[16]), 0, 3);
  EXPECT_LT(sum[8].z() / double(voxels[8]), -20);  // cerebellum: low and at the back
  EXPECT_LT(sum[8].y() / double(voxels[8]), -45);
}

}  // namespace
}  // namespace ipsi::brain
