// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/ingest/risk.h"
#include "core/render/thumbnail.h"
#include "core/report/contact_sheet.h"
#include "core/study/model.h"

namespace ipsi::review {

/// What a contact sheet is to show of a study.
struct SheetAsk {
  std::string rater;   ///< whose flags; "": what the study's rule decides
  std::string region;  ///< "left_putamen", "putamen", "ipsi_putamen": one after the other; "": all twelve
  std::vector<std::string> subjects;  ///< ids; none: every patient
  std::set<study::Flag> flags;        ///< people with a region flagged so; with `region` those tiles only; none: all
  int limit = 0;                      ///< at most so many people; 0: all
  std::string date;                   ///< as the sheet is to say it: "2026-11-20"
};

struct SheetResult {
  report::SheetReport report;
  std::size_t people = 0, ratings = 0;  ///< shown; in the table that goes with the sheet
};

/// First time-points in the order of the analysis table, a block of twelve each; with a region, thirty people a block.
/// Where the rater is blind, people have their coded names, but for the table of ratings.
///
/// Thumbnails come from the cache, else from the scans, on `threads` threads; somebody whose scan cannot be read has
/// tiles that say so. `risks` may be empty.
/// @error NotFound  no such subject, region or rater; nobody has such a flag
/// @error as report::write_contact_sheet; Cancelled
/// @cost  some 2 ms a person with thumbnails in the cache; memory of one block
[[nodiscard]] Result<SheetResult> write_study_sheet(const study::Snapshot& snapshot,
                                                    const std::filesystem::path& study_file, const SheetAsk& ask,
                                                    const std::vector<ingest::RegionRisk>& risks,
                                                    const render::ThumbnailCache& cache,
                                                    const std::filesystem::path& out, int threads, const Task& task);

}  // namespace ipsi::review
