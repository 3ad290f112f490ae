// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/regions.h"
#include "core/base/task.h"
#include "core/image/compact.h"
#include "core/image/surface.h"

namespace ipsi::render {

/// Intensities shown as black and as white.
struct GreyWindow {
  double low = 0.0, high = 1.0;
  friend bool operator==(const GreyWindow&, const GreyWindow&) = default;
};

/// The files of one person's session. `labels` and `lesion` may be empty.
struct ScanPaths {
  std::filesystem::path t1, labels, lesion;
  friend bool operator==(const ScanPaths&, const ScanPaths&) = default;
};

/// Voxels of a box, i fastest, along +R, +A, +S. A size of 0 means that there is nothing.
template <class T>
struct Layer {
  image::Grid grid;
  std::vector<T> values;
  [[nodiscard]] bool empty() const { return values.empty(); }
};

/// Where a region lies, from its label voxels.
struct RegionPlace {
  long long voxels = 0;
  Eigen::Vector3d centre_mm{0, 0, 0};                 ///< centre of mass, RAS mm
  Eigen::Vector3d low_mm{0, 0, 0}, high_mm{0, 0, 0};  ///< corners of the voxels' box
};

/// One person's pictures as they are looked at: read only, shared between threads, each layer on the grid of its file.
struct Scan {
  ScanPaths paths;
  std::shared_ptr<const image::CompactVolume> grey;  ///< never null in a loaded scan
  GreyWindow window;                                 ///< that suits the brain
  Layer<std::uint8_t> regions;                       ///< index in kRegions + 1, 0 elsewhere; box of the twelve
  Layer<std::uint16_t> labels;                       ///< every label: index in label_values
  std::vector<std::int32_t> label_values;
  Layer<std::uint8_t> lesion;  ///< 1 inside
  double lesion_mm3 = 0.0;
  std::array<RegionPlace, kRegions.size()> places{};  ///< voxels == 0: the label is missing
  std::vector<Error> problems;                        ///< labels or lesion that could not be read
  bool whole = false;                                 ///< false while only the intensities are there

  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] Eigen::Vector3d middle_mm() const;  ///< of the regions, else of the field of view
};

/// Called from a loading thread when the intensities can be shown, before labels and lesion have come.
using FirstLook = std::function<void(std::shared_ptr<const Scan>)>;

/// Read the files, each in a thread of its own. Labels and lesion that fail are told in `problems`.
/// @error as image::read_compact_volume of the T1; Cancelled
/// @cost  256^3 .mgz and labels: see docs/decisions/planes.md
[[nodiscard]] Result<std::shared_ptr<const Scan>> load_scan(const ScanPaths& paths, const Task& task,
                                                            const FirstLook& first = {});

/// The same from images in memory. Empty `labels` or `lesion` (no values) stand for none.
/// @error InvalidInput  more labels than 16 bits can tell
[[nodiscard]] Result<std::shared_ptr<const Scan>> make_scan(const image::Volume& t1, const image::Labels& labels,
                                                            const image::Labels& lesion);

/// What lies at a point.
struct Readout {
  bool inside = false;                ///< of the T1's field of view; voxel and intensity are set only then
  std::array<int, 3> voxel{0, 0, 0};  ///< as stored in the file
  Eigen::Vector3d world_mm{0, 0, 0};
  double intensity = 0.0;
  int label = 0;
  int region = -1;  ///< index in kRegions
  bool lesion = false;
};
[[nodiscard]] Readout read_out(const Scan& scan, const Eigen::Vector3d& world_mm);
/// "Left putamen", "ctx-lh-postcentral", "label 812"; empty for 0.
[[nodiscard]] std::string label_title(int label);

/// Triangles by the millimetre slabs they touch along each axis, so that a plane meets few of them.
class SurfaceCuts {
 public:
  explicit SurfaceCuts(image::Surface surface);
  /// Lines in which the plane world[axis] = at meets the surface: pairs of points, RAS mm.
  void cut(int axis, double at, std::vector<std::array<Eigen::Vector3f, 2>>& lines) const;
  [[nodiscard]] const image::Surface& surface() const { return surface_; }

 private:
  struct Slabs {
    float low = 0.0F;
    std::vector<std::uint32_t> start, triangles;  ///< triangles of slab s: start[s] .. start[s + 1]
  };
  image::Surface surface_;
  std::array<Slabs, 3> slabs_;
};

/// FreeSurfer's cortex of one person.
struct Cortex {
  std::vector<std::shared_ptr<const SurfaceCuts>> white, pial;
  std::vector<Error> problems;
  [[nodiscard]] bool empty() const { return white.empty() && pial.empty(); }
};

/// Surfaces in ../surf beside .../mri/T1.mgz; an empty Cortex where there are none. @error Cancelled
[[nodiscard]] Result<std::shared_ptr<const Cortex>> load_cortex(const ScanPaths& paths, const Task& task);

}  // namespace ipsi::render
