// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/report/html.h"
#include "core/spec/result.h"

namespace ipsi::report {

/// One more file of a bundle, ready as bytes.
struct Attachment {
  std::string name;  ///< relative to the folder: "figures/map_chronic.pdf"
  std::string bytes;
};

/// Write everything a batch leaves into a folder that exists: a CSV per table (full precision), results.xlsx,
/// figures/*.svg, pictures and attachments, report.html, result.json and, last, manifest.json with the list of files.
/// Every file is whole or absent, and a folder without manifest.json was not finished. Files that an earlier run
/// listed in its manifest and this one does not make are removed; nothing else is touched.
/// @return  names of the files, relative to `dir`
/// @error   Environment  a file cannot be written
[[nodiscard]] Result<std::vector<std::string>> write_bundle(const spec::ResultSet& result, const Graphics& graphics,
                                                            const std::vector<Attachment>& attachments,
                                                            const std::filesystem::path& dir);

}  // namespace ipsi::report
