// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <variant>
#include <vector>

#include "core/base/task.h"
#include "core/image/volume.h"

namespace ipsi::image {

/// Intensities in the smallest type that holds them exactly, for viewing: a quarter of a Volume's memory where a scan
/// has 8 bits, and no detour through floats.
struct CompactVolume {
  Grid stored;  ///< as in the file
  Grid grid;    ///< the same voxels along +R, +A, +S
  std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<float>> values;  ///< order of `grid`
  double low = 0.0, high = 0.0;  ///< smallest and largest finite value

  [[nodiscard]] double at(int i, int j, int k) const;  ///< index of `grid`; NaN where the file has NaN
  [[nodiscard]] std::size_t bytes() const;
};

/// @error as read_volume; Cancelled
/// @cost  one decompression and one pass over the voxels
[[nodiscard]] Result<CompactVolume> read_compact_volume(const std::filesystem::path& path, const Task& task);
[[nodiscard]] Result<CompactVolume> compact(const Volume& volume);

/// A label image cut to the box of its voxels that are not 0, along +R, +A, +S.
struct CompactLabels {
  Grid stored;                        ///< as in the file
  Grid grid;                          ///< of the box; size 0 where no voxel has a label
  std::vector<std::uint16_t> values;  ///< index in `labels`
  std::vector<std::int32_t> labels;   ///< labels[0] = 0, then in order of appearance
};

/// @error as read_labels; InvalidInput  more than 65535 different labels; Cancelled
[[nodiscard]] Result<CompactLabels> read_compact_labels(const std::filesystem::path& path, const Task& task);
[[nodiscard]] Result<CompactLabels> compact(const Labels& labels);

/// A mask (values 1 and 0) cut to its box. @error as read_mask; Cancelled
[[nodiscard]] Result<CompactLabels> read_compact_mask(const std::filesystem::path& path, const Task& task);

}  // namespace ipsi::image
