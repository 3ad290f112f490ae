// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "core/base/regions.h"
#include "core/brain/field.h"

namespace ipsi::brain {
namespace {

// Half-way between the peaks of Colin27's histogram: CSF 38, cortex 85, caudate 90, putamen 98, white 114.
constexpr float kCsfBelow = 64.0F;
constexpr float kCaudateBelow = 103.0F;
constexpr float kPutamenBelow = 107.0F;
constexpr float kAccumbensBelow = 102.0F;

/// World millimetres that hold all twelve regions with room to spare.
constexpr std::array<int, 3> kLow{-46, -88, -36};
constexpr std::array<int, 3> kHigh{48, 46, 42};

/// Label numbers of one hemisphere.
struct SideLabels {
  Side side;
  int aal_caudate, aal_putamen, aal_pallidum, aal_thalamus;
  int jhu_caudate, jhu_putamen, jhu_pallidum, jhu_thalamus, jhu_accumbens;
  std::array<int, 4> jhu_ventricle;
  int jhu_inferior_horn;
};
constexpr SideLabels kLeft{Side::left, 71, 73, 75, 77, 77, 79, 81, 83, 89, {171, 172, 173, 174}, 175};
constexpr SideLabels kRight{Side::right, 72, 74, 76, 78, 78, 80, 82, 84, 90, {176, 177, 178, 179}, 180};
constexpr int kJhuThirdAndFourth = 181;

/// The sources cut to the box of interest.
struct Cut {
  std::array<int, 3> origin{};  ///< voxel of the grid at the box's corner
  Field head;
  Box<std::int32_t> aal, jhu;

  template <class Labels>
  [[nodiscard]] Mask of(const Box<std::int32_t>& atlas, const Labels& labels) const {
    Mask out(atlas.size);
    for (std::size_t i = 0; i < out.values.size(); ++i)
      out.values[i] = std::ranges::find(labels, atlas.values[i]) != std::end(labels);
    return out;
  }
  [[nodiscard]] Mask of(const Box<std::int32_t>& atlas, std::initializer_list<int> labels) const {
    return of<std::initializer_list<int>>(atlas, labels);
  }
};

template <class Keep>
Mask where(const std::array<int, 3>& size, Keep keep) {
  Mask out(size);
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = keep(i) ? 1 : 0;
  return out;
}

Result<Cut> cut(const FitSources& sources) {
  const image::Grid& grid = sources.head.grid;
  if (!grid.same_as(sources.aal.grid) || !grid.same_as(sources.jhu.grid) || grid.orientation() != "RAS")
    return fail(Code::InvalidInput, "the sources of the atlas must share one RAS+ grid");
  Cut out;
  std::array<int, 3> size{};
  for (std::size_t a = 0; a < 3; ++a) {
    out.origin[a] = int(std::lround(kLow[a] - grid.affine(int(a), 3)));
    size[a] = kHigh[a] - kLow[a] + 1;
    if (out.origin[a] < 0 || out.origin[a] + size[a] > grid.size[a] || std::abs(grid.spacing()[int(a)] - 1.0) > 1e-3)
      return fail(Code::InvalidInput, "the template does not cover the deep grey matter at 1 mm");
  }
  out.head = Field(size);
  out.aal = Box<std::int32_t>(size);
  out.jhu = Box<std::int32_t>(size);
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i) {
        const std::size_t from = grid.index(i + out.origin[0], j + out.origin[1], k + out.origin[2]);
        out.head.at(i, j, k) = sources.head.values[from];
        out.aal.at(i, j, k) = sources.aal.values[from];
        out.jhu.at(i, j, k) = sources.jhu.values[from];
      }
  return out;
}

/// CSF nearer to this side's seeds than to any other fluid space, joined to them.
/// The inferior horn is left out, as FreeSurfer's labels 4 and 43 do; choroid plexus inside is filled in.
Mask fit_ventricle(const Cut& in, const SideLabels& side, const SideLabels& across) {
  const Field own = distance_to(in.of(in.jhu, side.jhu_ventricle));
  const Field foreign =
      distance_to(in.of(in.jhu, {across.jhu_ventricle[0], across.jhu_ventricle[1], across.jhu_ventricle[2],
                                 across.jhu_ventricle[3], side.jhu_inferior_horn, kJhuThirdAndFourth}));
  constexpr float kReach = 4.0F;  // mm: how far the seeds may be off
  const Mask fluid = where(in.head.size, [&](std::size_t i) {
    return in.head.values[i] < kCsfBelow && own.values[i] <= kReach && own.values[i] < foreign.values[i];
  });
  // Necks of a voxel or two lead out into the cisterns: kept is what an opening leaves joined, and its rim.
  const Field depth = distance_to(where(fluid.size, [&](std::size_t i) { return fluid.values[i] == 0; }));
  const Mask core = largest_part(where(fluid.size, [&](std::size_t i) { return depth.values[i] > 1.2F; }));
  const Field reach = distance_to(core);
  const Mask body = where(fluid.size, [&](std::size_t i) { return fluid.values[i] != 0 && reach.values[i] <= 2.5F; });
  return largest_part(fill_holes(smooth(body, 0.6)));
}

/// Grey matter around the JHU seed, not beyond the midline's fluid.
Mask fit_accumbens(const Cut& in, const SideLabels& side, const Mask& taken) {
  const Field own = signed_distance(in.of(in.jhu, {side.jhu_accumbens}));
  const Mask grey = where(in.head.size, [&](std::size_t i) {
    return own.values[i] <= 0.6F && in.head.values[i] >= 72.0F && in.head.values[i] <= kAccumbensBelow &&
           taken.values[i] == 0;
  });
  return largest_part(smooth(largest_part(grey), 1.0));
}

/// How an AAL region is refined: AAL's border is moved towards JHU-189's by the share `jhu`, then by `grow` mm; voxels
/// outside the intensities [low, high] go, and the border is smoothed.
struct Window {
  double jhu;
  float grow, low, high;
  double sigma;
};
Mask refine(const Cut& in, int aal, int jhu, const Mask& taken, const Window& window) {
  const Field a = signed_distance(in.of(in.aal, {aal}));
  const Field b = signed_distance(in.of(in.jhu, {jhu}));
  const auto share = float(window.jhu);
  const Mask kept = where(in.head.size, [&](std::size_t i) {
    return (1 - share) * a.values[i] + share * b.values[i] <= window.grow && in.head.values[i] >= window.low &&
           in.head.values[i] <= window.high && taken.values[i] == 0;
  });
  Mask out = fill_holes(smooth(largest_part(kept), window.sigma));
  for (std::size_t i = 0; i < out.values.size(); ++i)
    if (taken.values[i] != 0) out.values[i] = 0;
  return largest_part(out);
}

void add(Mask& to, const Mask& from) {
  for (std::size_t i = 0; i < to.values.size(); ++i) to.values[i] |= from.values[i];
}

}  // namespace

