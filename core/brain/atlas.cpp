// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/brain/atlas.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "core/base/files.h"
#include "core/base/regions.h"
#include "core/brain/atlas_cache.h"
#include "core/brain/fit.h"
#include "core/brain/tissue.h"
#include "core/image/geometry.h"
#include "core/image/io.h"

namespace ipsi::brain {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kDebianDir = "/usr/share/mricron/templates";
constexpr std::string_view kInstall = "run `apt-get install mricron-data`, or set IPSI_MRICRON to its templates folder";

/// "1.2.20211006+dfsg-4", or empty where dpkg does not know the package.
std::string package_version() {
  const auto status = read_file("/var/lib/dpkg/status");
  if (!status) return {};
  const std::size_t package = status->find("Package: mricron-data\n");
  if (package == std::string::npos) return {};
  const std::size_t version = status->find("\nVersion: ", package);
  if (version == std::string::npos || version > status->find("\n\n", package)) return {};
  const std::size_t start = version + 10;
  return status->substr(start, status->find('\n', start) - start);
}

Result<fs::path> source_file(const fs::path& dir, std::string_view name) {
  std::error_code ec;
  const fs::path path = dir / name;
  if (fs::is_regular_file(path, ec)) return path;
  return fail(Code::Environment, fmt::format("the Colin27 template is incomplete: there is no {}", name), dir.string(),
              std::string(kInstall));
}

/// The label map from the cache, or fitted now and put there.
Result<image::Labels> tissue_of(const Template& heads, const fs::path& aal_path, const fs::path& jhu_path,
                                const std::string& key, const Task& task) {
  const image::Grid& grid = heads.head.grid;
  const fs::path cached = cache_file(key);
  if (auto labels = read_cached_labels(cached, grid)) return *std::move(labels);
  task.progress(0.3, "fitting the twelve regions to Colin27");
  auto aal = image::read_labels(aal_path);
  if (!aal) return wrap(aal.error(), "reading AAL");
  auto jhu = image::read_labels(jhu_path);
  if (!jhu) return wrap(jhu.error(), "reading JHU-189");
  const image::Labels aal_here = image::resample(*aal, grid);
  const image::Labels jhu_here = image::resample(*jhu, grid);
  const FitSources sources{.head = heads.head, .aal = aal_here, .jhu = jhu_here};
  auto regions = fit_regions(sources);
  if (!regions) return wrap(regions.error(), "the built-in atlas");
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  task.progress(0.6, "labelling the tissue of Colin27");
  auto tissue = fit_tissue(sources, heads.brain, *regions);
  if (!tissue) return wrap(tissue.error(), "the built-in atlas");
  store_cached_labels(cached, *tissue);
  return tissue;
}

}  // namespace

fs::path mricron_dir() {
  if (const char* env = std::getenv("IPSI_MRICRON"); env != nullptr && *env != '\0') return env;
  std::error_code ec;
  return fs::is_directory(kDebianDir, ec) ? fs::path(kDebianDir) : fs::path{};
}

Result<Template> load_colin27(const Task& task) {
  const fs::path dir = mricron_dir();
  if (dir.empty())
    return fail(Code::Environment, "the Colin27 head is not on this machine: package mricron-data is not installed",
                std::string(kDebianDir), std::string(kInstall));
  std::array<fs::path, 4> files;
  std::string key = fmt::format("fit {}", kFitVersion);
  constexpr std::array<std::string_view, 4> kNames{"ch2.nii.gz", "ch2bet.nii.gz", "aal.nii.gz", "jhu189.nii.gz"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    auto path = source_file(dir, kNames[i]);
    if (!path) return tl::unexpected(path.error());
    files[i] = *std::move(path);
    const auto hash = file_hash(files[i]);
    if (!hash) return wrap(hash.error(), "the Colin27 template");
    key += " " + *hash;
  }
  task.progress(0.05, "reading Colin27");
  auto head = image::read_volume(files[0]);
  if (!head) return wrap(head.error(), "the Colin27 template");
  auto brain = image::read_volume(files[1]);
  if (!brain) return wrap(brain.error(), "the Colin27 template");
  Template out;
  out.name = "Colin27";
  const std::string version = dir == fs::path(kDebianDir) ? package_version() : std::string{};
  out.source =
      fmt::format("Debian package mricron-data{}{} (BSD-3-clause): ch2, ch2bet, AAL, JHU-189; Holmes et al. 1998",
                  version.empty() ? "" : " ", version);
  out.head = image::to_ras(*head);
  out.brain = image::to_ras(*brain);
  if (!out.brain.grid.same_as(out.head.grid)) out.brain = image::resample(out.brain, out.head.grid);
  auto tissue = tissue_of(out, files[2], files[3], content_hash(key), task);
  if (!tissue) return tl::unexpected(tissue.error());
  out.tissue = *std::move(tissue);
  out.regions = out.tissue;
  for (std::int32_t& label : out.regions.values)
    if (region_of_label(label) == nullptr) label = 0;
  task.progress(1.0, "Colin27 is ready");
  return out;
}

}  // namespace ipsi::brain
