// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "core/image/raw.h"

// NIfTI-1, NIfTI-2 and Analyze 7.5. Read here, not by ITK, because ITK drops shear from an affine and prefers one of
// the two transforms by rules of its own; docs/decisions/nifti-reader.md.
// Layout: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h and nifti2.h.

namespace ipsi::image {
namespace {

constexpr std::size_t kSize1 = 348;
constexpr std::size_t kSize2 = 540;
constexpr int kMaxSize1 = 32767;  // sizes are 16-bit in NIfTI-1

enum class Kind { analyze, nifti1, nifti2 };

/// Reads fields of either byte order.
struct Fields {
  std::string_view bytes;
  bool swap = false;

  template <class T>
  [[nodiscard]] T get(std::size_t at) const {
    char raw[sizeof(T)];
    std::memcpy(raw, bytes.data() + at, sizeof(T));
    if (swap) std::reverse(raw, raw + sizeof(T));
    T value;
    std::memcpy(&value, raw, sizeof(T));
    return value;
  }
};

std::int32_t header_size(std::string_view head) {
  std::int32_t size = 0;
  if (head.size() >= 4) std::memcpy(&size, head.data(), 4);
  return size;
}

bool known_size(std::int32_t size) {
  return size == std::int32_t(kSize1) || size == std::int32_t(kSize2);
}

std::int32_t reversed(std::int32_t v) {
  return static_cast<std::int32_t>(__builtin_bswap32(static_cast<std::uint32_t>(v)));
}

/// Where each version keeps what Ipsi needs, as numbers of one type.
struct Plain {
  Kind kind = Kind::nifti1;
  std::array<long long, 8> dim{};
  std::array<double, 8> pixdim{};
  int datatype = 0;
  double offset = 0, slope = 0, intercept = 0;
  int qform = 0, sform = 0, units = 0;
  std::array<double, 6> quaternion{};  // b c d and the three offsets
  std::array<double, 12> srow{};
  std::array<int, 3> analyze_origin{};  // SPM's: voxel of the origin, counted from 1
};

Plain plain_nifti2(const Fields& f) {
  Plain p;
  p.kind = Kind::nifti2;
  for (std::size_t i = 0; i < 8; ++i) {
    p.dim[i] = f.get<std::int64_t>(16 + 8 * i);
    p.pixdim[i] = f.get<double>(104 + 8 * i);
  }
  p.datatype = f.get<std::int16_t>(12);
  p.offset = static_cast<double>(f.get<std::int64_t>(168));
  p.slope = f.get<double>(176);
  p.intercept = f.get<double>(184);
  p.qform = f.get<std::int32_t>(344);
  p.sform = f.get<std::int32_t>(348);
  p.units = f.get<std::int32_t>(500);
  for (std::size_t i = 0; i < 6; ++i) p.quaternion[i] = f.get<double>(352 + 8 * i);
  for (std::size_t i = 0; i < 12; ++i) p.srow[i] = f.get<double>(400 + 8 * i);
  return p;
}

Plain plain_nifti1(const Fields& f, Kind kind) {
  Plain p;
  p.kind = kind;
  for (std::size_t i = 0; i < 8; ++i) {
    p.dim[i] = f.get<std::int16_t>(40 + 2 * i);
    p.pixdim[i] = static_cast<double>(f.get<float>(76 + 4 * i));
  }
  p.datatype = f.get<std::int16_t>(70);
  p.offset = static_cast<double>(f.get<float>(108));
  p.slope = static_cast<double>(f.get<float>(112));
  p.intercept = static_cast<double>(f.get<float>(116));
  if (kind == Kind::analyze) {
    p.intercept = 0.0;  // Analyze has none; the field belongs to other programs. The slope is SPM's.
    for (std::size_t i = 0; i < 3; ++i) p.analyze_origin[i] = f.get<std::int16_t>(253 + 2 * i);
    return p;
  }
  p.units = static_cast<unsigned char>(f.bytes[123]);
  p.qform = f.get<std::int16_t>(252);
  p.sform = f.get<std::int16_t>(254);
  for (std::size_t i = 0; i < 6; ++i) p.quaternion[i] = static_cast<double>(f.get<float>(256 + 4 * i));
  for (std::size_t i = 0; i < 12; ++i) p.srow[i] = static_cast<double>(f.get<float>(280 + 4 * i));
  return p;
}

struct Voxel {
  Stored stored;
  int components;
};

Result<Voxel> voxel_of(int datatype) {
  switch (datatype) {
    case 2: return Voxel{Stored::uint8, 1};
    case 4: return Voxel{Stored::int16, 1};
    case 8: return Voxel{Stored::int32, 1};
    case 16: return Voxel{Stored::float32, 1};
    case 64: return Voxel{Stored::float64, 1};
    case 128: return Voxel{Stored::uint8, 3};
    case 256: return Voxel{Stored::int8, 1};
    case 512: return Voxel{Stored::uint16, 1};
    case 768: return Voxel{Stored::uint32, 1};
    case 1024: return Voxel{Stored::int64, 1};
    case 1280: return Voxel{Stored::uint64, 1};
    case 2304: return Voxel{Stored::uint8, 4};
    default: break;
  }
  const char* name = datatype == 32 || datatype == 1792 || datatype == 2048 ? " (complex numbers)" : "";
  return fail(Code::ReadFailed, fmt::format("voxel type {}{} of this NIfTI file is not one Ipsi reads", datatype, name),
              "", "convert it to float32");
}

int datatype_of(Stored stored, int components) {
  if (components == 3) return 128;
  if (components == 4) return 2304;
  switch (stored) {
    case Stored::uint8: return 2;
    case Stored::int16: return 4;
    case Stored::int32: return 8;
    case Stored::float32: return 16;
    case Stored::float64: return 64;
    case Stored::int8: return 256;
    case Stored::uint16: return 512;
    case Stored::uint32: return 768;
    case Stored::int64: return 1024;
    case Stored::uint64: return 1280;
  }
  return 0;
}

Eigen::Matrix4d quaternion_affine(const Plain& p) {
  double b = p.quaternion[0];
  double c = p.quaternion[1];
  double d = p.quaternion[2];
  double a = 1.0 - (b * b + c * c + d * d);
  if (a < 1e-7) {  // half a turn: what single precision left of `a` is noise
    const double norm = std::sqrt(b * b + c * c + d * d);
    a = 0.0;
    b /= norm;
    c /= norm;
    d /= norm;
  } else {
    a = std::sqrt(a);
  }
  const Eigen::Quaterniond rotation(a, b, c, d);
  const double handed = p.pixdim[0] < 0.0 ? -1.0 : 1.0;
  const Eigen::Vector3d scale(p.pixdim[1], p.pixdim[2], handed * p.pixdim[3]);
  Eigen::Matrix4d affine = Eigen::Matrix4d::Identity();
  affine.topLeftCorner<3, 3>() = rotation.toRotationMatrix() * scale.asDiagonal();
  affine.topRightCorner<3, 1>() << p.quaternion[3], p.quaternion[4], p.quaternion[5];
  return affine;
}

Eigen::Matrix4d srow_affine(const Plain& p) {
  Eigen::Matrix4d affine = Eigen::Matrix4d::Identity();
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 4; ++column) affine(row, column) = p.srow[static_cast<std::size_t>(4 * row + column)];
  return affine;
}

/// Analyze stores no directions; by its own convention i runs to the left. The origin is SPM's voxel where that lies
/// inside, else the middle of the image, as SPM itself and nibabel have it.
Eigen::Matrix4d analyze_affine(const Plain& p) {
  Eigen::Matrix4d affine = Eigen::Matrix4d::Identity();
  affine.diagonal().head<3>() << -p.pixdim[1], p.pixdim[2], p.pixdim[3];
  bool inside = true;
  for (std::size_t i = 0; i < 3; ++i)
    inside = inside && p.analyze_origin[i] >= 1 && p.analyze_origin[i] <= p.dim[i + 1];
  for (int i = 0; i < 3; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const long long n = static_cast<long long>(i) < p.dim[0] ? p.dim[at + 1] : 1;
    const double origin = inside ? p.analyze_origin[at] - 1.0 : 0.5 * static_cast<double>(n - 1);
    affine(i, 3) = -affine(i, i) * origin;
  }
  return affine;
}

Result<Eigen::Matrix4d> affine_of(Plain p, int& space_code) {
  // A size of 0 (unused dimensions) or below means nothing; the standard asks for positive ones.
  for (std::size_t i = 1; i <= 3; ++i) p.pixdim[i] = p.pixdim[i] == 0.0 ? 1.0 : std::abs(p.pixdim[i]);
  std::optional<Eigen::Matrix4d> affine;
  if (p.kind == Kind::analyze) {
    affine = analyze_affine(p);
  } else if (p.sform > 0 && check_affine(srow_affine(p))) {
    affine = srow_affine(p);
    space_code = p.sform;
  } else if (p.qform > 0 && check_affine(quaternion_affine(p))) {
    affine = quaternion_affine(p);
    space_code = p.qform;
  } else if (p.sform > 0) {
    affine = srow_affine(p);  // unusable, and said so below
  } else {
    affine = Eigen::Matrix4d::Identity();
    affine->diagonal().head<3>() << p.pixdim[1], p.pixdim[2], p.pixdim[3];
  }
  // Lengths may be in metres or micrometres; a file that says nothing means millimetres.
  const int unit = p.units & 7;
  const double millimetres = unit == 1 ? 1000.0 : unit == 3 ? 0.001 : 1.0;
  affine->topRows<3>() *= millimetres;
  if (auto ok = check_affine(*affine); !ok) return tl::unexpected<Error>(ok.error());
  return *affine;
}

double seconds_of(const Plain& p) {
  if (p.dim[0] < 4 || !(p.pixdim[4] > 0.0)) return 0.0;
  switch (p.units & 0x38) {
    case 16: return p.pixdim[4] * 1e-3;
    case 24: return p.pixdim[4] * 1e-6;
    default: return p.pixdim[4];
  }
}

Result<void> set_sizes(const Plain& p, const Voxel& voxel, Info& info) {
  if (p.dim[0] < 1 || p.dim[0] > 7)
    return fail(Code::ReadFailed, fmt::format("the header gives {} dimensions where 1 to 7 are possible", p.dim[0]), "",
                "the header is damaged; make the file again");
  std::array<long long, 8> n{};
  for (std::size_t i = 1; i < 8; ++i) {
    n[i] = static_cast<long long>(i) <= p.dim[0] ? p.dim[i] : 1;
    if (i > 3 && n[i] == 0) n[i] = 1;  // some writers leave unused sizes 0
    if (n[i] < 1 || n[i] > 2147483647LL)
      return fail(Code::ReadFailed, fmt::format("the header gives an impossible size: {} along dimension {}", n[i], i),
                  "", "the header is damaged; make the file again");
  }
  long long components = voxel.components;
  for (std::size_t i = 5; i < 8; ++i)
    if (__builtin_mul_overflow(components, n[i], &components) || components > 2147483647LL)
      return fail(Code::ReadFailed, "the header gives an impossible number of values a voxel", "",
                  "the header is damaged; make the file again");
  for (std::size_t i = 0; i < 3; ++i) info.grid.size[i] = static_cast<int>(n[i + 1]);
  info.frames = static_cast<int>(n[4]);
  info.components = static_cast<int>(components);
  info.stored = voxel.stored;
  return {};
}

// ---- writing --------------------------------------------------------------------------------------------------

template <class T>
void put(std::string& out, std::size_t at, T value) {
  std::memcpy(out.data() + at, &value, sizeof(T));
}

/// Quaternion form of the affine, where it is a rotation and scales; nullopt when it is sheared.
struct Quaternion {
  double b, c, d, handed;
};
std::optional<Quaternion> quaternion_of(const Grid& grid) {
  const Eigen::Vector3d spacing = grid.spacing();
  Eigen::Matrix3d r = grid.affine.topLeftCorner<3, 3>() * spacing.cwiseInverse().asDiagonal();
  if (((r.transpose() * r) - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff() > 1e-5) return std::nullopt;
  const double handed = r.determinant() < 0.0 ? -1.0 : 1.0;
  r.col(2) *= handed;
  Eigen::Quaterniond q(r);
  q.normalize();
  if (q.w() < 0.0) q.coeffs() *= -1.0;
  Eigen::Vector3f bcd = q.vec().cast<float>();
  // Readers take the fourth number as sqrt(1 - b^2 - c^2 - d^2). At half a turn (every LIA volume) rounding the three
  // down would turn a rest of 6e-8 into an angle of 2.4e-4; rounded up, the rest is none.
  const auto rest = [&] { return 1.0 - bcd.cast<double>().squaredNorm(); };
  if (q.w() < 1e-5)
    for (int i = 0; i < 3 && rest() > 0.0; ++i)
      if (bcd[i] != 0.0F) bcd[i] = std::nextafter(bcd[i], bcd[i] > 0.0F ? 2.0F : -2.0F);
  return Quaternion{double(bcd[0]), double(bcd[1]), double(bcd[2]), handed};
}

void put_place(std::string& out, Kind kind, std::size_t at1, std::size_t at2, std::size_t index, double value) {
  if (kind == Kind::nifti2)
    put(out, at2 + 8 * index, value);
  else
    put(out, at1 + 4 * index, static_cast<float>(value));
}

void put_transform(std::string& out, Kind kind, const Header& header) {
  const Grid& grid = header.info.grid;
  const Eigen::Vector3d spacing = grid.spacing();
  const auto quaternion = quaternion_of(grid);
  put_place(out, kind, 76, 104, 0, quaternion ? quaternion->handed : 1.0);
  for (int i = 0; i < 3; ++i) put_place(out, kind, 76, 104, static_cast<std::size_t>(i) + 1, spacing[i]);
  put_place(out, kind, 76, 104, 4, header.repeat_seconds);
  const int code = std::max(1, header.space_code);
  if (kind == Kind::nifti2) {
    put<std::int32_t>(out, 344, quaternion ? code : 0);
    put<std::int32_t>(out, 348, code);
  } else {
    put<std::int16_t>(out, 252, static_cast<std::int16_t>(quaternion ? code : 0));
    put<std::int16_t>(out, 254, static_cast<std::int16_t>(code));
  }
  if (quaternion) {
    const double bcd[3] = {quaternion->b, quaternion->c, quaternion->d};
    for (std::size_t i = 0; i < 3; ++i) {
      put_place(out, kind, 256, 352, i, bcd[i]);
      put_place(out, kind, 268, 376, i, grid.affine(static_cast<int>(i), 3));
    }
  }
  for (std::size_t i = 0; i < 12; ++i)
    put_place(out, kind, 280, 400, i, grid.affine(static_cast<int>(i / 4), static_cast<int>(i % 4)));
}

std::array<std::int64_t, 8> dimensions(const Info& info) {
  const bool colour = info.stored == Stored::uint8 && (info.components == 3 || info.components == 4);
  const int vector = colour ? 1 : info.components;
  std::array<std::int64_t, 8> dim{3, info.grid.size[0], info.grid.size[1], info.grid.size[2], info.frames, vector, 1,
                                  1};
  dim[0] = vector > 1 ? 5 : info.frames > 1 ? 4 : 3;
  return dim;
}

}  // namespace

bool looks_like_nifti(std::string_view head) {
  return known_size(header_size(head)) || known_size(reversed(header_size(head)));
}

Result<NiftiHeader> parse_nifti(std::string_view head) {
  Fields fields{head, !known_size(header_size(head))};
  const std::int32_t size = fields.swap ? reversed(header_size(head)) : header_size(head);
  if (!known_size(size))
    return fail(Code::ReadFailed,
                fmt::format("this is not a NIfTI image: header size {} where 348 or 540 is due", header_size(head)), "",
                "check what wrote the file");
  if (head.size() < static_cast<std::size_t>(size))
    return fail(Code::ReadFailed, fmt::format("the file ends after {} bytes, inside its header", head.size()), "",
                "copy or make it again");
  NiftiHeader out;
  Plain p;
  if (size == std::int32_t(kSize2)) {
    const std::string_view magic = head.substr(4, 4);
    if (magic != std::string_view("n+2\0", 4) && magic != std::string_view("ni2\0", 4))
      return fail(Code::ReadFailed, "this is not a NIfTI-2 image: its magic bytes are wrong", "",
                  "check what wrote the file");
    out.pair = magic[1] == 'i';
    p = plain_nifti2(fields);
  } else {
    const std::string_view magic = head.substr(344, 4);
    const bool single = magic == std::string_view("n+1\0", 4);
    const bool pair = magic == std::string_view("ni1\0", 4);
    out.pair = !single;
    p = plain_nifti1(fields, single || pair ? Kind::nifti1 : Kind::analyze);
  }
  const auto voxel = voxel_of(p.datatype);
  if (!voxel) return tl::unexpected<Error>(voxel.error());
  Header& header = out.header;
  if (auto ok = set_sizes(p, *voxel, header.info); !ok) return tl::unexpected<Error>(ok.error());
  if (auto ok = voxel_bytes(header); !ok) return tl::unexpected<Error>(ok.error());
  auto affine = affine_of(p, header.space_code);
  if (!affine) return tl::unexpected<Error>(affine.error());
  header.info.grid.affine = *affine;
  const double first = out.pair ? 0.0 : static_cast<double>(size);
  if (!(p.offset >= 0.0) || p.offset > 1e15 || (!out.pair && p.offset != 0.0 && p.offset < first))
    return fail(Code::ReadFailed, fmt::format("the header puts the voxels at byte {}", p.offset), "",
                "the header is damaged; make the file again");
  // A single file that says 0 means the usual place, right after header and extension flag.
  header.offset = static_cast<std::size_t>(p.offset == 0.0 && !out.pair ? first + 4.0 : p.offset);
  header.swap = fields.swap;
  if (std::isfinite(p.slope) && std::isfinite(p.intercept) && p.slope != 0.0 && voxel->components == 1) {
    header.slope = p.slope;
    header.intercept = p.intercept;
  }
  header.repeat_seconds = seconds_of(p);
  return out;
}

Result<std::string> nifti_file(const Header& header, std::string_view native) {
  const Info& info = header.info;
  const std::array<std::int64_t, 8> dim = dimensions(info);
  const bool large = std::any_of(dim.begin(), dim.end(), [](std::int64_t n) { return n > kMaxSize1; });
  const Kind kind = large ? Kind::nifti2 : Kind::nifti1;
  const std::size_t offset = large ? 544 : 352;
  const bool colour = dim[5] == 1 && info.components > 1;
  const int datatype = datatype_of(info.stored, colour ? info.components : 1);
  const int bits = static_cast<int>(8 * size_of(info.stored)) * (colour ? info.components : 1);
  std::string out(offset, '\0');
  out.reserve(offset + native.size());
  put<std::int32_t>(out, 0, large ? std::int32_t(kSize2) : std::int32_t(kSize1));
  for (std::size_t i = 0; i < 8; ++i) {
    if (large)
      put<std::int64_t>(out, 16 + 8 * i, dim[i]);
    else
      put<std::int16_t>(out, 40 + 2 * i, static_cast<std::int16_t>(dim[i]));
  }
  put<std::int16_t>(out, large ? 12 : 70, static_cast<std::int16_t>(datatype));
  put<std::int16_t>(out, large ? 14 : 72, static_cast<std::int16_t>(bits));
  if (large)
    put<std::int64_t>(out, 168, static_cast<std::int64_t>(offset));
  else
    put<float>(out, 108, static_cast<float>(offset));
  put_place(out, kind, 112, 176, 0, header.slope);
  put_place(out, kind, 116, 184, 0, header.intercept);
  constexpr int kMillimetresSeconds = 2 | 8;
  if (large)
    put<std::int32_t>(out, 500, kMillimetresSeconds);
  else
    out[123] = kMillimetresSeconds;
  if (dim[5] > 1) {
    constexpr int kVector = 1007;
    if (large)
      put<std::int32_t>(out, 504, kVector);
    else
      put<std::int16_t>(out, 68, kVector);
  }
  put_transform(out, kind, header);
  if (large)
    std::memcpy(out.data() + 4, "n+2\0\r\n\032\n", 8);
  else
    std::memcpy(out.data() + 344, "n+1\0", 4);
  out.append(native);
  return out;
}

}  // namespace ipsi::image
