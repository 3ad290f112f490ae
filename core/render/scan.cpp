// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/render/scan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "core/image/io.h"
#include "core/image/label_names.h"

namespace ipsi::render {
namespace fs = std::filesystem;
namespace {

template <class T>
Result<T> guarded(const std::function<Result<T>()>& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(Code::Environment, "there is not enough memory for this scan", "", "close other programs");
  }
}

/// Work in a thread of its own, or here where no thread can be had.
template <class Work>
std::optional<std::thread> start(Work&& work) {
  try {
    return std::thread(work);
  } catch (const std::system_error&) {
    work();
    return std::nullopt;
  }
}

Eigen::Vector3d corner(const image::Grid& grid, const std::array<int, 3>& low, const std::array<int, 3>& high,
                       bool upper) {
  Eigen::Vector3d out = Eigen::Vector3d::Constant(upper ? -1e30 : 1e30);
  for (int c = 0; c < 8; ++c) {
    Eigen::Vector3d voxel;
    for (int a = 0; a < 3; ++a)
      voxel[a] = (c >> a & 1) != 0 ? high[static_cast<std::size_t>(a)] + 0.5 : low[static_cast<std::size_t>(a)] - 0.5;
    const Eigen::Vector3d world = grid.to_world(voxel);
    out = upper ? Eigen::Vector3d(out.cwiseMax(world)) : Eigen::Vector3d(out.cwiseMin(world));
  }
  return out;
}

/// Sums of the voxels of one region.
struct Sums {
  long long n = 0;
  Eigen::Vector3d sum{0, 0, 0};
  std::array<int, 3> low{1 << 30, 1 << 30, 1 << 30}, high{-1, -1, -1};
};

/// The labels of the twelve as small numbers in a box of their own.
void fill_regions(Scan& scan) {
  std::vector<std::uint8_t> region_of_value(scan.label_values.size(), 0);
  for (std::size_t v = 0; v < scan.label_values.size(); ++v)
    if (const Region* region = region_of_label(scan.label_values[v]))
      region_of_value[v] = static_cast<std::uint8_t>(region - kRegions.data() + 1);
  const image::Grid& grid = scan.labels.grid;
  std::array<Sums, kRegions.size()> sums{};
  const auto visit = [&](const auto& act) {
    std::size_t at = 0;
    for (int k = 0; k < grid.size[2]; ++k)
      for (int j = 0; j < grid.size[1]; ++j)
        for (int i = 0; i < grid.size[0]; ++i, ++at)
          if (const std::uint8_t r = region_of_value[scan.labels.values[at]]; r != 0) act(i, j, k, r);
  };
  visit([&](int i, int j, int k, std::uint8_t r) {
    Sums& s = sums[r - 1U];
    ++s.n;
    s.sum += Eigen::Vector3d(i, j, k);
    s.low = {std::min(s.low[0], i), std::min(s.low[1], j), std::min(s.low[2], k)};
    s.high = {std::max(s.high[0], i), std::max(s.high[1], j), std::max(s.high[2], k)};
  });
  Sums all;
  for (std::size_t r = 0; r < sums.size(); ++r) {
    const Sums& s = sums[r];
    if (s.n == 0) continue;
    RegionPlace& place = scan.places[r];
    place.voxels = s.n;
    place.centre_mm = grid.to_world(s.sum / static_cast<double>(s.n));
    place.low_mm = corner(grid, s.low, s.high, false);
    place.high_mm = corner(grid, s.low, s.high, true);
    for (std::size_t a = 0; a < 3; ++a) {
      all.low[a] = std::min(all.low[a], s.low[a]);
      all.high[a] = std::max(all.high[a], s.high[a]);
    }
    all.n += s.n;
  }
  if (all.n == 0) return;
  Layer<std::uint8_t>& out = scan.regions;
  out.grid.affine = grid.affine;
  out.grid.affine.col(3).head<3>() = grid.to_world({double(all.low[0]), double(all.low[1]), double(all.low[2])});
  for (std::size_t a = 0; a < 3; ++a) out.grid.size[a] = all.high[a] - all.low[a] + 1;
  out.values.assign(out.grid.voxels(), 0);
  visit([&](int i, int j, int k, std::uint8_t r) {
    out.values[out.grid.index(i - all.low[0], j - all.low[1], k - all.low[2])] = r;
  });
}

/// Black and white that suit the brain: percentiles of the voxels that have a label, else of those above 0.
GreyWindow fitting_window(const Scan& scan) {
  const image::CompactVolume& grey = *scan.grey;
  const double range = grey.high - grey.low;
  if (!(range > 0.0)) return {grey.low, grey.low + 1.0};
  constexpr std::size_t kBins = 2048;
  std::vector<std::uint32_t> counts(kBins, 0);
  std::size_t total = 0;
  const auto count = [&](double v) {
    if (!std::isfinite(v)) return;
    const double bin = (v - grey.low) / range * static_cast<double>(kBins - 1);
    ++counts[static_cast<std::size_t>(std::clamp(bin, 0.0, double(kBins - 1)))];
    ++total;
  };
  std::visit(
      [&](const auto& values) {
        const image::Grid& labels = scan.labels.grid;
        const image::Grid& grid = grey.grid;
        if (!scan.labels.empty()) {
          for (int k = 0; k < labels.size[2]; k += 3)
            for (int j = 0; j < labels.size[1]; j += 3)
              for (int i = 0; i < labels.size[0]; i += 3) {
                if (scan.labels.values[labels.index(i, j, k)] == 0) continue;
                const Eigen::Vector3d at = grid.to_voxel(labels.to_world({double(i), double(j), double(k)}));
                const int x = static_cast<int>(std::lround(at[0])), y = static_cast<int>(std::lround(at[1])),
                          z = static_cast<int>(std::lround(at[2]));
                if (grid.inside(x, y, z)) count(static_cast<double>(values[grid.index(x, y, z)]));
              }
        }
        if (total < 500)
          for (std::size_t i = 0; i < values.size(); i += 61)
            if (values[i] > 0) count(static_cast<double>(values[i]));
      },
      grey.values);
  if (total == 0) return {grey.low, grey.high};
  const auto percentile = [&](double share) {
    double sum = 0.0;
    for (std::size_t b = 0; b < kBins; ++b) {
      sum += counts[b];
      if (sum >= share * static_cast<double>(total)) return grey.low + range * static_cast<double>(b) / (kBins - 1);
    }
    return grey.high;
  };
  const double low = percentile(0.005), high = percentile(0.995);
  // Room above the brightest white matter, so that it is light grey and outlines show on it.
  if (!(high > low)) return {grey.low, grey.high};
  return {std::max(grey.low, std::floor(low - 0.05 * (high - low))), std::ceil(high + 0.25 * (high - low))};
}

void set_labels(Scan& scan, image::CompactLabels labels) {
  scan.labels.grid = labels.grid;
  scan.labels.values = std::move(labels.values);
  scan.label_values = std::move(labels.labels);
  fill_regions(scan);
}

void set_lesion(Scan& scan, const image::CompactLabels& lesion) {
  scan.lesion.grid = lesion.grid;
  scan.lesion.values.assign(lesion.values.begin(), lesion.values.end());
  scan.lesion_mm3 = static_cast<double>(std::count_if(lesion.values.begin(), lesion.values.end(),
                                                      [](std::uint16_t v) { return v != 0; })) *
                    lesion.grid.voxel_mm3();
}

}  // namespace

