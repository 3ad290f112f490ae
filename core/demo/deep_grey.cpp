// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/deep_grey.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <queue>
#include <unordered_map>
#include <utility>

#include "core/base/regions.h"
#include "core/brain/field.h"

namespace ipsi::demo {
namespace {

using Twelve = RegionDistances::Twelve;

constexpr double kMarginMm = 14.0;     // room round the regions: they may grow, and the warp must fade
constexpr float kCandidateMm = 11.0F;  // voxels nearer than this to a region may become part of it
constexpr int kMostSteps = 30;
constexpr float kCloseEnoughMm = 0.08F;
constexpr float kLongestStepMm = 1.0F;
constexpr float kSteepest = 0.3F;  // change of a step between neighbouring nodes, mm per mm: keeps it one-to-one

struct Candidate {
  std::uint32_t voxel;
  Point place;  ///< in template mm, before the warp
  Twelve distance;
};

/// Every voxel near a region, in ascending order.
std::vector<Candidate> candidates_of(const RegionDistances& distances, const Pose& pose, const Warp& warp) {
  std::vector<Candidate> out;
  const auto [nx, ny, nz] = pose.size;
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const Point y = pose.at(i, j, k);
        bool in = true;
        for (std::size_t a = 0; a < 3; ++a)
          in = in && y[int(a)] > distances.low()[a] && y[int(a)] < distances.high()[a];
        if (!in) continue;
        const Twelve d = distances.at(warp(y));
        if (d.minCoeff() <= kCandidateMm) out.push_back({std::uint32_t(pose.index(i, j, k)), y, d});
      }
  return out;
}

std::size_t nearest(const Twelve& distance, const Twelve& level) {
  Eigen::Index r = 0;
  (distance - level).minCoeff(&r);
  return std::size_t(r);
}

/// For each region the distance below which it holds its target, within the voxels that are nearest to it.
/// Levels and cells depend on each other: a few rounds settle them.
Twelve levels_of(const std::vector<Candidate>& candidates, const std::array<long long, 12>& targets, Twelve level,
                 int rounds) {
  std::array<std::vector<float>, 12> cell;
  for (int round = 0; round < rounds; ++round) {
    for (auto& c : cell) c.clear();
    for (const Candidate& c : candidates) {
      const std::size_t r = nearest(c.distance, level);
      cell[r].push_back(c.distance[Eigen::Index(r)]);
    }
    for (std::size_t r = 0; r < 12; ++r) {
      if (cell[r].empty()) continue;
      const auto n = std::min(std::size_t(targets[r]), cell[r].size());
      const auto nth = cell[r].begin() + std::ptrdiff_t(n) - 1;
      std::nth_element(cell[r].begin(), nth, cell[r].end());
      level[Eigen::Index(r)] = *nth;
    }
  }
  return level;
}

/// How much the border of a region at this distance pulls along: all at the border, less inside (the middle must stay)
/// and outside (what is far must stay).
float pull(float distance) {
  if (distance < 0) return std::max(0.0F, 1.0F + distance / 5.0F);
  return std::exp(-distance * distance / 49.0F);
}

/// One small step of the deformation that moves each border outwards by about `level`.
std::vector<Point> step_towards(const RegionDistances& distances, const Warp& warp, const Warp::Nodes& nodes,
                                const Twelve& level) {
  const std::array<int, 3> n{nodes.extent(0), nodes.extent(1), nodes.extent(2)};
  const std::array<std::size_t, 3> stride{1, std::size_t(n[0]), std::size_t(n[0]) * std::size_t(n[1])};
  std::vector<Twelve> d(nodes.count());
  std::size_t at = 0;
  for (int k = nodes.low[2]; k <= nodes.high[2]; ++k)
    for (int j = nodes.low[1]; j <= nodes.high[1]; ++j)
      for (int i = nodes.low[0]; i <= nodes.high[0]; ++i) d[at++] = distances.at(warp(warp.node(i, j, k)));
  const Twelve wanted = level.max(-kLongestStepMm).min(kLongestStepMm);
  std::vector<Point> v(nodes.count(), Point::Zero());
  for (int k = 1; k + 1 < n[2]; ++k)
    for (int j = 1; j + 1 < n[1]; ++j)
      for (int i = 1; i + 1 < n[0]; ++i) {
        at = std::size_t(i) + stride[1] * std::size_t(j) + stride[2] * std::size_t(k);
        Point sum = Point::Zero();
        float weights = 1e-3F;
        for (int r = 0; r < 12; ++r) {
          const float w = pull(d[at][r]);
          if (w < 0.02F) continue;
          Point slope = Point::Zero();
          for (std::size_t a = 0; a < 3; ++a)
            slope[int(a)] = (d[at + stride[a]][r] - d[at - stride[a]][r]) / (2.0F * Warp::kStep);
          sum -= w * w * w * wanted[r] * slope / std::max(0.5F, slope.matrix().norm());
          weights += w * w;
        }
        v[at] = sum / weights;
      }
  return v;
}

/// Binomial smoothing of a step, zero kept at the edge, and its length cut where it is too steep to be one-to-one.
void tame(std::vector<Point>& v, const std::array<int, 3>& n) {
  const std::array<std::size_t, 3> stride{1, std::size_t(n[0]), std::size_t(n[0]) * std::size_t(n[1])};
  float steepest = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    std::vector<Point> out(v.size(), Point::Zero());
    for (int k = 1; k + 1 < n[2]; ++k)
      for (int j = 1; j + 1 < n[1]; ++j)
        for (int i = 1; i + 1 < n[0]; ++i) {
          const std::size_t at = std::size_t(i) + stride[1] * std::size_t(j) + stride[2] * std::size_t(k);
          out[at] = 0.25F * v[at - stride[a]] + 0.5F * v[at] + 0.25F * v[at + stride[a]];
        }
    v = std::move(out);
  }
  for (int k = 0; k + 1 < n[2]; ++k)
    for (int j = 0; j + 1 < n[1]; ++j)
      for (int i = 0; i + 1 < n[0]; ++i) {
        const std::size_t at = std::size_t(i) + stride[1] * std::size_t(j) + stride[2] * std::size_t(k);
        for (const std::size_t s : stride)
          steepest = std::max(steepest, (v[at + s] - v[at]).abs().maxCoeff() / Warp::kStep);
      }
  if (steepest > kSteepest)
    for (Point& p : v) p *= kSteepest / steepest;
}

