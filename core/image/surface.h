// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/image/volume.h"

namespace ipsi::image {

/// A triangle surface in world RAS mm (scanner space).
struct Surface {
  /// Where the transform from FreeSurfer's surface space (tkr) to the scanner came from.
  enum class Placed {
    scanner,   ///< the file says that it is in scanner space
    geometry,  ///< the file tells the geometry of its volume
    volume,    ///< the file tells nothing; the volume that was given was used
    unknown,   ///< neither: points are left in tkr space
  };
  std::vector<Eigen::Vector3f> points;
  std::vector<std::array<std::int32_t, 3>> triangles;  ///< indices of points
  Placed placed = Placed::unknown;
};

/// tkr -> scanner RAS of a volume as stored: vox2ras * inverse(vox2ras-tkr). For a conformed volume the shift by c_ras.
/// @source FreeSurfer's coordinate systems; domain.md, section 4
[[nodiscard]] Eigen::Matrix4d tkr_to_scanner(const Grid& stored);

/// FreeSurfer's triangle surfaces (lh.white, rh.pial, ...). `volume`, the grid as stored of the scan the surface was
/// made from, serves files that do not tell theirs; it may be null.
/// @error NotFound, ReadFailed (truncated, not a surface, quadrangles of old versions, an index of no point)
[[nodiscard]] Result<Surface> read_surface(const std::filesystem::path& path, const Grid* volume);

}  // namespace ipsi::image
