// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/render/scan.h"
#include "core/render/thumbnail.h"
#include "core/study/model.h"

namespace ipsi::review {

/// The images of one session as the study knows them.
struct SessionImages {
  std::string person, session;
  study::Scan grey, labels, lesion;  ///< path "" where there is none; the head's T1, else the stripped one
  render::ScanPaths paths;
  [[nodiscard]] bool empty() const { return paths.t1.empty(); }
};

/// Sessions of a study by person and session.
class ImageIndex {
 public:
  ImageIndex() = default;
  ImageIndex(const study::Snapshot& snapshot, const std::filesystem::path& study_file);
  /// Empty where the study names no image.
  [[nodiscard]] SessionImages find(const std::string& person, const std::string& session) const;

 private:
  std::map<std::pair<std::string, std::string>, SessionImages> sessions_;
};

/// The content of the three files, by which thumbnails are kept. A file whose size and time are those that the study
/// knows is not read.
/// @error NotFound, ReadFailed  of the T1; labels or lesion that cannot be read count as their error
[[nodiscard]] Result<std::string> thumbnail_key(const SessionImages& images);

/// Where the atlas expects each region in this head, from the regions that are there.
[[nodiscard]] render::ExpectedPlaces expected_places(const render::Scan& scan);

/// From the cache, else from one reading of the scan, kept in the cache then.
/// @error as render::load_scan; NotFound where the study names no image; Cancelled
[[nodiscard]] Result<render::Thumbnails> session_thumbnails(const SessionImages& images,
                                                            const render::ThumbnailCache& cache, const Task& task);

}  // namespace ipsi::review
