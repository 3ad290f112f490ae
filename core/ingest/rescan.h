// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/study/model.h"

namespace ipsi::ingest {

/// A file as a scan row: hash, size and time. When `known` has the same size and time, its hash is taken over.
/// @error NotFound, ReadFailed
[[nodiscard]] Result<study::Scan> describe_scan(const std::filesystem::path& file, const study::Scan* known = nullptr);

/// What has become of the scans of a study.
struct Rescan {
  std::vector<study::Scan> changed;     ///< as they are now, where hash, size or time differ from what is stored
  std::vector<study::Scan> missing;     ///< as stored, where the file is gone
  std::vector<std::string> unreadable;  ///< path and reason
  long long unchanged = 0;
};

/// Look at every scan of the snapshot; relative paths are below `study_dir`. Read-only, threaded.
/// `trust_times` skips hashing where size and time are as stored.
/// @error Cancelled
struct RescanOptions {
  bool trust_times = true;
  int threads = 0;
};
[[nodiscard]] Result<Rescan> rescan(const study::Snapshot& snapshot, const std::filesystem::path& study_dir,
                                    const RescanOptions& options, const Task& task);

}  // namespace ipsi::ingest
