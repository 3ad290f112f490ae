// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/image_features.h"

#include <Eigen/Geometry>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/base/cache.h"
#include "core/base/files.h"
#include "core/base/parallel.h"
#include "core/ingest/rescan.h"
#include "core/study/scans.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kAtlasStepMm = 1.5;  // of the lattice on which an atlas place is sampled

/// The labels or the mask as full voxels of their own box.
image::Labels box_of(const image::CompactLabels& compact) {
  image::Labels out;
  out.grid = compact.grid;
  out.values.reserve(compact.values.size());
  for (const std::uint16_t v : compact.values) out.values.push_back(compact.labels[v]);
  return out;
}

/// Share of a region's atlas ellipsoid, set into this head, whose points lie in the lesion.
double share_in_lesion(const AtlasPlace& place, const AtlasFit& fit, const image::Labels& lesion) {
  const Eigen::Matrix4d to_voxel = lesion.grid.affine.inverse() * fit.to_person;
  const Eigen::Vector3d reach = (5.0 * place.spread_mm2.diagonal()).cwiseSqrt();
  const auto steps = [&](int axis) { return static_cast<int>(reach[axis] / kAtlasStepMm); };
  long long all = 0, in = 0;
  for (int k = -steps(2); k <= steps(2); ++k)
    for (int j = -steps(1); j <= steps(1); ++j)
      for (int i = -steps(0); i <= steps(0); ++i) {
        const Eigen::Vector3d at = place.centre_mm + kAtlasStepMm * Eigen::Vector3d(i, j, k);
        if (!place.inside(at)) continue;
        ++all;
        const Eigen::Vector4d v = to_voxel * at.homogeneous();
        const auto a = static_cast<int>(std::lround(v[0])), b = static_cast<int>(std::lround(v[1])),
                   c = static_cast<int>(std::lround(v[2]));
        if (lesion.grid.inside(a, b, c) && lesion.at(a, b, c) != 0) ++in;
      }
  return all == 0 ? kNaN : static_cast<double>(in) / static_cast<double>(all);
}

void measure_lesion(const image::CompactLabels& labels, const image::CompactLabels& mask, const RegionShapes& shapes,
                    ImageFeatures& out) {
  const auto views = compare_views(labels.stored, mask.stored);
  if (!views) {
    out.lesion_problem = views.error().what;
    return;
  }
  const image::Labels lesion = box_of(mask);
  out.has_lesion = true;
  out.lesion = measure_overlap(shapes.box, lesion);
  out.lesion.view = views->view;
  out.lesion.resampled = views->resampled;
  out.lesion_left = mask_shape(lesion, midline_of(shapes.box)).left_fraction;
  if (mask.values.empty()) return;
  Centres centres;
  for (std::size_t r = 0; r < centres.size(); ++r) centres[r] = out.shape[r].centre_mm;
  const auto fit = fit_atlas(centres);
  for (std::size_t r = 0; fit && r < out.atlas.size(); ++r)
    out.atlas[r] = share_in_lesion(atlas_places()[r], *fit, lesion);
}

/// Labels and lesion of one session, as stored.
struct Pair {
  const study::Scan* labels = nullptr;
  const study::Scan* lesion = nullptr;
};

std::vector<Pair> pairs_of(const study::Snapshot& snapshot) {
  std::map<std::pair<std::string_view, std::string_view>, const study::Scan*> lesions;
  for (const auto& scan : snapshot.scans)
    if (scan.kind == "lesion") lesions[{scan.person, scan.session}] = &scan;
  std::vector<Pair> out;
  for (const auto& scan : snapshot.scans) {
    if (scan.kind != "labels") continue;
    const auto found = lesions.find({scan.person, scan.session});
    out.push_back({&scan, found == lesions.end() ? nullptr : found->second});
  }
  return out;
}

/// Sessions whose mask lies in template space, not on the person's own head: the importer said so when it kept them.
std::set<std::pair<std::string_view, std::string_view>> template_masks(const study::Snapshot& snapshot) {
  std::set<std::pair<std::string_view, std::string_view>> out;
  for (const auto& m : snapshot.measurements)
    if (m.region == "lesion" && m.measure == "volume" && m.source == "lesion_mask" && m.note.starts_with("in space "))
      out.insert({m.person, m.session});
  return out;
}

