// SPDX-License-Identifier: GPL-3.0-or-later
// Cairo's own SVG turns letters into outlines; here text stays text.
#include <fmt/format.h>

#include <cmath>

#include "core/report/canvas_backend.h"

namespace ipsi::report {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;  // XML allows no others
    }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i + k])) : 0U;
    };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    out += kDigits[group >> 18U];
    out += kDigits[group >> 12U & 63U];
    out += i + 1 < bytes.size() ? kDigits[group >> 6U & 63U] : '=';
    out += i + 2 < bytes.size() ? kDigits[group & 63U] : '=';
  }
  return out;
}

/// Micrometres are enough on paper; no "-0", no trailing zeros.
std::string number(double v) {
  const double rounded = std::round(v * 1000.0) / 1000.0;
  return fmt::format("{:g}", rounded == 0.0 ? 0.0 : rounded);
}

class SvgBackend final : public Canvas::Backend {
 public:
  explicit SvgBackend(const CanvasOptions& given) : Backend(given) {
    if (!options.transparent) fill(Path::rectangle(0, 0, options.width_mm, options.height_mm), {{255, 255, 255}});
  }

  void fill(const Path& path, const Fill& fill) override {
    body_ += fmt::format("<path d=\"{}\" fill=\"{}\" fill-rule=\"evenodd\"{}/>\n", data(path),
                         render::to_hex(fill.colour), opacity("fill-opacity", fill.opacity));
  }

  void stroke(const Path& path, const Stroke& stroke) override {
    std::string dash;
    for (const double pt : stroke.dash_pt)
      dash += fmt::format("{}{}", dash.empty() ? "" : " ", number(pt * kMmPerPoint));
    body_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}{}{}/>\n", data(path),
                         render::to_hex(stroke.colour), number(stroke.width_pt * kMmPerPoint),
                         dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash),
                         stroke.round ? " stroke-linecap=\"round\" stroke-linejoin=\"round\"" : "",
                         opacity("stroke-opacity", stroke.opacity));
  }

  void line(double x, double y, const std::string& words, const Text& style) override {
    const char* anchor = style.align == Align::left ? "start" : style.align == Align::centre ? "middle" : "end";
    const std::string turn = style.turn_degrees == 0.0 ? ""
                                                       : fmt::format(" transform=\"rotate({} {} {})\"",
                                                                     number(-style.turn_degrees), number(x), number(y));
    body_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\"{}{}{}{}{}>{}</text>\n", number(x), number(y),
                         number(style.size_pt * kMmPerPoint),
                         style.align == Align::left ? "" : fmt::format(" text-anchor=\"{}\"", anchor),
                         style.bold ? " font-weight=\"bold\"" : "", style.italic ? " font-style=\"italic\"" : "",
                         style.colour == render::Rgb{} ? "" : fmt::format(" fill=\"{}\"", render::to_hex(style.colour)),
                         turn, escaped(words));
  }

  void picture(double x, double y, double width, double height, const render::Picture& picture) override {
    body_ += fmt::format(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
        "xlink:href=\"data:image/png;base64,{}\"/>\n",
        number(x), number(y), number(width), number(height), base64(to_png(picture)));
  }

  void clip(const Path& path) override {
    ++clips_;
    // The name carries the title: several figures in one HTML page must not share clip names.
    body_ += fmt::format(
        "<clipPath id=\"{0}\"><path d=\"{1}\" clip-rule=\"evenodd\"/></clipPath>\n"
        "<g clip-path=\"url(#{0})\">\n",
        fmt::format("clip-{:08x}-{}", name(), clips_), data(path));
  }
  void unclip() override { body_ += "</g>\n"; }

  Result<std::string> finish() override {
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{0}mm\" "
        "height=\"{1}mm\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
        "font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\">\n",
        number(options.width_mm), number(options.height_mm));
    if (!options.title.empty()) out += "<title>" + escaped(options.title) + "</title>\n";
    if (!options.description.empty()) out += "<desc>" + escaped(options.description) + "</desc>\n";
    return out + body_ + "</svg>\n";
  }

 private:
  [[nodiscard]] std::uint32_t name() const {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const char c : options.title + "\n" + options.description)
      hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
    return hash;
  }
  static std::string opacity(const char* attribute, double value) {
    return value >= 1.0 ? "" : fmt::format(" {}=\"{}\"", attribute, number(value));
  }
  static std::string data(const Path& path) {
    std::string out;
    for (const Path::Line& line : path.lines) {
      for (std::size_t i = 0; i < line.points.size(); ++i)
        out += fmt::format("{}{} {}", i == 0 ? "M" : "L", number(line.points[i].x()), number(line.points[i].y()));
      if (line.closed) out += "Z";
    }
    return out;
  }

  std::string body_;
  int clips_ = 0;
};

}  // namespace

std::unique_ptr<Canvas::Backend> make_svg_backend(const CanvasOptions& options) {
  return std::make_unique<SvgBackend>(options);
}

}  // namespace ipsi::report
