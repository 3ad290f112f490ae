// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace ipsi::ingest {

/// A structure of aseg.stats.
struct Segment {
  int label = 0;         ///< SegId
  long long voxels = 0;  ///< NVoxels
  double mm3 = 0;        ///< Volume_mm3 (partial-volume corrected when FreeSurfer ran with --pv)
  std::string name;
};

/// A row of ?h.aparc.stats.
struct Parcel {
  std::string name;
  double area_mm2 = 0, thickness_mm = 0;
};

/// A FreeSurfer stats file. Measures are keyed by the second comma field's name and by the first ("ICV" and
/// "IntraCranialVol"); their value is the fourth.
struct StatsFile {
  std::string subject;  ///< as FreeSurfer was told
  std::string version;  ///< what the header says, by number or by its wording; "" = cannot be told
  std::map<std::string, double> measures;
  std::vector<Segment> segments;  ///< aseg.stats
  std::vector<Parcel> parcels;    ///< aparc.stats

  /// The intracranial volume under the name of any version; NaN when there is none.
  [[nodiscard]] double icv() const;
  [[nodiscard]] double measure(const std::string& key) const;  ///< NaN when absent
  [[nodiscard]] const Segment* segment(int label) const;
};

/// @error InvalidInput  no table, a row that is not as the header says (line named)
[[nodiscard]] Result<StatsFile> parse_aseg_stats(std::string_view text, const std::string& file);
[[nodiscard]] Result<StatsFile> parse_aparc_stats(std::string_view text, const std::string& file);

}  // namespace ipsi::ingest
