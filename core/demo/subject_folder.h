// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/demo/images.h"
#include "core/image/volume.h"

namespace ipsi::demo {

/// What stats/aseg.stats says of one label.
struct SegmentRow {
  int label = 0;
  long long voxels = 0;
  double mean = 0, sd = 0, lowest = 0, highest = 0;
};

/// One row per label of `aseg`, ascending, intensities from `norm` (same voxels).
[[nodiscard]] std::vector<SegmentRow> segment_rows(const std::vector<std::int32_t>& aseg,
                                                   const std::vector<float>& norm);

/// The text of stats/aseg.stats as FreeSurfer 6 lays it out, openly marked as synthetic.
[[nodiscard]] std::string aseg_stats(const ImagePerson& person, const std::vector<SegmentRow>& rows);
/// The text of scripts/build-stamp.txt: "synthetic, made by ipsi demo" and for whom.
[[nodiscard]] std::string build_stamp(const ImagePerson& person);
/// The text of scripts/recon-all.done.
[[nodiscard]] std::string recon_all_done(const ImagePerson& person);

}  // namespace ipsi::demo
