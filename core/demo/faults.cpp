// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/faults.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_set>
#include <utility>

#include "core/demo/smooth_noise.h"

namespace ipsi::demo {
namespace {

constexpr int kHypointense = 77;  // FreeSurfer's WM-hypointensities: what it calls dark tissue

int white_matter(Side side) {
  return side == Side::left ? 2 : 41;
}

struct Voxel {
  int i, j, k;
};
Voxel unpack(std::uint32_t at, const Pose& pose) {
  const auto nx = std::uint32_t(pose.size[0]);
  const auto ny = std::uint32_t(pose.size[1]);
  return {int(at % nx), int(at / nx % ny), int(at / (nx * ny))};
}

Eigen::Vector3d centre_of(const std::vector<std::uint32_t>& voxels, const Pose& pose) {
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  for (const std::uint32_t at : voxels) {
    const Voxel v = unpack(at, pose);
    sum += Eigen::Vector3d(v.i, v.j, v.k);
  }
  return sum / double(voxels.size());
}

Eigen::Vector3d direction(const Stream& stream) {
  const Eigen::Vector3d d(stream.normal(1), stream.normal(2), stream.normal(3));
  return d.norm() > 1e-6 ? Eigen::Vector3d(d.normalized()) : Eigen::Vector3d::UnitX();
}

/// Tissue a label may run into: none of the twelve, but part of the brain.
bool free_tissue(int label) {
  return label != 0 && region_of_label(label) == nullptr;
}

void leak(const Region& region, const std::vector<std::uint32_t>& voxels, const Pose& pose, const Stream& stream,
          std::vector<std::int32_t>& aseg) {
  const auto extra = std::size_t(double(voxels.size()) * (0.6 + 0.5 * stream.uniform(40)) + 1);
  const Eigen::Vector3d centre = centre_of(voxels, pose);
  const Eigen::Vector3d out_to = direction(stream);
  const SmoothNoise noise({0, 0, 0}, {double(pose.size[0]), double(pose.size[1]), double(pose.size[2])}, 6.0,
                          Stream(stream.bits(41)));
  const double radius = std::cbrt(double(voxels.size()));
  const auto score = [&](const Voxel& v) {
    const Eigen::Vector3d d = Eigen::Vector3d(v.i, v.j, v.k) - (centre + 0.9 * radius * out_to);
    return float(d.norm()) + 1.5F * noise.at(v.i, v.j, v.k);
  };
  using Entry = std::pair<float, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::unordered_set<std::uint32_t> seen(voxels.begin(), voxels.end());
  const auto row = std::uint32_t(pose.size[0]);
  const auto slice = row * std::uint32_t(pose.size[1]);
  const auto visit = [&](std::uint32_t at) {
    for (const std::uint32_t to : {at - 1, at + 1, at - row, at + row, at - slice, at + slice}) {
      if (to >= aseg.size() || !free_tissue(aseg[to]) || !seen.insert(to).second) continue;
      queue.emplace(score(unpack(to, pose)), to);
    }
  };
  for (const std::uint32_t at : voxels) visit(at);
  for (std::size_t n = 0; n < extra && !queue.empty(); ++n) {
    const std::uint32_t at = queue.top().second;
    queue.pop();
    aseg[at] = region.label;
    visit(at);
  }
}

void shift(const Region& region, const std::vector<std::uint32_t>& voxels, const Pose& pose, const Stream& stream,
           std::vector<std::int32_t>& aseg) {
  const double length = std::max(4.0, 0.4 * std::cbrt(double(voxels.size())));
  const Eigen::Vector3d by = length * direction(stream);
  std::vector<std::uint32_t> held;  // what a lesion left of it
  for (const std::uint32_t at : voxels)
    if (aseg[at] == region.label) held.push_back(at);
  for (const std::uint32_t at : held) aseg[at] = white_matter(region.side);
  for (const std::uint32_t at : held) {
    const Voxel v = unpack(at, pose);
    const int i = v.i + int(std::lround(by[0]));
    const int j = v.j + int(std::lround(by[1]));
    const int k = v.k + int(std::lround(by[2]));
    if (i < 0 || j < 0 || k < 0 || i >= pose.size[0] || j >= pose.size[1] || k >= pose.size[2]) continue;
    const std::size_t to = pose.index(i, j, k);
    if (free_tissue(aseg[to])) aseg[to] = region.label;
  }
}

void halve(const Region& region, const std::vector<std::uint32_t>& voxels, const Pose& pose, const Stream& stream,
           std::vector<std::int32_t>& aseg) {
  const Eigen::Vector3d normal = direction(stream);
  std::vector<std::pair<double, std::uint32_t>> along;
  along.reserve(voxels.size());
  for (const std::uint32_t at : voxels) {
    const Voxel v = unpack(at, pose);
    along.emplace_back(normal.dot(Eigen::Vector3d(v.i, v.j, v.k)), at);
  }
  std::ranges::sort(along);
  const auto lost = std::size_t(double(along.size()) * (0.35 + 0.25 * stream.uniform(42)));
  for (std::size_t n = 0; n < lost; ++n)
    if (aseg[along[n].second] == region.label) aseg[along[n].second] = white_matter(region.side);
}

}  // namespace

Fault break_region(Fault fault, const Region& region, const std::vector<std::uint32_t>& voxels, const Pose& pose,
                   const Stream& stream, std::vector<std::int32_t>& aseg) {
  if (fault == Fault::any) {
    constexpr std::array kAll{Fault::leak, Fault::shift, Fault::half};
    fault = kAll[stream.bits(50) % kAll.size()];
  }
  if (fault == Fault::leak) leak(region, voxels, pose, stream, aseg);
  if (fault == Fault::shift) shift(region, voxels, pose, stream, aseg);
  if (fault == Fault::half) halve(region, voxels, pose, stream, aseg);
  return fault;
}

void lose_to_lesion(const std::vector<std::uint32_t>& voxels, const std::vector<float>& depth, const Stream& stream,
                    std::vector<std::int32_t>& aseg) {
  std::vector<std::pair<float, std::uint32_t>> inside;
  for (std::size_t n = 0; n < voxels.size(); ++n)
    if (depth[n] > 0) inside.emplace_back(-depth[n], voxels[n]);
  if (double(inside.size()) < 0.05 * double(voxels.size())) return;
  std::ranges::sort(inside);
  const auto lost = std::size_t(double(inside.size()) * (0.35 + 0.55 * stream.uniform(60)));
  for (std::size_t n = 0; n < lost; ++n) aseg[inside[n].second] = kHypointense;
}

}  // namespace ipsi::demo
