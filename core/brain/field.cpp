// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/field.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ipsi::brain {
namespace {

constexpr float kFar = 1e10F;

/// Lower envelope of the parabolas (q, f[q]) sampled at the integers; squared distances in, squared out.
class LineTransform {
 public:
  explicit LineTransform(int longest)
      : f_(std::size_t(longest)), centre_(std::size_t(longest)), edge_(std::size_t(longest) + 1) {}

  void run(float* line, std::size_t stride, int n) {
    for (int q = 0; q < n; ++q) f_[std::size_t(q)] = line[std::size_t(q) * stride];
    int k = 0;
    centre_[0] = 0;
    edge_[0] = -std::numeric_limits<double>::infinity();
    edge_[1] = std::numeric_limits<double>::infinity();
    for (int q = 1; q < n; ++q) {
      double s = crossing(q, centre_[std::size_t(k)]);
      while (s <= edge_[std::size_t(k)]) {
        --k;
        s = crossing(q, centre_[std::size_t(k)]);
      }
      ++k;
      centre_[std::size_t(k)] = q;
      edge_[std::size_t(k)] = s;
      edge_[std::size_t(k) + 1] = std::numeric_limits<double>::infinity();
    }
    k = 0;
    for (int q = 0; q < n; ++q) {
      while (edge_[std::size_t(k) + 1] < q) ++k;
      const int c = centre_[std::size_t(k)];
      line[std::size_t(q) * stride] = float((q - c) * (q - c)) + f_[std::size_t(c)];
    }
  }

 private:
  [[nodiscard]] double crossing(int q, int p) const {
    return ((double(f_[std::size_t(q)]) + double(q) * q) - (double(f_[std::size_t(p)]) + double(p) * p)) /
           (2.0 * (q - p));
  }
  std::vector<float> f_;
  std::vector<int> centre_;
  std::vector<double> edge_;
};

/// Calls `visit(start, stride, length)` for every line of the box along `axis`.
template <class Visit>
void for_lines(const std::array<int, 3>& size, int axis, Visit visit) {
  const std::array<std::size_t, 3> stride{1, std::size_t(size[0]), std::size_t(size[0]) * std::size_t(size[1])};
  const auto a = std::size_t(axis);
  const std::size_t b = (a + 1) % 3;
  const std::size_t c = (a + 2) % 3;
  for (int v = 0; v < size[c]; ++v)
    for (int u = 0; u < size[b]; ++u)
      visit(std::size_t(u) * stride[b] + std::size_t(v) * stride[c], stride[a], size[a]);
}

Field squared_distance(const Mask& mask, std::uint8_t wanted) {
  Field out(mask.size);
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = (mask.values[i] != 0) == (wanted != 0) ? 0 : kFar;
  LineTransform transform(std::max({mask.size[0], mask.size[1], mask.size[2]}));
  for (int axis = 0; axis < 3; ++axis)
    for_lines(mask.size, axis, [&](std::size_t start, std::size_t stride, int n) {
      transform.run(out.values.data() + start, stride, n);
    });
  return out;
}

constexpr std::array<std::array<int, 3>, 6> kFaces{
    {{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}}};

/// Voxels reached from `start` through faces where `open` holds; marks them in `seen`.
template <class Open>
std::vector<std::size_t> flood(const std::array<int, 3>& size, std::size_t start, Mask& seen, Open open) {
  std::vector<std::size_t> reached{start};
  seen.values[start] = 1;
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const std::size_t at = reached[next];
    const int i = int(at % std::size_t(size[0]));
    const int j = int(at / std::size_t(size[0]) % std::size_t(size[1]));
    const int k = int(at / std::size_t(size[0]) / std::size_t(size[1]));
    for (const auto& d : kFaces) {
      if (!seen.inside(i + d[0], j + d[1], k + d[2])) continue;
      const std::size_t to = seen.index(i + d[0], j + d[1], k + d[2]);
      if (seen.values[to] != 0 || !open(to)) continue;
      seen.values[to] = 1;
      reached.push_back(to);
    }
  }
  return reached;
}

