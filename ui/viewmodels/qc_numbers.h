// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/regions.h"
#include "core/base/task.h"
#include "core/render/scan.h"
#include "core/table/table.h"

namespace ipsi::ui {

/// Fewer people than this say nothing about what is usual: z is missing then.
inline constexpr int kLeastForZ = 10;

/// What is usual for a region in this study: the straight line of its volume on intracranial volume through the
/// patients whose region is flagged ok, and their spread around it. Where fewer than kLeastForZ of them have an
/// intracranial volume, or all have the same, the line is flat through the mean of all who are ok.
struct RegionNorm {
  int people = 0;       ///< patients behind it
  bool by_icv = false;  ///< the line has a slope
  double mean = 0.0, icv_mean = 0.0, slope = 0.0;
  double sd = 0.0;  ///< of the residuals, n - 2 (flat: n - 1) degrees of freedom

  /// (volume - usual) / sd; NaN with too few people, without spread, or where a needed value is missing.
  [[nodiscard]] double z(double volume, double icv) const;
};
using RegionNorms = std::array<RegionNorm, kRegions.size()>;
[[nodiscard]] RegionNorms region_norms(const table::Table& table);

/// What a reader is told of one region of one person, in QC and elsewhere; missing is NaN.
struct QcNumbers {
  double volume = table::kMissing;     ///< mm3
  double z = table::kMissing;          ///< RegionNorm::z
  int z_people = 0;                    ///< patients behind z
  bool z_by_icv = false;               ///< adjusted for intracranial volume
  double asymmetry = table::kMissing;  ///< (L - R) / (L + R)
};

/// The twelve regions of a row of an analysis table, in the order of kRegions.
[[nodiscard]] std::array<QcNumbers, kRegions.size()> qc_numbers(const table::Table& table, std::size_t row,
                                                                const RegionNorms& norms);

/// Share of each region's voxels whose centre lies in the lesion, 0..1; NaN where the label or the mask is missing.
[[nodiscard]] std::array<double, kRegions.size()> qc_overlap(const render::Scan& scan);

/// A change of one rating, as the study's log tells it.
struct QcEvent {
  std::string person, region, time, rater;  ///< time: ISO 8601 UTC
  std::string before, after;                ///< "unrated", "ok", "lesioned", "failed"
  std::string comment;                      ///< as it was afterwards
  bool taken_back = false;                  ///< by an undo
};
struct QcEvents {
  std::vector<QcEvent> events;  ///< oldest first
  std::int64_t last_act = 0;
};
/// Ratings changed after the act `after`.
/// @error as Study::open and Study::log; Cancelled
[[nodiscard]] Result<QcEvents> qc_events(const std::filesystem::path& study, std::int64_t after, const Task& task);

}  // namespace ipsi::ui
