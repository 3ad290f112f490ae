// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/regions.h"
#include "core/base/task.h"
#include "core/brain/atlas.h"

namespace ipsi::render {

/// A closed triangle surface in RAS mm, triangles counter-clockwise seen from outside.
struct Mesh {
  std::vector<Eigen::Vector3f> points, normals;        ///< equally many; normals of length 1, outward
  std::vector<std::array<std::int32_t, 3>> triangles;  ///< indices of points

  [[nodiscard]] bool empty() const { return triangles.empty(); }
  [[nodiscard]] double volume_mm3() const;  ///< enclosed, by the divergence theorem
};

struct SurfaceOptions {
  int smoothing_iterations = 30;
  double pass_band = 0.04;  ///< of the windowed sinc, 0..2: smaller is smoother
  double keep = 1.0;        ///< share of the triangles kept; below 1 quadric decimation
};

/// The surface of the voxels that have `label`: flying edges, windowed-sinc smoothing in mm, quadric decimation.
/// Empty when no voxel has the label.
/// @source Taubin, Zhang, Golub (1996), ECCV; Garland, Heckbert (1997), SIGGRAPH (VTK's filters)
[[nodiscard]] Mesh surface_of(const image::Labels& labels, int label, const SurfaceOptions& options = {});

/// The outer surface of a skull-stripped head: tissue brighter than fluid, largest piece, smoothed at 2 mm.
[[nodiscard]] Mesh brain_surface(const image::Volume& brain);

/// A template as surfaces.
struct HeadModel {
  std::string name;                           ///< of the template
  std::string key;                            ///< content hash of labels and brain
  std::array<Mesh, kRegions.size()> regions;  ///< order of kRegions; empty where the template has no such label
  Mesh brain;                                 ///< empty when the template has no head
};

/// The same forms with `keep` of the triangles, for the time of a drag.
[[nodiscard]] HeadModel simplified(const HeadModel& model, double keep);

/// Surfaces of a template, made once per process and shared.
/// @error InvalidInput  none of the twelve labels occurs
/// @error Cancelled
/// @cost  about 0.4 s the first time, a hash of the labels after
[[nodiscard]] Result<std::shared_ptr<const HeadModel>> head_model(const brain::Template& head, const Task& task);

}  // namespace ipsi::render
