// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/image/volume.h"

namespace ipsi::image {

/// What a file holds, from its header alone.
struct Info {
  Grid grid;
  Stored stored = Stored::float32;
  int frames = 1;      ///< 4D: volumes along time
  int components = 1;  ///< values a voxel; RGB 3, RGBA 4
};

/// .mgh, .mgz, .nii, .nii.gz, .hdr/.img (NIfTI or Analyze), .nrrd, .mha; told by content, not by name.
/// Where a NIfTI header has two transforms the sform is taken if its code is above 0, else the qform.
/// @error NotFound, ReadFailed (truncated, not an image, header that contradicts itself)
[[nodiscard]] Result<Info> read_info(const std::filesystem::path& path);

/// One 3D volume as stored, not reoriented. NaN voxels are kept.
/// @error NotFound, ReadFailed; InvalidInput  4D with more than one frame, RGB(A)
[[nodiscard]] Result<Volume> read_volume(const std::filesystem::path& path);

/// Whole-number labels. @error as read_volume; InvalidInput  values that are not whole numbers, NaN (count and first
/// place named)
[[nodiscard]] Result<Labels> read_labels(const std::filesystem::path& path);

/// A lesion or brain mask: 1 where the value is >= 0.5 of the largest (0/1, 0/255 and 0.9999 alike), else 0.
/// An empty mask is legal. Edges softened by interpolation are taken.
/// @error as read_volume; InvalidInput  NaN voxels, negative values, or many values between 0 and the largest:
///        an intensity image, a probability map or a parcellation, not a mask
[[nodiscard]] Result<Labels> read_mask(const std::filesystem::path& path);

/// By extension (.mgh .mgz .nii .nii.gz .nrrd .mha); `stored` decides the voxel type. A type that MGH does not know is
/// widened to int32 or float32. Written whole or not at all.
/// @error InvalidInput  values do not fit `stored`, unknown extension; Environment
[[nodiscard]] Result<void> write_volume(const Volume& volume, const std::filesystem::path& path);
[[nodiscard]] Result<void> write_labels(const Labels& labels, const std::filesystem::path& path);

/// What became of the voxel type on the way from one format to another.
struct Converted {
  Stored from = Stored::float32;
  Stored to = Stored::float32;  ///< the same where the format knows it, else the smallest wider one
  double largest_change = 0.0;  ///< of any value, by rounding to float32; 0 means exact
};

/// Copy an image into another format: type, values, scale factors, affine and frames kept wherever `out` can hold them.
/// @error as read_volume; InvalidInput  `out` cannot hold it (colours in MGH), unknown extension; Environment
[[nodiscard]] Result<Converted> convert(const std::filesystem::path& in, const std::filesystem::path& out);

}  // namespace ipsi::image
