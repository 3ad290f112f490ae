// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/task.h"
#include "core/demo/cohort.h"
#include "core/demo/plant.h"

namespace ipsi::demo {

inline constexpr int kMostImages = 96;
inline constexpr int kMostControls = 100000;
/// What every part of the demo study says of itself.
inline constexpr std::string_view kSyntheticNote =
    "Synthetic: made by `ipsi demo`. No row, score, volume or image belongs to a person. Counts, ages, scores and the "
    "chronic effects follow the printed tables of Liew et al. 2021, Brain Communications 3(4) fcab254.";

struct DemoOptions {
  int images = 24;   ///< patients who also get a head, labels and a lesion mask; 0 .. kMostImages
  int controls = 0;  ///< healthy people; 0 .. kMostControls
  std::uint64_t seed = 1;
  int threads = 0;  ///< for the images; 0 = processors. No byte depends on it
  Overwrite overwrite = Overwrite::no;
};

struct DemoSummary {
  std::filesystem::path dir, study;
  long long patients = 0, controls = 0, cohorts = 0, images = 0;
  std::map<std::string, long long> ratings;  ///< by flag
  std::vector<std::string> notes;            ///< what the reader should know, e.g. problems the import named
};

/// Makes DIR with demo.ipsi, analyses.json, participants.tsv, participants.json, LandRvolumes.csv, README.txt and, with
/// images, subjects/ and lesions/.
///
/// The tables and images are written first and then imported as any user's would be; the ratings are one act of the
/// rater "demo-rater". Everything is made beside DIR and moved there when whole. Equal options give equal files, but
/// for the clock times in the log of the study.
/// @error Usage         images or controls out of range
/// @error Conflict      DIR is not empty and may not be overwritten
/// @error Environment   disk, permission, or (with images) mricron-data is not installed
/// @error Cancelled
[[nodiscard]] Result<DemoSummary> make_demo(const std::filesystem::path& dir, const DemoOptions& options,
                                            const Task& task);

/// The patients who get images: one a cohort in turn, sides and times since stroke mixed; no cohort that loses a region
/// whole, no lesion above 80 mL. Indices into `people`.
[[nodiscard]] std::vector<std::size_t> choose_for_images(const Published& published, const std::vector<Person>& people,
                                                         int images, std::uint64_t seed);

}  // namespace ipsi::demo
