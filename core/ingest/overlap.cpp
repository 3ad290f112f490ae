// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/overlap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/image/geometry.h"

namespace ipsi::ingest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kFar = 1e18F;
constexpr double kLeastView = 0.5;

/// A box of voxels of a grid, inclusive; it may reach beyond the grid.
struct Box {
  std::array<int, 3> low{std::numeric_limits<int>::max(), std::numeric_limits<int>::max(),
                         std::numeric_limits<int>::max()};
  std::array<int, 3> high{std::numeric_limits<int>::min(), std::numeric_limits<int>::min(),
                          std::numeric_limits<int>::min()};

  void take(const std::array<int, 3>& at) {
    for (std::size_t a = 0; a < 3; ++a) {
      low[a] = std::min(low[a], at[a]);
      high[a] = std::max(high[a], at[a]);
    }
  }
  [[nodiscard]] bool empty() const { return low[0] > high[0]; }
};

/// Index of each of the twelve labels in kRegions, -1 for all others.
std::array<int, 64> region_index() {
  std::array<int, 64> out{};
  out.fill(-1);
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    out[static_cast<std::size_t>(kRegions[r].label)] = static_cast<int>(r);
  return out;
}

struct RegionVoxels {
  std::array<std::vector<std::array<int, 3>>, 12> of;
  Box box;
};

RegionVoxels collect(const image::Labels& segmentation) {
  static const std::array<int, 64> index = region_index();
  RegionVoxels out;
  const auto& size = segmentation.grid.size;
  std::size_t v = 0;
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i, ++v) {
        const int label = segmentation.values[v];
        if (label <= 0 || label >= 64) continue;
        const int region = index[static_cast<std::size_t>(label)];
        if (region < 0) continue;
        out.of[static_cast<std::size_t>(region)].push_back({i, j, k});
        out.box.take({i, j, k});
      }
  return out;
}

/// The lesion on the lattice of `grid`, but only where it is: a small grid of its own, and its low corner.
struct Lesion {
  image::Labels on;
  std::array<int, 3> corner{0, 0, 0};
  std::vector<std::array<int, 3>> voxels;  ///< indices of the segmentation's lattice
};

Lesion bring(const image::Labels& mask, const image::Grid& grid) {
  Box box;
  const Eigen::Matrix4d to_grid = grid.affine.inverse() * mask.grid.affine;
  const auto& size = mask.grid.size;
  std::size_t v = 0;
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i, ++v) {
        if (mask.values[v] == 0) continue;
        const Eigen::Vector4d at = to_grid * Eigen::Vector4d(i, j, k, 1);
        box.take({static_cast<int>(std::floor(at[0])), static_cast<int>(std::floor(at[1])),
                  static_cast<int>(std::floor(at[2]))});
        box.take({static_cast<int>(std::ceil(at[0])), static_cast<int>(std::ceil(at[1])),
                  static_cast<int>(std::ceil(at[2]))});
      }
  Lesion out;
  if (box.empty()) return out;
  // A coarse mask covers more than its centres: half a voxel of it in voxels of the segmentation, in every direction.
  std::array<int, 3> margin{};
  for (int a = 0; a < 3; ++a)
    margin[static_cast<std::size_t>(a)] = static_cast<int>(std::ceil(0.5 * to_grid.block<1, 3>(a, 0).cwiseAbs().sum()));
  image::Grid crop;
  crop.affine = grid.affine;
  Eigen::Vector3d corner;
  for (std::size_t a = 0; a < 3; ++a) {
    out.corner[a] = box.low[a] - margin[a];
    crop.size[a] = box.high[a] + margin[a] - out.corner[a] + 1;
    corner[static_cast<Eigen::Index>(a)] = out.corner[a];
  }
  crop.affine.block<3, 1>(0, 3) = grid.to_world(corner);
  out.on = image::resample(mask, crop);
  v = 0;
  for (int k = 0; k < crop.size[2]; ++k)
    for (int j = 0; j < crop.size[1]; ++j)
      for (int i = 0; i < crop.size[0]; ++i, ++v)
        if (out.on.values[v] != 0) out.voxels.push_back({i + out.corner[0], j + out.corner[1], k + out.corner[2]});
  return out;
}

