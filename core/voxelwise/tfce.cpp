// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/voxelwise/tfce.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace ipsi::voxelwise {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

// Heights are positive floats, whose bits sort like the numbers: three passes of 11 bits, highest first.
void sort_falling(std::vector<std::uint64_t>& keys, std::vector<std::uint64_t>& other) {
  constexpr int kBits = 11;
  constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  other.resize(keys.size());
  for (int pass = 0; pass < 3; ++pass) {
    const int shift = 32 + pass * kBits;
    std::array<std::size_t, kBuckets + 1> count{};
    const auto bucket = [&](std::uint64_t key) { return kBuckets - 1 - ((key >> shift) & (kBuckets - 1)); };
    for (const std::uint64_t key : keys) ++count[bucket(key) + 1];
    for (std::size_t b = 0; b < kBuckets; ++b) count[b + 1] += count[b];
    for (const std::uint64_t key : keys) other[count[bucket(key)]++] = key;
    keys.swap(other);
  }
}

}  // namespace

Adjacency grid_adjacency(const image::Grid& grid, const std::vector<std::uint32_t>& voxels, Neighbours neighbours) {
  std::vector<std::uint32_t> place(grid.voxels(), kNone);
  for (std::size_t i = 0; i < voxels.size(); ++i) place[voxels[i]] = static_cast<std::uint32_t>(i);
  Adjacency out;
  out.start.reserve(voxels.size() + 1);
  out.start.push_back(0);
  const auto nx = static_cast<std::uint32_t>(grid.size[0]), ny = static_cast<std::uint32_t>(grid.size[1]);
  for (const std::uint32_t voxel : voxels) {
    const int i = static_cast<int>(voxel % nx), j = static_cast<int>(voxel / nx % ny),
              k = static_cast<int>(voxel / nx / ny);
    for (int dk = -1; dk <= 1; ++dk)
      for (int dj = -1; dj <= 1; ++dj)
        for (int di = -1; di <= 1; ++di) {
          const int steps = std::abs(di) + std::abs(dj) + std::abs(dk);
          if (steps == 0 || (neighbours == Neighbours::faces && steps > 1)) continue;
          if (!grid.inside(i + di, j + dj, k + dk)) continue;
          const std::uint32_t to = place[grid.index(i + di, j + dj, k + dk)];
          if (to != kNone) out.to.push_back(to);
        }
    out.start.push_back(static_cast<std::uint32_t>(out.to.size()));
  }
  return out;
}

Result<Adjacency> mesh_adjacency(const image::Surface& surface, const std::vector<std::uint32_t>& vertices) {
  std::vector<std::uint32_t> place(surface.points.size(), kNone);
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    if (vertices[i] >= place.size())
      return fail(Code::InvalidInput,
                  fmt::format("vertex {} is not on the surface, which has {}", vertices[i], place.size()), "",
                  "name the surface that the values belong to");
    place[vertices[i]] = static_cast<std::uint32_t>(i);
  }
  std::vector<std::uint64_t> edges;  // from, to
  for (const auto& triangle : surface.triangles)
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) {
        const std::uint32_t from = place[triangle[a]], to = place[triangle[b]];
        if (a != b && from != kNone && to != kNone) edges.push_back(std::uint64_t{from} << 32 | to);
      }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  Adjacency out;
  out.start.assign(vertices.size() + 1, 0);
  for (const std::uint64_t edge : edges) {
    ++out.start[(edge >> 32) + 1];
    out.to.push_back(static_cast<std::uint32_t>(edge));
  }
  for (std::size_t i = 0; i < vertices.size(); ++i) out.start[i + 1] += out.start[i];
  return out;
}

Tfce::Tfce(const Adjacency& adjacency, TfceOptions options) : adjacency_(adjacency), options_(options) {
  const std::size_t n = adjacency.places();
  root_.resize(n);
  parent_.resize(n);
  size_.resize(n);
  members_.resize(n);
  lowest_.resize(n);
  integral_.resize(n);
  power_.resize(n + 1);
  for (std::size_t s = 0; s <= n; ++s)
    power_[s] = std::pow(static_cast<double>(s), options_.extent) / (options_.height + 1.0);
}

void Tfce::operator()(const float* values, float* out) {
  std::fill(out, out + adjacency_.places(), 0.0F);
  enhance(values, 1.0F, out);
  enhance(values, -1.0F, out);
}

void Tfce::enhance(const float* values, float sign, float* out) {
  const std::size_t n = adjacency_.places();
  order_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const float height = sign * values[i];
    if (height > 0.0F) order_.push_back(std::uint64_t{std::bit_cast<std::uint32_t>(height)} << 32 | i);
  }
  sort_falling(order_, other_);
  std::fill(root_.begin(), root_.end(), kNone);
  const auto find = [this](std::uint32_t i) {
    while (root_[i] != i) {
      root_[i] = root_[root_[i]];
      i = root_[i];
    }
    return i;
  };
  // From the highest down: a place becomes the root of the clusters that it touches. Sets are joined by size, so their
  // paths stay short whatever the order; `lowest_` of a set's root is the root of its tree.
  constexpr std::size_t kAhead = 12;  // the order is random in memory: ask for what comes soon
  for (std::size_t k = 0; k < order_.size(); ++k) {
    if (k + 2 * kAhead < order_.size())
      __builtin_prefetch(&adjacency_.start[static_cast<std::uint32_t>(order_[k + 2 * kAhead])]);
    if (k + kAhead < order_.size()) {
      const std::uint32_t* soon = &adjacency_.to[0] + adjacency_.start[static_cast<std::uint32_t>(order_[k + kAhead])];
      __builtin_prefetch(soon);
      __builtin_prefetch(soon + 16);
    }
    const auto i = static_cast<std::uint32_t>(order_[k]);
    std::uint32_t set = root_[i] = parent_[i] = i;
    members_[i] = 1;
    for (std::uint32_t e = adjacency_.start[i]; e < adjacency_.start[i + 1]; ++e) {
      const std::uint32_t near = adjacency_.to[e];
      if (root_[near] == kNone || root_[near] == set) continue;
      std::uint32_t other = find(near);
      if (other == set) continue;
      parent_[lowest_[other]] = i;
      if (members_[other] > members_[set]) std::swap(other, set);
      root_[other] = set;
      members_[set] += members_[other];
    }
    lowest_[set] = i;
    size_[i] = members_[set];
  }
  // From the lowest up: a cluster keeps its size from the place that made it down to the place that widened it.
  const bool square = options_.height == 2.0;
  const auto risen = [&](double h) { return square ? h * h * h : std::pow(h, options_.height + 1.0); };
  for (std::size_t k = order_.size(); k-- > 0;) {
    const auto i = static_cast<std::uint32_t>(order_[k]);
    const std::uint32_t below = parent_[i];
    const double top = risen(std::abs(static_cast<double>(values[i])));
    double sum = power_[size_[i]] * top;
    if (below != i)
      sum = integral_[below] + power_[size_[i]] * (top - risen(std::abs(static_cast<double>(values[below]))));
    integral_[i] = sum;
    out[i] = sign * static_cast<float>(sum);
  }
}

}  // namespace ipsi::voxelwise
