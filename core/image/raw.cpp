// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/raw.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace ipsi::image {
namespace {

static_assert(std::endian::native == std::endian::little, "byte order of the writers");

constexpr double kWholeTolerance = 1e-4;  // scale factors and float storage leave 2.00001 where 2 is meant

/// Calls `visit` with a null pointer of the C++ type behind `stored`.
template <class Visit>
auto with_type(Stored stored, Visit&& visit) {
  switch (stored) {
    case Stored::uint8: return visit(static_cast<std::uint8_t*>(nullptr));
    case Stored::int8: return visit(static_cast<std::int8_t*>(nullptr));
    case Stored::int16: return visit(static_cast<std::int16_t*>(nullptr));
    case Stored::uint16: return visit(static_cast<std::uint16_t*>(nullptr));
    case Stored::int32: return visit(static_cast<std::int32_t*>(nullptr));
    case Stored::uint32: return visit(static_cast<std::uint32_t*>(nullptr));
    case Stored::int64: return visit(static_cast<std::int64_t*>(nullptr));
    case Stored::uint64: return visit(static_cast<std::uint64_t*>(nullptr));
    case Stored::float32: return visit(static_cast<float*>(nullptr));
    default: return visit(static_cast<double*>(nullptr));
  }
}

template <std::size_t N>
struct Unsigned;
template <>
struct Unsigned<1> {
  using type = std::uint8_t;
};
template <>
struct Unsigned<2> {
  using type = std::uint16_t;
};
template <>
struct Unsigned<4> {
  using type = std::uint32_t;
};
template <>
struct Unsigned<8> {
  using type = std::uint64_t;
};

template <class U>
U swapped(U v) {
  if constexpr (sizeof(U) == 2) return __builtin_bswap16(v);
  if constexpr (sizeof(U) == 4) return __builtin_bswap32(v);
  if constexpr (sizeof(U) == 8) return __builtin_bswap64(v);
  return v;
}

template <class T, bool kSwap>
T load_value(const char* voxels, std::size_t i) {
  typename Unsigned<sizeof(T)>::type bits;
  std::memcpy(&bits, voxels + i * sizeof(T), sizeof(T));
  return std::bit_cast<T>(kSwap ? swapped(bits) : bits);
}

/// An iterator over converted values. A vector made from a range of these is filled in one pass; made by size it
/// would first be cleared, and clearing 64 MB costs as much as decoding it.
template <class To, class Convert>
struct Converting {
  using iterator_category = std::random_access_iterator_tag;
  using value_type = To;
  using difference_type = std::ptrdiff_t;
  using pointer = const To*;
  using reference = To;
  const Convert* convert;
  std::size_t at;
  To operator*() const { return (*convert)(at); }
  Converting& operator++() {
    ++at;
    return *this;
  }
  Converting& operator--() {
    --at;
    return *this;
  }
  Converting operator++(int) {
    Converting old = *this;
    ++at;
    return old;
  }
  Converting& operator+=(std::ptrdiff_t n) {
    at += n;
    return *this;
  }
  friend std::ptrdiff_t operator-(const Converting& a, const Converting& b) {
    return static_cast<std::ptrdiff_t>(a.at - b.at);
  }
  friend bool operator==(const Converting& a, const Converting& b) { return a.at == b.at; }
  friend bool operator!=(const Converting& a, const Converting& b) { return a.at != b.at; }
};

template <class To, class Convert>
std::vector<To> fill(std::size_t n, const Convert& convert) {
  using It = Converting<To, Convert>;
  std::vector<To> out = roomy<To>(n);
  out.assign(It{&convert, 0}, It{&convert, n});
  return out;
}

/// Calls `visit(load)` where load(i) is value i of `raw` as its own type in native order.
template <class Visit>
auto with_loader(const Raw& raw, Visit&& visit) {
  const char* voxels = raw.voxels();
  return with_type(raw.header.info.stored, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    if (raw.header.swap && sizeof(T) > 1) return visit([=](std::size_t i) { return load_value<T, true>(voxels, i); });
    return visit([=](std::size_t i) { return load_value<T, false>(voxels, i); });
  });
}

