// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/brain/atlas.h"

namespace ipsi::render {

/// A template from a label volume with FreeSurfer labels (an aseg.mgz, an atlas) and, where given, a skull-stripped
/// head to show behind it, resampled to the labels' grid through world coordinates. An empty `head` shows none.
/// @error as image::read_labels and image::read_volume
/// @error InvalidInput  none of the twelve labels occurs; labels and head do not overlap
[[nodiscard]] Result<brain::Template> template_from_files(const std::filesystem::path& labels,
                                                          const std::filesystem::path& head);

}  // namespace ipsi::render
