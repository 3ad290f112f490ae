// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/bytes.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace ipsi::image {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxRatio = 1032;
constexpr int kCompressionLevel = 5;
constexpr std::size_t kHugePage = std::size_t(1) << 21;

class File {
 public:
  explicit File(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

  [[nodiscard]] std::size_t size() const {
    struct stat status {};
    return ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
  }

  /// Bytes read, fewer than `wanted` only at the end of the file or on an error.
  [[nodiscard]] std::size_t read(char* into, std::size_t wanted) const {
    std::size_t done = 0;
    while (done < wanted) {
      const ssize_t got = ::read(fd_, into + done, wanted - done);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  int fd_;
};

Result<void> check_readable(const fs::path& path) {
  std::error_code ec;
  const fs::file_status status = fs::status(path, ec);
  if (status.type() == fs::file_type::not_found)
    return fail(Code::NotFound, "there is no such file", path.string(), "check the path");
  if (fs::is_directory(status))
    return fail(Code::ReadFailed, "this is a folder, not an image", path.string(), "name a file in it");
  if (!fs::is_regular_file(status))
    return fail(Code::ReadFailed, "this is not a plain file", path.string(), "name an image file");
  if (fs::file_size(path, ec) == 0 && !ec)
    return fail(Code::ReadFailed, "the file is empty", path.string(), "copy or make it again");
  return {};
}

tl::unexpected<Error> cannot_open(const fs::path& path) {
  return fail(Code::ReadFailed, fmt::format("cannot open: {}", std::strerror(errno)), path.string(),
              "check permissions");
}

tl::unexpected<Error> no_memory(std::size_t size) {
  return fail(Code::Environment, fmt::format("there is not enough memory for {} MB of voxels", size >> 20), "",
              "close other programs");
}

/// Size of the last member as gzip notes it, modulo 2^32. Only a hint: members and large files make it wrong.
std::size_t noted_size(std::string_view compressed) {
  std::uint32_t size = 0;
  std::memcpy(&size, compressed.data() + compressed.size() - 4, 4);  // little-endian, as this machine
  return size;
}

bool only_zeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

/// `block` with room for `size` bytes, of which the first `used` are kept.
bool grow(Bytes& block, std::size_t used, std::size_t size) {
  Bytes larger = Bytes::make(size);
  if (larger.empty()) return false;
  if (used > 0) std::memcpy(larger.data(), block.data(), used);
  block = std::move(larger);
  return true;
}

struct Freed {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

}  // namespace

void advise_huge(void* block, std::size_t size) {
  if (size < 4 * kHugePage) return;
  const std::uintptr_t page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(block) + page - 1) / page * page;
  const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(block) + size) / page * page;
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

Bytes Bytes::make(std::size_t size) {
  Bytes out;
  out.data_.reset(static_cast<char*>(std::malloc(std::max<std::size_t>(size, 1))));
  if (!out.data_) return out;
  advise_huge(out.data_.get(), size);
  out.size_ = size;
  return out;
}

Result<Bytes> load(const fs::path& path) {
  if (auto ok = check_readable(path); !ok) return tl::unexpected<Error>(ok.error());
  const File file(path);
  if (!file.ok()) return cannot_open(path);
  const std::size_t size = file.size();
  Bytes out = Bytes::make(size);
  if (out.empty()) return no_memory(size);
  if (file.read(out.data(), size) != size)
    return fail(Code::ReadFailed, "reading stopped half-way", path.string(), "check the disk or the network share");
  return out;
}

Result<Head> load_head(const fs::path& path, std::size_t wanted) {
  if (auto ok = check_readable(path); !ok) return tl::unexpected<Error>(ok.error());
  const File file(path);
  if (!file.ok()) return cannot_open(path);
  Head head;
  head.at_most = file.size();
  // A gzip block with its code tables may need this much input before the first bytes come out.
  std::string input(std::max<std::size_t>(wanted, std::size_t(1) << 17), '\0');
  input.resize(file.read(input.data(), input.size()));
  head.raw = input.substr(0, std::min<std::size_t>(input.size(), 16));
  if (!is_gzip(input)) {
    input.resize(std::min(input.size(), wanted));
    head.bytes = std::move(input);
    return head;
  }
  head.compressed = true;
  head.at_most = inflated_at_most(head.at_most);
  head.bytes.resize(wanted);
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return no_memory(wanted);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(head.bytes.data());
  stream.avail_out = static_cast<uInt>(wanted);
  int status = Z_OK;
  while (status == Z_OK && stream.avail_out > 0 && stream.avail_in > 0) {
    status = inflate(&stream, Z_SYNC_FLUSH);
    const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
    if (status == Z_STREAM_END && is_gzip(rest)) status = inflateReset(&stream);  // the next member
  }
  head.bytes.resize(wanted - stream.avail_out);
  inflateEnd(&stream);
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
    return fail(Code::ReadFailed, "the compressed data are damaged", path.string(), "copy or make the file again");
  return head;
}

std::size_t inflated_at_most(std::size_t compressed) {
  return compressed * kMaxRatio + 64;
}

bool is_gzip(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

Result<Bytes> gunzip(std::string_view compressed) {
  const std::unique_ptr<libdeflate_decompressor, Freed> inflater(libdeflate_alloc_decompressor());
  if (!inflater) return no_memory(0);
  const std::size_t bound = inflated_at_most(compressed.size());
  std::size_t room = std::max<std::size_t>(compressed.size() < 18 ? 0 : noted_size(compressed), 1 << 12);
  // Far more or less than is likely: a lie or a size modulo 2^32; begin small and grow as data really come.
  if (room > bound || room < compressed.size() / 2) room = std::min(bound, compressed.size() * 4 + 4096);
  Bytes out = Bytes::make(room);
  if (out.empty()) return no_memory(room);
  std::size_t used = 0;
  std::string_view rest = compressed;
  while (!rest.empty()) {
    std::size_t taken = 0;
    std::size_t made = 0;
    const auto status = libdeflate_gzip_decompress_ex(inflater.get(), rest.data(), rest.size(), out.data() + used,
                                                      room - used, &taken, &made);
    if (status == LIBDEFLATE_INSUFFICIENT_SPACE && room < bound) {
      room = std::min(bound, room * 2);
      if (!grow(out, used, room)) return no_memory(room);
      continue;
    }
    if (status != LIBDEFLATE_SUCCESS)
      return fail(Code::ReadFailed, "the compressed data are cut short or damaged", "", "copy or make the file again");
    used += made;
    rest.remove_prefix(taken);
    if (!is_gzip(rest)) break;
  }
  if (!only_zeros(rest))
    return fail(Code::ReadFailed, fmt::format("{} bytes that are not gzip follow the compressed data", rest.size()), "",
                "copy or make the file again");
  out.shrink(used);
  return out;
}

Result<Bytes> unzlib(std::string_view compressed, std::size_t size) {
  const std::unique_ptr<libdeflate_decompressor, Freed> inflater(libdeflate_alloc_decompressor());
  const bool possible = size / kMaxRatio <= compressed.size();
  Bytes out = possible ? Bytes::make(size) : Bytes();
  if (possible && (!inflater || out.empty())) return no_memory(size);
  // Without a place for the true size libdeflate demands exactly `size` bytes.
  if (!possible || libdeflate_zlib_decompress(inflater.get(), compressed.data(), compressed.size(), out.data(), size,
                                              nullptr) != LIBDEFLATE_SUCCESS)
    return fail(Code::ReadFailed, "the compressed data are cut short or damaged", "", "copy or make the file again");
  return out;
}

Result<std::string> gzip(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, Freed> deflater(libdeflate_alloc_compressor(kCompressionLevel));
  if (!deflater) return no_memory(0);
  std::string out;
  out.resize(libdeflate_gzip_compress_bound(deflater.get(), bytes.size()));
  out.resize(libdeflate_gzip_compress(deflater.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

}  // namespace ipsi::image