std::size_t Scan::bytes() const {
  return sizeof(Scan) + (grey ? grey->bytes() : 0) + regions.values.capacity() + 2 * labels.values.capacity() +
         lesion.values.capacity() + 4 * label_values.capacity();
}

Eigen::Vector3d Scan::middle_mm() const {
  Eigen::Vector3d sum(0, 0, 0);
  long long n = 0;
  for (const RegionPlace& place : places)
    if (place.voxels > 0) {
      sum += place.centre_mm * static_cast<double>(place.voxels);
      n += place.voxels;
    }
  if (n > 0) return sum / static_cast<double>(n);
  const auto& size = grey->grid.size;
  return grey->grid.to_world(0.5 * Eigen::Vector3d(size[0] - 1, size[1] - 1, size[2] - 1));
}

Result<std::shared_ptr<const Scan>> load_scan(const ScanPaths& paths, const Task& task, const FirstLook& first) {
  using image::CompactLabels;
  Result<CompactLabels> labels = fail(Code::Cancelled, ""), lesion = labels;
  const auto read_labels = [&] {
    labels = guarded<CompactLabels>([&] { return image::read_compact_labels(paths.labels, task); });
  };
  const auto read_lesion = [&] {
    lesion = guarded<CompactLabels>([&] { return image::read_compact_mask(paths.lesion, task); });
  };
  std::optional<std::thread> labels_thread, lesion_thread;
  if (!paths.labels.empty()) labels_thread = start(read_labels);
  if (!paths.lesion.empty()) lesion_thread = start(read_lesion);
  auto grey = guarded<image::CompactVolume>([&] { return image::read_compact_volume(paths.t1, task); });
  auto scan = std::make_shared<Scan>();
  scan->paths = paths;
  if (grey) scan->grey = std::make_shared<const image::CompactVolume>(std::move(*grey));
  if (grey && first && (labels_thread || lesion_thread) && !task.cancelled()) {
    auto early = std::make_shared<Scan>(*scan);
    early->window = fitting_window(*early);
    first(std::move(early));
  }
  if (labels_thread) labels_thread->join();
  if (lesion_thread) lesion_thread->join();
  if (!grey) return tl::unexpected<Error>(grey.error());
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  if (labels)
    set_labels(*scan, std::move(*labels));
  else if (!paths.labels.empty())
    scan->problems.push_back(labels.error());
  if (lesion)
    set_lesion(*scan, *lesion);
  else if (!paths.lesion.empty())
    scan->problems.push_back(lesion.error());
  scan->window = fitting_window(*scan);
  scan->whole = true;
  return std::shared_ptr<const Scan>(std::move(scan));
}

