// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/image/surface.h"
#include "core/image/volume.h"

namespace ipsi::voxelwise {

/// Which places touch which: neighbours of place i are `to[start[i]] .. to[start[i + 1]]`, each pair in both lists.
struct Adjacency {
  std::vector<std::uint32_t> start;  ///< [places + 1]
  std::vector<std::uint32_t> to;
  [[nodiscard]] std::size_t places() const { return start.empty() ? 0 : start.size() - 1; }
};

enum class Neighbours { faces = 6, corners = 26 };

/// Of voxels of a grid. @param voxels  their indices, ascending
[[nodiscard]] Adjacency grid_adjacency(const image::Grid& grid, const std::vector<std::uint32_t>& voxels,
                                       Neighbours neighbours);

/// Of vertices of a mesh that share an edge. @param vertices  their indices, ascending
/// @error InvalidInput  a vertex that the surface does not have
[[nodiscard]] Result<Adjacency> mesh_adjacency(const image::Surface& surface,
                                               const std::vector<std::uint32_t>& vertices);

struct TfceOptions {
  double extent = 0.5;  ///< E
  double height = 2.0;  ///< H
};

/// Threshold-free cluster enhancement, exact: the integral of e(h)^E h^H dh from 0 to the value of each place, e(h) the
/// size of its cluster at height h. Negative values are enhanced as -x and come out negative; 0 and NaN give 0.
///
/// No step size: the clusters of all heights are a tree (a place joins the clusters of its higher neighbours), sizes
/// change at values of places only, and between two of them the integral is e^E (h2^(H+1) - h1^(H+1)) / (H+1).
/// An object keeps its working space; one a thread.
/// @cost   O(places log places + neighbours)
/// @source Smith & Nichols (2009), NeuroImage 44: the definition; Najman & Couprie (2006), IEEE TIP 15: the tree
class Tfce {
 public:
  explicit Tfce(const Adjacency& adjacency, TfceOptions options = {});

  /// @param values  [places]; @param out [places]
  void operator()(const float* values, float* out);

 private:
  void enhance(const float* values, float sign, float* out);

  const Adjacency& adjacency_;
  TfceOptions options_;
  std::vector<std::uint64_t> order_, other_;  // height and place, to sort
  std::vector<std::uint32_t> root_, parent_;  // union-find; the tree of clusters
  std::vector<std::uint32_t> size_, members_, lowest_;
  std::vector<double> integral_, power_;
};

}  // namespace ipsi::voxelwise
