// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/render/planes.h"
#include "core/render/scan.h"

namespace ipsi::render {

/// Where the middle of a thumbnail comes from.
enum class Anchor : std::uint8_t {
  label,     ///< the region's own voxels
  mirrored,  ///< no label: the opposite region, mirrored at the plane between the sides
  atlas,     ///< no label: where the atlas expects the region in this head
  head,      ///< no label, nothing to go by: the middle of the head
};

/// One region of one person, an axial slice through its centre of mass: small enough to keep for everybody, and enough
/// to be painted with any overlay again. Pixels are those of the scan wherever its voxels lie along the axes.
struct Thumbnail {
  enum Mark : std::uint8_t { kRegion = 1, kPair = 2, kLesion = 4 };
  int side = 0;  ///< pixels; square. 0: there is none
  double mm_per_pixel = 1.0;
  Eigen::Vector3d corner_mm{0, 0, 0};  ///< centre of the first pixel; pixels go along +R, then +A
  Anchor anchor = Anchor::label;
  std::vector<std::uint8_t> grey;   ///< in the scan's own window
  std::vector<std::uint8_t> marks;  ///< of Mark

  [[nodiscard]] bool empty() const { return side == 0; }
  [[nodiscard]] Eigen::Vector3d centre_mm() const;
  [[nodiscard]] std::size_t bytes() const { return sizeof(Thumbnail) + grey.capacity() + marks.capacity(); }
  friend bool operator==(const Thumbnail&, const Thumbnail&) = default;
};

/// The twelve of one person.
struct Thumbnails {
  std::array<Thumbnail, kRegions.size()> of;
  std::string problem;  ///< labels or lesion that could not be read, in one line; "" for none
  [[nodiscard]] std::size_t bytes() const;
  friend bool operator==(const Thumbnails&, const Thumbnails&) = default;
};

/// Where regions are expected in this head, for those without a label. See ingest/atlas_place.h.
using ExpectedPlaces = std::array<std::optional<Eigen::Vector3d>, kRegions.size()>;

/// @cost  a few milliseconds
[[nodiscard]] Thumbnails make_thumbnails(const Scan& scan, const ExpectedPlaces& expected = {});

/// The whole field as PlaneRenderer paints it, `width` x `height` device pixels, black beside it.
/// `look.window` does not count: greys were made in the scan's own. The picture is valid until the next call.
class ThumbnailPainter {
 public:
  const PlanePicture& draw(const Thumbnail& thumbnail, int region, const PlaneLook& look, int width, int height,
                           double pixel_ratio);

 private:
  PlaneRenderer renderer_;
};

/// As kept on the disk, compressed. Reading gives equal values; nullopt where the bytes are of another version or were
/// damaged.
[[nodiscard]] std::string to_bytes(const Thumbnails& thumbnails);
[[nodiscard]] std::optional<Thumbnails> thumbnails_of_bytes(std::string_view bytes);

/// A folder of such files, one a person. May be used from several threads and programs at once; whatever fails costs
/// the time to make thumbnails again.
class ThumbnailCache {
 public:
  /// `dir` empty: nothing is kept. Past `limit` bytes what was not used for longest goes.
  explicit ThumbnailCache(std::filesystem::path dir, std::uintmax_t limit = std::uintmax_t(512) << 20);
  /// $XDG_CACHE_HOME/ipsi/qc/thumbnails; empty where the user has no such place.
  [[nodiscard]] static std::filesystem::path default_dir();

  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] std::optional<Thumbnails> find(const std::string& key) const;
  void store(const std::string& key, const Thumbnails& thumbnails) const;
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }

 private:
  void shrink() const;
  [[nodiscard]] std::filesystem::path file(const std::string& key) const;
  std::filesystem::path dir_;
  std::uintmax_t limit_;
};

}  // namespace ipsi::render
