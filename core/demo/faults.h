// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/regions.h"
#include "core/demo/deep_grey.h"
#include "core/demo/images.h"
#include "core/demo/random.h"

namespace ipsi::demo {

/// Break the label of one region in `aseg` on purpose; other regions of the twelve keep every voxel.
/// `voxels` is the region as it should be. Returns what was done: `any` is settled by the stream.
Fault break_region(Fault fault, const Region& region, const std::vector<std::uint32_t>& voxels, const Pose& pose,
                   const Stream& stream, std::vector<std::int32_t>& aseg);

/// Take part of a region's label away where the lesion lies, deepest in the lesion first, as automatic segmentation
/// does with dark tissue. Small overlaps (under 5 % of the region) leave the label whole. `depth` holds the distance
/// into the lesion, in voxels, of each voxel of the region (0 outside the lesion).
void lose_to_lesion(const std::vector<std::uint32_t>& voxels, const std::vector<float>& depth, const Stream& stream,
                    std::vector<std::int32_t>& aseg);

}  // namespace ipsi::demo
