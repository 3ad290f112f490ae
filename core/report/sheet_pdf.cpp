// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/report/canvas_backend.h"
#include "core/report/sheet_parts.h"

namespace ipsi::report {
namespace {

constexpr double kWidth = 210, kHeight = 297, kMargin = 12, kFoot = 8;
constexpr int kColumns = 6;
constexpr double kGap = 2.0, kTile = (kWidth - 2 * kMargin - (kColumns - 1) * kGap) / kColumns;
constexpr double kLine = 2.7;  // of small text
constexpr double kSmallPt = 6.0, kTitlePt = 6.6;
constexpr std::size_t kNoteLines = 2, kCommentLines = 2;

constexpr render::Rgb kText{0x00, 0x00, 0x00}, kMuted{0x44, 0x4A, 0x53}, kEdge{0x76, 0x7E, 0x8A},
    kSunken{0xE8, 0xEA, 0xED}, kBlack{0, 0, 0}, kWhite{255, 255, 255}, kOk{0x00, 0x72, 0xB2},
    kLesioned{0xE6, 0x9F, 0x00}, kLesionedEdge{0x8A, 0x58, 0x00}, kLesionedMark{0x1B, 0x1E, 0x23},
    kFailed{0xC6, 0x4A, 0x00}, kUnrated{0x74, 0x7C, 0x88};

std::vector<std::string> lines_of(const std::string& words, std::size_t most, bool italic = false) {
  if (words.empty()) return {};
  Text text{words, kSmallPt};
  text.wrap_mm = kTile;
  text.italic = italic;
  auto lines = break_lines(text).lines;
  if (lines.size() > most) {  // the table has it whole
    lines.resize(most);
    lines.back() += "\xE2\x80\xA6";
  }
  return lines;
}

/// A tile's words, broken.
struct Words {
  std::vector<std::string> note, comment;
  [[nodiscard]] double height() const { return 4.6 + kLine * static_cast<double>(note.size() + comment.size()) + 1.6; }
};

Words words_of(const SheetTile& tile) {
  const render::Thumbnail* thumbnail = thumbnail_of(tile);
  std::string note = thumbnail == nullptr ? std::string() : std::string(anchor_words(*thumbnail));
  if (!note.empty() && !tile.note.empty()) note += "; ";
  return {lines_of(note + tile.note, kNoteLines), lines_of(tile.comment, kCommentLines, true)};
}

Path scaled(const std::vector<render::Loop>& loops, double x, double y, double mm) {
  Path out;
  for (const render::Loop& loop : loops) {
    Path::Line line;
    line.closed = true;
    for (const Eigen::Vector2d& p : loop) line.points.emplace_back(x + p.x() * mm, y + p.y() * mm);
    out.lines.push_back(std::move(line));
  }
  return out;
}

class Sheet {
 public:
  Sheet(Canvas canvas, const SheetHead& head, SheetReport& report)
      : canvas_(std::move(canvas)), head_(head), report_(report) {
    begin_page();
    canvas_.draw(kMargin, y_ + 5, {.words = head_.title, .size_pt = 14, .bold = true});
    y_ += 9;
    for (const std::string& line : head_.lines) {
      Text text{.words = line, .size_pt = 8, .colour = kMuted};
      text.wrap_mm = kWidth - 2 * kMargin;
      canvas_.draw(kMargin, y_ + 3, text);
      y_ += measure(text).height_mm + 0.6;
    }
    y_ += 3;
  }

  void group(const SheetGroup& group) {
    std::vector<Words> words;
    for (const SheetTile& tile : group.tiles) words.push_back(words_of(tile));
    for (std::size_t first = 0; first < group.tiles.size(); first += kColumns) {
      const std::size_t last = std::min(group.tiles.size(), first + kColumns);
      double height = 0;
      for (std::size_t i = first; i < last; ++i) height = std::max(height, kTile + words[i].height());
      const bool top = first == 0;
      // A heading is not left alone, and the two rows of a person stay together where they can.
      double needed = height + (top ? 8 : 0);
      if (top && group.tiles.size() <= 2 * kColumns)
        for (std::size_t i = last; i < group.tiles.size(); ++i)
          needed = std::max(needed, 8 + height + kTile + words[i].height());
      if (y_ + needed > kHeight - kMargin - kFoot && y_ > kMargin + 1) next_page();
      if (top || y_ <= kMargin + 1) heading(group, top);
      for (std::size_t i = first; i < last; ++i)
        tile(group.tiles[i], words[i], kMargin + static_cast<double>(i - first) * (kTile + kGap));
      y_ += height;
    }
    y_ += 3;
  }

