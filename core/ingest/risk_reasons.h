// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/ingest/risk.h"

// Inside core/ingest only: from numbers to points and words.

namespace ipsi::ingest {

/// Straight from 0 points at `from` to `most` at `to`, and no further. NaN gives none.
[[nodiscard]] double ramp(double value, double from, double to, double most);

/// "1,240"; whole numbers with thousands set apart.
[[nodiscard]] std::string whole(double value);

/// What is usual for the label images of this study, region by region.
struct ImageNorm {
  int people = 0;                                  ///< images behind it; below kLeastForNorm the defaults stand
  Eigen::Vector3d displaced{0, 0, 0};              ///< usual displacement, template mm
  double displaced_spread = 2.0;                   ///< SD along one axis, mm
  double log_roughness = 0, roughness_spread = 0;  ///< NaN middle: not judged
};
[[nodiscard]] std::array<ImageNorm, kRegions.size()> image_norms(const std::vector<SessionFeatures>& features);

/// What is usual for (L - R) / (L + R), by structure.
struct AsymmetryNorm {
  int people = 0;
  double middle = 0, spread = 0;
};

/// All that is known of one session when its regions are judged.
struct Case {
  const SessionVolumes* volumes = nullptr;
  const SessionFeatures* features = nullptr;  ///< nullptr: no label image
  std::array<RegionNorm::Z, kRegions.size()> z{};
  std::array<double, kRegions.size()> asymmetry_z{};
  std::string table_side;                         ///< lesion side by the table
  std::array<double, kRegions.size()> counted{};  ///< mm3 of the label image; NaN without
  struct Other {
    std::string source;
    std::array<double, kRegions.size()> mm3{};
  };
  std::vector<Other> others;  ///< volumes of tables and stats files to hold against the count
};

void add_volume_reasons(const Case& c, const EnigmaLimits& limits, RegionRisk& risk);
void add_image_reasons(const Case& c, const ImageNorm& norm, RegionRisk& risk);
void add_side_reasons(const Case& c, RegionRisk& risk);
void add_lesion_reasons(const Case& c, RegionRisk& risk);
/// After all others. @source docs/methods/risk.md, "Suggestion"
[[nodiscard]] Suggestion suggest(const RegionRisk& risk);

}  // namespace ipsi::ingest
