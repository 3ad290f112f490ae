// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace ipsi::image {

/// A block of bytes that is not cleared when made: volumes are large and are overwritten at once.
class Bytes {
 public:
  Bytes() = default;
  /// `size` uninitialised bytes; empty() when there is not that much memory.
  [[nodiscard]] static Bytes make(std::size_t size);

  [[nodiscard]] char* data() { return data_.get(); }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return data_ == nullptr; }
  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }
  void shrink(std::size_t size) { size_ = size < size_ ? size : size_; }

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0;
};

/// Ask for huge pages in fresh memory about to be filled: touching 64 MB in 4 kB pages takes as long as decoding it.
/// A hint; does nothing for small blocks or where the system has none.
void advise_huge(void* block, std::size_t size);

/// An empty vector with room for `n` values in huge pages.
template <class T>
[[nodiscard]] std::vector<T> roomy(std::size_t n) {
  std::vector<T> out;
  out.reserve(n);
  advise_huge(out.data(), n * sizeof(T));
  return out;
}

/// The whole file. @error NotFound, ReadFailed, Environment (memory)
[[nodiscard]] Result<Bytes> load(const std::filesystem::path& path);

/// The first bytes of a file, decompressed where it is gzip, and how large the whole may be at most.
struct Head {
  std::string bytes;        ///< up to the number asked for
  std::string raw;          ///< first bytes as they lie in the file (gzip magic and all), for messages
  std::size_t at_most = 0;  ///< bytes the file can hold once decompressed: exact when not compressed
  bool compressed = false;
};
[[nodiscard]] Result<Head> load_head(const std::filesystem::path& path, std::size_t wanted);

/// Deflate cannot shrink by more than a known factor, so a small file cannot ask for a huge block of memory.
[[nodiscard]] std::size_t inflated_at_most(std::size_t compressed);

[[nodiscard]] bool is_gzip(std::string_view bytes);

/// All members of a gzip file, one after the other.
/// @error ReadFailed   cut short, damaged, or followed by something that is not gzip (zero padding is allowed)
/// @error Environment  not enough memory
[[nodiscard]] Result<Bytes> gunzip(std::string_view compressed);

/// A zlib stream that must hold exactly `size` bytes.
/// @error ReadFailed  cut short, damaged, another size; Environment
[[nodiscard]] Result<Bytes> unzlib(std::string_view compressed, std::size_t size);

/// One gzip member without name or time: equal input gives equal output.
[[nodiscard]] Result<std::string> gzip(std::string_view bytes);

}  // namespace ipsi::image
