// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/brain_map.h"

#include <cmath>

#include "core/image/io.h"
#include "tests/core/render/phantom.h"
#include "tests/core/report/read_figure.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

using render::Look;
using View = BrainMapOptions::View;

std::size_t index_of(std::string_view key) {
  return static_cast<std::size_t>(find_region(key) - kRegions.data());
}

const brain::Template& head() {
  static const brain::Template made = test::phantom_head();
  return made;
}

/// Three regions with a value on the ipsilesional side, everything else untested but one excluded.
MapValues values() {
  MapValues out;
  out.column = "beta";
  out.tested = true;
  MapPanel panel;
  panel.title = "Chronic, sensorimotor behaviour";
  panel.regions[index_of("left_putamen")] = {1.01, 0.0005, 207, Look::significant};
  panel.regions[index_of("left_lateral_ventricle")] = {-0.70, 0.0001, 404, Look::significant};
  panel.regions[index_of("left_caudate")] = {0.27, 0.33, 193, Look::not_significant};
  panel.regions[index_of("right_caudate")] = {0.08, 0.68, 345, Look::excluded};
  out.panels = {panel};
  return out;
}

BrainMap map(const MapValues& data, const BrainMapOptions& options) {
  auto made = draw_brain_map(data, head(), options, Task());
  EXPECT_OK(made);
  return std::move(*made);
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Pixels of exactly this colour in the left and right half of the upper `share` of a picture.
std::pair<int, int> halves(const render::Picture& p, render::Rgb colour, double share) {
  std::pair<int, int> found{0, 0};
  for (int y = 0; y < static_cast<int>(share * p.height); ++y)
    for (int x = 0; x < p.width; ++x) {
      const auto pixel = p.at(x, y);
      if (render::Rgb{pixel[0], pixel[1], pixel[2]} == colour && pixel[3] == 255)
        ++(x < p.width / 2 ? found.first : found.second);
    }
  return found;
}

TEST(BrainMap, APlantedValueHasTheColourOfTheScaleOnItsSideOnly) {
  BrainMapOptions options{.view = View::slices, .width_mm = 85, .coronal_mm = -8.0};
  MapValues data = values();
  const auto limit = limit_of(data, options);
  EXPECT_EQ(limit, 1.2);
  // The axial slice fills the left part of the figure; its own halves are told apart by a map of that slice alone.
  const BrainMap drawn = map(data, options);
  const auto picture = test::pixels_of(drawn.bytes);
  const render::Rgb putamen = render::Scale{-1.2, 1.2}.colour(1.01);
  EXPECT_GT(halves(picture, putamen, 0.6).first + halves(picture, putamen, 0.6).second, 200);
  // The same value on the other side: the picture is the mirror image in what is coloured, so no pixel is shared.
  MapValues mirrored = data;
  std::swap(mirrored.panels[0].regions[index_of("left_putamen")],
            mirrored.panels[0].regions[index_of("right_putamen")]);
  const auto other = test::pixels_of(map(mirrored, options).bytes);
  int both = 0, before = 0, after = 0;
  double x_before = 0, x_after = 0;
  for (int y = 0; y < picture.height * 6 / 10; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const auto a = picture.at(x, y), b = other.at(x, y);
      const bool in_a = render::Rgb{a[0], a[1], a[2]} == putamen, in_b = render::Rgb{b[0], b[1], b[2]} == putamen;
      both += in_a && in_b;
      before += in_a;
      after += in_b;
      x_before += in_a ? x : 0;
      x_after += in_b ? x : 0;
    }
  EXPECT_EQ(both, 0);
  EXPECT_NEAR(before, after, 0.05 * before);
  EXPECT_GT(x_before / before, x_after / after);  // ipsilesional lies further to the right
}

TEST(BrainMap, In3DTheIpsilesionalSideIsTheRightOfThePicture) {
  MapValues data = values();
  for (auto& region : data.panels[0].regions) region = {};
  data.panels[0].regions[index_of("left_lateral_ventricle")] = {1.0, 0.0001, 100, Look::significant};
  const BrainMap drawn =
      map(data, {.view = View::subcortical, .width_mm = 85, .camera = *render::find_camera("front")});
  const auto picture = test::pixels_of(drawn.bytes);
  int left = 0, right = 0;  // strongly red brown pixels over the key
  for (int y = 0; y < picture.height / 3; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const auto p = picture.at(x, y);
      if (p[0] > 40 && p[0] > 2 * p[1] && p[0] > 2 * p[2]) ++(x < picture.width / 2 ? left : right);
    }
  EXPECT_EQ(left, 0);
  EXPECT_GT(right, 100);
}

TEST(BrainMap, SvgAndPdfHoldTheWordsAsText) {
  for (const Format format : {Format::svg, Format::pdf}) {
    const BrainMap drawn =
        map(values(),
            {.format = format, .dpi = 100, .quantity = "β, volume in z units", .axial_mm = 4.0, .coronal_mm = 8.0});
    const std::string text = format == Format::svg ? drawn.bytes : test::text_of_pdf(drawn.bytes).value_or("");
    if (format == Format::pdf && text.empty()) GTEST_SKIP() << "needs pdftotext (poppler-utils)";
    for (const char* words :
         {"Chronic, sensorimotor behaviour", "β, volume in z units", "N 193 to 404", "contra", "ipsi", "p below 0.0042",
          "not significant, muted", "not tested", "excluded", "−1.2", "0.0", "1.2", "z = 4 mm", "y = 8 mm"})
      EXPECT_NE(text.find(words), std::string::npos) << to_string(format) << ": " << words;
  }
}

TEST(BrainMap, OnlyMeshAndHeadAreRaster) {
  const BrainMap drawn = map(values(), {.format = Format::svg, .dpi = 100});
  EXPECT_EQ(count(drawn.bytes, "<image "), 3);   // 3D, axial, coronal
  EXPECT_GT(count(drawn.bytes, "<path "), 256);  // the bar, outlines, hatches
  EXPECT_EQ(count(map(values(), {.format = Format::svg, .view = View::subcortical, .dpi = 100}).bytes, "<image "), 1);
}

TEST(BrainMap, TheSameBytesTwice) {
  for (const Format format : {Format::png, Format::svg, Format::pdf}) {
    const BrainMapOptions options{.format = format, .width_mm = 114, .dpi = 120};
    EXPECT_EQ(map(values(), options).bytes, map(values(), options).bytes) << to_string(format);
  }
}

TEST(BrainMap, HasTheSizeAskedForAndCanBeClear) {
  for (const double width : {85.0, 114.0, 174.0}) {
    const BrainMap drawn = map(values(), {.width_mm = width, .dpi = 120, .transparent = true});
    const auto picture = test::pixels_of(drawn.bytes);
    EXPECT_EQ(picture.width, std::lround(width / 25.4 * 120));
    EXPECT_EQ(picture.height, std::lround(drawn.height_mm / 25.4 * 120));
    EXPECT_EQ(picture.at(0, 0)[3], 0);
    EXPECT_EQ(picture.at(picture.width - 1, picture.height - 1)[3], 0);
  }
}

TEST(BrainMap, PanelsShareOneSymmetricScale) {
  MapValues data = values();
  data.panels.push_back(data.panels[0]);
  data.panels[1].title = "Early";
  data.panels[1].regions[index_of("left_thalamus")] = {-1.53, 0.001, 135, Look::significant};
  const BrainMap drawn = map(data, {.format = Format::svg, .dpi = 100});
  EXPECT_EQ(drawn.recipe["scale"]["low"], -1.6);
  EXPECT_EQ(drawn.recipe["scale"]["high"], 1.6);
  EXPECT_FALSE(drawn.recipe["scale"]["beyond"]);
  EXPECT_NE(drawn.bytes.find(">a</text>"), std::string::npos);
  EXPECT_NE(drawn.bytes.find(">b</text>"), std::string::npos);
  EXPECT_NE(drawn.bytes.find("N 135 to 404"), std::string::npos);
  const BrainMap narrow = map(data, {.format = Format::svg, .dpi = 100, .limit = 1.0});
  EXPECT_TRUE(narrow.recipe["scale"]["beyond"]);
  // An excluded value does not stretch the scale.
  data.panels[1].regions[index_of("left_thalamus")].look = Look::excluded;
  EXPECT_EQ(limit_of(data, {}), 1.2);
}

TEST(BrainMap, RealSidesAreLettered) {
  MapValues data = values();
  data.sides = MapSides::left_right;
  const BrainMap drawn = map(data, {.format = Format::svg, .dpi = 100});
  EXPECT_EQ(count(drawn.bytes, ">R</text>"), 3);
  EXPECT_EQ(count(drawn.bytes, ">L</text>"), 3);
  // Radiological: R stands left of L on the line under the 3D picture.
  EXPECT_LT(drawn.bytes.rfind(">R</text>"), drawn.bytes.rfind(">L</text>"));
  EXPECT_EQ(drawn.recipe["sides"], "left/right");
}

TEST(BrainMap, TheRecipeHoldsTheValuesAndTheAltTextTheFindings) {
  const BrainMap drawn = map(values(), {.format = Format::svg, .dpi = 100});
  EXPECT_EQ(drawn.recipe["camera"]["name"], "oblique");
  EXPECT_EQ(drawn.recipe["atlas"]["name"], "phantom");
  const Json& region = drawn.recipe["panels"][0]["regions"][index_of("left_putamen")];
  EXPECT_EQ(region["region"], "putamen");
  EXPECT_EQ(region["side"], "ipsi");
  EXPECT_EQ(region["value"], 1.01);
  EXPECT_EQ(region["look"], "significant");
  EXPECT_TRUE(drawn.recipe["panels"][0]["regions"][index_of("right_putamen")]["value"].is_null());
  EXPECT_NE(drawn.alt.find("3 of 12 regions with a value, significant ipsilesional putamen 1.01, "
                           "ipsilesional lateral ventricle −0.70"),
            std::string::npos)
      << drawn.alt;
}

TEST(BrainMap, VolumeHoldsTheValuesAndReadsBack) {
  const MapValues data = values();
  const auto volume = to_volume(data.panels[0], head());
  const test::TemporaryDir dir;
  ASSERT_OK(image::write_volume(volume, dir / "beta.nii.gz"));
  const auto read = image::read_volume(dir / "beta.nii.gz");
  ASSERT_OK(read);
  ASSERT_TRUE(read->grid.same_as(head().regions.grid));
  for (std::size_t i = 0; i < read->values.size(); ++i) {
    const int label = head().regions.values[i];
    if (label == 12)
      ASSERT_EQ(read->values[i], 1.01F);
    else if (label == 4)
      ASSERT_EQ(read->values[i], -0.70F);
    else if (label == 11)
      ASSERT_EQ(read->values[i], 0.27F);
    else if (label == 0)
      ASSERT_EQ(read->values[i], 0.0F);
    else
      ASSERT_TRUE(std::isnan(read->values[i])) << label;  // untested or excluded
  }
}

TEST(BrainMap, RefusesWhatCannotBeDrawn) {
  const auto code = [](const MapValues& data, const BrainMapOptions& options) {
    const auto made = draw_brain_map(data, head(), options, Task());
    return made ? -1 : exit_code(made.error().code);
  };
  EXPECT_EQ(code({}, {}), 3);
  EXPECT_EQ(code(values(), {.width_mm = 20}), 3);
  EXPECT_EQ(code(values(), {.limit = 0.0}), 3);
  EXPECT_EQ(code(values(), {.axial_mm = 900}), 3);
  EXPECT_EQ(code(values(), {.dpi = 90000}), 3);
  const Task stopped;
  stopped.cancel();
  EXPECT_EQ(exit_code(draw_brain_map(values(), head(), {}, stopped).error().code), 130);
}

}  // namespace
}  // namespace ipsi::report