Result<image::Labels> fit_regions(const FitSources& sources) {
  const auto in = cut(sources);
  if (!in) return tl::unexpected(in.error());
  image::Labels out{sources.head.grid, std::vector<std::int32_t>(sources.head.grid.voxels(), 0), image::Stored::uint8};
  for (const SideLabels* side : {&kLeft, &kRight}) {
    Mask taken(in->head.size);
    const auto keep = [&](std::string_view structure, const Mask& mask) -> Result<void> {
      const Region& region = region_of(structure, side->side);
      if (count(mask) == 0)
        return fail(Code::InvalidInput, fmt::format("{} is not found in the template", region.title));
      for (int k = 0; k < mask.size[2]; ++k)
        for (int j = 0; j < mask.size[1]; ++j)
          for (int i = 0; i < mask.size[0]; ++i)
            if (mask.at(i, j, k) != 0)
              out.values[out.grid.index(i + in->origin[0], j + in->origin[1], k + in->origin[2])] = region.label;
      add(taken, mask);
      return {};
    };
    const SideLabels& across = side == &kLeft ? kRight : kLeft;
    const auto refined = [&](int aal, int jhu, const Window& w) { return refine(*in, aal, jhu, taken, w); };
    // Fluid first, then from the smallest to the largest: a voxel once given is not taken away.
    auto ok = keep("lateral_ventricle", fit_ventricle(*in, *side, across));
    if (ok) ok = keep("accumbens", fit_accumbens(*in, *side, taken));
    if (ok) ok = keep("pallidum", refined(side->aal_pallidum, side->jhu_pallidum, {0.5, 0.3F, 92, 116, 0.9}));
    if (ok) ok = keep("putamen", refined(side->aal_putamen, side->jhu_putamen, {0.3, 0.3F, 78, kPutamenBelow, 1.0}));
    if (ok) ok = keep("caudate", refined(side->aal_caudate, side->jhu_caudate, {0.4, 0.6F, 68, kCaudateBelow, 0.8}));
    if (ok) ok = keep("thalamus", refined(side->aal_thalamus, side->jhu_thalamus, {0.4, -0.3F, 70, 125, 1.2}));
    if (!ok) return tl::unexpected(ok.error());
  }
  return out;
}

}  // namespace ipsi::brain