  Result<std::string> finish() {
    end_page();
    return canvas_.finish();
  }

 private:
  void begin_page() {
    ++report_.pages;
    y_ = kMargin;
  }
  void end_page() {
    const double y = kHeight - kMargin + 2;
    canvas_.draw(kMargin, y, {.words = head_.title, .size_pt = 6.5, .colour = kMuted});
    canvas_.draw(
        kWidth - kMargin, y,
        {.words = fmt::format("page {}", report_.pages), .size_pt = 6.5, .align = Align::right, .colour = kMuted});
  }
  void next_page() {
    end_page();
    canvas_.next_page();
    begin_page();
  }

  void heading(const SheetGroup& group, bool first) {
    const Text title{.words = group.title + (first ? "" : " (continued)"), .size_pt = 9, .bold = true};
    canvas_.draw(kMargin, y_ + 4, title);
    canvas_.draw(kMargin + measure(title).width_mm + 3, y_ + 4, {.words = group.note, .size_pt = 7, .colour = kMuted});
    y_ += 6;
  }

  void tile(const SheetTile& tile, const Words& words, double x) {
    ++report_.tiles;
    if (const render::Thumbnail* thumbnail = thumbnail_of(tile)) {
      picture(*thumbnail, x);
    } else {
      ++report_.without_picture;
      canvas_.draw(Path::rectangle(x, y_, kTile, kTile), Fill{kSunken});
      canvas_.draw(Path::rectangle(x, y_, kTile, kTile), Stroke{.colour = kEdge, .width_pt = 0.5, .dash_pt = {2, 2}});
      Text text{.words = tile.missing, .size_pt = kSmallPt, .colour = kMuted};
      text.wrap_mm = kTile - 3;
      canvas_.draw(x + 1.5, y_ + 3.5, text);
    }
    double y = y_ + kTile + 3.2;
    flag(tile.flag, x, y - 2.5, 3.0);
    canvas_.clip(Path::rectangle(x, y_, kTile, kTile + words.height()));
    canvas_.draw(x + 3.7, y, {.words = tile.title, .size_pt = kTitlePt, .bold = true});
    y += kLine + 0.2;
    for (const auto& line : words.note) {
      canvas_.draw(x, y, {.words = line, .size_pt = kSmallPt, .colour = kMuted});
      y += kLine;
    }
    for (const auto& line : words.comment) {
      canvas_.draw(x, y, {.words = line, .size_pt = kSmallPt, .italic = true, .colour = kText});
      y += kLine;
    }
    canvas_.unclip();
  }

  void picture(const render::Thumbnail& thumbnail, double x) {
    const SheetPicture picture = sheet_picture(thumbnail);
    render::Picture pixels{picture.side, picture.side, {}};
    pixels.rgba.reserve(4 * picture.grey.size());
    for (const std::uint8_t g : picture.grey) pixels.rgba.insert(pixels.rgba.end(), {g, g, g, 255});
    canvas_.draw(x, y_, kTile, kTile, pixels);
    canvas_.clip(Path::rectangle(x, y_, kTile, kTile));
    const double mm = kTile / picture.side;
    const Path region = scaled(picture.region, x, y_, mm), pair = scaled(picture.pair, x, y_, mm),
               lesion = scaled(picture.lesion, x, y_, mm);
    canvas_.draw(lesion, Fill{render::kLesionColour, 0.35});
    canvas_.draw(lesion, Stroke{.colour = render::kLesionColour, .width_pt = 0.5, .dash_pt = {1.5, 1.2}});
    canvas_.draw(pair, Stroke{.colour = kBlack, .width_pt = 1.1, .opacity = 0.67});
    canvas_.draw(region, Stroke{.colour = kBlack, .width_pt = 1.6, .opacity = 0.67});
    canvas_.draw(pair, Stroke{.colour = render::kOutlineCurrent, .width_pt = 0.5});
    canvas_.draw(region, Stroke{.colour = render::kOutlineCurrent, .width_pt = 0.9});
    canvas_.unclip();
    for (const bool right : {true, false}) {  // the left of the picture is the person's right
      const double at = right ? x + 1.4 : x + kTile - 1.4;
      canvas_.draw(Path::rectangle(at - 1.1, y_ + kTile / 2 - 1.2, 2.2, 2.4), Fill{kBlack, 0.62});
      canvas_.draw(at, y_ + kTile / 2 + 0.75,
                   {.words = right ? "R" : "L", .size_pt = 6, .bold = true, .align = Align::centre, .colour = kWhite});
    }
  }

