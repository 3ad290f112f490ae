// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/image/bytes.h"
#include "core/image/io.h"

// Inside core/image only: voxels as they lie in a file, between a format and the value types of volume.h.

namespace ipsi::image {

/// What a format learns from a header; the voxels follow at `offset` (or in a second file).
struct Header {
  Info info;
  std::size_t offset = 0;  ///< byte of the first voxel
  bool swap = false;       ///< voxels are in the other byte order than this machine's
  double slope = 1.0;      ///< real value = slope * stored + intercept
  double intercept = 0.0;
  double repeat_seconds = 0.0;  ///< time between frames, 0 where unknown
  int space_code = 2;           ///< NIfTI's word for the space: 1 scanner, 2 aligned, 3 Talairach, 4 MNI
  bool tail_allowed = false;    ///< other things may follow the voxels (MGH footer)

  [[nodiscard]] bool scaled() const { return slope != 1.0 || intercept != 0.0; }
  [[nodiscard]] std::size_t values() const {
    return info.grid.voxels() * std::size_t(info.frames) * std::size_t(info.components);
  }
};

struct Raw {
  Header header;
  Bytes bytes;
  [[nodiscard]] const char* voxels() const { return bytes.data() + header.offset; }
  [[nodiscard]] char* voxels() { return bytes.data() + header.offset; }
};

[[nodiscard]] std::size_t size_of(Stored stored);
[[nodiscard]] bool is_whole(Stored stored);  ///< an integer type

/// Number of bytes the voxels take. @error ReadFailed  a size is not positive, or the product is absurd
[[nodiscard]] Result<std::size_t> voxel_bytes(const Header& header);

/// All three formats of `affine` checks in one: finite and not flat. @error ReadFailed
[[nodiscard]] Result<void> check_affine(const Eigen::Matrix4d& affine);

/// One 3D image as it lies in its file (NRRD, MetaImage and the rest); what read_volume starts from. @error as
/// read_volume
[[nodiscard]] Result<Raw> read_raw(const std::filesystem::path& path);

/// Reverse the bytes of each value so that they are in this machine's order.
void to_native(Raw& raw);

/// First frame, first component as real values.
[[nodiscard]] std::vector<float> decode_floats(const Raw& raw);
/// @error InvalidInput  NaN, fractions, or out of the range of int32; count and first place named
[[nodiscard]] Result<std::vector<std::int32_t>> decode_labels(const Raw& raw);

/// Values as bytes of type `stored`, native order.
/// @error InvalidInput  a value does not fit; the first one and how many are named
[[nodiscard]] Result<std::string> encode(const std::vector<float>& values, Stored stored, const Grid& grid);
[[nodiscard]] Result<std::string> encode(const std::vector<std::int32_t>& values, Stored stored, const Grid& grid);

/// "voxel (1, 2, 3)" of a flat index.
[[nodiscard]] std::string place_name(const Grid& grid, std::size_t index);

// ---- formats --------------------------------------------------------------------------------------------------
// A header parser sees the first kHeadBytes of the (decompressed) file; a writer gives the whole file, uncompressed,
// from native voxels.

inline constexpr std::size_t kHeadBytes = 4096;

[[nodiscard]] bool looks_like_mgh(std::string_view head);
[[nodiscard]] Result<Header> parse_mgh(std::string_view head);
[[nodiscard]] Result<std::string> mgh_file(const Header& header, std::string_view native);
[[nodiscard]] bool mgh_holds(Stored stored);

[[nodiscard]] bool looks_like_nifti(std::string_view head);  ///< NIfTI-1, NIfTI-2 or Analyze 7.5
/// `pair` is set where the voxels are in a second file (.img).
struct NiftiHeader {
  Header header;
  bool pair = false;
};
[[nodiscard]] Result<NiftiHeader> parse_nifti(std::string_view head);
[[nodiscard]] Result<std::string> nifti_file(const Header& header, std::string_view native);

[[nodiscard]] bool looks_like_itk(std::string_view head);  ///< NRRD or MetaImage
[[nodiscard]] Result<Header> itk_header(const std::filesystem::path& path);
[[nodiscard]] Result<Raw> itk_read(const std::filesystem::path& path);
[[nodiscard]] Result<void> itk_write(const Header& header, std::string_view native, const std::filesystem::path& path);

}  // namespace ipsi::image
