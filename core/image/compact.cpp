// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/compact.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <unordered_map>

#include "core/image/io.h"
#include "core/image/raw.h"

namespace ipsi::image {
namespace fs = std::filesystem;
namespace {

tl::unexpected<Error> stopped() {
  return fail(Code::Cancelled, "stopped by the user");
}

/// A box of a stored grid as a RAS+ grid: where output voxel (0, 0, 0) lies in the input, and the strides.
struct RasOrder {
  Grid grid;
  std::ptrdiff_t start = 0;
  std::array<std::ptrdiff_t, 3> stride{};
};

RasOrder ras_order(const Grid& in, const std::array<int, 3>& low, const std::array<int, 3>& high) {
  RasOrder out;
  const std::array<std::ptrdiff_t, 3> in_stride{1, in.size[0], std::ptrdiff_t(in.size[0]) * in.size[1]};
  const std::array<int, 3> axes = in.world_axes();
  out.grid.affine = in.affine;
  Eigen::Vector3d first(low[0], low[1], low[2]);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto world = static_cast<std::size_t>(axes[i]);
    const bool flip = in.affine(axes[i], static_cast<int>(i)) < 0.0;
    if (flip) first[static_cast<int>(i)] = high[i];
    out.grid.size[world] = high[i] - low[i] + 1;
    out.grid.affine.col(axes[i]) = in.affine.col(static_cast<int>(i)) * (flip ? -1.0 : 1.0);
    out.stride[world] = flip ? -in_stride[i] : in_stride[i];
    out.start += in_stride[i] * (flip ? high[i] : low[i]);
  }
  out.grid.affine.col(3).head<3>() = in.to_world(first);
  return out;
}

/// Values in RAS+ order. Where the input does not run along x, tiles keep both sides in the cache.
template <class T, class Load>
std::vector<T> reorder(const RasOrder& order, const Load& load) {
  const std::array<int, 3>& n = order.grid.size;
  std::vector<T> out = roomy<T>(order.grid.voxels());
  out.resize(order.grid.voxels());
  const auto at = [&](int i, int j, int k) {
    return static_cast<std::size_t>(order.start + i * order.stride[0] + j * order.stride[1] + k * order.stride[2]);
  };
  if (std::abs(order.stride[0]) == 1) {
    T* to = out.data();
    for (int k = 0; k < n[2]; ++k)
      for (int j = 0; j < n[1]; ++j) {
        const std::size_t from = at(0, j, k);
        if (order.stride[0] == 1)
          for (int i = 0; i < n[0]; ++i) *to++ = static_cast<T>(load(from + static_cast<std::size_t>(i)));
        else
          for (int i = 0; i < n[0]; ++i) *to++ = static_cast<T>(load(from - static_cast<std::size_t>(i)));
      }
    return out;
  }
  const bool along_y = std::abs(order.stride[1]) == 1;  // the output axis along which the input is contiguous
  const int fast = along_y ? n[1] : n[2], slow = along_y ? n[2] : n[1];
  constexpr int kTile = 32;
  for (int s = 0; s < slow; ++s)
    for (int f0 = 0; f0 < fast; f0 += kTile)
      for (int i0 = 0; i0 < n[0]; i0 += kTile)
        for (int f = f0; f < std::min(fast, f0 + kTile); ++f) {
          const int j = along_y ? f : s, k = along_y ? s : f;
          T* to = out.data() + order.grid.index(0, j, k);
          for (int i = i0; i < std::min(n[0], i0 + kTile); ++i) to[i] = static_cast<T>(load(at(i, j, k)));
        }
  return out;
}

template <class T>
T value_at(const char* voxels, std::size_t i, bool swap) {
  T v;
  std::memcpy(&v, voxels + i * sizeof(T), sizeof(T));
  if constexpr (sizeof(T) == 2)
    if (swap) v = std::bit_cast<T>(__builtin_bswap16(std::bit_cast<std::uint16_t>(v)));
  if constexpr (sizeof(T) == 4)
    if (swap) v = std::bit_cast<T>(__builtin_bswap32(std::bit_cast<std::uint32_t>(v)));
  return v;
}

template <class T>
void set_range(CompactVolume& out, const std::vector<T>& values) {
  if constexpr (std::is_same_v<T, float>) {
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (const float v : values)
      if (std::isfinite(v)) {
        low = std::min(low, v);
        high = std::max(high, v);
      }
    out.low = low <= high ? low : 0.0;
    out.high = low <= high ? high : 0.0;
  } else {
    T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
    for (const T v : values) {  // two comparisons without a branch: vectorised
      low = std::min(low, v);
      high = std::max(high, v);
    }
    out.low = values.empty() ? 0.0 : low;
    out.high = values.empty() ? 0.0 : high;
  }
}

RasOrder whole(const Grid& stored) {
  return ras_order(stored, {0, 0, 0}, {stored.size[0] - 1, stored.size[1] - 1, stored.size[2] - 1});
}

/// Floats that are whole numbers of 8 or 16 bits are stored as such.
CompactVolume from_floats(const Grid& stored, const std::vector<float>& values) {
  CompactVolume out;
  const RasOrder order = whole(stored);
  out.stored = stored;
  out.grid = order.grid;
  const auto fits = [&](float low, float high) {
    return std::all_of(values.begin(), values.end(),
                       [&](float v) { return v >= low && v <= high && v == std::trunc(v); });
  };
  const auto load = [&](std::size_t i) { return values[i]; };
  if (fits(0.0F, 255.0F))
    out.values = reorder<std::uint8_t>(order, load);
  else if (fits(-32768.0F, 32767.0F))
    out.values = reorder<std::int16_t>(order, load);
  else
    out.values = reorder<float>(order, load);
  std::visit([&](const auto& v) { set_range(out, v); }, out.values);
  return out;
}

/// Box of the voxels that are not 0; `row_is_clear(row)` may be much faster than looking at each.
template <class Load, class Clear>
bool find_box(const Grid& grid, const Load& load, const Clear& row_is_clear, std::array<int, 3>& low,
              std::array<int, 3>& high) {
  low = grid.size;
  high = {-1, -1, -1};
  const auto width = static_cast<std::size_t>(grid.size[0]);
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j) {
      const std::size_t row = grid.index(0, j, k);
      if (row_is_clear(row, width)) continue;
      int first = 0, last = grid.size[0] - 1;
      while (load(row + static_cast<std::size_t>(first)) == 0) ++first;
      while (load(row + static_cast<std::size_t>(last)) == 0) --last;
      low = {std::min(low[0], first), std::min(low[1], j), std::min(low[2], k)};
      high = {std::max(high[0], last), std::max(high[1], j), k};
    }
  return high[2] >= 0;
}