  void flag(SheetFlag flag, double x, double y, double size) {
    const double u = size / 20.0;  // the window's shapes stand on a grid of 20
    const auto at = [&](double a, double b) { return Eigen::Vector2d(x + a * u, y + b * u); };
    const Stroke thin{.colour = kUnrated, .width_pt = 0.6};
    const auto mark = [](render::Rgb colour) { return Stroke{.colour = colour, .width_pt = 0.8, .round = true}; };
    switch (flag) {
      case SheetFlag::ok:
        canvas_.draw(Path::circle(x + 10 * u, y + 10 * u, 8 * u), Fill{kOk});
        canvas_.draw(Path::polyline({at(6.2, 10.3), at(8.9, 13), at(13.9, 7.4)}), mark(kWhite));
        return;
      case SheetFlag::lesioned: {
        const Path diamond = Path::polygon({at(10, 1.2), at(18.8, 10), at(10, 18.8), at(1.2, 10)});
        canvas_.draw(diamond, Fill{kLesioned});
        canvas_.draw(diamond, Stroke{.colour = kLesionedEdge, .width_pt = 0.55});
        canvas_.draw(Path::polyline({at(8.2, 6.2), at(8.2, 13.4), at(12.6, 13.4)}), mark(kLesionedMark));
        return;
      }
      case SheetFlag::failed:
        canvas_.draw(Path::rectangle(x + 2.5 * u, y + 2.5 * u, 15 * u, 15 * u), Fill{kFailed});
        canvas_.draw(Path::polyline({at(6.7, 6.7), at(13.3, 13.3)}), mark(kWhite));
        canvas_.draw(Path::polyline({at(13.3, 6.7), at(6.7, 13.3)}), mark(kWhite));
        return;
      case SheetFlag::unrated: canvas_.draw(Path::circle(x + 10 * u, y + 10 * u, 7.25 * u), thin); return;
    }
  }

  Canvas canvas_;
  const SheetHead& head_;
  SheetReport& report_;
  double y_ = kMargin;
};

}  // namespace

Result<SheetReport> write_sheet_pdf(const std::filesystem::path& path, const SheetHead& head, const SheetSource& source,
                                    const Task& task) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  CanvasOptions options;
  options.format = Format::pdf;
  options.width_mm = kWidth;
  options.height_mm = kHeight;
  options.title = head.title;
  options.sink = [&out](std::string_view bytes) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  auto canvas = Canvas::create(options);
  if (!canvas) return tl::unexpected<Error>(canvas.error());
  SheetReport report;
  Sheet sheet(std::move(*canvas), head, report);
  for (std::size_t g = 0; g < source.groups; ++g) {
    if (task.cancelled()) return fail(Code::Cancelled, "stopped by the user");
    const auto group = source.group(g);
    if (!group) return tl::unexpected<Error>(group.error());
    sheet.group(*group);
    if (!out) break;
    task.progress(static_cast<double>(g + 1) / static_cast<double>(source.groups),
                  fmt::format("{} of {}", g + 1, source.groups));
  }
  if (const auto finished = sheet.finish(); !finished) return tl::unexpected<Error>(finished.error());
  out.flush();
  if (!out) return fail(Code::Environment, "the file cannot be written to its end", path.string(), "is the disk full?");
  return report;
}

}  // namespace ipsi::report
