// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace ipsi {

/// The whole file as bytes.
/// @error NotFound, ReadFailed (a folder, no permission)
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Write through a temporary name in the same folder, flushed to disk and renamed when whole:
/// a reader sees the old file or the new one, never a part.
/// @error Environment  no such folder, disk full, no permission
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view bytes);

/// The same for writers that want a path of their own (ITK, XLSX, Cairo): `write` gets a temporary path with
/// the extension of `path`; on its success the file is renamed, on failure removed.
[[nodiscard]] Result<void> write_file_with(const std::filesystem::path& path,
                                           const std::function<Result<void>(const std::filesystem::path&)>& write);

/// Make `dir` ready to receive results: created when missing.
/// @error Conflict     it exists, is not empty and `force` is false
/// @error Environment  it cannot be made
enum class Overwrite { no, yes };
[[nodiscard]] Result<void> prepare_output_dir(const std::filesystem::path& dir, Overwrite overwrite);

/// 128-bit content hash (XXH3), 32 hex digits. Identity of scans and tables, not a signature.
[[nodiscard]] std::string content_hash(std::string_view bytes);

/// Content hash of a file, read in blocks.
/// @error NotFound, ReadFailed
[[nodiscard]] Result<std::string> file_hash(const std::filesystem::path& path);

/// True where SQLite's write-ahead log is unsafe: NFS, SMB/CIFS, FUSE (sshfs), 9p. IPSI_NETWORK_SHARE=yes|no overrides
/// what the file system says; for tests and for shares that hide what they are.
[[nodiscard]] bool on_network_share(const std::filesystem::path& path);

/// Folder of shipped data: $IPSI_RESOURCES, else `resources` beside the build, else <prefix>/share/ipsi.
[[nodiscard]] std::filesystem::path resource_dir();

}  // namespace ipsi
