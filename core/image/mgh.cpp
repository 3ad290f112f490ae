// SPDX-License-Identifier: GPL-3.0-or-later
#include <bit>
#include <cmath>
#include <cstring>

#include "core/image/raw.h"

// FreeSurfer's MGH volume: a big-endian header of 284 bytes, the voxels, and a footer that begins with the time
// between frames. Layout: domain.md section 4.

namespace ipsi::image {
namespace {

constexpr std::size_t kDataOffset = 284;
enum Type { kUchar = 0, kInt = 1, kLong = 2, kFloat = 3, kShort = 4, kDouble = 8, kUshort = 10 };

std::uint32_t big32(std::string_view bytes, std::size_t at) {
  std::uint32_t v = 0;
  std::memcpy(&v, bytes.data() + at, 4);
  return __builtin_bswap32(v);
}
std::int32_t int_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::int32_t>(big32(bytes, at));
}
double float_at(std::string_view bytes, std::size_t at) {
  return std::bit_cast<float>(big32(bytes, at));
}
int short_at(std::string_view bytes, std::size_t at) {
  std::uint16_t v = 0;
  std::memcpy(&v, bytes.data() + at, 2);
  return static_cast<std::int16_t>(__builtin_bswap16(v));
}

void put32(std::string& out, std::size_t at, std::uint32_t v) {
  v = __builtin_bswap32(v);
  std::memcpy(out.data() + at, &v, 4);
}
void put_int(std::string& out, std::size_t at, int v) {
  put32(out, at, static_cast<std::uint32_t>(v));
}
void put_float(std::string& out, std::size_t at, double v) {
  put32(out, at, std::bit_cast<std::uint32_t>(static_cast<float>(v)));
}

Result<Stored> stored_of(int type) {
  switch (type) {
    case kUchar: return Stored::uint8;
    case kInt: return Stored::int32;
    case kLong: return Stored::int64;
    case kFloat: return Stored::float32;
    case kShort: return Stored::int16;
    case kDouble: return Stored::float64;
    case kUshort: return Stored::uint16;
    default:
      return fail(Code::ReadFailed, fmt::format("voxel type {} of this MGH file is not one Ipsi reads", type), "",
                  "convert it to uchar, short, int or float with mri_convert");
  }
}

/// Type numbers that every release of FreeSurfer reads; -1 for the rest.
int type_of(Stored stored) {
  switch (stored) {
    case Stored::uint8: return kUchar;
    case Stored::int16: return kShort;
    case Stored::int32: return kInt;
    case Stored::float32: return kFloat;
    default: return -1;
  }
}

Eigen::Vector3d middle(const Grid& grid) {
  return {grid.size[0] / 2.0, grid.size[1] / 2.0, grid.size[2] / 2.0};
}

Result<Eigen::Matrix4d> affine_of(std::string_view head, const Grid& grid) {
  Eigen::Matrix3d direction;  // columns: where i, j, k point, unit length
  Eigen::Vector3d spacing(1, 1, 1);
  Eigen::Vector3d centre(0, 0, 0);
  // Without the flag FreeSurfer's own defaults hold, whatever lies in the fields.
  direction << -1, 0, 0, 0, 0, 1, 0, -1, 0;
  if (short_at(head, 28) > 0) {
    for (int i = 0; i < 3; ++i) {
      spacing[i] = float_at(head, 30 + 4 * static_cast<std::size_t>(i));
      for (int row = 0; row < 3; ++row)
        direction(row, i) = float_at(head, 42 + 12 * static_cast<std::size_t>(i) + 4 * static_cast<std::size_t>(row));
      centre[i] = float_at(head, 78 + 4 * static_cast<std::size_t>(i));
    }
  }
  if (!(spacing.minCoeff() > 0.0) || !spacing.allFinite())
    return fail(Code::ReadFailed,
                fmt::format("the header gives a voxel size of {} x {} x {} mm", spacing[0], spacing[1], spacing[2]), "",
                "the header is damaged; make the file again");
  Eigen::Matrix4d affine = Eigen::Matrix4d::Identity();
  affine.topLeftCorner<3, 3>() = direction * spacing.asDiagonal();
  affine.topRightCorner<3, 1>() = centre - affine.topLeftCorner<3, 3>() * middle(grid);
  if (auto ok = check_affine(affine); !ok) return tl::unexpected<Error>(ok.error());
  return affine;
}

}  // namespace

