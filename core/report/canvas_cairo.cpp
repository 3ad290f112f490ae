// SPDX-License-Identifier: GPL-3.0-or-later
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <cmath>
#include <cstring>
#include <mutex>
#include <numbers>

#include "core/report/canvas_backend.h"

namespace ipsi::report {
namespace {

constexpr const char* kFamily = "Liberation Sans, Arial, DejaVu Sans, sans-serif";

struct Unref {
  void operator()(cairo_t* p) const { cairo_destroy(p); }
  void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
  void operator()(PangoLayout* p) const { g_object_unref(p); }
  void operator()(PangoContext* p) const { g_object_unref(p); }
  void operator()(PangoFontMap* p) const { g_object_unref(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

/// Words are laid out at 72 dpi with unhinted metrics, so that a line has the same length in every format.
struct Typesetter {
  Owned<PangoFontMap> fonts{pango_cairo_font_map_new()};
  Owned<PangoContext> context;

  Typesetter() {
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts.get()), 72.0);
    context.reset(pango_font_map_create_context(fonts.get()));
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context.get(), options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context.get(), FALSE);
  }

  [[nodiscard]] Owned<PangoLayout> layout(const std::string& words, const Text& style) const {
    Owned<PangoLayout> layout(pango_layout_new(context.get()));
    PangoFontDescription* font = pango_font_description_from_string(kFamily);
    pango_font_description_set_size(font, static_cast<gint>(std::lround(style.size_pt * PANGO_SCALE)));
    if (style.bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    if (style.italic) pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
    pango_layout_set_font_description(layout.get(), font);
    pango_font_description_free(font);
    pango_layout_set_text(layout.get(), words.data(), static_cast<int>(words.size()));
    return layout;
  }
};

/// Pango's font maps belong to one thread.
const Typesetter& typesetter() {
  thread_local const Typesetter kTypesetter;
  return kTypesetter;
}

double to_mm(int pango_units) {
  return static_cast<double>(pango_units) / PANGO_SCALE * kMmPerPoint;
}

void wrap(PangoLayout* layout, double wrap_mm) {
  if (wrap_mm <= 0) return;
  pango_layout_set_width(layout, static_cast<int>(wrap_mm / kMmPerPoint * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
}

cairo_status_t append(void* to, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

Owned<cairo_surface_t> to_surface(const render::Picture& picture) {
  Owned<cairo_surface_t> surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, picture.width, picture.height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) return surface;
  cairo_surface_flush(surface.get());
  unsigned char* rows = cairo_image_surface_get_data(surface.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
  const auto width = static_cast<std::size_t>(picture.width), height = static_cast<std::size_t>(picture.height);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint8_t* from = &picture.rgba[4 * (y * width + x)];
      const std::uint32_t alpha = from[3];
      const auto premultiplied = [alpha](std::uint8_t c) { return (c * alpha + 127U) / 255U; };
      const std::uint32_t pixel =
          alpha << 24U | premultiplied(from[0]) << 16U | premultiplied(from[1]) << 8U | premultiplied(from[2]);
      std::memcpy(rows + y * stride + 4 * x, &pixel, 4);
    }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

std::uint32_t png_crc(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string big_endian(std::uint32_t v) {
  return {static_cast<char>(v >> 24U), static_cast<char>(v >> 16U), static_cast<char>(v >> 8U), static_cast<char>(v)};
}

/// Cairo does not write the density: say it in a pHYs chunk, so that the picture has its size in mm.
void add_density(std::string& png, double dpi) {
  constexpr std::size_t kAfterHeader = 8 + 25;  // signature and IHDR
  if (png.size() < kAfterHeader) return;
  const auto per_metre = static_cast<std::uint32_t>(std::lround(dpi / kMmPerInch * 1000.0));
  const std::string body = "pHYs" + big_endian(per_metre) + big_endian(per_metre) + std::string(1, '\1');
  png.insert(kAfterHeader, big_endian(9) + body + big_endian(png_crc(body)));
}

class CairoBackend final : public Canvas::Backend {
 public:
  explicit CairoBackend(const CanvasOptions& given) : Backend(given) {
    const double points_wide = options.width_mm / kMmPerPoint, points_high = options.height_mm / kMmPerPoint;
    if (options.format == Format::pdf) {
      surface_.reset(cairo_pdf_surface_create_for_stream(hand_on, this, points_wide, points_high));
      // A plain table of objects, to which a file can be attached later (pdf_attach.h).
      cairo_pdf_surface_restrict_to_version(surface_.get(), CAIRO_PDF_VERSION_1_4);
      cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_TITLE, options.title.c_str());
      cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_SUBJECT, options.description.c_str());
      // The time of drawing would make every file different.
      cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
      cairo_surface_set_fallback_resolution(surface_.get(), options.dpi, options.dpi);
    } else {
      surface_.reset(
          cairo_image_surface_create(options.transparent ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_RGB24,
                                     static_cast<int>(std::lround(options.width_mm / kMmPerInch * options.dpi)),
                                     static_cast<int>(std::lround(options.height_mm / kMmPerInch * options.dpi))));
    }
    context_.reset(cairo_create(surface_.get()));
    const double scale = options.format == Format::pdf ? 1.0 / kMmPerPoint : options.dpi / kMmPerInch;
    cairo_scale(context_.get(), scale, scale);
    paint_ground();
    cairo_set_fill_rule(context_.get(), CAIRO_FILL_RULE_EVEN_ODD);
  }

  void fill(const Path& path, const Fill& fill) override {
    trace(path);
    colour(fill.colour, fill.opacity);
    cairo_fill(context_.get());
  }

  void stroke(const Path& path, const Stroke& stroke) override {
    trace(path);
    colour(stroke.colour, stroke.opacity);
    cairo_set_line_width(context_.get(), stroke.width_pt * kMmPerPoint);
    cairo_set_line_cap(context_.get(), stroke.round ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
    cairo_set_line_join(context_.get(), stroke.round ? CAIRO_LINE_JOIN_ROUND : CAIRO_LINE_JOIN_MITER);
    std::vector<double> dash;
    for (const double pt : stroke.dash_pt) dash.push_back(pt * kMmPerPoint);
    cairo_set_dash(context_.get(), dash.data(), static_cast<int>(dash.size()), 0.0);
    cairo_stroke(context_.get());
  }

  void line(double x, double y, const std::string& words, const Text& style) override {
    const auto layout = typesetter().layout(words, style);
    PangoLayoutLine* line = pango_layout_get_line_readonly(layout.get(), 0);
    if (line == nullptr) return;
    PangoRectangle extent{};
    pango_layout_line_get_extents(line, nullptr, &extent);
    const double width_pt = static_cast<double>(extent.width) / PANGO_SCALE;
    const double shift = style.align == Align::left ? 0.0 : style.align == Align::centre ? 0.5 : 1.0;
    cairo_save(context_.get());
    colour(style.colour, 1.0);
    cairo_translate(context_.get(), x, y);
    cairo_scale(context_.get(), kMmPerPoint, kMmPerPoint);
    cairo_rotate(context_.get(), -style.turn_degrees * std::numbers::pi / 180.0);
    cairo_move_to(context_.get(), -shift * width_pt, 0.0);
    pango_cairo_show_layout_line(context_.get(), line);
    cairo_restore(context_.get());
  }

  void picture(double x, double y, double width, double height, const render::Picture& picture) override {
    const auto pixels = to_surface(picture);
    cairo_save(context_.get());
    cairo_translate(context_.get(), x, y);
    cairo_scale(context_.get(), width / picture.width, height / picture.height);
    cairo_set_source_surface(context_.get(), pixels.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(context_.get()), CAIRO_FILTER_GOOD);
    // Enlarged pixels do not fade at the edge of the picture.
    if (options.format == Format::png) cairo_pattern_set_extend(cairo_get_source(context_.get()), CAIRO_EXTEND_PAD);
    cairo_rectangle(context_.get(), 0, 0, picture.width, picture.height);
    cairo_fill(context_.get());
    cairo_restore(context_.get());
  }

  void clip(const Path& path) override {
    cairo_save(context_.get());
    trace(path);
    cairo_clip(context_.get());
  }
  void unclip() override { cairo_restore(context_.get()); }
  void next_page() override {
    if (options.format != Format::pdf) return;
    cairo_show_page(context_.get());
    paint_ground();
  }

  Result<std::string> finish() override {
    cairo_status_t status = cairo_status(context_.get());
    if (options.format == Format::png && status == CAIRO_STATUS_SUCCESS) {
      status = cairo_surface_write_to_png_stream(surface_.get(), append, &bytes_);
      add_density(bytes_, options.dpi);
    }
    cairo_surface_finish(surface_.get());
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface_.get());
    if (status != CAIRO_STATUS_SUCCESS)
      return fail(Code::Environment, fmt::format("the figure could not be drawn: {}", cairo_status_to_string(status)),
                  "", "lower the dpi or the size");
    return std::move(bytes_);
  }

 private:
  static cairo_status_t hand_on(void* self, const unsigned char* bytes, unsigned int count) {
    auto* backend = static_cast<CairoBackend*>(self);
    if (!backend->options.sink) return append(&backend->bytes_, bytes, count);
    backend->options.sink({reinterpret_cast<const char*>(bytes), count});
    return CAIRO_STATUS_SUCCESS;
  }
  void paint_ground() {
    if (options.transparent) return;
    cairo_set_source_rgb(context_.get(), 1, 1, 1);
    cairo_paint(context_.get());
  }
  void colour(render::Rgb c, double opacity) {
    cairo_set_source_rgba(context_.get(), c.r / 255.0, c.g / 255.0, c.b / 255.0, opacity);
  }
  void trace(const Path& path) {
    cairo_new_path(context_.get());
    for (const Path::Line& line : path.lines) {
      bool first = true;
      for (const Eigen::Vector2d& p : line.points) {
        first ? cairo_move_to(context_.get(), p.x(), p.y()) : cairo_line_to(context_.get(), p.x(), p.y());
        first = false;
      }
      if (line.closed) cairo_close_path(context_.get());
    }
  }

  std::string bytes_;  // before the surface, which writes to it until its end
  Owned<cairo_surface_t> surface_;
  Owned<cairo_t> context_;
};

}  // namespace

std::unique_ptr<Canvas::Backend> make_cairo_backend(const CanvasOptions& options) {
  return std::make_unique<CairoBackend>(options);
}

std::string to_png(const render::Picture& picture) {
  std::string bytes;
  cairo_surface_write_to_png_stream(to_surface(picture).get(), append, &bytes);
  return bytes;
}

TextSize measure(const Text& text) {
  const auto layout = typesetter().layout(text.words, text);
  wrap(layout.get(), text.wrap_mm);
  PangoRectangle extent{};
  pango_layout_get_extents(layout.get(), nullptr, &extent);
  return {to_mm(extent.width), to_mm(extent.height), to_mm(pango_layout_get_baseline(layout.get())),
          pango_layout_get_line_count(layout.get())};
}

Lines break_lines(const Text& text) {
  const auto layout = typesetter().layout(text.words, text);
  wrap(layout.get(), text.wrap_mm);
  Lines out;
  const int count = pango_layout_get_line_count(layout.get());
  for (int i = 0; i < count; ++i) {
    const PangoLayoutLine* line = pango_layout_get_line_readonly(layout.get(), i);
    std::string words = text.words.substr(
        static_cast<std::size_t>(pango_layout_line_get_start_index(const_cast<PangoLayoutLine*>(line))),
        static_cast<std::size_t>(pango_layout_line_get_length(const_cast<PangoLayoutLine*>(line))));
    while (!words.empty() && words.back() == ' ') words.pop_back();
    out.lines.push_back(std::move(words));
  }
  PangoRectangle extent{};
  pango_layout_get_extents(layout.get(), nullptr, &extent);
  out.pitch_mm = count > 0 ? to_mm(extent.height) / count : 0.0;
  return out;
}

}  // namespace ipsi::report
