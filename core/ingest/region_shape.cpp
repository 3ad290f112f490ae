// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/region_shape.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "core/image/morphology.h"

namespace ipsi::ingest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.14159265358979323846;

/// Voxels first..last of one row.
struct Run {
  int j, k, first, last;
  [[nodiscard]] int length() const { return last - first + 1; }
};
using Runs = std::vector<Run>;

/// Sets that are joined.
class Union {
 public:
  explicit Union(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t a) {
    while (parent_[a] != a) a = parent_[a] = parent_[parent_[a]];
    return a;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parent_;
};

/// Where the runs of each row of a box begin in a list that is sorted by row.
class Rows {
 public:
  Rows(const Runs& runs, const image::Box& box) : low_j_(box.low[1]), low_k_(box.low[2]) {
    const auto size = box.size();
    n_j_ = size[1];
    n_k_ = size[2];
    start_.assign(static_cast<std::size_t>(n_j_) * static_cast<std::size_t>(n_k_) + 1, 0);
    for (const Run& run : runs) ++start_[row(run.j, run.k) + 1];
    std::partial_sum(start_.begin(), start_.end(), start_.begin());
  }
  struct Span {
    std::size_t begin = 0, end = 0;
  };
  [[nodiscard]] Span at(int j, int k) const {
    if (j < low_j_ || k < low_k_ || j >= low_j_ + n_j_ || k >= low_k_ + n_k_) return {};
    const std::size_t r = row(j, k);
    return {start_[r], start_[r + 1]};
  }

 private:
  [[nodiscard]] std::size_t row(int j, int k) const {
    return static_cast<std::size_t>(j - low_j_) + static_cast<std::size_t>(n_j_) * static_cast<std::size_t>(k - low_k_);
  }
  int low_j_, low_k_, n_j_ = 0, n_k_ = 0;
  std::vector<std::size_t> start_;
};

/// Calls visit(a, b) for each pair of runs of this row and another that come within `reach` of each other along x.
template <class Visit>
void pairs(const Runs& runs, std::size_t a, Rows::Span other, int reach, const Visit& visit) {
  for (std::size_t b = other.begin; b < other.end && runs[b].first <= runs[a].last + reach; ++b)
    if (runs[b].last + reach >= runs[a].first) visit(a, b);
}

image::Box box_of(const Runs& runs) {
  image::Box box{{runs[0].first, runs[0].j, runs[0].k}, {runs[0].last, runs[0].j, runs[0].k}};
  for (const Run& r : runs) {
    box.low = {std::min(box.low[0], r.first), std::min(box.low[1], r.j), std::min(box.low[2], r.k)};
    box.high = {std::max(box.high[0], r.last), std::max(box.high[1], r.j), std::max(box.high[2], r.k)};
  }
  return box;
}

void measure_pieces(const Runs& runs, const Rows& rows, double voxel, RegionShape& out) {
  Union sets(runs.size());
  for (std::size_t a = 0; a < runs.size(); ++a)
    for (const auto& [dj, dk] : {std::pair{-1, 0}, {-1, -1}, {0, -1}, {1, -1}})
      pairs(runs, a, rows.at(runs[a].j + dj, runs[a].k + dk), 1,
            [&](std::size_t x, std::size_t y) { sets.join(x, y); });
  std::vector<long long> sizes(runs.size(), 0);
  for (std::size_t a = 0; a < runs.size(); ++a) sizes[sets.find(a)] += runs[a].length();
  std::ranges::sort(sizes, std::greater<>());
  out.pieces = static_cast<int>(std::ranges::count_if(sizes, [](long long n) { return n > 0; }));
  out.largest_mm3 = static_cast<double>(sizes[0]) * voxel;
  out.second_mm3 = sizes.size() > 1 ? static_cast<double>(sizes[1]) * voxel : 0.0;
}

/// Faces across each axis: two for each voxel, less two for each pair that touches.
void measure_surface(const Runs& runs, const Rows& rows, const Eigen::Vector3d& spacing, RegionShape& out) {
  const auto shared = [&](int dj, int dk) {
    long long n = 0;
    for (std::size_t a = 0; a < runs.size(); ++a)
      pairs(runs, a, rows.at(runs[a].j + dj, runs[a].k + dk), 0, [&](std::size_t x, std::size_t y) {
        n += std::min(runs[x].last, runs[y].last) - std::max(runs[x].first, runs[y].first) + 1;
      });
    return n;
  };
  const auto x_faces = 2.0 * static_cast<double>(runs.size());
  const auto y_faces = 2.0 * static_cast<double>(out.voxels - shared(-1, 0));
  const auto z_faces = 2.0 * static_cast<double>(out.voxels - shared(0, -1));
  out.surface_mm2 =
      x_faces * spacing[1] * spacing[2] + y_faces * spacing[0] * spacing[2] + z_faces * spacing[0] * spacing[1];
  out.roughness = out.surface_mm2 / (std::cbrt(36.0 * kPi) * std::pow(out.mm3, 2.0 / 3.0));
}

/// What is not the region in its box, as runs; pieces of it that do not reach the box's own border are holes.
void measure_holes(const Runs& runs, const Rows& rows, const image::Box& box, double voxel, RegionShape& out) {
  Runs gaps;
  std::vector<bool> open;
  for (int k = box.low[2]; k <= box.high[2]; ++k)
    for (int j = box.low[1]; j <= box.high[1]; ++j) {
      const bool edge = j == box.low[1] || j == box.high[1] || k == box.low[2] || k == box.high[2];
      int next = box.low[0];
      const auto add = [&](int last) {
        if (last < next) return;
        gaps.push_back({j, k, next, last});
        open.push_back(edge || next == box.low[0] || last == box.high[0]);
      };
      const auto span = rows.at(j, k);
      for (std::size_t r = span.begin; r < span.end; ++r) {
        add(runs[r].first - 1);
        next = runs[r].last + 1;
      }
      add(box.high[0]);
    }
  if (gaps.empty()) return;
  const Rows gap_rows(gaps, box);
  Union sets(gaps.size());
  for (std::size_t a = 0; a < gaps.size(); ++a)
    for (const auto& [dj, dk] : {std::pair{-1, 0}, {0, -1}})
      pairs(gaps, a, gap_rows.at(gaps[a].j + dj, gaps[a].k + dk), 0,
            [&](std::size_t x, std::size_t y) { sets.join(x, y); });
  std::vector<bool> reaches(gaps.size(), false);
  for (std::size_t a = 0; a < gaps.size(); ++a)
    if (open[a]) reaches[sets.find(a)] = true;
  for (std::size_t a = 0; a < gaps.size(); ++a) {
    const std::size_t set = sets.find(a);
    if (reaches[set]) continue;
    out.hole_mm3 += gaps[a].length() * voxel;
    if (set == a) ++out.holes;
  }
}

bool at_border(const image::Box& box, const image::CompactLabels& labels) {
  const Eigen::Matrix4d to_stored = labels.stored.affine.inverse() * labels.grid.affine;
  for (const auto& corner : {box.low, box.high}) {
    const Eigen::Vector4d at = to_stored * Eigen::Vector4d(corner[0], corner[1], corner[2], 1.0);
    for (std::size_t a = 0; a < 3; ++a) {
      const double v = at[static_cast<Eigen::Index>(a)];
      if (v < 0.5 || v > labels.stored.size[a] - 1.5) return true;
    }
  }
  return false;
}

void measure(const Runs& runs, const image::CompactLabels& labels, RegionShape& out) {
  const image::Box box = box_of(runs);
  const Rows rows(runs, box);
  const double voxel = labels.grid.voxel_mm3();
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  for (const Run& r : runs) {
    out.voxels += r.length();
    sum += r.length() * Eigen::Vector3d(0.5 * (r.first + r.last), r.j, r.k);
  }
  out.mm3 = static_cast<double>(out.voxels) * voxel;
  out.centre_mm = labels.grid.to_world(sum / static_cast<double>(out.voxels));
  out.at_border = at_border(box, labels);
  measure_pieces(runs, rows, voxel, out);
  measure_surface(runs, rows, labels.grid.spacing(), out);
  measure_holes(runs, rows, box, voxel, out);
}

/// The runs of the twelve, each list by slice, row and place.
std::array<Runs, kRegions.size()> collect(const image::CompactLabels& labels) {
  std::array<Runs, kRegions.size()> out;
  std::vector<std::int8_t> region(labels.labels.size(), -1);
  for (std::size_t n = 0; n < labels.labels.size(); ++n)
    if (const Region* r = region_of_label(labels.labels[n])) region[n] = static_cast<std::int8_t>(r - kRegions.data());
  const auto& size = labels.grid.size;
  const std::uint16_t* row = labels.values.data();
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j, row += size[0])
      for (int i = 0; i < size[0];) {
        const std::uint16_t value = row[i];
        int next = i + 1;
        while (next < size[0] && row[next] == value) ++next;
        if (region[value] >= 0) out[static_cast<std::size_t>(region[value])].push_back({j, k, i, next - 1});
        i = next;
      }
  return out;
}