/// Numbers labels in order of appearance.
class Numbering {
 public:
  std::uint16_t of(std::int32_t label) {
    if (label == last_) return last_number_;
    last_ = label;
    const auto [at, fresh] = numbers_.try_emplace(label, static_cast<std::uint32_t>(labels.size()));
    if (fresh) labels.push_back(label);
    return last_number_ = static_cast<std::uint16_t>(at->second);
  }
  [[nodiscard]] bool overflown() const { return labels.size() > 65536; }
  std::vector<std::int32_t> labels{0};

 private:
  std::unordered_map<std::int32_t, std::uint32_t> numbers_{{0, 0}};
  std::int32_t last_ = 0;
  std::uint16_t last_number_ = 0;
};

template <class Load, class Clear>
Result<CompactLabels> from_labels(const Grid& stored, const Load& load, const Clear& row_is_clear) {
  CompactLabels out;
  out.stored = stored;
  out.labels = {0};
  out.grid.affine = whole(stored).grid.affine;
  std::array<int, 3> low{}, high{};
  if (!find_box(stored, load, row_is_clear, low, high)) return out;
  const RasOrder order = ras_order(stored, low, high);
  out.grid = order.grid;
  Numbering numbers;
  out.values = reorder<std::uint16_t>(order, [&](std::size_t i) { return numbers.of(load(i)); });
  if (numbers.overflown())
    return fail(Code::InvalidInput,
                fmt::format("the image holds {} different values: not a segmentation", numbers.labels.size()), "",
                "name a label image such as aseg.mgz");
  out.labels = std::move(numbers.labels);
  return out;
}

/// True where all bytes are 0, eight at a time.
bool all_clear(const char* bytes, std::size_t n) {
  std::uint64_t any = 0;
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, bytes + i, 8);
    any |= eight;
  }
  for (; i < n; ++i) any |= static_cast<unsigned char>(bytes[i]);
  return any == 0;
}

template <class T>
Result<CompactLabels> labels_of(const Raw& raw) {
  const char* voxels = raw.voxels();
  const bool swap = raw.header.swap;
  return from_labels(
      raw.header.info.grid, [=](std::size_t i) { return std::int32_t{value_at<T>(voxels, i, swap)}; },
      [=](std::size_t row, std::size_t n) { return all_clear(voxels + row * sizeof(T), n * sizeof(T)); });
}

