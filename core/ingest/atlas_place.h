// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <optional>

#include "core/base/regions.h"

namespace ipsi::ingest {

/// A region of Colin27's atlas (brain/atlas.h) as the ellipsoid of its volume's first and second moments.
struct AtlasPlace {
  double mm3;
  Eigen::Vector3d centre_mm;
  Eigen::Matrix3d spread_mm2;  ///< covariance of its voxels
  /// Inside the solid ellipsoid of that covariance: squared distance in spreads at most 5.
  [[nodiscard]] bool inside(const Eigen::Vector3d& at_mm) const;
};
[[nodiscard]] const std::array<AtlasPlace, kRegions.size()>& atlas_places();  ///< kRegions order

using Centres = std::array<Eigen::Vector3d, kRegions.size()>;  ///< NaN where a region is missing

/// From template space into one person's world, by the centres of the regions.
struct AtlasFit {
  Eigen::Matrix4d to_person = Eigen::Matrix4d::Identity();
  std::array<double, kRegions.size()> weight{};  ///< how far each centre was believed, 0..1
  int regions = 0;                               ///< centres it rests on
};

/// The affine map that takes the atlas centres nearest to these; centres that do not fit are taken less seriously
/// (Tukey's bisquare), and `without` not at all. A whole image whose sides are exchanged fits as well as any.
/// nullopt with fewer than six centres.
[[nodiscard]] std::optional<AtlasFit> fit_atlas(const Centres& centres, std::optional<std::size_t> without = {});

/// Where each centre lies against the place that the *other* regions give it: its distance from there in template
/// millimetres along x (right), y (front), z (up); NaN where it is missing or cannot be told.
[[nodiscard]] Centres displacements(const Centres& centres);

}  // namespace ipsi::ingest