image::Labels painted(const std::array<Runs, kRegions.size()>& runs, const image::Grid& grid) {
  image::Labels out;
  std::optional<image::Box> all;
  for (const Runs& list : runs) {
    if (list.empty()) continue;
    const image::Box box = box_of(list);
    if (!all) all = box;
    for (std::size_t a = 0; a < 3; ++a) {
      all->low[a] = std::min(all->low[a], box.low[a]);
      all->high[a] = std::max(all->high[a], box.high[a]);
    }
  }
  out.grid.affine = grid.affine;
  if (!all) return out;
  out.grid.size = all->size();
  out.grid.affine.col(3).head<3>() = grid.to_world(Eigen::Vector3d(all->low[0], all->low[1], all->low[2]));
  out.values.assign(out.grid.voxels(), 0);
  for (std::size_t r = 0; r < runs.size(); ++r)
    for (const Run& run : runs[r])
      std::fill_n(out.values.begin() + static_cast<std::ptrdiff_t>(out.grid.index(
                                           run.first - all->low[0], run.j - all->low[1], run.k - all->low[2])),
                  run.length(), kRegions[r].label);
  return out;
}

}  // namespace

RegionShapes region_shapes(const image::CompactLabels& labels) {
  RegionShapes out;
  const auto runs = collect(labels);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    if (runs[r].empty()) {
      out.of[r].centre_mm.setConstant(kNaN);
      out.of[r].roughness = kNaN;
    } else {
      measure(runs[r], labels, out.of[r]);
    }
  }
  out.box = painted(runs, labels.grid);
  return out;
}

}  // namespace ipsi::ingest