std::vector<std::vector<std::size_t>> parts(const Mask& mask) {
  std::vector<std::vector<std::size_t>> out;
  Mask seen(mask.size);
  for (std::size_t i = 0; i < mask.values.size(); ++i)
    if (mask.values[i] != 0 && seen.values[i] == 0)
      out.push_back(flood(mask.size, i, seen, [&](std::size_t to) { return mask.values[to] != 0; }));
  return out;
}

}  // namespace

Field distance_to(const Mask& mask) {
  Field out = squared_distance(mask, 1);
  for (float& v : out.values) v = std::sqrt(v);
  return out;
}

Field signed_distance(const Mask& mask) {
  Field out = squared_distance(mask, 1);
  const Field in = squared_distance(mask, 0);
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] = mask.values[i] != 0 ? 0.5F - std::sqrt(in.values[i]) : std::sqrt(out.values[i]) - 0.5F;
  return out;
}

Field smooth(const Field& field, double sigma) {
  const int radius = int(std::ceil(3.0 * sigma));
  std::vector<float> kernel(std::size_t(2 * radius + 1));
  double sum = 0;
  for (int t = -radius; t <= radius; ++t) sum += std::exp(-0.5 * t * t / (sigma * sigma));
  for (int t = -radius; t <= radius; ++t)
    kernel[std::size_t(t + radius)] = float(std::exp(-0.5 * t * t / (sigma * sigma)) / sum);
  Field out = field;
  std::vector<float> line;
  for (int axis = 0; axis < 3; ++axis)
    for_lines(field.size, axis, [&](std::size_t start, std::size_t stride, int n) {
      line.resize(std::size_t(n + 2 * radius));
      for (int q = -radius; q < n + radius; ++q)
        line[std::size_t(q + radius)] = out.values[start + std::size_t(std::clamp(q, 0, n - 1)) * stride];
      for (int q = 0; q < n; ++q) {
        float v = 0;
        for (int t = 0; t <= 2 * radius; ++t) v += kernel[std::size_t(t)] * line[std::size_t(q + t)];
        out.values[start + std::size_t(q) * stride] = v;
      }
    });
  return out;
}

Mask smooth(const Mask& mask, double sigma) {
  Field soft(mask.size);
  for (std::size_t i = 0; i < soft.values.size(); ++i) soft.values[i] = mask.values[i] != 0 ? 1.0F : 0.0F;
  soft = smooth(soft, sigma);
  Mask out(mask.size);
  for (std::size_t i = 0; i < soft.values.size(); ++i) out.values[i] = soft.values[i] >= 0.5F;
  return out;
}

Mask large_parts(const Mask& mask, std::size_t least) {
  const auto all = parts(mask);
  Mask out(mask.size);
  const auto biggest = std::ranges::max_element(all, {}, [](const auto& p) { return p.size(); });
  for (auto it = all.begin(); it != all.end(); ++it)
    if (it == biggest || it->size() >= least)
      for (const std::size_t i : *it) out.values[i] = 1;
  return out;
}

Mask largest_part(const Mask& mask) {
  return large_parts(mask, mask.values.size() + 1);
}

Mask fill_holes(const Mask& mask) {
  Mask outside(mask.size);
  const auto [nx, ny, nz] = mask.size;
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const bool edge = i == 0 || j == 0 || k == 0 || i == nx - 1 || j == ny - 1 || k == nz - 1;
        const std::size_t at = mask.index(i, j, k);
        if (edge && mask.values[at] == 0 && outside.values[at] == 0)
          flood(mask.size, at, outside, [&](std::size_t to) { return mask.values[to] == 0; });
      }
  for (auto& v : outside.values) v = v == 0;
  return outside;
}

std::size_t count(const Mask& mask) {
  return std::size_t(std::ranges::count_if(mask.values, [](std::uint8_t v) { return v != 0; }));
}

}  // namespace ipsi::brain
