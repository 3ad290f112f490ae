// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/lesion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "core/demo/smooth_noise.h"

namespace ipsi::demo {
namespace {

/// Where strokes lie, on the left, in template mm; `smallest` and `largest` in mL say which sizes occur there.
/// Chosen by hand from where these arteries' fields generally lie; plausible, not measured on patients.
struct Site {
  std::string_view name;
  std::array<float, 3> centre;
  std::array<float, 3> spread;   ///< mm, scatter of the centre between people
  std::array<float, 3> stretch;  ///< relative extent along x, y, z
  double smallest, largest;
  double weight;
};
constexpr std::array<Site, 7> kSites{{
    {"lenticulostriate", {-25, 0, 6}, {2, 5, 3}, {0.8F, 1.5F, 1.2F}, 0, 12, 3},
    {"striatocapsular", {-25, 4, 10}, {2, 3, 3}, {1.0F, 1.6F, 1.2F}, 6, 40, 3},
    {"corona radiata", {-26, -10, 25}, {2, 7, 3}, {0.8F, 1.5F, 1.0F}, 0, 8, 2},
    {"thalamic", {-13, -18, 7}, {2, 3, 2}, {1.0F, 1.2F, 1.0F}, 0, 5, 2},
    {"middle cerebral, cortical", {-46, -14, 22}, {3, 14, 8}, {1.0F, 1.4F, 1.3F}, 2, 90, 3},
    {"middle cerebral, deep and cortical", {-36, -4, 12}, {3, 5, 4}, {1.1F, 1.6F, 1.3F}, 15, 1e9, 3},
    {"posterior cerebral", {-14, -76, 2}, {3, 4, 3}, {0.9F, 1.4F, 1.1F}, 3, 60, 0.7},
}};

const Site& pick(double ml, const Stream& stream) {
  double total = 0;
  for (const Site& s : kSites) total += ml >= s.smallest && ml <= s.largest ? s.weight : 0.0;
  double left = stream.uniform(0) * total;
  const Site* last = &kSites[5];
  for (const Site& s : kSites) {
    if (ml < s.smallest || ml > s.largest) continue;
    last = &s;
    left -= s.weight;
    if (left < 0) break;
  }
  return *last;
}

/// Millimetres by which a place lies in a neighbour's territory.
float beyond_territory(const Site& site, float x, float y, float z) {
  const float from_midline = std::abs(x);
  if (site.name == "posterior cerebral") return std::max(0.0F, y + 45.0F) + std::max(0.0F, from_midline - 35.0F);
  return std::max(0.0F, 15.0F - from_midline) * (z > 12.0F ? 1.0F : 0.4F) +  // anterior cerebral
         std::max(0.0F, -68.0F - y) + std::max(0.0F, -28.0F - z);            // posterior cerebral
}

/// Tissue of one side that a stroke of these arteries can destroy.
bool vulnerable(int label, Side side) {
  static constexpr std::array kTissue{2, 3, 10, 11, 12, 13, 17, 18, 26, 41, 42, 49, 50, 51, 52, 53, 54, 58};
  if (std::ranges::find(kTissue, label) == kTissue.end()) return false;
  return (label <= 26) == (side == Side::left);
}

}  // namespace

Result<Lesion> make_lesion(const std::vector<std::int32_t>& aseg, const Pose& pose, const Warp& warp, Side side,
                           long long target, const Stream& stream) {
  if (target == 0) return Lesion{};
  const Site& site = pick(double(target) / 1000.0, stream);
  const float mirror = side == Side::left ? 1.0F : -1.0F;
  Point centre = Point::Zero();
  for (std::size_t a = 0; a < 3; ++a)
    centre[int(a)] = site.centre[a] + site.spread[a] * float(std::clamp(stream.normal(8 + a), -2.0, 2.0));
  centre[0] *= mirror;
  const double radius = std::cbrt(3.0 * double(target) / (4.0 * M_PI));
  const SmoothNoise coarse({-100, -140, -90}, {100, 110, 120}, std::max(5.0, 0.9 * radius), Stream(stream.bits(20)));
  const SmoothNoise middle({-100, -140, -90}, {100, 110, 120}, std::max(4.0, 0.35 * radius), Stream(stream.bits(22)));
  const SmoothNoise fine({-100, -140, -90}, {100, 110, 120}, 4.0, Stream(stream.bits(21)));
  const auto wave = float(0.22 * radius);
  const auto score = [&](const Point& p) {
    float d = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const float t = (p[int(a)] - centre[int(a)]) / site.stretch[a];
      d += t * t;
    }
    return std::sqrt(d) + wave * coarse.at(p[0], p[1], p[2]) + 0.4F * wave * middle.at(p[0], p[1], p[2]) +
           0.7F * fine.at(p[0], p[1], p[2]) + 2.0F * beyond_territory(site, p[0], p[1], p[2]);
  };

  std::uint32_t seed = 0;
  float nearest = std::numeric_limits<float>::infinity();
  for (int k = 0; k < pose.size[2]; ++k)
    for (int j = 0; j < pose.size[1]; ++j)
      for (int i = 0; i < pose.size[0]; ++i) {
        const auto at = std::uint32_t(pose.index(i, j, k));
        if (!vulnerable(aseg[at], side)) continue;
        const float d = (warp(pose.at(i, j, k)) - centre).head<3>().matrix().squaredNorm();
        if (d < nearest) {
          nearest = d;
          seed = at;
        }
      }
  const auto too_large = [&] {
    return fail(Code::InvalidInput,
                fmt::format("a lesion of {} mm^3 does not fit into the {} hemisphere", target, to_string(side)));
  };
  if (!std::isfinite(nearest)) return too_large();

  Lesion out{.voxels = {}, .site = std::string(site.name)};
  using Entry = std::pair<float, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::vector<bool> seen(aseg.size());
  queue.emplace(0.0F, seed);
  seen[seed] = true;
  const auto row = std::uint32_t(pose.size[0]);
  const auto slice = row * std::uint32_t(pose.size[1]);
  while (!queue.empty() && out.voxels.size() < std::size_t(target)) {
    const std::uint32_t at = queue.top().second;
    queue.pop();
    out.voxels.push_back(at);
    for (const std::uint32_t to : {at - 1, at + 1, at - row, at + row, at - slice, at + slice}) {
      if (to >= aseg.size() || seen[to] || !vulnerable(aseg[to], side)) continue;
      seen[to] = true;
      queue.emplace(score(warp(pose.at(int(to % row), int(to / row % std::uint32_t(pose.size[1])), int(to / slice)))),
                    to);
    }
  }
  if (out.voxels.size() < std::size_t(target)) return too_large();
  std::ranges::sort(out.voxels);
  return out;
}

}  // namespace ipsi::demo