bool looks_like_mgh(std::string_view head) {
  return head.size() >= 28 && int_at(head, 0) == 1 && int_at(head, 20) >= 0 && int_at(head, 20) <= 32;
}

bool mgh_holds(Stored stored) {
  return type_of(stored) >= 0;
}

Result<Header> parse_mgh(std::string_view head) {
  if (head.size() < kDataOffset)
    return fail(Code::ReadFailed, fmt::format("the file ends after {} bytes, inside its header", head.size()), "",
                "copy or make it again");
  if (int_at(head, 0) != 1)
    return fail(Code::ReadFailed, fmt::format("this is not an MGH volume: version {} where 1 is due", int_at(head, 0)),
                "", "check what wrote the file");
  const auto stored = stored_of(int_at(head, 20));
  if (!stored) return tl::unexpected<Error>(stored.error());
  Header header;
  header.info.stored = *stored;
  for (std::size_t axis = 0; axis < 3; ++axis) header.info.grid.size[axis] = int_at(head, 4 + 4 * axis);
  header.info.frames = int_at(head, 16);
  header.offset = kDataOffset;
  header.swap = true;
  header.space_code = 1;
  header.tail_allowed = true;
  if (auto ok = voxel_bytes(header); !ok) return tl::unexpected<Error>(ok.error());
  auto affine = affine_of(head, header.info.grid);
  if (!affine) return tl::unexpected<Error>(affine.error());
  header.info.grid.affine = *affine;
  return header;
}

Result<std::string> mgh_file(const Header& header, std::string_view native) {
  const Info& info = header.info;
  const Grid& grid = info.grid;
  const int type = type_of(info.stored);
  if (type < 0 || info.components != 1)
    return fail(Code::InvalidInput,
                fmt::format("an MGH file cannot hold {} x {}", info.components, to_string(info.stored)), "",
                "write .nii.gz");
  constexpr std::size_t kFooter = 16;  // repetition time (ms), flip angle, echo time, inversion time
  std::string out(kDataOffset + native.size() + kFooter, '\0');
  put_int(out, 0, 1);
  for (std::size_t axis = 0; axis < 3; ++axis) put_int(out, 4 + 4 * axis, grid.size[axis]);
  put_int(out, 16, info.frames);
  put_int(out, 20, type);
  out[29] = 1;  // goodRASFlag
  const Eigen::Vector3d spacing = grid.spacing();
  const Eigen::Vector3d centre = grid.to_world(middle(grid));
  for (int i = 0; i < 3; ++i) {
    const auto at = static_cast<std::size_t>(i);
    put_float(out, 30 + 4 * at, spacing[i]);
    for (int row = 0; row < 3; ++row)
      put_float(out, 42 + 12 * at + 4 * static_cast<std::size_t>(row), grid.affine(row, i) / spacing[i]);
    put_float(out, 78 + 4 * at, centre[i]);
  }
  Raw body;
  body.header.info = info;
  body.header.swap = true;
  body.bytes = Bytes::make(native.size());
  if (body.bytes.empty()) return fail(Code::Environment, "there is not enough memory to write the volume");
  std::memcpy(body.bytes.data(), native.data(), native.size());
  to_native(body);  // the same swap in the other direction
  std::memcpy(out.data() + kDataOffset, body.bytes.data(), native.size());
  put_float(out, kDataOffset + native.size(), header.repeat_seconds * 1000.0);
  return out;
}

}  // namespace ipsi::image
