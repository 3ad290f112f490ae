// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/regions.h"
#include "core/base/task.h"
#include "core/ingest/image_features.h"
#include "core/ingest/volume_norm.h"
#include "core/study/model.h"

namespace ipsi::ingest {

// How likely a region's segmentation must be flagged, from what can be measured; methods and thresholds are in
// docs/methods/risk.md. Nothing here sets a flag, and no rating is looked at.

/// What speaks against a region. The order is that of the table in docs/methods/risk.md.
enum class Sign {
  missing,    ///< no label, or no volume
  volume,     ///< robust z of the volume
  asymmetry,  ///< robust z of (L - R) / (L + R)
  pieces,     ///< the label is split
  holes,      ///< pockets inside
  roughness,  ///< surface against that of a ball
  place,      ///< its centre against where the other regions put it
  border,     ///< cut off by the border of the image
  stats,      ///< stats file and label image disagree
  sides,      ///< left and right may be exchanged
  lesion,     ///< the lesion lies in it
  tukey,      ///< outside Q1 - 1.5 IQR .. Q3 + 1.5 IQR
  mean_sd,    ///< outside mean +/- 2.698 SD
  no_image,   ///< told, not counted: judged by the table alone
};
[[nodiscard]] std::string_view to_string(Sign sign);

/// One sign, in numbers and in words.
struct Reason {
  Sign sign = Sign::volume;
  double value = 0;   ///< z, mm3, fraction or mm: what the words name
  double points = 0;  ///< half the room to certainty each: risk = 1 - 2^-(sum of points)
  std::string text;   ///< "volume z -4.1 (3,120 mm3, usual 5,480)"
};

/// A proposal that is shown and never set.
struct Suggestion {
  study::Flag flag = study::Flag::unrated;  ///< lesioned, failed, or unrated for none
  std::string why;                          ///< "overlap 31 % of the region, 1,240 mm3"; "" for none
};

/// Where the judgement comes from.
enum class Basis { images, table, unreadable };
[[nodiscard]] std::string_view to_string(Basis basis);

struct RegionRisk {
  std::string person, session;
  std::size_t region = 0;       ///< kRegions
  double risk = 0;              ///< 0..1, sorts the queue
  std::vector<Reason> reasons;  ///< most points first
  Suggestion suggestion;
  Basis basis = Basis::table;

  // The numbers themselves; NaN where they cannot be told.
  double volume_mm3 = std::numeric_limits<double>::quiet_NaN();
  double expected_mm3 = volume_mm3, z = volume_mm3, asymmetry = volume_mm3, asymmetry_z = volume_mm3;
  double lesion_mm3 = volume_mm3, lesion_fraction = volume_mm3, lesion_share = volume_mm3;  ///< region in the lesion
  double lesion_distance_mm = volume_mm3;
  double expected_in_lesion = volume_mm3;  ///< of the place where the region should be: mirrored, else by the atlas
  double displaced_mm = volume_mm3;
  [[nodiscard]] const Region& where() const { return kRegions[region]; }
};

/// Every session and region of the study: sessions that have a volume, a label image or a session row at all.
/// `features` may be empty. Falling risk; ties by person (sub-2 before sub-10), session and region.
/// @cost  about 0.1 s for 828 people
[[nodiscard]] std::vector<RegionRisk> assess_risk(const study::Snapshot& snapshot,
                                                  const std::vector<SessionFeatures>& features);

}  // namespace ipsi::ingest
