// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/render/contour.h"
#include "core/report/contact_sheet.h"

// Inside core/report only: what the PDF and the HTML form of a contact sheet share.

namespace ipsi::report {

/// A thumbnail as it is looked at (the left of the picture is the person's right), overlays as lines in its pixels.
struct SheetPicture {
  int side = 0;
  std::vector<std::uint8_t> grey;  ///< rows from the top
  std::vector<render::Loop> region, pair, lesion;
};
[[nodiscard]] SheetPicture sheet_picture(const render::Thumbnail& thumbnail);

/// The thumbnail of a tile; nullptr where there is none.
[[nodiscard]] const render::Thumbnail* thumbnail_of(const SheetTile& tile);

/// "no label: mirrored place"; empty where the region has its label.
[[nodiscard]] std::string_view anchor_words(const render::Thumbnail& thumbnail);

/// An 8-bit grey PNG.
[[nodiscard]] std::string grey_png(const std::vector<std::uint8_t>& grey, int side);

[[nodiscard]] Result<SheetReport> write_sheet_pdf(const std::filesystem::path& path, const SheetHead& head,
                                                  const SheetSource& source, const Task& task);
[[nodiscard]] Result<SheetReport> write_sheet_html(const std::filesystem::path& path, const SheetHead& head,
                                                   const SheetSource& source, const Task& task);

}  // namespace ipsi::report
