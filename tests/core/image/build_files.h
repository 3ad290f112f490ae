// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

// Image files byte by byte from the published layouts, without the library under test.

namespace ipsi::test {

enum class Order { little, big };

template <class T>
std::string bytes_of(T value, Order order) {
  std::string out(sizeof(T), '\0');
  std::memcpy(out.data(), &value, sizeof(T));
  if (order == Order::big) std::reverse(out.begin(), out.end());
  return out;
}

template <class T>
void put(std::string& file, std::size_t at, T value, Order order) {
  const std::string bytes = bytes_of(value, order);
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

template <class T>
T get(const std::string& file, std::size_t at, Order order) {
  std::string raw = file.substr(at, sizeof(T));
  if (order == Order::big) std::reverse(raw.begin(), raw.end());
  T value;
  std::memcpy(&value, raw.data(), sizeof(T));
  return value;
}

inline std::string gz(const std::string& bytes) {
  libdeflate_compressor* c = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(c, bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(c, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(c);
  return out;
}

inline std::string ungz(const std::string& bytes, std::size_t room) {
  libdeflate_decompressor* d = libdeflate_alloc_decompressor();
  std::string out(room, '\0');
  std::size_t made = 0;
  if (libdeflate_gzip_decompress(d, bytes.data(), bytes.size(), out.data(), out.size(), &made) != LIBDEFLATE_SUCCESS)
    made = 0;
  libdeflate_free_decompressor(d);
  out.resize(made);
  return out;
}

struct MghParts {
  std::array<int, 3> size{2, 3, 4};
  int frames = 1;
  int type = 3;  // float
  int good_ras = 1;
  std::array<float, 3> spacing{1, 1, 1};
  std::array<float, 9> direction{-1, 0, 0, 0, 0, -1, 0, 1, 0};  // columns one after the other: LIA
  std::array<float, 3> centre{0, 0, 0};
};

/// domain.md section 4: int32 version, sizes, frames, type, dof; int16 flag; floats; voxels from byte 284.
template <class T>
std::string mgh(const MghParts& parts, const std::vector<T>& voxels, const std::string& footer = {}) {
  std::string out(284, '\0');
  const auto put_int = [&](std::size_t at, int v) { put<std::int32_t>(out, at, v, Order::big); };
  put_int(0, 1);
  for (std::size_t i = 0; i < 3; ++i) put_int(4 + 4 * i, parts.size[i]);
  put_int(16, parts.frames);
  put_int(20, parts.type);
  put<std::int16_t>(out, 28, static_cast<std::int16_t>(parts.good_ras), Order::big);
  for (std::size_t i = 0; i < 3; ++i) put(out, 30 + 4 * i, parts.spacing[i], Order::big);
  for (std::size_t i = 0; i < 9; ++i) put(out, 42 + 4 * i, parts.direction[i], Order::big);
  for (std::size_t i = 0; i < 3; ++i) put(out, 78 + 4 * i, parts.centre[i], Order::big);
  for (const T v : voxels) out += bytes_of(v, Order::big);
  return out + footer;
}

struct NiftiParts {
  std::vector<int> size{2, 3, 4};
  int datatype = 16, bits = 32;
  int qform = 0, sform = 1;
  std::array<float, 8> pixdim{1, 1, 1, 1, 1, 0, 0, 0};
  std::array<float, 3> quaternion{0, 0, 0};
  std::array<float, 3> offset{0, 0, 0};
  std::array<float, 12> srow{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  float slope = 0, intercept = 0;
  int units = 2;
  std::string magic = std::string("n+1\0", 4);
  Order order = Order::little;
};

/// nifti1.h: 348 bytes, then 4 of extension flag, then the voxels.
template <class T>
std::string nifti_header(const NiftiParts& p) {
  std::string out(352, '\0');
  put<std::int32_t>(out, 0, 348, p.order);
  put<std::int16_t>(out, 40, static_cast<std::int16_t>(p.size.size()), p.order);
  for (std::size_t i = 0; i < 7; ++i)
    put<std::int16_t>(out, 42 + 2 * i, static_cast<std::int16_t>(i < p.size.size() ? p.size[i] : 1), p.order);
  put<std::int16_t>(out, 70, static_cast<std::int16_t>(p.datatype), p.order);
  put<std::int16_t>(out, 72, static_cast<std::int16_t>(p.bits), p.order);
  for (std::size_t i = 0; i < 8; ++i) put(out, 76 + 4 * i, p.pixdim[i], p.order);
  put<float>(out, 108, p.magic[1] == '+' ? 352.0F : 0.0F, p.order);
  put(out, 112, p.slope, p.order);
  put(out, 116, p.intercept, p.order);
  out[123] = static_cast<char>(p.units);
  put<std::int16_t>(out, 252, static_cast<std::int16_t>(p.qform), p.order);
  put<std::int16_t>(out, 254, static_cast<std::int16_t>(p.sform), p.order);
  for (std::size_t i = 0; i < 3; ++i) put(out, 256 + 4 * i, p.quaternion[i], p.order);
  for (std::size_t i = 0; i < 3; ++i) put(out, 268 + 4 * i, p.offset[i], p.order);
  for (std::size_t i = 0; i < 12; ++i) put(out, 280 + 4 * i, p.srow[i], p.order);
  out.replace(344, 4, p.magic);
  return out;
}

template <class T>
std::string nifti(const NiftiParts& p, const std::vector<T>& voxels) {
  std::string out = nifti_header<T>(p);
  for (const T v : voxels) out += bytes_of(v, p.order);
  return out;
}

/// 0, 1, 2, ... n - 1.
template <class T>
std::vector<T> ramp(std::size_t n) {
  std::vector<T> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<T>(i);
  return out;
}

}  // namespace ipsi::test
