// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/image/volume.h"

namespace ipsi::image {

/// What a file holds, from its header alone.
struct Info {
  Grid grid;
  Stored stored = Stored::float32;
  int frames = 1;          ///< 4D: volumes along time
  int components = 1;      ///< values a voxel; RGB 3, RGBA 4
};

/// .mgh, .mgz, .nii, .nii.gz, .hdr/.img, .nrrd, .mha (by content where the name lies).
/// @error NotFound, ReadFailed (truncated, not an image, header that contradicts itself)
[[nodiscard]] Result<Info> read_info(const std::filesystem::path& path);

/// One 3D volume as stored, not reoriented. NaN voxels are kept.
/// @error NotFound, ReadFailed; InvalidInput  4D with more than one frame, RGB(A)
[[nodiscard]] Result<Volume> read_volume(const std::filesystem::path& path);

/// Whole-number labels. @error as read_volume; InvalidInput  values that are not whole numbers, NaN (count and first place named)
[[nodiscard]] Result<Labels> read_labels(const std::filesystem::path& path);

/// A lesion or brain mask: 1 where the value is >= 0.5 of the largest (0/1, 0/255 and 0.9999 alike), else 0. An empty mask is legal.
/// @error as read_volume; InvalidInput  NaN voxels, or many distinct values: an intensity image or a parcellation, not a mask
[[nodiscard]] Result<Labels> read_mask(const std::filesystem::path& path);

/// By extension; `stored` decides the voxel type. Written whole or not at all.
/// @error InvalidInput  values do not fit `stored`, unknown extension; Environment
[[nodiscard]] Result<void> write_volume(const Volume& volume, const std::filesystem::path& path);
[[nodiscard]] Result<void> write_labels(const Labels& labels, const std::filesystem::path& path);

}  // namespace ipsi::image
