// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/regions.h"
#include "core/base/task.h"
#include "core/ingest/volume_norm.h"
#include "core/render/scan.h"
#include "core/table/table.h"

namespace ipsi::ui {

/// Fewer people than this say nothing about what is usual: z is missing then.
inline constexpr int kLeastForZ = ingest::kLeastForNorm;

/// What is usual for each region among the patients of an analysis table (ingest/volume_norm.h): no flag is looked at,
/// so that nobody's rating moves what another is told.
using RegionNorms = std::array<ingest::RegionNorm, kRegions.size()>;
/// @cost  some 30 ms for 828 people; depends on no flag, so keep it while volumes stay
[[nodiscard]] RegionNorms region_norms(const table::Table& table);

/// What a reader is told of one region of one person, in QC and elsewhere; missing is NaN.
struct QcNumbers {
  double volume = table::kMissing;          ///< mm3
  double z = table::kMissing;               ///< robust, against what is usual at this intracranial volume and age
  int z_people = 0;                         ///< patients behind z
  bool z_by_icv = false, z_by_age = false;  ///< what z is adjusted for
  double asymmetry = table::kMissing;       ///< (L - R) / (L + R)
};

/// The twelve regions of a row of an analysis table, in the order of kRegions.
[[nodiscard]] std::array<QcNumbers, kRegions.size()> qc_numbers(const table::Table& table, std::size_t row,
                                                                const RegionNorms& norms);

/// "z -2.1: adjusted for intracranial volume and age, robust, against 404 patients"; `z` as it is written.
[[nodiscard]] QString qc_z_words(const QcNumbers& numbers, const QString& z);

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
