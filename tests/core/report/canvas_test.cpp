// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/canvas.h"

#include <cairo.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "tests/core/report/read_figure.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

using test::pixels_of;

CanvasOptions page(Format format, bool transparent = false) {
  return {.format = format,
          .width_mm = 60,
          .height_mm = 40,
          .dpi = 254,
          .transparent = transparent,
          .title = "T & <t>",
          .description = "D"};
}

/// A square, a line, two words and a picture.
std::string drawn(const CanvasOptions& options) {
  auto canvas = Canvas::create(options);
  EXPECT_OK(canvas);
  canvas->draw(Path::rectangle(10, 10, 20, 10), Fill{{0x9A, 0x35, 0x17}});
  canvas->draw(Path::segment(5, 35, 55, 35), Stroke{.colour = {0, 0, 0}, .width_pt = 2.0});
  canvas->draw(5, 6, Text{.words = "Putamen & <β> −0.8"});
  canvas->draw(55, 6, Text{.words = "ipsi", .size_pt = 9, .bold = true, .align = Align::right});
  render::Picture picture{2, 1, {255, 0, 0, 255, 0, 0, 255, 0}};
  canvas->draw(40, 10, 10, 10, picture);
  auto bytes = canvas->finish();
  EXPECT_OK(bytes);
  return *bytes;
}

TEST(Canvas, PngHasTheSizeOfItsMillimetresAndSaysSo) {
  for (const double dpi : {150.0, 300.0, 600.0}) {
    CanvasOptions options = page(Format::png);
    options.dpi = dpi;
    const std::string png = drawn(options);
    const auto picture = pixels_of(png);
    EXPECT_EQ(picture.width, std::lround(60 / 25.4 * dpi));
    EXPECT_EQ(picture.height, std::lround(40 / 25.4 * dpi));
    const auto at = png.find("pHYs");
    ASSERT_NE(at, std::string::npos);
    const auto big_endian = [&](std::size_t i) {
      std::uint32_t v = 0;
      for (std::size_t k = 0; k < 4; ++k) v = v << 8U | static_cast<std::uint8_t>(png[i + k]);
      return v;
    };
    EXPECT_EQ(big_endian(at + 4), static_cast<std::uint32_t>(std::lround(dpi / 0.0254)));
    EXPECT_EQ(png[at + 12], 1);  // per metre
  }
}

TEST(Canvas, PixelsAreWhereTheMillimetresSay) {  // 254 dpi: 10 pixels a mm
  const auto picture = pixels_of(drawn(page(Format::png)));
  const auto rgb = [&](int x, int y) {
    const auto p = picture.at(x, y);
    return render::Rgb{p[0], p[1], p[2]};
  };
  EXPECT_EQ(rgb(101, 101), (render::Rgb{0x9A, 0x35, 0x17}));
  EXPECT_EQ(rgb(298, 198), (render::Rgb{0x9A, 0x35, 0x17}));
  EXPECT_EQ(rgb(98, 101), (render::Rgb{255, 255, 255}));
  EXPECT_EQ(rgb(302, 150), (render::Rgb{255, 255, 255}));
  EXPECT_EQ(rgb(300, 350), (render::Rgb{0, 0, 0}));
  EXPECT_EQ(rgb(410, 150), (render::Rgb{255, 0, 0}));      // left half of the picture, opaque
  EXPECT_EQ(rgb(495, 150), (render::Rgb{255, 255, 255}));  // right half, clear
}

TEST(Canvas, TransparentMeansNoBackground) {
  const auto picture = pixels_of(drawn(page(Format::png, true)));
  EXPECT_EQ(picture.at(2, 2)[3], 0);
  EXPECT_EQ(picture.at(150, 150)[3], 255);
  EXPECT_EQ(picture.at(495, 150)[3], 0);
  const std::string svg = drawn(page(Format::svg, true)), white = drawn(page(Format::svg));
  EXPECT_EQ(svg.find("#FFFFFF"), std::string::npos);
  EXPECT_NE(white.find("#FFFFFF"), std::string::npos);
}

TEST(Canvas, TheSameCallsGiveTheSameBytes) {
  for (const Format format : {Format::png, Format::pdf, Format::svg})
    EXPECT_EQ(drawn(page(format)), drawn(page(format))) << to_string(format);
}

TEST(Canvas, SvgKeepsTextAsTextAndEscapesIt) {
  const std::string svg = drawn(page(Format::svg));
  EXPECT_NE(svg.find(">Putamen &amp; &lt;β&gt; −0.8</text>"), std::string::npos);
  EXPECT_NE(svg.find("text-anchor=\"end\" font-weight=\"bold\">ipsi</text>"), std::string::npos);
  EXPECT_NE(svg.find("<title>T &amp; &lt;t&gt;</title>"), std::string::npos);
  EXPECT_NE(svg.find("width=\"60mm\" height=\"40mm\" viewBox=\"0 0 60 40\""), std::string::npos);
  EXPECT_NE(svg.find("M10 10L30 10L30 20L10 20Z"), std::string::npos);
  EXPECT_NE(svg.find("stroke-width=\"0.706\""), std::string::npos);  // 2 pt in mm
  EXPECT_NE(svg.find("data:image/png;base64,iVBORw0KGgo"), std::string::npos);
}

TEST(Canvas, PdfKeepsTextAsText) {
  const std::string pdf = drawn(page(Format::pdf));
  EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
  EXPECT_NE(pdf.find("LiberationSans"), std::string::npos);
  const auto text = test::text_of_pdf(pdf);
  if (!text) GTEST_SKIP() << "needs pdftotext (poppler-utils)";
  EXPECT_NE(text->find("Putamen & <β> −0.8"), std::string::npos) << *text;
  EXPECT_NE(text->find("ipsi"), std::string::npos);
}

TEST(Canvas, MeasuresWordsTheSameAtAnyDensity) {
  const TextSize one = measure({.words = "0000000000"}), two = measure({.words = "00000000000000000000"});
  EXPECT_NEAR(two.width_mm, 2 * one.width_mm, 1e-3);
  // Liberation Sans has Arial's widths: a digit is 1139/2048 of the size.
  EXPECT_NEAR(one.width_mm, 10 * 1139.0 / 2048.0 * 7.0 * kMmPerPoint, 0.02);
  EXPECT_EQ(measure({.words = "a b", .wrap_mm = 1.5}).lines, 2);
  EXPECT_EQ(measure({.words = "a b", .wrap_mm = 50}).lines, 1);
}

TEST(Canvas, RefusesImpossibleSizes) {
  for (const auto& [width, dpi] : {std::pair{0.0, 300.0}, {-5.0, 300.0}, {60.0, 0.0}, {60.0, NAN}, {1000.0, 5000.0}}) {
    const auto refused = Canvas::create({.width_mm = width, .height_mm = 10, .dpi = dpi});
    ASSERT_FALSE(refused) << width << " " << dpi;
    EXPECT_EQ(refused.error().code, Code::InvalidInput);
  }
}

TEST(Canvas, FormatFollowsTheName) {
  EXPECT_EQ(format_of("a/b.PNG"), Format::png);
  EXPECT_EQ(format_of("x.svg"), Format::svg);
  EXPECT_EQ(format_of("x.pdf"), Format::pdf);
  EXPECT_FALSE(format_of("x.tiff"));
  EXPECT_FALSE(format_of("png"));
}

}  // namespace
}  // namespace ipsi::report
