// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/morphology.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ipsi::image {
namespace {

// ---- connected components: union-find over the voxels, two passes ------------------------------------------------

std::int32_t find_root(std::vector<std::int32_t>& parent, std::int32_t at) {
  while (parent[std::size_t(at)] != at) {
    parent[std::size_t(at)] = parent[std::size_t(parent[std::size_t(at)])];
    at = parent[std::size_t(at)];
  }
  return at;
}

/// Neighbours that come earlier in memory.
std::vector<std::array<int, 3>> earlier(Neighbours neighbours) {
  std::vector<std::array<int, 3>> out;
  for (int k = -1; k <= 0; ++k)
    for (int j = -1; j <= 1; ++j)
      for (int i = -1; i <= 1; ++i) {
        const bool before = k < 0 || (k == 0 && (j < 0 || (j == 0 && i < 0)));
        const bool face = std::abs(i) + std::abs(j) + std::abs(k) == 1;
        if (before && (face || neighbours == Neighbours::all26)) out.push_back({i, j, k});
      }
  return out;
}

/// Provisional numbers, from 1, and which of them belong together.
std::vector<std::int32_t> number_provisionally(const Labels& mask, Neighbours neighbours,
                                               std::vector<std::int32_t>& to) {
  const Grid& grid = mask.grid;
  const auto offsets = earlier(neighbours);
  std::vector<std::int32_t> parent{0};
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) {
        const std::size_t at = grid.index(i, j, k);
        if (mask.values[at] == 0) continue;
        std::int32_t mine = 0;
        for (const auto& d : offsets) {
          if (!grid.inside(i + d[0], j + d[1], k + d[2])) continue;
          const std::int32_t other = to[grid.index(i + d[0], j + d[1], k + d[2])];
          if (other == 0) continue;
          const std::int32_t root = find_root(parent, other);
          if (mine == 0) {
            mine = root;
          } else if (root != mine) {
            const auto [low, high] = std::minmax(root, mine);
            parent[std::size_t(high)] = low;
            mine = low;
          }
        }
        if (mine == 0) {
          mine = static_cast<std::int32_t>(parent.size());
          parent.push_back(mine);
        }
        to[at] = mine;
      }
  return parent;
}

// ---- distance: lower envelope of parabolas, one axis after the other -------------------------------------------

/// Work space of one line, so that nothing is allocated a line.
struct Envelope {
  std::vector<double> height, border;
  std::vector<int> where;
  explicit Envelope(std::size_t n) : height(n), border(n + 1), where(n) {}
};

/// Squared distances along a line of `n` values, `stride` apart, `step` mm apart: min over q of f(q) + step^2 (p -
/// q)^2.
void transform_line(double* line, int n, std::size_t stride, double step, Envelope& e) {
  const double weight = step * step;
  int count = 0;
  for (int q = 0; q < n; ++q) {
    const double f = line[std::size_t(q) * stride];
    if (std::isinf(f)) continue;
    double crossing = -std::numeric_limits<double>::infinity();
    while (count > 0) {
      const int p = e.where[std::size_t(count - 1)];
      crossing = ((f - e.height[std::size_t(count - 1)]) / weight + double(q) * q - double(p) * p) / (2.0 * (q - p));
      if (crossing > e.border[std::size_t(count - 1)]) break;
      --count;
      crossing = -std::numeric_limits<double>::infinity();
    }
    e.where[std::size_t(count)] = q;
    e.height[std::size_t(count)] = f;
    e.border[std::size_t(count)] = crossing;
    ++count;
  }
  if (count == 0) return;
  int piece = 0;
  for (int p = 0; p < n; ++p) {
    while (piece + 1 < count && e.border[std::size_t(piece + 1)] < p) ++piece;
    const double d = p - e.where[std::size_t(piece)];
    line[std::size_t(p) * stride] = e.height[std::size_t(piece)] + weight * d * d;
  }
}

