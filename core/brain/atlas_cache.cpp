// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/atlas_cache.h"

#include <fmt/format.h>

#include <map>

#include "core/base/cache.h"
#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/base/text.h"

namespace ipsi::brain {
namespace fs = std::filesystem;
namespace {

// Text of runs, "label count" a line, behind a line with the hash of what follows: small, quick and checked.
constexpr std::string_view kMagic = "ipsi-atlas 1 ";

std::string grid_line(const image::Grid& grid) {
  std::string out = fmt::format("grid {} {} {}", grid.size[0], grid.size[1], grid.size[2]);
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 4; ++c) out += fmt::format(" {}", grid.affine(r, c));
  return out + "\n";
}

}  // namespace

fs::path cache_file(const std::string& key) {
  const fs::path dir = user_cache_dir();
  return dir.empty() ? fs::path() : dir / ("atlas-" + key + ".runs");
}

std::optional<image::Labels> read_cached_labels(const fs::path& file, const image::Grid& grid) {
  if (file.empty()) return std::nullopt;
  const auto bytes = read_file(file);
  if (!bytes || !bytes->starts_with(kMagic)) return std::nullopt;
  const std::size_t end = bytes->find('\n');
  if (end == std::string::npos) return std::nullopt;
  const std::string_view body = std::string_view(*bytes).substr(end + 1);
  if (content_hash(body) != bytes->substr(kMagic.size(), end - kMagic.size())) return std::nullopt;
  const std::string expected = grid_line(grid);
  if (!body.starts_with(expected)) return std::nullopt;
  image::Labels out{grid, {}, image::Stored::uint8};
  out.values.reserve(grid.voxels());
  std::map<int, std::size_t> found;
  for (const std::string& line : split(body.substr(expected.size()), '\n')) {
    if (line.empty()) continue;
    const std::size_t blank = line.find(' ');
    const auto label = parse_integer(line.substr(0, blank));
    const auto run = blank == std::string::npos ? std::nullopt : parse_integer(line.substr(blank + 1));
    if (!label || !run || *run <= 0 || std::size_t(*run) > grid.voxels() - out.values.size()) return std::nullopt;
    out.values.insert(out.values.end(), std::size_t(*run), std::int32_t(*label));
    found[int(*label)] += std::size_t(*run);
  }
  if (out.values.size() != grid.voxels()) return std::nullopt;
  for (const Region& region : kRegions)
    if (!found.contains(region.label)) return std::nullopt;
  return out;
}

void store_cached_labels(const fs::path& file, const image::Labels& labels) {
  if (file.empty()) return;
  std::string body = grid_line(labels.grid);
  for (std::size_t i = 0; i < labels.values.size();) {
    std::size_t next = i + 1;
    while (next < labels.values.size() && labels.values[next] == labels.values[i]) ++next;
    body += fmt::format("{} {}\n", labels.values[i], next - i);
    i = next;
  }
  std::error_code ec;
  fs::create_directories(file.parent_path(), ec);
  if (ec) return;
  [[maybe_unused]] const auto written = write_file(file, fmt::format("{}{}\n{}", kMagic, content_hash(body), body));
}

}  // namespace ipsi::brain
