// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/session_pictures.h"

#include <Eigen/Geometry>
#include <limits>

#include "core/ingest/atlas_place.h"
#include "core/ingest/rescan.h"
#include "core/study/scans.h"

namespace ipsi::review {
namespace fs = std::filesystem;

ImageIndex::ImageIndex(const study::Snapshot& snapshot, const fs::path& study_file) {
  for (const study::Scan& scan : snapshot.scans) {
    const bool head = scan.kind == "t1", stripped = scan.kind == "brain";
    if (!head && !stripped && scan.kind != "labels" && scan.kind != "lesion") continue;
    SessionImages& images = sessions_[{scan.person, scan.session}];
    images.person = scan.person;
    images.session = scan.session;
    const fs::path path = study::scan_file(scan, study_file);
    if (scan.kind == "labels") {
      images.labels = scan;
      images.paths.labels = path;
    } else if (scan.kind == "lesion") {
      images.lesion = scan;
      images.paths.lesion = path;
    } else if (head || images.grey.path.empty()) {
      images.grey = scan;
      images.paths.t1 = path;
    }
  }
}

SessionImages ImageIndex::find(const std::string& person, const std::string& session) const {
  const auto found = sessions_.find({person, session});
  if (found != sessions_.end()) return found->second;
  SessionImages none;
  none.person = person;
  none.session = session;
  return none;
}

Result<std::string> thumbnail_key(const SessionImages& images) {
  const auto grey = ingest::describe_scan(images.paths.t1, &images.grey);
  if (!grey) return tl::unexpected<Error>(grey.error());
  std::string key = grey->hash;
  for (const auto& [path, known] :
       {std::pair(&images.paths.labels, &images.labels), std::pair(&images.paths.lesion, &images.lesion)}) {
    key += '|';
    if (path->empty()) continue;
    const auto now = ingest::describe_scan(*path, known);
    key += now ? now->hash : to_line(now.error());
  }
  return key;
}

render::ExpectedPlaces expected_places(const render::Scan& scan) {
  render::ExpectedPlaces out;
  ingest::Centres centres;
  for (std::size_t r = 0; r < centres.size(); ++r)
    centres[r] = scan.places[r].voxels > 0 ? scan.places[r].centre_mm
                                           : Eigen::Vector3d::Constant(std::numeric_limits<double>::quiet_NaN());
  const auto fit = ingest::fit_atlas(centres);
  for (std::size_t r = 0; fit && r < out.size(); ++r)
    out[r] = (fit->to_person * ingest::atlas_places()[r].centre_mm.homogeneous()).head<3>();
  return out;
}

Result<render::Thumbnails> session_thumbnails(const SessionImages& images, const render::ThumbnailCache& cache,
                                              const Task& task) {
  if (images.empty())
    return fail(Code::NotFound, fmt::format("{} has no scan", images.person), "", "import scans to see pictures");
  const auto key = thumbnail_key(images);
  if (!key) return tl::unexpected<Error>(key.error());
  if (auto kept = cache.find(*key)) return std::move(*kept);
  if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
  const auto scan = render::load_scan(images.paths, task);
  if (!scan) return tl::unexpected<Error>(scan.error());
  render::Thumbnails made = render::make_thumbnails(**scan, expected_places(**scan));
  if (made.problem.empty()) cache.store(*key, made);  // what could not be read may be mended
  return made;
}

}  // namespace ipsi::review