/// Calls `work(first, stride, n)` for each line of voxels along `axis`.
template <class Work>
void each_line(const Grid& grid, int axis, const Work& work) {
  const std::array<std::size_t, 3> stride{1, std::size_t(grid.size[0]), std::size_t(grid.size[0]) * grid.size[1]};
  const int u = axis == 0 ? 1 : 0;
  const int v = axis == 2 ? 1 : 2;
  for (int b = 0; b < grid.size[v]; ++b)
    for (int a = 0; a < grid.size[u]; ++a)
      work(std::size_t(a) * stride[u] + std::size_t(b) * stride[v], stride[axis], grid.size[axis]);
}

// ---- smoothing -----------------------------------------------------------------------------------------------------

std::vector<float> gaussian_kernel(double sigma_voxels) {
  const int radius = std::max(1, static_cast<int>(std::ceil(4.0 * sigma_voxels)));
  std::vector<double> weights;
  for (int i = -radius; i <= radius; ++i) weights.push_back(std::exp(-0.5 * i * i / (sigma_voxels * sigma_voxels)));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<float> out;
  for (const double w : weights) out.push_back(static_cast<float>(w / sum));
  return out;
}

/// Convolve along the i axis: each line by itself.
void smooth_rows(std::vector<float>& values, const Grid& grid, const std::vector<float>& kernel) {
  const int radius = static_cast<int>(kernel.size() / 2);
  const int n = grid.size[0];
  std::vector<float> padded(std::size_t(n) + 2 * std::size_t(radius));
  for (std::size_t first = 0; first < values.size(); first += std::size_t(n)) {
    float* line = values.data() + first;
    std::fill_n(padded.begin(), radius, line[0]);
    std::copy_n(line, n, padded.begin() + radius);
    std::fill_n(padded.begin() + radius + n, radius, line[n - 1]);
    std::fill_n(line, n, 0.0F);
    for (std::size_t t = 0; t < kernel.size(); ++t) {
      const float w = kernel[t];
      const float* from = padded.data() + t;
      for (int i = 0; i < n; ++i) line[i] += w * from[i];
    }
  }
}

/// Convolve along j or k: whole rows at once, which keeps memory access in order.
void smooth_across(std::vector<float>& values, const Grid& grid, int axis, const std::vector<float>& kernel) {
  const int radius = static_cast<int>(kernel.size() / 2);
  const std::size_t n = std::size_t(grid.size[axis]);
  const std::size_t row = std::size_t(grid.size[0]);
  const std::size_t stride = axis == 1 ? row : row * std::size_t(grid.size[1]);
  const std::size_t other = axis == 1 ? row * std::size_t(grid.size[1]) : row;
  const std::size_t others = std::size_t(grid.size[axis == 1 ? 2 : 1]);
  std::vector<float> slab(n * row);
  for (std::size_t b = 0; b < others; ++b) {
    float* base = values.data() + b * other;
    for (std::size_t a = 0; a < n; ++a) std::copy_n(base + a * stride, row, slab.data() + a * row);
    for (std::size_t a = 0; a < n; ++a) {
      float* out = base + a * stride;
      std::fill_n(out, row, 0.0F);
      for (int t = -radius; t <= radius; ++t) {
        const auto source = static_cast<std::size_t>(std::clamp<long>(long(a) + t, 0L, long(n) - 1));
        const float w = kernel[std::size_t(t + radius)];
        const float* from = slab.data() + source * row;
        for (std::size_t i = 0; i < row; ++i) out[i] += w * from[i];
      }
    }
  }
}

template <class Wanted>
std::optional<Box> box_where(const Labels& labels, const Wanted& wanted) {
  const Grid& grid = labels.grid;
  Box box;
  box.low = grid.size;
  bool any = false;
  std::size_t at = 0;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i, ++at) {
        if (!wanted(labels.values[at])) continue;
        any = true;
        const std::array<int, 3> voxel{i, j, k};
        for (std::size_t axis = 0; axis < 3; ++axis) {
          box.low[axis] = std::min(box.low[axis], voxel[axis]);
          box.high[axis] = std::max(box.high[axis], voxel[axis]);
        }
      }
  if (!any) return std::nullopt;
  return box;
}

