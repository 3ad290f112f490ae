// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/volume.h"

namespace ipsi::brain {

/// Raise when fit_regions or fit_tissue would give other voxels from the same sources: old caches are then rebuilt.
inline constexpr int kFitVersion = 2;

/// What the twelve regions are fitted from, all on one RAS+ grid of 1 mm.
struct FitSources {
  const image::Volume& head;  ///< Colin27, T1 (CSF about 38, grey 85, white 114)
  const image::Labels& aal;   ///< AAL
  const image::Labels& jhu;   ///< JHU-189, brought onto the grid by nearest neighbour
};

/// The twelve regions as FreeSurfer labels. Ventricles: CSF grown from the JHU seeds. Accumbens: grey matter around its
/// seed. Thalamus, caudate, putamen, pallidum: AAL, less CSF and white matter, with smooth borders.
[[nodiscard]] Result<image::Labels> fit_regions(const FitSources& sources);

}  // namespace ipsi::brain