/// Lower envelope of parabolas: squared distances along one line, spacing in mm.
/// @source Felzenszwalb, Huttenlocher (2012), Theory of Computing 8
void transform_line(std::vector<float>& f, std::vector<float>& d, std::vector<int>& v, std::vector<float>& z, int n,
                    float spacing) {
  const float square = spacing * spacing;
  int k = -1;
  for (int q = 0; q < n; ++q) {
    if (f[static_cast<std::size_t>(q)] >= kFar) continue;
    float s = -kFar;
    while (k >= 0) {
      const int p = v[static_cast<std::size_t>(k)];
      const auto qf = static_cast<float>(q);
      const auto pf = static_cast<float>(p);
      s = ((f[static_cast<std::size_t>(q)] / square + qf * qf) - (f[static_cast<std::size_t>(p)] / square + pf * pf)) /
          (2 * (qf - pf));
      if (s > z[static_cast<std::size_t>(k)]) break;
      --k;
    }
    ++k;
    v[static_cast<std::size_t>(k)] = q;
    z[static_cast<std::size_t>(k)] = k == 0 ? -kFar : s;
  }
  if (k < 0) {
    std::fill_n(d.begin(), n, kFar);
    return;
  }
  int at = 0;
  for (int q = 0; q < n; ++q) {
    while (at < k && z[static_cast<std::size_t>(at + 1)] < static_cast<float>(q)) ++at;
    const auto step = static_cast<float>(q - v[static_cast<std::size_t>(at)]);
    d[static_cast<std::size_t>(q)] =
        step * step * square + f[static_cast<std::size_t>(v[static_cast<std::size_t>(at)])];
  }
}

/// Squared distance in mm^2 to the nearest lesion voxel, over a box of the lattice. Axes are taken as orthogonal.
class DistanceField {
 public:
  DistanceField(const std::vector<std::array<int, 3>>& lesion, const Box& box, const Eigen::Vector3d& spacing)
      : low_(box.low) {
    for (std::size_t a = 0; a < 3; ++a) size_[a] = box.high[a] - box.low[a] + 1;
    values_.assign(std::size_t(size_[0]) * size_[1] * size_[2], kFar);
    for (const auto& at : lesion) values_[index(at)] = 0;
    const std::size_t longest = static_cast<std::size_t>(std::max({size_[0], size_[1], size_[2]}));
    std::vector<float> f(longest), d(longest), z(longest + 1);
    std::vector<int> v(longest);
    const std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(size_[0]), std::size_t(size_[0]) * size_[1]};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t b = (axis + 1) % 3;
      const std::size_t c = (axis + 2) % 3;
      for (int y = 0; y < size_[c]; ++y)
        for (int x = 0; x < size_[b]; ++x) {
          const std::size_t start = static_cast<std::size_t>(x) * stride[b] + static_cast<std::size_t>(y) * stride[c];
          for (int q = 0; q < size_[axis]; ++q)
            f[static_cast<std::size_t>(q)] = values_[start + static_cast<std::size_t>(q) * stride[axis]];
          transform_line(f, d, v, z, size_[axis], static_cast<float>(spacing[static_cast<Eigen::Index>(axis)]));
          for (int q = 0; q < size_[axis]; ++q)
            values_[start + static_cast<std::size_t>(q) * stride[axis]] = d[static_cast<std::size_t>(q)];
        }
    }
  }
  [[nodiscard]] float at(const std::array<int, 3>& voxel) const { return values_[index(voxel)]; }

 private:
  [[nodiscard]] std::size_t index(const std::array<int, 3>& at) const {
    return static_cast<std::size_t>(at[0] - low_[0]) +
           static_cast<std::size_t>(size_[0]) *
               (static_cast<std::size_t>(at[1] - low_[1]) +
                static_cast<std::size_t>(size_[1]) * static_cast<std::size_t>(at[2] - low_[2]));
  }
  std::array<int, 3> low_;
  std::array<int, 3> size_{};
  std::vector<float> values_;
};

/// The axis of the lattice that runs most along left-right.
std::size_t sagittal_axis(const image::Grid& grid) {
  std::size_t best = 0;
  for (std::size_t a = 1; a < 3; ++a)
    if (std::abs(grid.affine(0, static_cast<Eigen::Index>(a))) >
        std::abs(grid.affine(0, static_cast<Eigen::Index>(best))))
      best = a;
  return best;
}

/// Twice the lattice index of the midplane along the sagittal axis; NaN when no structure has both sides.
double twice_midplane(const RegionVoxels& regions, std::size_t axis) {
  double sum = 0;
  int pairs = 0;
  const auto mean = [&](const std::vector<std::array<int, 3>>& voxels) {
    double total = 0;
    for (const auto& at : voxels) total += at[axis];
    return total / static_cast<double>(voxels.size());
  };
  for (std::size_t r = 0; r < 12; r += 2) {
    if (regions.of[r].empty() || regions.of[r + 1].empty()) continue;
    sum += mean(regions.of[r]) + mean(regions.of[r + 1]);
    ++pairs;
  }
  return pairs == 0 ? kNaN : sum / pairs;
}

}  // namespace

Result<Overlap> lesion_overlap(const image::Labels& segmentation, const image::Labels& mask) {
  auto views = compare_views(segmentation.grid, mask.grid);
  if (!views) return views;
  Overlap out = measure_overlap(segmentation, mask);
  out.view = views->view;
  out.resampled = views->resampled;
  return out;
}

