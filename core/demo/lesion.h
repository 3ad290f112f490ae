// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/regions.h"
#include "core/demo/deep_grey.h"
#include "core/demo/random.h"
#include "core/demo/warp.h"

namespace ipsi::demo {

struct Lesion {
  std::vector<std::uint32_t> voxels;  ///< flat indices, ascending
  std::string site;                   ///< "lenticulostriate"
};

/// A stroke lesion of exactly `target` voxels on one side of the brain: one connected, irregular piece that grows from
/// a point of a vascular territory, fills tissue and stops at fluid, the midline and the borders of the territory.
/// `aseg` are the person's labels before the lesion.
/// @error InvalidInput  the side does not hold so many voxels
[[nodiscard]] Result<Lesion> make_lesion(const std::vector<std::int32_t>& aseg, const Pose& pose, const Warp& warp,
                                         Side side, long long target, const Stream& stream);

}  // namespace ipsi::demo
