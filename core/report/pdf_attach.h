// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace ipsi::report {

/// A file that travels inside a PDF; viewers list it among the attachments.
struct Attached {
  std::string name;         ///< "ratings.tsv": letters, digits, '.', '-' and '_'
  std::string mime;         ///< "text/tab-separated-values"
  std::string description;  ///< for the viewer's list; ASCII
  std::string bytes;
};

/// Append the file to a PDF with a plain cross-reference table (1.4, as Canvas writes it) as an incremental update: the
/// pages stay as they are, byte by byte. table/carried.h reads it back.
/// @error InvalidInput  not such a PDF, or it has attachments already; Environment
/// @source ISO 32000-1, 7.5.6 (incremental updates), 7.11.4 (embedded file streams)
[[nodiscard]] Result<void> attach_file(const std::filesystem::path& pdf, const Attached& file);

}  // namespace ipsi::report