std::string voxels_word(std::size_t n) {
  return fmt::format("{} voxel{}", n, n == 1 ? "" : "s");
}

/// Values that cannot be labels, counted, with the first place.
struct Bad {
  std::size_t nan = 0, fraction = 0, range = 0, first = 0;
  double value = 0.0;

  [[nodiscard]] tl::unexpected<Error> error(const Grid& grid) const {
    const std::string first_place = place_name(grid, first);
    if (nan > 0)
      return fail(Code::InvalidInput, fmt::format("{} hold NaN, not a label", voxels_word(nan)),
                  "first at " + first_place, "replace NaN by 0 and write the labels again");
    if (fraction > 0)
      return fail(
          Code::InvalidInput,
          fmt::format("{} hold fractions such as {}: an intensity image, not labels", voxels_word(fraction), value),
          "first at " + first_place, "name the segmentation, or resample it with nearest neighbour");
    return fail(Code::InvalidInput, fmt::format("{} hold labels outside 32 bits such as {}", voxels_word(range), value),
                "first at " + first_place, "renumber the labels");
  }
};

template <class Load>
Result<std::vector<std::int32_t>> real_labels(const Load& load, const Header& header) {
  const std::size_t n = header.info.grid.voxels();
  const auto value = [&](std::size_t i) { return header.slope * static_cast<double>(load(i)) + header.intercept; };
  Bad bad;
  const auto note = [&](std::size_t& count, std::size_t i, double v) {
    if (count++ == 0) {
      bad.first = i;
      bad.value = v;
    }
  };
  std::vector<std::int32_t> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double v = value(i);
    const double nearest = std::nearbyint(v);
    if (std::isnan(v)) {
      note(bad.nan, i, v);
    } else if (bad.nan == 0 && !(std::abs(nearest) <= 2147483647.0)) {
      note(bad.range, i, v);
    } else if (bad.nan == 0 && std::abs(v - nearest) > kWholeTolerance) {
      if (bad.range > 0) bad.range = 0;  // a fraction says more: this is no label image at all
      note(bad.fraction, i, v);
    } else if (std::abs(nearest) <= 2147483647.0) {
      out[i] = static_cast<std::int32_t>(nearest);
    }
  }
  if (bad.nan + bad.fraction + bad.range > 0) return bad.error(header.info.grid);
  return out;
}

template <class T, class From>
bool fits(From value) {
  if constexpr (std::is_same_v<T, double> || std::is_same_v<T, From>) {
    return true;
  } else if constexpr (std::is_same_v<T, float>) {
    return static_cast<double>(static_cast<float>(value)) == static_cast<double>(value);
  } else {
    const double v = static_cast<double>(value);
    // The upper limit of 64-bit types rounds up to 2^63 or 2^64 as a double, which is already too much.
    const double high = static_cast<double>(std::numeric_limits<T>::max());
    return v == std::nearbyint(v) && v >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
           (sizeof(T) < 8 ? v <= high : v < high);
  }
}

template <class From>
Result<std::string> encode_values(const std::vector<From>& values, Stored stored, const Grid& grid) {
  return with_type(stored, [&](auto* type) -> Result<std::string> {
    using T = std::remove_pointer_t<decltype(type)>;
    std::size_t misfits = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!fits<T>(values[i]) && misfits++ == 0) first = i;
    if (misfits > 0)
      return fail(Code::InvalidInput,
                  fmt::format("{} do not fit {}, such as {}", voxels_word(misfits), to_string(stored), values[first]),
                  "first at " + place_name(grid, first), "write as float32");
    std::string out(values.size() * sizeof(T), '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T value = static_cast<T>(values[i]);
      std::memcpy(out.data() + i * sizeof(T), &value, sizeof(T));
    }
    return out;
  });
}

