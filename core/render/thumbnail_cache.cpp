// SPDX-License-Identifier: GPL-3.0-or-later
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <type_traits>
#include <utility>

#include "core/base/cache.h"
#include "core/base/files.h"
#include "core/render/thumbnail.h"

namespace ipsi::render {
namespace fs = std::filesystem;
namespace {

// Raise the number whenever make_thumbnails gives other pixels or the layout below changes.
constexpr std::string_view kMagic = "ipsi thumbnails 1\n";
constexpr std::size_t kHashLength = 32;
constexpr std::uint32_t kLargestRaw = 4U << 20;  // twelve of 128 x 128 are a tenth of it
constexpr int kLargestSide = 256;
constexpr const char* kExtension = ".thumbs";

// A cache is read by the machine that wrote it: numbers are in its own byte order.
template <class T>
void put(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  [[nodiscard]] bool get(T& value) {
    if (rest_.size() < sizeof(T)) return false;
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return true;
  }
  [[nodiscard]] bool get(std::vector<std::uint8_t>& values, std::size_t n) {
    if (rest_.size() < n) return false;
    values.assign(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(n));
    rest_.remove_prefix(n);
    return true;
  }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::string raw_of(const Thumbnails& thumbnails) {
  std::string raw;
  for (const Thumbnail& t : thumbnails.of) {
    put(raw, static_cast<std::int32_t>(t.side));
    put(raw, t.mm_per_pixel);
    for (int a = 0; a < 3; ++a) put(raw, t.corner_mm[a]);
    put(raw, static_cast<std::uint8_t>(t.anchor));
    raw.append(t.grey.begin(), t.grey.end());
    raw.append(t.marks.begin(), t.marks.end());
  }
  put(raw, static_cast<std::uint32_t>(thumbnails.problem.size()));
  return raw + thumbnails.problem;
}

bool read(Reader& in, Thumbnail& t) {
  std::int32_t side = 0;
  std::uint8_t anchor = 0;
  if (!in.get(side) || !in.get(t.mm_per_pixel)) return false;
  for (int a = 0; a < 3; ++a)
    if (!in.get(t.corner_mm[a])) return false;
  if (!in.get(anchor) || side < 0 || side > kLargestSide || anchor > 3) return false;
  t.side = side;
  t.anchor = static_cast<Anchor>(anchor);
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  return in.get(t.grey, pixels) && in.get(t.marks, pixels);
}

}  // namespace

std::string to_bytes(const Thumbnails& thumbnails) {
  const std::string raw = raw_of(thumbnails);
  std::string packed(compressBound(static_cast<uLong>(raw.size())), '\0');
  auto size = static_cast<uLongf>(packed.size());
  // The fastest level: noise of a scan does not shrink much anyway.
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()),
                static_cast<uLong>(raw.size()), 1) != Z_OK)
    return {};
  packed.resize(size);
  std::string out(kMagic);
  out += content_hash(raw);
  put(out, static_cast<std::uint32_t>(raw.size()));
  return out + packed;
}

std::optional<Thumbnails> thumbnails_of_bytes(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kHashLength + 4) return std::nullopt;
  const std::string_view hash = bytes.substr(kMagic.size(), kHashLength);
  Reader head(bytes.substr(kMagic.size() + kHashLength));
  std::uint32_t size = 0;
  if (!head.get(size) || size > kLargestRaw) return std::nullopt;
  const std::string_view packed = bytes.substr(kMagic.size() + kHashLength + 4);
  std::string raw(size, '\0');
  auto got = static_cast<uLongf>(size);
  if (uncompress(reinterpret_cast<Bytef*>(raw.data()), &got, reinterpret_cast<const Bytef*>(packed.data()),
                 static_cast<uLong>(packed.size())) != Z_OK ||
      got != size || content_hash(raw) != hash)
    return std::nullopt;
  Thumbnails out;
  Reader in(raw);
  for (Thumbnail& t : out.of)
    if (!read(in, t)) return std::nullopt;
  std::uint32_t length = 0;
  std::vector<std::uint8_t> words;
  if (!in.get(length) || !in.get(words, length) || !in.done()) return std::nullopt;
  out.problem.assign(words.begin(), words.end());
  return out;
}

ThumbnailCache::ThumbnailCache(fs::path dir, std::uintmax_t limit) : dir_(std::move(dir)), limit_(limit) {
  std::error_code ec;
  if (!dir_.empty()) fs::create_directories(dir_, ec);
  if (ec) dir_.clear();
}

fs::path ThumbnailCache::default_dir() {
  const fs::path dir = user_cache_dir();
  return dir.empty() ? fs::path() : dir / "qc" / "thumbnails";
}

fs::path ThumbnailCache::file(const std::string& key) const {
  return dir_ / (content_hash(key) + kExtension);
}

bool ThumbnailCache::has(const std::string& key) const {
  std::error_code ec;
  return !dir_.empty() && fs::exists(file(key), ec);
}

std::optional<Thumbnails> ThumbnailCache::find(const std::string& key) const {
  if (dir_.empty()) return std::nullopt;
  const fs::path path = file(key);
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  std::error_code ec;
  auto out = thumbnails_of_bytes(*bytes);
  if (!out) {
    fs::remove(path, ec);  // damaged, or of another version: made again
    return std::nullopt;
  }
  // What is in use stays: the time of the file is the time of its use, to a day.
  const auto now = fs::file_time_type::clock::now();
  if (const auto time = fs::last_write_time(path, ec); !ec && now - time > std::chrono::hours(24))
    fs::last_write_time(path, now, ec);
  return out;
}

void ThumbnailCache::store(const std::string& key, const Thumbnails& thumbnails) const {
  if (dir_.empty()) return;
  const std::string bytes = to_bytes(thumbnails);
  if (bytes.empty() || !write_file(file(key), bytes)) return;
  // Looking through the folder now and then is enough: by key, so that it needs no counter between programs.
  if (std::hash<std::string>{}(key) % 16 == 0) shrink();
}

void ThumbnailCache::shrink() const {
  struct Entry {
    fs::path path;
    std::uintmax_t bytes = 0;
    fs::file_time_type used;
  };
  std::vector<Entry> entries;
  std::uintmax_t sum = 0;
  std::error_code ec;
  for (fs::directory_iterator at(dir_, ec), end; !ec && at != end; at.increment(ec)) {
    if (at->path().extension() != kExtension) continue;
    std::error_code gone;  // another program may tidy up at the same time
    Entry entry{at->path(), at->file_size(gone), at->last_write_time(gone)};
    if (gone) continue;
    sum += entry.bytes;
    entries.push_back(std::move(entry));
  }
  if (sum <= limit_) return;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (sum <= limit_ / 5 * 4) return;
    if (fs::remove(entry.path, ec)) sum -= entry.bytes;
  }
}

}  // namespace ipsi::render
