// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ingest/rescan.h"

#include <sys/stat.h>

#include <utility>

#include "core/base/files.h"
#include "core/base/parallel.h"

namespace ipsi::ingest {
namespace fs = std::filesystem;

Result<study::Scan> describe_scan(const fs::path& file, const study::Scan* known) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0)
    return fail(Code::NotFound, "there is no such file", file.string(), "is the link broken or the share offline?");
  study::Scan scan;
  scan.bytes = static_cast<std::int64_t>(info.st_size);
  scan.modified = static_cast<std::int64_t>(info.st_mtime);
  if (known != nullptr && !known->hash.empty() && known->bytes == scan.bytes && known->modified == scan.modified) {
    scan.hash = known->hash;
    return scan;
  }
  auto hash = file_hash(file);
  if (!hash) return tl::unexpected(hash.error());
  scan.hash = std::move(*hash);
  return scan;
}

Result<Rescan> rescan(const study::Snapshot& snapshot, const fs::path& study_dir, const RescanOptions& options,
                      const Task& task) {
  std::vector<Result<study::Scan>> found(snapshot.scans.size(), study::Scan{});
  const bool done = parallel_for(snapshot.scans.size(), options.threads, task, "looking at scans", [&](std::size_t i) {
    const study::Scan& old = snapshot.scans[i];
    const fs::path path = fs::path(old.path).is_absolute() ? fs::path(old.path) : study_dir / old.path;
    found[i] = describe_scan(path, options.trust_times ? &old : nullptr);
  });
  if (!done) return fail(Code::Cancelled, "stopped by the user");
  Rescan out;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const study::Scan& old = snapshot.scans[i];
    if (!found[i]) {
      if (found[i].error().code == Code::NotFound)
        out.missing.push_back(old);
      else
        out.unreadable.push_back(old.path + ": " + found[i].error().what);
      continue;
    }
    study::Scan now = std::move(*found[i]);
    if (now.hash == old.hash && now.bytes == old.bytes && now.modified == old.modified) {
      ++out.unchanged;
      continue;
    }
    now.person = old.person;
    now.session = old.session;
    now.kind = old.kind;
    now.path = old.path;
    out.changed.push_back(std::move(now));
  }
  return out;
}

}  // namespace ipsi::ingest
