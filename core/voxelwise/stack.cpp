// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/stack.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>

#include "core/base/parallel.h"
#include "core/image/frames.h"
#include "core/image/io.h"

namespace ipsi::voxelwise {
namespace fs = std::filesystem;

struct Stack::Store {
  std::size_t places = 0;
  std::vector<float> values;
  int file = -1;

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() {
    if (file >= 0) ::close(file);
  }

  Result<void> make(std::size_t images, std::size_t per_image, std::size_t memory) {
    places = per_image;
    if (images * per_image * sizeof(float) <= memory) {
      values.resize(images * per_image);
      return {};
    }
    std::string name = (fs::temp_directory_path() / "ipsi-stack-XXXXXX").string();
    file = ::mkstemp(name.data());
    if (file < 0)
      return fail(Code::Environment, "a temporary file cannot be made", name, "set TMPDIR to a folder with room");
    ::unlink(name.c_str());  // gone with the process, whatever happens
    return {};
  }
  Result<void> write(std::size_t image, const std::vector<float>& from) {
    if (file < 0) {
      std::copy(from.begin(), from.end(), values.begin() + static_cast<std::ptrdiff_t>(image * places));
      return {};
    }
    const char* bytes = reinterpret_cast<const char*>(from.data());
    std::size_t left = from.size() * sizeof(float);
    for (auto at = static_cast<off_t>(image * places * sizeof(float)); left > 0;) {
      const ssize_t wrote = ::pwrite(file, bytes, left, at);
      if (wrote <= 0)
        return fail(Code::Environment, "the temporary copy of the images cannot be written",
                    fs::temp_directory_path().string(), "set TMPDIR to a folder with more room");
      bytes += wrote;
      at += wrote;
      left -= static_cast<std::size_t>(wrote);
    }
    return {};
  }
  /// `count` values of an image from place `first`; `room` is used where they are not in memory.
  const float* read(std::size_t image, std::size_t first, std::size_t count, std::vector<float>& room) const {
    if (file < 0) return values.data() + image * places + first;
    room.resize(count);
    char* bytes = reinterpret_cast<char*>(room.data());
    std::size_t left = count * sizeof(float);
    for (auto at = static_cast<off_t>((image * places + first) * sizeof(float)); left > 0;) {
      const ssize_t got = ::pread(file, bytes, left, at);
      if (got <= 0) return nullptr;
      bytes += got;
      at += got;
      left -= static_cast<std::size_t>(got);
    }
    return room.data();
  }
};

namespace {

std::string size_text(const image::Grid& grid) {
  return fmt::format("{} x {} x {}", grid.size[0], grid.size[1], grid.size[2]);
}

Result<void> same_grid(const image::Grid& grid, const image::Grid& first, const fs::path& path, const fs::path& other) {
  if (grid.same_as(first)) return {};
  const bool sizes = grid.size != first.size;
  return fail(Code::InvalidInput,
              fmt::format("its grid ({}{}) is not that of {} ({})", size_text(grid),
                          sizes ? "" : ", placed elsewhere in the world", other.filename().string(), size_text(first)),
              path.string(), "resample all images to one grid (`ipsi image resample`)");
}

Result<std::vector<std::uint32_t>> places_of(const StackFiles& files, const image::Grid& grid, const fs::path& first) {
  std::vector<std::uint32_t> out;
  if (files.mask.empty()) {
    for (std::size_t v = 0; v < grid.voxels(); ++v) out.push_back(static_cast<std::uint32_t>(v));
    return out;
  }
  const auto mask = image::read_mask(files.mask);
  if (!mask) return wrap(mask.error(), "mask " + files.mask.string());
  if (auto ok = same_grid(mask->grid, grid, files.mask, first); !ok) return tl::unexpected(ok.error());
  for (std::size_t v = 0; v < mask->values.size(); ++v)
    if (mask->values[v] != 0) out.push_back(static_cast<std::uint32_t>(v));
  if (out.empty()) return fail(Code::InvalidInput, "the mask is empty", files.mask.string(), "name another");
  return out;
}

/// NaN where the mask of image `i` says that it does not know.
Result<void> take_out(const StackFiles& files, std::size_t i, const image::Grid& grid,
                      const std::vector<std::uint32_t>& voxels, std::vector<float>& values) {
  if (files.missing.empty() || files.missing[i].empty()) return {};
  const auto mask = image::read_mask(files.missing[i]);
  if (!mask) return wrap(mask.error(), files.missing[i].string());
  if (auto ok = same_grid(mask->grid, grid, files.missing[i], files.images[0]); !ok) return ok;
  for (std::size_t k = 0; k < voxels.size(); ++k)
    if (mask->values[voxels[k]] != 0) values[k] = std::numeric_limits<float>::quiet_NaN();
  return {};
}

std::vector<float> at_places(const std::vector<float>& volume, const std::vector<std::uint32_t>& voxels) {
  std::vector<float> out(voxels.size());
  for (std::size_t k = 0; k < voxels.size(); ++k) {
    const float v = volume[voxels[k]];
    out[k] = std::isfinite(v) ? v : std::numeric_limits<float>::quiet_NaN();
  }
  return out;
}

/// Values of one image at the places, NaN where it does not know.
Result<std::vector<float>> values_of(const StackFiles& files, std::size_t i, const image::Grid& grid,
                                     const std::vector<std::uint32_t>& voxels) {
  const auto volume = image::read_volume(files.images[i]);
  if (!volume) return wrap(volume.error(), files.images[i].string());
  if (auto ok = same_grid(volume->grid, grid, files.images[i], files.images[0]); !ok) return tl::unexpected(ok.error());
  std::vector<float> out = at_places(volume->values, voxels);
  if (auto ok = take_out(files, i, grid, voxels, out); !ok) return tl::unexpected(ok.error());
  return out;
}

}  // namespace

/// The frames of one file, in their order; those that no row wants are passed over.
Result<void> Stack::read_frames(const StackFiles& files, const Task& task) {
  std::vector<std::vector<std::size_t>> wanted;  // images of each frame
  for (std::size_t i = 0; i < files.frames.size(); ++i) {
    if (files.frames[i] >= wanted.size()) wanted.resize(files.frames[i] + 1);
    wanted[files.frames[i]].push_back(i);
  }
  return image::read_frames(files.images[0], [&](int frame, const std::vector<float>& volume) -> Result<void> {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    if (static_cast<std::size_t>(frame) >= wanted.size()) return {};
    task.progress(static_cast<double>(frame) / static_cast<double>(wanted.size()), "reading images");
    for (const std::size_t i : wanted[static_cast<std::size_t>(frame)]) {
      std::vector<float> values = at_places(volume, voxels_);
      if (auto ok = take_out(files, i, grid_, voxels_, values); !ok) return ok;
      if (auto ok = store_->write(i, values); !ok) return ok;
    }
    return {};
  });
}

Result<Stack> Stack::read(const StackFiles& files, const Options& options, const Task& task) {
  if (files.images.empty()) return fail(Code::InvalidInput, "there are no images", "", "check the table");
  const auto info = image::read_info(files.images[0]);
  if (!info) return wrap(info.error(), files.images[0].string());
  Stack out;
  out.grid_ = info->grid;
  const bool frames = !files.frames.empty();
  out.images_ = frames ? files.frames.size() : files.images.size();
  auto voxels = places_of(files, out.grid_, files.images[0]);
  if (!voxels) return tl::unexpected(voxels.error());
  out.voxels_ = std::move(*voxels);
  out.store_ = std::make_shared<Store>();
  // The bytes of a 4D file are in memory too while it is read.
  const std::size_t memory = frames ? options.memory / 4 : options.memory;
  if (auto ok = out.store_->make(out.images_, out.places(), memory); !ok) return tl::unexpected(ok.error());
  if (frames) {
    if (auto ok = out.read_frames(files, task); !ok) return tl::unexpected(ok.error());
    return out;
  }
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> first_error;  // of the first image in order, whichever thread met it
  const bool whole = parallel_for(out.images_, options.threads, task, "reading images", [&](std::size_t i) {
    {
      const std::lock_guard lock(mutex);
      if (first_error && first_error->first < i) return;
    }
    auto values = values_of(files, i, out.grid_, out.voxels_);
    Result<void> done = values ? out.store_->write(i, *values) : tl::unexpected(values.error());
    if (done) return;
    const std::lock_guard lock(mutex);
    if (!first_error || i < first_error->first) first_error = {i, done.error()};
  });
  if (first_error) return tl::unexpected(first_error->second);
  if (!whole) return fail(Code::Cancelled, "stopped by the user");
  return out;
}

Stack Stack::of(image::Grid grid, std::vector<std::uint32_t> voxels, const Eigen::MatrixXf& values) {
  Stack out;
  out.grid_ = std::move(grid);
  out.voxels_ = std::move(voxels);
  out.images_ = static_cast<std::size_t>(values.cols());
  out.store_ = std::make_shared<Store>();
  out.store_->places = out.voxels_.size();
  out.store_->values.assign(values.data(), values.data() + values.size());
  return out;
}

Stack Stack::only(const std::vector<std::uint32_t>& places) const {
  Stack out = *this;
  out.voxels_.clear();
  out.stored_.clear();
  for (const std::uint32_t place : places) {
    out.voxels_.push_back(voxels_[place]);
    out.stored_.push_back(stored_.empty() ? place : stored_[place]);
  }
  return out;
}

Result<Eigen::MatrixXd> Stack::block(std::size_t first, std::size_t count) const {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(images_));
  if (count == 0) return out;
  // Where places were left out, all between the first and the last are read: they are few.
  const std::size_t low = stored_.empty() ? first : stored_[first];
  const std::size_t span = stored_.empty() ? count : stored_[first + count - 1] - low + 1;
  std::vector<float> room;
  for (std::size_t i = 0; i < images_; ++i) {
    const float* from = store_->read(i, low, span, room);
    if (from == nullptr)
      return fail(Code::Environment, "the temporary copy of the images cannot be read", "", "check the disk");
    double* to = out.col(static_cast<Eigen::Index>(i)).data();
    for (std::size_t k = 0; k < count; ++k)
      to[k] = static_cast<double>(from[stored_.empty() ? k : stored_[first + k] - low]);
  }
  return out;
}

}  // namespace ipsi::voxelwise
