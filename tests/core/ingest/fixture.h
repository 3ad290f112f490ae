// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/regions.h"
#include "core/image/io.h"
#include "core/ingest/import.h"
#include "tests/support/support.h"

namespace ipsi::ingest::test {
using ipsi::test::spit;
using ipsi::test::TemporaryDir;

/// The problems of one trap.
inline std::vector<Problem> of_trap(const Plan& plan, std::string_view trap) {
  std::vector<Problem> out;
  std::ranges::copy_if(plan.problems, std::back_inserter(out), [&](const Problem& p) { return p.trap == trap; });
  return out;
}

/// True when this trap is named at exactly this place.
inline bool named(const Plan& plan, std::string_view trap, std::string_view file, int line, std::string_view column,
                  std::string_view subject) {
  return std::ranges::any_of(plan.problems, [&](const Problem& p) {
    return p.trap == trap && p.file == file && p.line == line && p.column == column && p.subject == subject &&
           !p.what.empty() && !p.mend.empty();
  });
}

/// The row as the plan would write it; nullptr when there is none.
template <class Row, class Where>
const Row* planned(const Plan& plan, Where where) {
  for (const study::Change& change : plan.changes)
    if (const auto* put = std::get_if<study::Put>(&change))
      if (const auto* row = std::get_if<Row>(put); row != nullptr && where(*row)) return row;
  return nullptr;
}

inline const study::Measurement* measurement(const Plan& plan, std::string_view person, std::string_view region,
                                             std::string_view measure, std::string_view source) {
  return planned<study::Measurement>(plan, [&](const study::Measurement& m) {
    return m.person == person && m.region == region && m.measure == measure && m.source == source;
  });
}
inline const study::Score* score(const Plan& plan, std::string_view person, std::string_view test) {
  return planned<study::Score>(plan, [&](const study::Score& s) { return s.person == person && s.test == test; });
}
inline const study::Person* person(const Plan& plan, std::string_view id) {
  return planned<study::Person>(plan, [&](const study::Person& p) { return p.id == id; });
}

/// A plan over an empty study.
inline Plan plan_of(const Sources& sources) {
  auto plan = ingest::plan(sources, study::Snapshot{}, Task{});
  EXPECT_OK(plan);
  return plan ? *plan : Plan{};
}

/// A head of 40 x 30 x 30 voxels of 2 mm, RAS, centred on x = 0, with a 4 x 4 x 4 cube for each of the twelve regions:
/// left ones at x < 0. Cube r of a side starts at j = 2 + 4 r' (r' = structure), k = 4.
inline image::Labels small_head() {
  image::Labels head;
  head.grid.size = {40, 30, 30};
  head.grid.affine = Eigen::Matrix4d::Identity() * 2.0;
  head.grid.affine(3, 3) = 1;
  head.grid.affine.block<3, 1>(0, 3) = Eigen::Vector3d(-39, -30, -30);
  head.values.assign(head.grid.voxels(), 0);
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const bool left = kRegions[r].side == Side::left;
    const int i0 = left ? 8 : 28;
    const int j0 = 2 + 4 * static_cast<int>(r / 2);
    for (int k = 4; k < 8; ++k)
      for (int j = j0; j < j0 + 4; ++j)
        for (int i = i0; i < i0 + 4; ++i) head.values[head.grid.index(i, j, k)] = kRegions[r].label;
  }
  return head;
}

/// A mask on the grid of `like`, 1 in the box.
inline image::Labels box_mask(const image::Grid& like, std::array<int, 3> low, std::array<int, 3> high) {
  image::Labels mask;
  mask.grid = like;
  mask.stored = image::Stored::uint8;
  mask.values.assign(mask.grid.voxels(), 0);
  for (int k = low[2]; k <= high[2]; ++k)
    for (int j = low[1]; j <= high[1]; ++j)
      for (int i = low[0]; i <= high[0]; ++i) mask.values[mask.grid.index(i, j, k)] = 1;
  return mask;
}

/// aseg.stats with one value for all twelve regions; `names` as FreeSurfer 5 or 7 writes them.
inline std::string aseg_stats(const std::string& subject, double mm3, double icv, double supratentorial,
                              bool old_names) {
  std::string text = "# Title Segmentation Statistics\n# subjectname " + subject + "\n";
  text +=
      fmt::format("# Measure SupraTentorial, SupraTentorialVol, Supratentorial volume, {:.6f}, mm^3\n", supratentorial);
  text +=
      old_names
          ? fmt::format("# Measure IntraCranialVol, ICV, Intracranial Volume, {:.6f}, mm^3\n", icv)
          : fmt::format(
                "# Measure EstimatedTotalIntraCranialVol, eTIV, Estimated Total Intracranial Volume, {:.6f}, mm^3\n",
                icv);
  int index = 0;
  for (const Region& region : kRegions) {
    std::string name = region.label == 10   ? "Left-Thalamus"
                       : region.label == 49 ? "Right-Thalamus"
                                            : "Structure-" + std::to_string(region.label);
    if (old_names && (region.label == 10 || region.label == 49)) name += "-Proper";
    text += fmt::format("{:3d} {:3d} {:9d} {:12.1f}  {}  80.0 5.0 40 110 70\n", ++index, region.label,
                        static_cast<long long>(mm3), mm3, name);
  }
  return text;
}

/// A whole subject folder DIR/<id> whose stats and labels agree (512 mm^3 a region).
inline void write_subject(const std::filesystem::path& dir, const std::string& id) {
  std::filesystem::create_directories(dir / id / "mri");
  std::filesystem::create_directories(dir / id / "stats");
  ASSERT_OK(image::write_labels(small_head(), dir / id / "mri" / "aseg.mgz"));
  image::Volume head;
  head.grid = small_head().grid;
  head.values.assign(head.grid.voxels(), 80.0F);
  head.stored = image::Stored::uint8;
  ASSERT_OK(image::write_volume(head, dir / id / "mri" / "T1.mgz"));
  ASSERT_OK(image::write_volume(head, dir / id / "mri" / "brain.mgz"));
  spit(dir / id / "stats" / "aseg.stats", aseg_stats(id, 512, 1.5e6, 1.0e6, true));
}

}  // namespace ipsi::ingest::test
