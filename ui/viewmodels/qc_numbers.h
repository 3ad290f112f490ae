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

/// What a rater is told of one region of one person; missing is NaN.
struct QcNumbers {
  double volume = table::kMissing;     ///< mm3
  double z = table::kMissing;          ///< (volume - mean) / sd of the patients whose region is flagged ok
  int z_people = 0;                    ///< patients behind z
  double asymmetry = table::kMissing;  ///< (L - R) / (L + R)
};

/// The twelve regions of a row of the analysis table, in the order of kRegions.
[[nodiscard]] std::array<QcNumbers, kRegions.size()> qc_numbers(const table::Table& table, std::size_t row);

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
