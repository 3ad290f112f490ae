// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/tissue.h"

#include <algorithm>
#include <array>

#include "core/brain/field.h"

namespace ipsi::brain {
namespace {

constexpr float kCsfBelow = 64.0F;
constexpr float kGreyBelow = 100.0F;

// Numbers of AAL and JHU-189; the latter by position, as the package has no names file for it.
constexpr std::array kJhuCerebellum{95, 96, 105, 106, 109, 110};
constexpr std::array kJhuBrainstem{97, 98, 99, 100, 101, 102, 103, 104, 107, 108, 111, 112, 113, 114, 115, 116};
constexpr int kJhuThirdAndFourth = 181;
constexpr std::array kJhuInferiorHorn{175, 180};
constexpr int kFloorOfThirdMm = -18;

bool cerebellar(int jhu) {
  return std::ranges::find(kJhuCerebellum, jhu) != kJhuCerebellum.end();
}
bool brainstem(int jhu) {
  return std::ranges::find(kJhuBrainstem, jhu) != kJhuBrainstem.end();
}
bool cortical(int aal) {
  return aal >= 1 && aal <= 90 && !(aal >= 71 && aal <= 78);
}

template <class Keep>
Field distances(const image::Grid& grid, Keep keep) {
  Mask mask({grid.size[0], grid.size[1], grid.size[2]});
  for (std::size_t i = 0; i < mask.values.size(); ++i) mask.values[i] = keep(i) ? 1 : 0;
  return distance_to(mask);
}

struct Place {
  bool left;
  float z_mm;
  int aal, jhu;
  float value;
  float to_cerebellum, to_brainstem, to_cerebrum, to_cortex;
};

int label_of(const Place& p) {
  const bool fluid = p.value < kCsfBelow;
  const auto sided = [&](int left, int right) { return p.left ? left : right; };
  if (fluid && p.jhu == kJhuThirdAndFourth) return p.z_mm >= kFloorOfThirdMm ? 14 : 15;
  if (fluid && p.jhu == kJhuInferiorHorn[0]) return 5;
  if (fluid && p.jhu == kJhuInferiorHorn[1]) return 44;
  if (fluid) return 24;
  const bool grey = p.value < kGreyBelow;
  if (p.to_brainstem <= p.to_cerebrum && p.to_brainstem < p.to_cerebellum) return 16;
  if (p.to_cerebellum < p.to_cerebrum) return grey ? sided(8, 47) : sided(7, 46);
  if (p.aal == 37 || p.aal == 38) return grey ? sided(17, 53) : sided(2, 41);
  if (p.aal == 41 || p.aal == 42) return grey ? sided(18, 54) : sided(2, 41);
  // Grey values far from the cortex are partial volume and small nuclei: white matter, as aseg has no better class.
  return grey && p.to_cortex <= 2.5F ? sided(3, 42) : sided(2, 41);
}

}  // namespace

Result<image::Labels> fit_tissue(const FitSources& sources, const image::Volume& brain, const image::Labels& regions) {
  const image::Grid& grid = sources.head.grid;
  for (const image::Grid* other : {&sources.aal.grid, &sources.jhu.grid, &brain.grid, &regions.grid})
    if (!grid.same_as(*other)) return fail(Code::InvalidInput, "the sources of the atlas must share one grid");
  const auto& aal = sources.aal.values;
  const auto& jhu = sources.jhu.values;
  const Field cerebellum = distances(grid, [&](std::size_t i) { return cerebellar(jhu[i]); });
  const Field stem = distances(grid, [&](std::size_t i) { return brainstem(jhu[i]); });
  const Field cerebrum = distances(grid, [&](std::size_t i) {
    return jhu[i] != 0 && jhu[i] != kJhuThirdAndFourth && !cerebellar(jhu[i]) && !brainstem(jhu[i]);
  });
  const Field cortex = distances(grid, [&](std::size_t i) { return cortical(aal[i]); });
  image::Labels out{grid, std::vector<std::int32_t>(grid.voxels(), 0), image::Stored::uint8};
  for (int k = 0; k < grid.size[2]; ++k)
    for (int j = 0; j < grid.size[1]; ++j)
      for (int i = 0; i < grid.size[0]; ++i) {
        const std::size_t at = grid.index(i, j, k);
        if (regions.values[at] != 0) {
          out.values[at] = regions.values[at];
        } else if (brain.values[at] > 0) {
          const Eigen::Vector3d world = grid.to_world({double(i), double(j), double(k)});
          out.values[at] = label_of({.left = world.x() < 0.5,
                                     .z_mm = float(world.z()),
                                     .aal = aal[at],
                                     .jhu = jhu[at],
                                     .value = sources.head.values[at],
                                     .to_cerebellum = cerebellum.values[at],
                                     .to_brainstem = stem.values[at],
                                     .to_cerebrum = cerebrum.values[at],
                                     .to_cortex = cortex.values[at]});
        }
      }
  return out;
}

}  // namespace ipsi::brain