fs::path cache_file(const fs::path& dir, const std::string& labels, const std::string& lesion) {
  return dir / fmt::format("{}.json", content_hash(labels + "|" + lesion));
}

std::optional<ImageFeatures> cached(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  const Json json = Json::parse(*text, nullptr, false);
  return json.is_discarded() ? std::nullopt : features_of(json);
}

void measure_session(const Pair& pair, const fs::path& study_file, const fs::path& cache_dir, const Task& task,
                     SessionFeatures& out) {
  const auto describe = [&](const study::Scan& scan) {
    return describe_scan(study::scan_file(scan, study_file), &scan);
  };
  const auto labels_now = describe(*pair.labels);
  if (!labels_now) {
    out.problem = to_line(labels_now.error());
    return;
  }
  std::string lesion_hash, lesion_problem;
  if (pair.lesion != nullptr) {
    const auto lesion_now = describe(*pair.lesion);
    if (lesion_now)
      lesion_hash = lesion_now->hash;
    else
      lesion_problem = to_line(lesion_now.error());
  }
  const fs::path file = cache_dir.empty() ? fs::path() : cache_file(cache_dir, labels_now->hash, lesion_hash);
  if (!file.empty() && lesion_problem.empty())
    if (auto known = cached(file)) {
      out.image = std::move(*known);
      out.cached = true;
      return;
    }
  const auto labels = image::read_compact_labels(study::scan_file(*pair.labels, study_file), task);
  if (!labels) {
    out.problem = to_line(labels.error());
    return;
  }
  std::optional<image::CompactLabels> mask;
  if (!lesion_hash.empty()) {
    auto read = image::read_compact_mask(study::scan_file(*pair.lesion, study_file), task);
    if (read)
      mask = std::move(*read);
    else
      lesion_problem = to_line(read.error());
  }
  out.image = measure_image(*labels, mask ? &*mask : nullptr);
  if (!lesion_problem.empty()) out.image.lesion_problem = lesion_problem;
  // What could not be read may be mended without its hash being known: only whole answers are kept.
  if (!file.empty() && lesion_problem.empty() && !task.cancelled()) [[maybe_unused]]
    const auto kept = write_file(file, to_json(out.image).dump());
}

}  // namespace

ImageFeatures measure_image(const image::CompactLabels& labels, const image::CompactLabels* lesion) {
  ImageFeatures out;
  const RegionShapes shapes = region_shapes(labels);
  out.shape = shapes.of;
  Centres centres;
  for (std::size_t r = 0; r < centres.size(); ++r) centres[r] = out.shape[r].centre_mm;
  out.displaced = displacements(centres);
  out.atlas.fill(kNaN);
  out.lesion_left = kNaN;
  if (lesion != nullptr) measure_lesion(labels, *lesion, shapes, out);
  return out;
}

fs::path default_feature_cache() {
  const fs::path dir = user_cache_dir();
  return dir.empty() ? fs::path() : dir / "qc";
}

Result<std::vector<SessionFeatures>> study_features(const study::Snapshot& snapshot, const fs::path& study_file,
                                                    const FeatureOptions& options, const Task& task) {
  std::vector<Pair> pairs = pairs_of(snapshot);
  const auto elsewhere = template_masks(snapshot);
  for (Pair& pair : pairs)
    if (elsewhere.contains({pair.labels->person, pair.labels->session})) pair.lesion = nullptr;
  fs::path cache_dir = options.cache_dir;
  std::error_code ec;
  if (!cache_dir.empty()) fs::create_directories(cache_dir, ec);
  if (ec) cache_dir.clear();
  std::vector<SessionFeatures> out(pairs.size());
  const bool done = parallel_for(
      pairs.size(), options.threads, task, "looking at segmentations",
      [&](std::size_t i) {
        out[i].person = pairs[i].labels->person;
        out[i].session = pairs[i].labels->session;
        measure_session(pairs[i], study_file, cache_dir, task, out[i]);
      },
      options.background ? Manners::polite : Manners::equal);
  if (!done) return fail(Code::Cancelled, "stopped by the user", "", "what was measured is kept for the next time");
  return out;
}

}  // namespace ipsi::ingest
