// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/surface.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <sstream>
#include <string_view>

#include <Eigen/LU>

#include "core/base/files.h"

namespace ipsi::image {
namespace fs = std::filesystem;
namespace {

constexpr std::uint32_t kTriangles = 0xFFFFFE;
constexpr std::uint32_t kQuads = 0xFFFFFF, kNewQuads = 0xFFFFFD;
constexpr std::uint32_t kTagRealRas = 2, kTagGeometry = 20;

std::uint32_t word_at(std::string_view bytes, std::size_t at) {
  std::uint32_t v = 0;
  std::memcpy(&v, bytes.data() + at, 4);
  return __builtin_bswap32(v);
}

/// What follows the triangles.
struct Tail {
  bool scanner = false;
  std::optional<Grid> volume;
};

/// "xras   = -1.0 0.0 0.0" -> three numbers.
bool numbers_of(std::string_view text, std::string_view key, Eigen::Vector3d& out) {
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name, equals;
    if (words >> name >> equals && name == key && equals == "=")
      return static_cast<bool>(words >> out[0] >> out[1] >> out[2]);
  }
  return false;
}

std::optional<Grid> geometry_of(std::string_view text) {
  if (text.find("valid = 1") == std::string_view::npos) return std::nullopt;
  Eigen::Vector3d size, spacing, x, y, z, centre;
  if (!numbers_of(text, "volume", size) || !numbers_of(text, "voxelsize", spacing) || !numbers_of(text, "xras", x) ||
      !numbers_of(text, "yras", y) || !numbers_of(text, "zras", z) || !numbers_of(text, "cras", centre))
    return std::nullopt;
  Grid grid;
  for (int i = 0; i < 3; ++i) grid.size[static_cast<std::size_t>(i)] = static_cast<int>(std::lround(size[i]));
  grid.affine.block<3, 1>(0, 0) = x * spacing[0];
  grid.affine.block<3, 1>(0, 1) = y * spacing[1];
  grid.affine.block<3, 1>(0, 2) = z * spacing[2];
  grid.affine.block<3, 1>(0, 3) = centre - grid.affine.topLeftCorner<3, 3>() * (size / 2.0);
  if (!grid.affine.allFinite() || std::abs(grid.affine.topLeftCorner<3, 3>().determinant()) < 1e-9) return std::nullopt;
  return grid;
}

Tail tail_of(std::string_view bytes, std::size_t at) {
  Tail tail;
  if (at + 8 <= bytes.size() && word_at(bytes, at) == kTagRealRas) {
    tail.scanner = word_at(bytes, at + 4) == 1;
    at += 8;
  }
  if (at + 4 <= bytes.size() && word_at(bytes, at) == kTagGeometry) tail.volume = geometry_of(bytes.substr(at + 4));
  return tail;
}

tl::unexpected<Error> damaged(const fs::path& path, std::string what, std::string mend) {
  return fail(Code::ReadFailed, std::move(what), path.string(), std::move(mend));
}

}  // namespace

Eigen::Matrix4d tkr_to_scanner(const Grid& stored) {
  const Eigen::Vector3d mm = stored.spacing();
  Eigen::Matrix4d tkr =
      Eigen::Matrix4d::Identity();  // voxel -> tkr: axes L, S after turning, middle of the volume at 0
  tkr.topLeftCorner<3, 3>() << -mm[0], 0, 0, 0, 0, mm[2], 0, -mm[1], 0;
  tkr.topRightCorner<3, 1>() =
      Eigen::Vector3d(mm[0] * stored.size[0], -mm[2] * stored.size[2], mm[1] * stored.size[1]) / 2.0;
  return stored.affine * tkr.inverse();
}

Result<Surface> read_surface(const fs::path& path, const Grid* volume) {
  auto file = read_file(path);
  if (!file) return tl::unexpected<Error>(file.error());
  const std::string_view bytes = *file;
  const std::uint32_t magic = bytes.size() < 4 ? 0 : word_at(bytes, 0) >> 8;
  if (magic == kQuads || magic == kNewQuads)
    return damaged(path, "this is a surface of quadrangles, as FreeSurfer wrote before 2000",
                   "convert it: mris_convert IN OUT");
  if (magic != kTriangles)
    return damaged(path, "this is not a FreeSurfer surface: its first bytes are not FF FF FE", "check what wrote it");
  // "created by NAME on DATE", an empty line, then the counts.
  const std::size_t text_end = bytes.find("\n\n", 3);
  if (text_end == std::string_view::npos || text_end > 4096 || text_end + 10 > bytes.size())
    return damaged(path, "the file ends inside its header", "copy or make it again");
  std::size_t at = text_end + 2;
  const std::size_t n_points = word_at(bytes, at), n_triangles = word_at(bytes, at + 4);
  at += 8;
  constexpr std::size_t kMost = std::size_t(1) << 28;
  if (n_points > kMost || n_triangles > kMost || bytes.size() - at < 12 * (n_points + n_triangles))
    return damaged(path,
                   fmt::format("the header promises {} points and {} triangles; the file has {} bytes for them",
                               n_points, n_triangles, bytes.size() - at),
                   "copy or make it again");
  Surface out;
  out.points.resize(n_points);
  for (Eigen::Vector3f& point : out.points)
    for (int axis = 0; axis < 3; ++axis, at += 4) point[axis] = std::bit_cast<float>(word_at(bytes, at));
  for (const Eigen::Vector3f& point : out.points)
    if (!point.allFinite()) return damaged(path, "a point of the surface is not a number", "make the surface again");
  out.triangles.resize(n_triangles);
  for (std::size_t t = 0; t < n_triangles; ++t)
    for (std::size_t corner = 0; corner < 3; ++corner, at += 4) {
      const std::uint32_t point = word_at(bytes, at);
      if (point >= n_points)
        return damaged(path, fmt::format("triangle {} names point {} of {}", t, point, n_points),
                       "copy or make it again");
      out.triangles[t][corner] = static_cast<std::int32_t>(point);
    }
  const Tail tail = tail_of(bytes, at);
  std::optional<Eigen::Matrix4d> place;
  if (tail.scanner) {
    out.placed = Surface::Placed::scanner;
  } else if (tail.volume) {
    out.placed = Surface::Placed::geometry;
    place = tkr_to_scanner(*tail.volume);
  } else if (volume != nullptr) {
    out.placed = Surface::Placed::volume;
    place = tkr_to_scanner(*volume);
  }
  if (place) {
    const Eigen::Matrix3f turn = place->topLeftCorner<3, 3>().cast<float>();
    const Eigen::Vector3f shift = place->topRightCorner<3, 1>().cast<float>();
    for (Eigen::Vector3f& point : out.points) point = turn * point + shift;
  }
  return out;
}

}  // namespace ipsi::image