template <class U>
void swap_all(char* voxels, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    U bits;
    std::memcpy(&bits, voxels + i * sizeof(U), sizeof(U));
    bits = swapped(bits);
    std::memcpy(voxels + i * sizeof(U), &bits, sizeof(U));
  }
}

}  // namespace

std::size_t size_of(Stored stored) {
  return with_type(stored, [](auto* type) { return sizeof(*type); });
}

bool is_whole(Stored stored) {
  return with_type(stored, [](auto* type) { return std::is_integral_v<std::remove_pointer_t<decltype(type)>>; });
}

Result<std::size_t> voxel_bytes(const Header& header) {
  const Info& info = header.info;
  std::size_t bytes = size_of(info.stored);
  for (const int n : {info.grid.size[0], info.grid.size[1], info.grid.size[2], info.frames, info.components})
    if (n < 1 || __builtin_mul_overflow(bytes, static_cast<std::size_t>(n), &bytes))
      return fail(Code::ReadFailed,
                  fmt::format("the header gives an impossible size: {} x {} x {} voxels, {} frames", info.grid.size[0],
                              info.grid.size[1], info.grid.size[2], info.frames),
                  "", "the header is damaged; make the file again");
  return bytes;
}

Result<void> check_affine(const Eigen::Matrix4d& affine) {
  const Eigen::Matrix3d m = affine.topLeftCorner<3, 3>();
  const double volume = std::abs(m.determinant());
  const double edges = m.col(0).norm() * m.col(1).norm() * m.col(2).norm();
  if (affine.allFinite() && std::isfinite(volume) && volume > 1e-9 * edges && edges > 0.0) return {};
  return fail(Code::ReadFailed, "the header places the voxels nowhere: its affine is flat or not finite", "",
              "the header is damaged; make the file again");
}

void to_native(Raw& raw) {
  if (!raw.header.swap) return;
  raw.header.swap = false;
  const std::size_t n = raw.header.values();
  switch (size_of(raw.header.info.stored)) {
    case 2: swap_all<std::uint16_t>(raw.voxels(), n); break;
    case 4: swap_all<std::uint32_t>(raw.voxels(), n); break;
    case 8: swap_all<std::uint64_t>(raw.voxels(), n); break;
    default: break;
  }
}

std::vector<float> decode_floats(const Raw& raw) {
  const Header& header = raw.header;
  const std::size_t n = header.info.grid.voxels();
  return with_loader(raw, [&](const auto& load) {
    if (!header.scaled()) return fill<float>(n, [&](std::size_t i) { return static_cast<float>(load(i)); });
    return fill<float>(n, [&](std::size_t i) {
      return static_cast<float>(header.slope * static_cast<double>(load(i)) + header.intercept);
    });
  });
}

Result<std::vector<std::int32_t>> decode_labels(const Raw& raw) {
  const Header& header = raw.header;
  const std::size_t n = header.info.grid.voxels();
  return with_loader(raw, [&](const auto& load) -> Result<std::vector<std::int32_t>> {
    using T = decltype(load(0));
    constexpr bool kFits = std::is_integral_v<T> && (sizeof(T) < 4 || std::is_same_v<T, std::int32_t>);
    if constexpr (kFits) {
      if (!header.scaled()) return fill<std::int32_t>(n, [&](std::size_t i) { return std::int32_t{load(i)}; });
    }
    return real_labels(load, header);
  });
}

Result<std::string> encode(const std::vector<float>& values, Stored stored, const Grid& grid) {
  return encode_values(values, stored, grid);
}

Result<std::string> encode(const std::vector<std::int32_t>& values, Stored stored, const Grid& grid) {
  return encode_values(values, stored, grid);
}

std::string place_name(const Grid& grid, std::size_t index) {
  const std::size_t nx = static_cast<std::size_t>(grid.size[0]);
  const std::size_t ny = static_cast<std::size_t>(grid.size[1]);
  return fmt::format("voxel ({}, {}, {})", index % nx, index / nx % ny, index / nx / ny);
}

}  // namespace ipsi::image