template <class Image>
Image crop_image(const Image& image, const Box& box) {
  Image out;
  out.stored = image.stored;
  out.grid.size = box.size();
  out.grid.affine = image.grid.affine;
  out.grid.affine.col(3).template head<3>() = image.grid.to_world(Eigen::Vector3d(box.low[0], box.low[1], box.low[2]));
  out.values.reserve(out.grid.voxels());
  for (int k = box.low[2]; k <= box.high[2]; ++k)
    for (int j = box.low[1]; j <= box.high[1]; ++j) {
      const auto* row = image.values.data() + image.grid.index(box.low[0], j, k);
      out.values.insert(out.values.end(), row, row + out.grid.size[0]);
    }
  return out;
}

}  // namespace

Components connected_components(const Labels& mask, Neighbours neighbours) {
  Components out;
  out.labels.grid = mask.grid;
  std::vector<std::int32_t>& numbers = out.labels.values;
  numbers.assign(mask.values.size(), 0);
  std::vector<std::int32_t> parent = number_provisionally(mask, neighbours, numbers);

  std::vector<long long> count(parent.size(), 0);
  for (std::size_t p = 1; p < parent.size(); ++p) parent[p] = find_root(parent, static_cast<std::int32_t>(p));
  for (std::int32_t& v : numbers) {
    if (v == 0) continue;
    v = parent[std::size_t(v)];
    ++count[std::size_t(v)];
  }
  // Roots are the smallest number of a piece, so among equals the one met first comes first.
  std::vector<std::int32_t> order;
  for (std::size_t p = 1; p < parent.size(); ++p)
    if (count[p] > 0) order.push_back(static_cast<std::int32_t>(p));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return count[std::size_t(a)] > count[std::size_t(b)]; });
  std::vector<std::int32_t> rank(parent.size(), 0);
  for (std::size_t r = 0; r < order.size(); ++r) {
    rank[std::size_t(order[r])] = static_cast<std::int32_t>(r + 1);
    out.voxels.push_back(count[std::size_t(order[r])]);
  }
  for (std::int32_t& v : numbers) v = rank[std::size_t(v)];
  return out;
}

Volume distance_mm(const Labels& mask) {
  const Grid& grid = mask.grid;
  std::vector<double> squares(mask.values.size());
  for (std::size_t i = 0; i < squares.size(); ++i)
    squares[i] = mask.values[i] != 0 ? 0.0 : std::numeric_limits<double>::infinity();
  const Eigen::Vector3d spacing = grid.spacing();
  Envelope envelope(std::size_t(std::max({grid.size[0], grid.size[1], grid.size[2], 1})));
  for (int axis = 0; axis < 3; ++axis)
    each_line(grid, axis, [&](std::size_t first, std::size_t stride, int n) {
      transform_line(squares.data() + first, n, stride, spacing[axis], envelope);
    });
  Volume out;
  out.grid = grid;
  out.values.resize(squares.size());
  for (std::size_t i = 0; i < squares.size(); ++i) out.values[i] = static_cast<float>(std::sqrt(squares[i]));
  return out;
}

Volume gaussian_smooth(const Volume& volume, double sigma_mm) {
  Volume out = volume;
  if (!(sigma_mm > 0.0) || volume.values.empty()) return out;
  out.stored = Stored::float32;
  const Eigen::Vector3d spacing = volume.grid.spacing();
  for (int axis = 0; axis < 3; ++axis) {
    const std::vector<float> kernel = gaussian_kernel(sigma_mm / spacing[axis]);
    if (axis == 0)
      smooth_rows(out.values, out.grid, kernel);
    else
      smooth_across(out.values, out.grid, axis, kernel);
  }
  return out;
}

std::optional<Box> bounding_box(const Labels& labels) {
  return box_where(labels, [](std::int32_t v) { return v != 0; });
}

std::optional<Box> bounding_box(const Labels& labels, int label) {
  return box_where(labels, [label](std::int32_t v) { return v == label; });
}

Box grown(const Box& box, int margin, const Grid& grid) {
  Box out = box;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    out.low[axis] = std::max(0, box.low[axis] - margin);
    out.high[axis] = std::min(grid.size[axis] - 1, box.high[axis] + margin);
  }
  return out;
}

Volume crop(const Volume& volume, const Box& box) {
  return crop_image(volume, box);
}
Labels crop(const Labels& labels, const Box& box) {
  return crop_image(labels, box);
}

}  // namespace ipsi::image
