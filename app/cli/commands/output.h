// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/table/delimited.h"

namespace ipsi::cli {

/// A file that is written with --out: refused when it exists and `overwrite` is no.
inline Result<void> write_output(const std::filesystem::path& path, std::string_view bytes, Overwrite overwrite) {
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec))
    return fail(Code::Conflict, "the output is a folder, not a file", path.string(), "name a file");
  if (overwrite == Overwrite::no && std::filesystem::exists(path, ec))
    return fail(Code::Conflict, "the file exists", path.string(), "name another, or add --force");
  return write_file(path, bytes);
}

/// A table by the extension of its file: .tsv with tabs, everything else with commas.
inline std::string table_text(const table::Table& table, const std::filesystem::path& path,
                              std::string_view missing = "") {
  const bool tabs = to_lower(path.extension().string()) == ".tsv";
  return table::to_delimited(table, tabs ? '\t' : ',', missing);
}

}  // namespace ipsi::cli
