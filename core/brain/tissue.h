// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/brain/fit.h"

namespace ipsi::brain {

/// The whole brain as FreeSurfer's aseg would label it, roughly: `regions` as they are, and around them cerebral white
/// matter and cortex by intensity (2, 41; 3, 42), hippocampus and amygdala of AAL (17, 53; 18, 54), third and fourth
/// ventricle (14, 15), inferior horns (5, 44), brainstem (16), cerebellum (7, 46; 8, 47), other fluid (24).
/// @error InvalidInput  grids differ
[[nodiscard]] Result<image::Labels> fit_tissue(const FitSources& sources, const image::Volume& brain,
                                               const image::Labels& regions);

}  // namespace ipsi::brain
