// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/contact_sheet.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/report/pdf_attach.h"
#include "core/report/sheet_parts.h"

namespace ipsi::report {
namespace {

std::string big_endian(std::uint32_t v) {
  return {static_cast<char>(v >> 24U), static_cast<char>(v >> 16U), static_cast<char>(v >> 8U), static_cast<char>(v)};
}

std::string png_chunk(std::string_view kind, const std::string& body) {
  const std::string marked = std::string(kind) + body;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(marked.data()), static_cast<uInt>(marked.size()));
  return big_endian(static_cast<std::uint32_t>(body.size())) + marked + big_endian(static_cast<std::uint32_t>(crc));
}

}  // namespace

std::string_view to_string(SheetFlag flag) {
  switch (flag) {
    case SheetFlag::ok: return "ok";
    case SheetFlag::lesioned: return "lesioned";
    case SheetFlag::failed: return "failed";
    case SheetFlag::unrated: break;
  }
  return "unrated";
}

SheetPicture sheet_picture(const render::Thumbnail& t) {
  SheetPicture out;
  out.side = t.side;
  const auto n = static_cast<std::size_t>(t.side);
  std::vector<std::uint8_t> region(n * n), lesion(n * n);
  out.grey.resize(n * n);
  for (std::size_t y = 0; y < n; ++y)
    for (std::size_t x = 0; x < n; ++x) {
      const std::size_t from = (n - 1 - y) * n + (n - 1 - x), to = y * n + x;
      out.grey[to] = t.grey[from];
      region[to] = t.marks[from] & (render::Thumbnail::kRegion | render::Thumbnail::kPair);
      lesion[to] = t.marks[from] & render::Thumbnail::kLesion;
    }
  out.region = render::trace(region, t.side, t.side, render::Thumbnail::kRegion);
  out.pair = render::trace(region, t.side, t.side, render::Thumbnail::kPair);
  out.lesion = render::trace(lesion, t.side, t.side, render::Thumbnail::kLesion);
  return out;
}

const render::Thumbnail* thumbnail_of(const SheetTile& tile) {
  if (!tile.pictures) return nullptr;
  const auto& thumbnail = tile.pictures->of[static_cast<std::size_t>(tile.region)];
  return thumbnail.empty() ? nullptr : &thumbnail;
}

std::string_view anchor_words(const render::Thumbnail& thumbnail) {
  switch (thumbnail.anchor) {
    case render::Anchor::mirrored: return "no label: mirrored place";
    case render::Anchor::atlas: return "no label: atlas place";
    case render::Anchor::head: return "no label: middle of the head";
    case render::Anchor::label: break;
  }
  return {};
}

std::string grey_png(const std::vector<std::uint8_t>& grey, int side) {
  const auto n = static_cast<std::size_t>(side);
  std::string rows;
  rows.reserve(n * (n + 1));
  for (std::size_t y = 0; y < n; ++y) {
    rows += '\2';  // each row as differences from the one above
    for (std::size_t x = 0; x < n; ++x)
      rows += static_cast<char>(grey[y * n + x] - (y == 0 ? 0 : grey[(y - 1) * n + x]));
  }
  std::string packed(compressBound(static_cast<uLong>(rows.size())), '\0');
  auto size = static_cast<uLongf>(packed.size());
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
            static_cast<uLong>(rows.size()), 9);
  packed.resize(size);
  const auto edge = big_endian(static_cast<std::uint32_t>(side));
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", edge + edge + std::string("\x08\x00\x00\x00\x00", 5)) +
         png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

Result<SheetReport> write_contact_sheet(const std::filesystem::path& path, const SheetHead& head,
                                        const SheetSource& source, const Task& task) {
  const std::string extension = to_lower(path.extension().string());
  const bool pdf = extension == ".pdf";
  if (!pdf && extension != ".html" && extension != ".htm")
    return fail(Code::Usage, "a contact sheet is a .pdf or an .html file", path.string(), "change the ending");
  SheetReport report;
  const auto written = write_file_with(path, [&](const std::filesystem::path& part) -> Result<void> {
    auto made = pdf ? write_sheet_pdf(part, head, source, task) : write_sheet_html(part, head, source, task);
    if (!made) return tl::unexpected<Error>(made.error());
    report = *made;
    if (!pdf) return {};
    return attach_file(part, {kSheetTable, "text/tab-separated-values",
                              "Ratings of this contact sheet; ipsi qc import reads them", head.ratings_tsv});
  });
  if (!written) return tl::unexpected<Error>(written.error());
  return report;
}

}  // namespace ipsi::report
