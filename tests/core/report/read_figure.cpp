// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/report/read_figure.h"

#include <cairo.h>

#include <cstdlib>
#include <cstring>

#include "tests/support/support.h"

namespace ipsi::test {

render::Picture pixels_of(const std::string& png) {
  struct Reader {
    const std::string* bytes;
    std::size_t at;
  } reader{&png, 0};
  const auto read = [](void* from, unsigned char* to, unsigned int count) {
    auto& r = *static_cast<Reader*>(from);
    if (r.at + count > r.bytes->size()) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(to, r.bytes->data() + r.at, count);
    r.at += count;
    return CAIRO_STATUS_SUCCESS;
  };
  cairo_surface_t* surface = cairo_image_surface_create_from_png_stream(read, &reader);
  render::Picture out{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), {}};
  const bool opaque = cairo_image_surface_get_format(surface) == CAIRO_FORMAT_RGB24;
  const unsigned char* rows = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x) {
      std::uint32_t pixel = 0;
      std::memcpy(&pixel, rows + y * stride + 4 * x, 4);
      const std::uint32_t alpha = opaque ? 255 : pixel >> 24U;
      for (const unsigned shift : {16U, 8U, 0U}) {
        const std::uint32_t channel = pixel >> shift & 255U;
        out.rgba.push_back(static_cast<std::uint8_t>(alpha == 0 ? 0 : channel * 255U / alpha));
      }
      out.rgba.push_back(static_cast<std::uint8_t>(alpha));
    }
  cairo_surface_destroy(surface);
  return out;
}

std::optional<std::string> text_of_pdf(const std::string& pdf) {
  const TemporaryDir dir;
  spit(dir / "f.pdf", pdf);
  const std::string command =
      "pdftotext -enc UTF-8 '" + (dir / "f.pdf").string() + "' '" + (dir / "f.txt").string() + "' 2>/dev/null";
  if (std::system(command.c_str()) != 0) return std::nullopt;
  return slurp(dir / "f.txt");
}

}  // namespace ipsi::test
