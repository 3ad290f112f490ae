// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/spec/result.h"

namespace ipsi::report {

/// What a method leaves in a folder, by name within it: a CSV per table in full precision, figures and diagrams as SVG
/// and PDF, the paragraphs of the methods section, and result.json, what `--json` prints.
/// @error as draw_figure, draw_diagram
[[nodiscard]] Result<std::map<std::string, std::string>> method_files(const spec::ResultSet& result);

/// @error Conflict  the folder is not empty and must not be overwritten; Environment
[[nodiscard]] Result<void> write_files(const std::map<std::string, std::string>& files,
                                       const std::filesystem::path& dir, Overwrite overwrite);

}  // namespace ipsi::report
