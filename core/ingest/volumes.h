// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ipsi::ingest {

/// What a column of an ENIGMA measures table holds.
struct MeasureColumn {
  std::string region;   ///< "left_thalamus", "left_hippocampus", "left_bankssts", "head", ..
  std::string measure;  ///< "volume", "icv", "thickness", "area"
  std::string unit;     ///< "mm3", "mm", "mm2"
};

/// By header name, case and blanks ignored: LLatVent .. Raccumb, hippocampus and amygdala, the third and fourth
/// ventricle and brain stem, ICV; cortical L_<parcel>_thickavg, R_<parcel>_surfavg, LThickness ..; keys such as
/// left_thalamus.
[[nodiscard]] std::optional<MeasureColumn> enigma_column(std::string_view header);

}  // namespace ipsi::ingest
