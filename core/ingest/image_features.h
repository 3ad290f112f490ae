// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/task.h"
#include "core/image/compact.h"
#include "core/ingest/atlas_place.h"
#include "core/ingest/overlap.h"
#include "core/ingest/region_shape.h"
#include "core/study/model.h"

namespace ipsi::ingest {

/// What the label image and the lesion mask of one session say of the twelve regions; arrays follow kRegions.
struct ImageFeatures {
  std::array<RegionShape, kRegions.size()> shape{};
  Centres displaced{};             ///< displacements() of the centres, template mm
  bool has_lesion = false;         ///< there is a mask, and its field of view is the segmentation's
  Overlap lesion;                  ///< only with has_lesion
  double lesion_left = 0;          ///< share of the lesion left of the midplane; NaN without voxels
  std::array<double, 12> atlas{};  ///< share (0..1) of the atlas place of each region in the lesion; NaN without
  std::string lesion_problem;      ///< why the mask could not be used
};

/// @cost  20 ms a head and, with a lesion, up to 150 ms for the distances
[[nodiscard]] ImageFeatures measure_image(const image::CompactLabels& labels, const image::CompactLabels* lesion);

/// As kept in the cache; reading back gives equal values. nullopt where the text is not of this version.
[[nodiscard]] Json to_json(const ImageFeatures& features);
[[nodiscard]] std::optional<ImageFeatures> features_of(const Json& json);

/// One session with a label image.
struct SessionFeatures {
  std::string person, session;
  ImageFeatures image;
  std::string problem;  ///< why the label image could not be read; `image` is then empty
  bool cached = false;  ///< measured earlier
};

struct FeatureOptions {
  int threads = 0;                  ///< 0 = processors
  std::filesystem::path cache_dir;  ///< measured images are kept here; empty = nowhere
  bool background = false;          ///< give way to whoever works in the window meanwhile
};

/// $XDG_CACHE_HOME/ipsi/qc (base/cache.h); empty where the user has no such place.
///
/// Not beside the study: that folder may be read-only or shared by raters on several machines, and what lies there
/// would have to be locked. The key is the content of both images, so that any copy of a study, and a study made
/// again, finds what was measured; what is lost costs minutes.
[[nodiscard]] std::filesystem::path default_feature_cache();

/// Measure every session of the snapshot that has a label image, in the order of its scans. A file that cannot be read
/// is told in `problem` and the others go on. Each session is kept in the cache as soon as it is measured, so that a
/// stopped run goes on where it was. No number depends on the threads.
/// @error Cancelled
/// @cost  two images in memory a thread; see tests/bench/risk_bench.cpp
[[nodiscard]] Result<std::vector<SessionFeatures>> study_features(const study::Snapshot& snapshot,
                                                                  const std::filesystem::path& study_file,
                                                                  const FeatureOptions& options, const Task& task);

}  // namespace ipsi::ingest