/// Takes the `target` deepest voxels of a cell that hang together, from the deepest outwards.
std::vector<std::uint32_t> grow(const std::vector<std::pair<std::uint32_t, float>>& cell, std::size_t target,
                                const std::array<int, 3>& size) {
  std::unordered_map<std::uint32_t, float> open(cell.begin(), cell.end());
  using Entry = std::pair<float, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::vector<std::uint32_t> out;
  if (cell.empty()) return out;
  const auto deepest = std::ranges::min_element(cell, {}, [](const auto& c) { return std::pair(c.second, c.first); });
  queue.emplace(deepest->second, deepest->first);
  open.erase(deepest->first);
  const auto row = std::int64_t(size[0]);
  const std::int64_t slice = row * size[1];
  while (!queue.empty() && out.size() < target) {
    const std::uint32_t voxel = queue.top().second;
    queue.pop();
    out.push_back(voxel);
    for (int dk = -1; dk <= 1; ++dk)
      for (int dj = -1; dj <= 1; ++dj)
        for (int di = -1; di <= 1; ++di) {
          const auto to = open.find(std::uint32_t(std::int64_t(voxel) + di + dj * row + dk * slice));
          if (to == open.end()) continue;
          queue.emplace(to->second, to->first);
          open.erase(to);
        }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<RegionDistances> RegionDistances::create(const image::Labels& regions) {
  const image::Grid& grid = regions.grid;
  if (grid.orientation() != "RAS" || (grid.spacing().array() - 1.0).abs().maxCoeff() > 1e-3)
    return fail(Code::InvalidInput, "the template must be stored RAS+ with voxels of 1 mm");
  std::array<int, 3> low = grid.size;
  std::array<int, 3> high{-1, -1, -1};
  RegionDistances out;
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) {
        const Region* region = region_of_label(regions.at(i, j, k));
        if (region == nullptr) continue;
        ++out.voxels_[std::size_t(region - kRegions.data())];
        const std::array<int, 3> at{i, j, k};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], at[a]);
          high[a] = std::max(high[a], at[a]);
        }
      }
  for (std::size_t r = 0; r < 12; ++r)
    if (out.voxels_[r] == 0)
      return fail(Code::InvalidInput, fmt::format("{} is not in the template's label map", kRegions[r].title));
  for (std::size_t a = 0; a < 3; ++a) {
    low[a] = std::max(0, low[a] - int(kMarginMm));
    high[a] = std::min(grid.size[a] - 1, high[a] + int(kMarginMm));
    out.size_[a] = high[a] - low[a] + 1;
    out.low_[a] = low[a] + grid.affine(int(a), 3);
    out.high_[a] = high[a] + grid.affine(int(a), 3);
  }
  brain::Mask mask(out.size_);
  out.values_.resize(mask.values.size());
  for (std::size_t r = 0; r < 12; ++r) {
    for (int k = 0; k < out.size_[2]; ++k)
      for (int j = 0; j < out.size_[1]; ++j)
        for (int i = 0; i < out.size_[0]; ++i)
          mask.at(i, j, k) = regions.at(i + low[0], j + low[1], k + low[2]) == kRegions[r].label ? 1 : 0;
    const brain::Field d = brain::smooth(brain::signed_distance(mask), 0.6);
    for (std::size_t i = 0; i < d.values.size(); ++i) out.values_[i][Eigen::Index(r)] = d.values[i];
  }
  return out;
}

