// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "contact_sheet_files.h"
#include "core/report/markup.h"
#include "core/report/sheet_parts.h"
#include "core/table/carried.h"

namespace ipsi::report {
namespace {

std::string path_of(const std::vector<render::Loop>& loops) {
  std::string d;
  for (const render::Loop& loop : loops) {
    bool first = true;
    for (const Eigen::Vector2d& p : loop) {
      d += fmt::format("{}{:g} {:g}", first ? "M" : "L", p.x(), p.y());
      first = false;
    }
    d += 'Z';
  }
  return d;
}

std::string line_of(const std::vector<render::Loop>& loops, std::string_view css) {
  if (loops.empty()) return {};
  return fmt::format("<path class=\"{}\" fill-rule=\"evenodd\" d=\"{}\"/>", css, path_of(loops));
}

std::string picture_html(const SheetTile& tile) {
  const render::Thumbnail* thumbnail = thumbnail_of(tile);
  if (thumbnail == nullptr) return "<div class=\"none\">" + escape(tile.missing) + "</div>";
  const SheetPicture picture = sheet_picture(*thumbnail);
  std::vector<render::Loop> outlines = picture.region;
  outlines.insert(outlines.end(), picture.pair.begin(), picture.pair.end());
  const int n = picture.side;
  return fmt::format(
             "<svg class=\"picture\" viewBox=\"0 0 {0} {0}\" aria-hidden=\"true\"><image width=\"{0}\" height=\"{0}\" "
             "href=\"{1}\"/>",
             n, data_uri("image/png", grey_png(picture.grey, n))) +
         line_of(outlines, "halo") + line_of(picture.lesion, "lesion") + line_of(picture.pair, "pair") +
         line_of(picture.region, "region") +
         fmt::format(
             "<text x=\"{0}\" y=\"{2}\" style=\"font-size:{3}px\">R</text><text x=\"{1}\" y=\"{2}\" "
             "style=\"font-size:{3}px\">L</text></svg>",
             0.05 * n, 0.95 * n, 0.52 * n, 0.075 * n);
}

std::string tile_html(const SheetTile& tile) {
  const std::string_view flag = to_string(tile.flag);
  const render::Thumbnail* thumbnail = thumbnail_of(tile);
  std::vector<std::string> notes;
  if (thumbnail != nullptr && !anchor_words(*thumbnail).empty()) notes.emplace_back(anchor_words(*thumbnail));
  if (!tile.note.empty()) notes.push_back(tile.note);
  std::string words = fmt::format("{}, {}: {}", tile.about, tile.title, flag), body;
  for (const std::string& note : notes) {
    words += ". " + note;
    body += "<p>" + escape(note) + "</p>";
  }
  if (!tile.comment.empty()) {
    words += ". Comment: " + tile.comment;
    body += "<p><q>" + escape(tile.comment) + "</q></p>";
  }
  if (thumbnail == nullptr) words += ". " + tile.missing;
  return fmt::format(
      "<figure tabindex=\"0\" data-flag=\"{0}\" aria-label=\"{1}\">{2}<figcaption><svg class=\"flag\" "
      "aria-hidden=\"true\"><use href=\"#f-{0}\"/></svg><b>{3}</b> {0}{4}</figcaption></figure>\n",
      flag, escape(words), picture_html(tile), escape(tile.title), body);
}

std::string head_html(const SheetHead& head) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"/>\n<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n"
      "{2}<header>\n<h1>{0}</h1>\n",
      escape(head.title), kSheetCss, kSheetSymbols);
  for (const std::string& line : head.lines) out += "<p>" + escape(line) + "</p>\n";
  out += "</header>\n<form>\n<fieldset><legend>Show</legend>";
  for (const SheetFlag flag : {SheetFlag::ok, SheetFlag::lesioned, SheetFlag::failed, SheetFlag::unrated})
    out += fmt::format(
        "<label><input type=\"checkbox\" name=\"flag\" value=\"{0}\" checked/><svg class=\"flag\" aria-hidden=\"true\">"
        "<use href=\"#f-{0}\"/></svg>{0}</label>",
        to_string(flag));
  return out +
         "</fieldset>\n<label>Overlay <kbd>F</kbd> <select name=\"overlay\"><option value=\"\">outline</option><option "
         "value=\"fill\">fill</option><option value=\"bare\">off</option></select></label>\n<label><input "
         "type=\"checkbox\" name=\"lesion\" checked/>Lesion <kbd>T</kbd></label>\n<span id=\"shown\" "
         "role=\"status\"></span>\n</form>\n<main>\n";
}

}  // namespace

Result<SheetReport> write_sheet_html(const std::filesystem::path& path, const SheetHead& head,
                                     const SheetSource& source, const Task& task) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << head_html(head);
  SheetReport report;
  for (std::size_t g = 0; g < source.groups; ++g) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const auto group = source.group(g);
    if (!group) return tl::unexpected<Error>(group.error());
    out << "<section>\n<h2>" << escape(group->title) << "<span>" << escape(group->note)
        << "</span></h2>\n<div class=\"group\">\n";
    for (const SheetTile& tile : group->tiles) {
      ++report.tiles;
      report.without_picture += thumbnail_of(tile) == nullptr ? 1 : 0;
      out << tile_html(tile);
    }
    out << "</div>\n</section>\n";
    if (!out) break;
    task.progress(static_cast<double>(g + 1) / static_cast<double>(source.groups),
                  fmt::format("{} of {}", g + 1, source.groups));
  }
  out << "</main>\n"
      << table::carried_element(head.ratings_tsv) << "\n<script>\n"
      << kSheetScript << "</script>\n</body>\n</html>\n";
  out.flush();
  if (!out) return fail(Code::Environment, "the page cannot be written to its end", path.string(), "is the disk full?");
  return report;
}

}  // namespace ipsi::report
