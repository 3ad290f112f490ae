// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/image/volume.h"

namespace ipsi::voxelwise {

/// Where the images of a stack are.
struct StackFiles {
  std::vector<std::filesystem::path> images;   ///< [n] one each, or one file whose frames are the images
  std::vector<std::size_t> frames;             ///< [n] with one file: frame of each image; else empty
  std::vector<std::filesystem::path> missing;  ///< [n] or empty: mask of what an image does not know (a lesion); an
                                               ///< empty path = all known
  std::filesystem::path mask;                  ///< places to look at; empty = everywhere
};

/// The same places of many images: volumes in one grid, or values at the vertices of a mesh (an .mgh of size n x 1 x
/// 1). NaN = not known. Values stand in memory up to a limit, beyond it in a temporary file without a name.
class Stack {
 public:
  struct Options {
    std::size_t memory = std::size_t{1} << 30;  ///< bytes of values to keep in memory
    int threads = 0;                            ///< 0 = processors
  };
  /// @error as read_volume; InvalidInput  grids differ (the file is named), an empty mask; Environment (no room)
  [[nodiscard]] static Result<Stack> read(const StackFiles& files, const Options& options, const Task& task);
  /// Values that are there already. @param values [places x images]
  [[nodiscard]] static Stack of(image::Grid grid, std::vector<std::uint32_t> voxels, const Eigen::MatrixXf& values);

  /// Some of the places, ascending; the values are shared.
  [[nodiscard]] Stack only(const std::vector<std::uint32_t>& places) const;

  [[nodiscard]] const image::Grid& grid() const { return grid_; }
  [[nodiscard]] const std::vector<std::uint32_t>& voxels() const { return voxels_; }  ///< grid index of each place
  [[nodiscard]] std::size_t places() const { return voxels_.size(); }
  [[nodiscard]] std::size_t images() const { return images_; }
  [[nodiscard]] bool is_surface() const { return grid_.size[1] == 1 && grid_.size[2] == 1; }

  /// Values of places first.. as [count x images]. Safe from several threads at once.
  /// @error Environment  the temporary file cannot be read
  [[nodiscard]] Result<Eigen::MatrixXd> block(std::size_t first, std::size_t count) const;

 private:
  [[nodiscard]] Result<void> read_frames(const StackFiles& files, const Task& task);

  struct Store;  // [images x places] floats, an image after the other
  image::Grid grid_;
  std::vector<std::uint32_t> voxels_;
  std::vector<std::uint32_t> stored_;  ///< place in the store of each place here; empty = the same
  std::size_t images_ = 0;
  std::shared_ptr<Store> store_;
};

}  // namespace ipsi::voxelwise
