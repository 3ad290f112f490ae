// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "core/base/error.h"

namespace ipsi::image {

/// The volumes of a 4D image one after the other, as real values; the file's bytes stand in memory meanwhile.
/// @param each  gets the frame (0-based) and its values, i fastest; an error ends the reading
/// @error as read_volume but for 4D; what `each` gives
[[nodiscard]] Result<void> read_frames(const std::filesystem::path& path,
                                       const std::function<Result<void>(int, const std::vector<float>&)>& each);

}  // namespace ipsi::image