Result<CompactLabels> labels_of(const Raw& raw, const fs::path& path) {
  if (!raw.header.scaled()) switch (raw.header.info.stored) {
      case Stored::uint8: return labels_of<std::uint8_t>(raw);
      case Stored::int16: return labels_of<std::int16_t>(raw);
      case Stored::uint16: return labels_of<std::uint16_t>(raw);
      case Stored::int32: return labels_of<std::int32_t>(raw);
      default: break;
    }
  auto values = decode_labels(raw);
  if (!values) return wrap(values.error(), path.string());
  Labels labels;
  labels.grid = raw.header.info.grid;
  labels.values = std::move(*values);
  return compact(labels);
}

template <class T>
CompactVolume volume_of(const Raw& raw) {
  CompactVolume out;
  const RasOrder order = whole(raw.header.info.grid);
  out.stored = raw.header.info.grid;
  out.grid = order.grid;
  const char* voxels = raw.voxels();
  std::vector<T> values = raw.header.swap
                              ? reorder<T>(order, [=](std::size_t i) { return value_at<T>(voxels, i, true); })
                              : reorder<T>(order, [=](std::size_t i) { return value_at<T>(voxels, i, false); });
  set_range(out, values);
  out.values = std::move(values);
  return out;
}

}  // namespace

double CompactVolume::at(int i, int j, int k) const {
  return std::visit([&](const auto& v) { return static_cast<double>(v[grid.index(i, j, k)]); }, values);
}

std::size_t CompactVolume::bytes() const {
  return std::visit([](const auto& v) { return v.capacity() * sizeof(v[0]); }, values);
}

Result<CompactVolume> compact(const Volume& volume) {
  if (volume.values.size() != volume.grid.voxels() || volume.values.empty())
    return fail(Code::InvalidInput,
                fmt::format("{} values for a grid of {} voxels", volume.values.size(), volume.grid.voxels()));
  return from_floats(volume.grid, volume.values);
}

Result<CompactLabels> compact(const Labels& labels) {
  if (labels.values.size() != labels.grid.voxels())
    return fail(Code::InvalidInput,
                fmt::format("{} values for a grid of {} voxels", labels.values.size(), labels.grid.voxels()));
  const std::int32_t* values = labels.values.data();
  return from_labels(
      labels.grid, [=](std::size_t i) { return values[i]; },
      [=](std::size_t row, std::size_t n) { return all_clear(reinterpret_cast<const char*>(values + row), 4 * n); });
}

Result<CompactVolume> read_compact_volume(const fs::path& path, const Task& task) {
  if (task.cancelled()) return stopped();
  auto raw = read_raw(path);
  if (!raw) return tl::unexpected<Error>(raw.error());
  if (task.cancelled()) return stopped();
  const Header& header = raw->header;
  if (!header.scaled() && header.info.stored == Stored::uint8) return volume_of<std::uint8_t>(*raw);
  if (!header.scaled() && header.info.stored == Stored::int16) return volume_of<std::int16_t>(*raw);
  const std::vector<float> values = decode_floats(*raw);
  const Grid stored = header.info.grid;
  raw = fail(Code::Cancelled, "");  // its memory is not needed any more
  if (task.cancelled()) return stopped();
  return from_floats(stored, values);
}

Result<CompactLabels> read_compact_labels(const fs::path& path, const Task& task) {
  if (task.cancelled()) return stopped();
  auto raw = read_raw(path);
  if (!raw) return tl::unexpected<Error>(raw.error());
  if (task.cancelled()) return stopped();
  return labels_of(*raw, path);
}

Result<CompactLabels> read_compact_mask(const fs::path& path, const Task& task) {
  if (task.cancelled()) return stopped();
  {
    auto raw = read_raw(path);
    if (!raw) return tl::unexpected<Error>(raw.error());
    if (task.cancelled()) return stopped();
    const Header& header = raw->header;
    if (header.info.stored == Stored::uint8 && !header.scaled()) {
      auto labels = labels_of<std::uint8_t>(*raw);
      if (labels && labels->labels.size() == 1) return labels;
      // One value besides 0 is a plain mask; anything else is for the full rules of read_mask.
      if (labels && labels->labels.size() == 2) {
        labels->labels[1] = 1;
        return labels;
      }
    }
  }
  if (task.cancelled()) return stopped();
  auto mask = read_mask(path);
  if (!mask) return tl::unexpected<Error>(mask.error());
  return compact(*mask);
}

}  // namespace ipsi::image