Result<Overlap> compare_views(const image::Grid& segmentation, const image::Grid& mask) {
  Overlap out;
  out.resampled = !segmentation.same_as(mask);
  out.view = out.resampled ? image::field_of_view_overlap(segmentation, mask) : 1.0;
  if (out.view >= kLeastView) return out;
  return fail(
      Code::InvalidInput,
      fmt::format("lesion mask and segmentation share {:.0f} % of their field of view, less than 50 %", 100 * out.view),
      "", "are they of the same person and in the same space?");
}

Overlap measure_overlap(const image::Labels& segmentation, const image::Labels& mask) {
  Overlap out;
  const RegionVoxels regions = collect(segmentation);
  const Lesion lesion = bring(mask, segmentation.grid);
  const double voxel = segmentation.grid.voxel_mm3();
  const double lesion_voxels = static_cast<double>(lesion.voxels.size());
  out.lesion_mm3 = lesion_voxels * voxel;
  const auto hit = [&](const std::array<int, 3>& at) {
    const int i = at[0] - lesion.corner[0];
    const int j = at[1] - lesion.corner[1];
    const int k = at[2] - lesion.corner[2];
    return !lesion.voxels.empty() && lesion.on.grid.inside(i, j, k) && lesion.on.at(i, j, k) != 0;
  };
  Box box = regions.box;
  for (const auto& at : lesion.voxels) box.take(at);
  const bool measurable = !lesion.voxels.empty() && !regions.box.empty();
  const std::optional<DistanceField> field =
      measurable ? std::optional<DistanceField>(std::in_place, lesion.voxels, box, segmentation.grid.spacing())
                 : std::nullopt;
  const std::size_t axis = sagittal_axis(segmentation.grid);
  const double mirror = twice_midplane(regions, axis);
  for (std::size_t r = 0; r < 12; ++r) {
    RegionOverlap& o = out.regions[r];
    const auto& voxels = regions.of[r];
    const auto& opposite = regions.of[r ^ 1U];
    double inside = 0;
    float nearest = kFar;
    for (const auto& at : voxels) {
      if (hit(at)) ++inside;
      if (field) nearest = std::min(nearest, field->at(at));
    }
    o.region_mm3 = static_cast<double>(voxels.size()) * voxel;
    o.overlap_mm3 = inside * voxel;
    o.fraction_of_region = voxels.empty() ? kNaN : inside / static_cast<double>(voxels.size());
    o.fraction_of_lesion = lesion.voxels.empty() ? kNaN : inside / lesion_voxels;
    o.distance_mm = field && !voxels.empty() ? std::sqrt(static_cast<double>(nearest)) : kNaN;
    o.expected_fraction = kNaN;
    if (opposite.empty() || std::isnan(mirror)) continue;
    double expected = 0;
    for (auto at : opposite) {
      at[axis] = static_cast<int>(std::lround(mirror - at[axis]));
      if (hit(at)) ++expected;
    }
    o.expected_fraction = expected / static_cast<double>(opposite.size());
  }
  return out;
}

MaskShape mask_shape(const image::Labels& mask, double midline_mm) {
  MaskShape out;
  Eigen::Vector3d sum{0, 0, 0};
  double n = 0;
  double left = 0;
  const auto& size = mask.grid.size;
  std::size_t v = 0;
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i, ++v) {
        if (mask.values[v] == 0) continue;
        const Eigen::Vector3d world = mask.grid.to_world({double(i), double(j), double(k)});
        sum += world;
        ++n;
        if (world[0] < midline_mm)
          ++left;
        else if (world[0] == midline_mm)
          left += 0.5;
      }
  out.mm3 = n * mask.grid.voxel_mm3();
  out.centre_mm = n > 0 ? Eigen::Vector3d(sum / n) : Eigen::Vector3d::Constant(kNaN);
  out.left_fraction = n > 0 ? left / n : kNaN;
  return out;
}

double midline_of(const image::Labels& segmentation) {
  const RegionVoxels regions = collect(segmentation);
  double sum = 0;
  int pairs = 0;
  const auto mean_x = [&](const std::vector<std::array<int, 3>>& voxels) {
    double total = 0;
    for (const auto& at : voxels) total += segmentation.grid.to_world({double(at[0]), double(at[1]), double(at[2])})[0];
    return total / static_cast<double>(voxels.size());
  };
  for (std::size_t r = 0; r < 12; r += 2) {
    if (regions.of[r].empty() || regions.of[r + 1].empty()) continue;
    sum += 0.5 * (mean_x(regions.of[r]) + mean_x(regions.of[r + 1]));
    ++pairs;
  }
  return pairs == 0 ? 0.0 : sum / pairs;
}

}  // namespace ipsi::ingest
