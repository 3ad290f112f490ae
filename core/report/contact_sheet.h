// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"
#include "core/render/thumbnail.h"

namespace ipsi::report {

// Contact sheets: pages of thumbnails with their flags, for the binder, for colleagues without the program, and as a
// way to carry ratings: what a sheet shows it also holds as a table, which table/carried.h reads back.

inline constexpr const char* kSheetTable = "ratings.tsv";  ///< its name in a PDF

enum class SheetFlag { unrated, ok, lesioned, failed };
[[nodiscard]] std::string_view to_string(SheetFlag flag);

/// One region of one person.
struct SheetTile {
  std::string title;  ///< "Left putamen", or the person where the sheet is of one region
  std::string about;  ///< the other of the two
  int region = 0;     ///< index in kRegions
  SheetFlag flag = SheetFlag::unrated;
  std::string note;                                    ///< "risk 0.82: overlap 31 % of the region, 1,240 mm3"
  std::string comment;                                 ///< the rater's
  std::shared_ptr<const render::Thumbnails> pictures;  ///< of[region] is shown
  std::string missing;                                 ///< why there are none: "no scan"
};

/// What stands under one heading: the twelve of a person, or some people of one region.
struct SheetGroup {
  std::string title, note;  ///< "sub-012"; "9 of 12 rated"
  std::vector<SheetTile> tiles;
};

struct SheetHead {
  std::string title;               ///< "Contact sheet of demo.ipsi"
  std::vector<std::string> lines;  ///< rater, date, who, how many of what
  std::string ratings_tsv;         ///< of what the sheet shows, as `ipsi qc import` reads it
};

/// Groups are asked for one after the other, once each, and forgotten when they are drawn.
struct SheetSource {
  std::size_t groups = 0;
  std::function<Result<SheetGroup>(std::size_t index)> group;
};

struct SheetReport {
  std::size_t pages = 0;  ///< of a PDF; 0 of an HTML page
  std::size_t tiles = 0, without_picture = 0;
};

/// A4 pages as PDF where `path` ends in .pdf, with the table as an attached file; else one HTML page that needs no
/// network, with the table inside. Written whole or not at all.
/// @error as `source.group`; Usage  the name ends otherwise; Environment; Cancelled
[[nodiscard]] Result<SheetReport> write_contact_sheet(const std::filesystem::path& path, const SheetHead& head,
                                                      const SheetSource& source, const Task& task);

}  // namespace ipsi::report