Result<std::shared_ptr<const Scan>> make_scan(const image::Volume& t1, const image::Labels& labels,
                                              const image::Labels& lesion) {
  auto scan = std::make_shared<Scan>();
  auto grey = image::compact(t1);
  if (!grey) return tl::unexpected<Error>(grey.error());
  scan->grey = std::make_shared<const image::CompactVolume>(std::move(*grey));
  if (!labels.values.empty()) {
    auto compacted = image::compact(labels);
    if (!compacted) return tl::unexpected<Error>(compacted.error());
    set_labels(*scan, std::move(*compacted));
  }
  if (!lesion.values.empty()) {
    auto compacted = image::compact(lesion);
    if (!compacted) return tl::unexpected<Error>(compacted.error());
    for (std::uint16_t& v : compacted->values) v = v != 0 ? 1 : 0;
    set_lesion(*scan, *compacted);
  }
  scan->window = fitting_window(*scan);
  scan->whole = true;
  return std::shared_ptr<const Scan>(std::move(scan));
}

namespace {

/// The value of the voxel that holds a world point; 0 outside.
template <class T>
int value_in(const Layer<T>& layer, const Eigen::Vector3d& world) {
  if (layer.empty()) return 0;
  const Eigen::Vector3d v = layer.grid.to_voxel(world);
  const int i = static_cast<int>(std::floor(v[0] + 0.5)), j = static_cast<int>(std::floor(v[1] + 0.5)),
            k = static_cast<int>(std::floor(v[2] + 0.5));
  return layer.grid.inside(i, j, k) ? layer.values[layer.grid.index(i, j, k)] : 0;
}

}  // namespace

Readout read_out(const Scan& scan, const Eigen::Vector3d& world_mm) {
  Readout out;
  out.world_mm = world_mm;
  const image::Grid& grid = scan.grey->grid;
  const Eigen::Vector3d v = grid.to_voxel(world_mm);
  const std::array<int, 3> at{static_cast<int>(std::floor(v[0] + 0.5)), static_cast<int>(std::floor(v[1] + 0.5)),
                              static_cast<int>(std::floor(v[2] + 0.5))};
  out.inside = grid.inside(at[0], at[1], at[2]);
  if (out.inside) {
    // Through the same voxel, so that a point near its edge does not fall into the neighbour by rounding.
    const Eigen::Vector3d stored =
        scan.grey->stored.to_voxel(grid.to_world({double(at[0]), double(at[1]), double(at[2])}));
    for (std::size_t a = 0; a < 3; ++a) out.voxel[a] = static_cast<int>(std::lround(stored[static_cast<int>(a)]));
    out.intensity = scan.grey->at(at[0], at[1], at[2]);
  }
  const auto value = static_cast<std::size_t>(value_in(scan.labels, world_mm));
  if (value < scan.label_values.size()) out.label = scan.label_values[value];
  out.region = value_in(scan.regions, world_mm) - 1;
  out.lesion = value_in(scan.lesion, world_mm) != 0;
  return out;
}