RegionDistances::Twelve RegionDistances::at(const Point& p) const {
  std::array<int, 3> cell;
  std::array<float, 3> f;
  float beyond = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    const float t = p[int(a)] - float(low_[a]);
    const float x = std::clamp(t, 0.0F, float(size_[a] - 1));
    beyond += std::abs(t - x);
    cell[a] = std::min(int(x), size_[a] - 2);
    f[a] = x - float(cell[a]);
  }
  const std::size_t row = std::size_t(size_[0]);
  const std::size_t slice = row * std::size_t(size_[1]);
  const Twelve* q = values_.data() + std::size_t(cell[0]) + row * std::size_t(cell[1]) + slice * std::size_t(cell[2]);
  const Twelve near = (1 - f[1]) * (q[0] + f[0] * (q[1] - q[0])) + f[1] * (q[row] + f[0] * (q[row + 1] - q[row]));
  const Twelve far = (1 - f[1]) * (q[slice] + f[0] * (q[slice + 1] - q[slice])) +
                     f[1] * (q[slice + row] + f[0] * (q[slice + row + 1] - q[slice + row]));
  return near + f[2] * (far - near) + beyond;
}

Result<RegionVoxels> fit_volumes(const RegionDistances& distances, const Pose& pose,
                                 const std::array<long long, 12>& targets, Warp& warp) {
  RegionVoxels out;
  const Warp::Nodes nodes = warp.nodes_in(distances.low(), distances.high());
  auto candidates = candidates_of(distances, pose, warp);
  Twelve level = levels_of(candidates, targets, Twelve::Zero(), 3);
  for (; out.steps < kMostSteps && level.abs().maxCoeff() > kCloseEnoughMm; ++out.steps) {
    auto v = step_towards(distances, warp, nodes, level);
    tame(v, {nodes.extent(0), nodes.extent(1), nodes.extent(2)});
    warp.step_before(nodes, v);
    for (Candidate& c : candidates) c.distance = distances.at(warp(c.place));
    level = levels_of(candidates, targets, level, 1);
  }
  level = levels_of(candidates, targets, level, 3);
  std::array<std::vector<std::pair<std::uint32_t, float>>, 12> cells;
  for (const Candidate& c : candidates) {
    const std::size_t r = nearest(c.distance, level);
    cells[r].emplace_back(c.voxel, c.distance[Eigen::Index(r)]);
  }
  for (std::size_t r = 0; r < 12; ++r) {
    out.voxels[r] = grow(cells[r], std::size_t(targets[r]), pose.size);
    out.residual_mm[r] = level[Eigen::Index(r)];
    if (out.voxels[r].size() != std::size_t(targets[r]))
      return fail(Code::InvalidInput,
                  fmt::format("{} cannot be made {} mm^3 in this head", kRegions[r].title, targets[r]), {},
                  "ask for a volume nearer to the usual ones");
  }
  return out;
}

}  // namespace ipsi::demo