std::string label_title(int label) {
  if (label == 0) return {};
  if (const Region* region = region_of_label(label)) return std::string(region->title);
  if (auto name = image::freesurfer_name(label)) return *name;
  return fmt::format("label {}", label);
}

SurfaceCuts::SurfaceCuts(image::Surface surface) : surface_(std::move(surface)) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const int a = static_cast<int>(axis);
    Slabs& slabs = slabs_[axis];
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (const Eigen::Vector3f& p : surface_.points) {
      low = std::min(low, p[a]);
      high = std::max(high, p[a]);
    }
    if (!(low <= high)) continue;
    slabs.low = std::floor(low);
    const auto n = static_cast<std::size_t>(std::min(4096.0F, high - slabs.low)) + 1;
    const auto range = [&](const std::array<std::int32_t, 3>& t) {
      float from = std::numeric_limits<float>::infinity(), to = -from;
      for (const std::int32_t point : t) {
        const float at = surface_.points[static_cast<std::size_t>(point)][a] - slabs.low;
        from = std::min(from, at);
        to = std::max(to, at);
      }
      return std::pair{std::min(n - 1, static_cast<std::size_t>(from)), std::min(n - 1, static_cast<std::size_t>(to))};
    };
    slabs.start.assign(n + 1, 0);
    for (const auto& t : surface_.triangles) {
      const auto [from, to] = range(t);
      for (std::size_t s = from; s <= to; ++s) ++slabs.start[s + 1];
    }
    for (std::size_t s = 0; s < n; ++s) slabs.start[s + 1] += slabs.start[s];
    slabs.triangles.resize(slabs.start[n]);
    std::vector<std::uint32_t> next(slabs.start.begin(), slabs.start.end() - 1);
    for (std::size_t t = 0; t < surface_.triangles.size(); ++t) {
      const auto [from, to] = range(surface_.triangles[t]);
      for (std::size_t s = from; s <= to; ++s) slabs.triangles[next[s]++] = static_cast<std::uint32_t>(t);
    }
  }
}

void SurfaceCuts::cut(int axis, double at, std::vector<std::array<Eigen::Vector3f, 2>>& lines) const {
  const Slabs& slabs = slabs_[static_cast<std::size_t>(axis)];
  const double slab = std::floor(at - slabs.low);
  if (slabs.start.empty() || slab < 0.0 || slab >= static_cast<double>(slabs.start.size() - 1)) return;
  const auto s = static_cast<std::size_t>(slab);
  const auto level = static_cast<float>(at);
  for (std::uint32_t n = slabs.start[s]; n < slabs.start[s + 1]; ++n) {
    const auto& t = surface_.triangles[slabs.triangles[n]];
    std::array<Eigen::Vector3f, 2> line;
    std::size_t found = 0;
    for (std::size_t e = 0; e < 3 && found < 2; ++e) {
      const Eigen::Vector3f& a = surface_.points[static_cast<std::size_t>(t[e])];
      const Eigen::Vector3f& b = surface_.points[static_cast<std::size_t>(t[(e + 1) % 3])];
      if ((a[axis] < level) == (b[axis] < level)) continue;  // a point on the plane counts as above: never twice
      line[found++] = a + (b - a) * ((level - a[axis]) / (b[axis] - a[axis]));
    }
    if (found == 2) lines.push_back(line);
  }
}

Result<std::shared_ptr<const Cortex>> load_cortex(const ScanPaths& paths, const Task& task) {
  auto cortex = std::make_shared<Cortex>();
  const fs::path folder = paths.t1.parent_path().parent_path() / "surf";
  std::optional<image::Grid> grid;
  for (const char* side : {"lh", "rh"})
    for (const char* kind : {"white", "pial"}) {
      if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
      const fs::path path = folder / (std::string(side) + "." + kind);
      std::error_code ec;
      if (!fs::exists(path, ec)) continue;
      if (!grid)
        if (auto info = image::read_info(paths.t1)) grid = info->grid;
      auto surface = image::read_surface(path, grid ? &*grid : nullptr);
      if (!surface) {
        cortex->problems.push_back(surface.error());
        continue;
      }
      auto& list = std::string_view(kind) == "white" ? cortex->white : cortex->pial;
      list.push_back(std::make_shared<const SurfaceCuts>(std::move(*surface)));
    }
  return std::shared_ptr<const Cortex>(std::move(cortex));
}

}  // namespace ipsi::render
