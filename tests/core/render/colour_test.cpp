// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/render/colormap.h"
#include "tests/support/support.h"

namespace ipsi::render {
namespace {

TEST(Colour, LabOfPrimariesIsThePublishedOne) {  // sRGB, D65: Lindbloom's tables, four digits
  const Lab white = to_lab({255, 255, 255}), red = to_lab({255, 0, 0}), blue = to_lab({0, 0, 255});
  EXPECT_NEAR(white.l, 100.0, 0.01);
  EXPECT_NEAR(std::hypot(white.a, white.b), 0.0, 0.02);
  EXPECT_NEAR(red.l, 53.24, 0.01);
  EXPECT_NEAR(red.a, 80.09, 0.02);
  EXPECT_NEAR(red.b, 67.20, 0.02);
  EXPECT_NEAR(blue.l, 32.30, 0.01);
  EXPECT_NEAR(blue.a, 79.19, 0.02);
  EXPECT_NEAR(blue.b, -107.86, 0.02);
}

TEST(Colour, LabAndBackIsTheSameColour) {
  for (int r = 0; r < 256; r += 15)
    for (int g = 0; g < 256; g += 15)
      for (int b = 0; b < 256; b += 15) {
        const Rgb colour{std::uint8_t(r), std::uint8_t(g), std::uint8_t(b)};
        ASSERT_EQ(to_rgb(to_lab(colour)), colour) << to_hex(colour);
        ASSERT_EQ(from_hex(to_hex(colour)), colour);
      }
}

TEST(Colour, DifferenceAgreesWithThePublishedPairs) {  // Sharma, Wu, Dalal (2005), table 1, pairs 1, 7, 17, 20, 25, 34
  const struct {
    Lab a, b;
    double expected;
  } pairs[] = {{{50, 2.6772, -79.7751}, {50, 0, -82.7485}, 2.0425},
               {{50, 0, 0}, {50, -1, 2}, 2.3669},
               {{50, 2.5, 0}, {73, 25, -18}, 27.1492},
               {{50, 2.5, 0}, {58, 24, 15}, 19.4535},
               {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
               {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082}};
  for (const auto& pair : pairs) {
    EXPECT_NEAR(delta_e(pair.a, pair.b), pair.expected, 5e-5);
    EXPECT_NEAR(delta_e(pair.b, pair.a), pair.expected, 5e-5);
  }
}

TEST(Colormap, EndsAndAnchorsAreTheOnesOfTheDesign) {
  EXPECT_EQ(to_hex(diverging().at(0.0)), "#3A3389");
  EXPECT_EQ(to_hex(diverging().at(1.0)), "#772120");
  EXPECT_EQ(to_hex(cividis().at(0.0)), "#00224E");
  EXPECT_EQ(to_hex(cividis().at(1.0)), "#FEE838");
  EXPECT_LT(delta_e(diverging().at(0.5), from_hex("#F1EAE5")), 1.0);
  for (const Colormap& map : colormaps()) {
    const double spans = static_cast<double>(map.anchors.size() - 1);
    for (std::size_t i = 0; i < map.anchors.size(); ++i)  // an anchor is met within half a step of 256
      EXPECT_LT(delta_e(map.at(static_cast<double>(i) / spans), map.anchors[i]), 1.5) << map.name << " " << i;
  }
}

TEST(Colormap, DivergingIsAsLightOnBothSides) {  // design README: within 0.5 L*; the ends at L* 27
  const auto& entries = diverging().entries;
  for (std::size_t i = 0; i < 128; ++i)
    EXPECT_NEAR(to_lab(entries[i]).l, to_lab(entries[255 - i]).l, 0.5 + 0.25) << i;  // 0.25: rounding to 8 bits
  const auto& anchors = diverging().anchors;
  for (std::size_t i = 0; i < anchors.size(); ++i)
    EXPECT_NEAR(to_lab(anchors[i]).l, to_lab(anchors[anchors.size() - 1 - i]).l, 0.5) << i;
  EXPECT_NEAR(to_lab(anchors.front()).l, 27.0, 0.5);
  EXPECT_NEAR(to_lab(anchors.back()).l, 27.0, 0.5);
}

TEST(Colormap, LightnessRisesToTheMiddleAndAlongCividis) {
  const auto& entries = diverging().entries;
  for (std::size_t i = 1; i < 128; ++i) EXPECT_GT(to_lab(entries[i]).l + 0.3, to_lab(entries[i - 1]).l) << i;
  const auto& sequential = cividis().entries;
  for (std::size_t i = 1; i < sequential.size(); ++i)
    EXPECT_GT(to_lab(sequential[i]).l + 0.3, to_lab(sequential[i - 1]).l);
}

double euclidean(const Lab& p, const Lab& q) {
  return std::hypot(p.l - q.l, p.a - q.a, p.b - q.b);
}

TEST(Colormap, StaysReadableWithDeficientColourVision) {  // design README: steps 14, 11, 13, 13; +x against -x 27
  for (const Colormap& ramp : colormaps()) {
    if (!ramp.diverging) continue;
    const auto& anchors = ramp.anchors;
    const std::pair<Vision, double> least[] = {
        {Vision::normal, 14.0}, {Vision::deutan, 11.0}, {Vision::protan, 13.0}, {Vision::tritan, 13.0}};
    for (const auto& [vision, step] : least) {
      double smallest = INFINITY, opposite = INFINITY;
      for (std::size_t i = 0; i + 1 < anchors.size(); ++i)
        smallest =
            std::min(smallest, euclidean(simulate_lab(anchors[i], vision), simulate_lab(anchors[i + 1], vision)));
      for (std::size_t i = 0; i < anchors.size() / 2; ++i)
        opposite = std::min(opposite, euclidean(simulate_lab(anchors[i], vision),
                                                simulate_lab(anchors[anchors.size() - 1 - i], vision)));
      EXPECT_GE(smallest, step - 0.5) << ramp.name << int(vision);  // the design's numbers are rounded to whole ones
      EXPECT_GE(opposite, 27.0 - 0.5) << ramp.name << int(vision);
    }
  }
}

TEST(Colormap, EveryDivergingOneIsAsLightOnBothSides) {
  for (const Colormap& ramp : colormaps())
    for (std::size_t i = 0; ramp.diverging && i < 128; ++i)
      EXPECT_NEAR(to_lab(ramp.entries[i]).l, to_lab(ramp.entries[255 - i]).l, 0.75) << ramp.name << " " << i;
}

TEST(Vision, APictureIsSeenAsItsColoursAre) {
  const Rgb red{0xD5, 0x5E, 0x00}, blue{0x00, 0x72, 0xB2};
  for (const Vision vision : {Vision::normal, Vision::protan, Vision::deutan, Vision::tritan, Vision::grey}) {
    std::vector<std::uint8_t> rgba{red.r, red.g, red.b, 255, blue.r, blue.g, blue.b, 7, blue.r, blue.g, blue.b, 255};
    simulate(rgba.data(), 3, vision);
    EXPECT_EQ((Rgb{rgba[0], rgba[1], rgba[2]}), simulate(red, vision));
    EXPECT_EQ((Rgb{rgba[8], rgba[9], rgba[10]}), simulate(blue, vision));
    EXPECT_EQ(rgba[7], 7);
    EXPECT_EQ(simulate({255, 255, 255}, vision), (Rgb{255, 255, 255}));
  }
  const Rgb grey = simulate(red, Vision::grey);
  EXPECT_EQ(grey.r, grey.g);
  EXPECT_EQ(grey.g, grey.b);
  EXPECT_NEAR(to_lab(grey).l, to_lab(red).l, 0.3);
}

TEST(Scale, IsSymmetricAroundZero) {
  const Scale scale{-1.6, 1.6};
  EXPECT_EQ(scale.colour(-1.6), diverging().entries.front());
  EXPECT_EQ(scale.colour(1.6), diverging().entries.back());
  EXPECT_EQ(scale.colour(-9.0), diverging().entries.front());
  EXPECT_EQ(scale.colour(9.0), diverging().entries.back());
  EXPECT_TRUE(scale.beyond(1.7));
  EXPECT_FALSE(scale.beyond(-1.6));
  const auto entry = [](Rgb colour) {
    return std::ranges::find(diverging().entries, colour) - diverging().entries.begin();
  };
  for (int i = 1; i <= 100; ++i)  // mirrored values are mirrored entries; entries of the ramp are all different
    EXPECT_EQ(entry(scale.colour(0.016 * i)) + entry(scale.colour(-0.016 * i)), 255) << i;
  EXPECT_EQ(entry(scale.colour(0.8)), 128 + 63);  // 0.25 x 255 steps from the middle
}

TEST(Scale, LimitIsTheNextEvenNumber) {
  EXPECT_EQ(nice_limit({0.2, -1.53}), 1.6);
  EXPECT_EQ(nice_limit({1.01}), 1.2);
  EXPECT_EQ(nice_limit({0.00081, NAN}), 0.001);
  EXPECT_EQ(nice_limit({-0.3}), 0.3);
  EXPECT_EQ(nice_limit({4120.0}), 5000.0);
  EXPECT_EQ(nice_limit({1000.0}), 1000.0);
  EXPECT_EQ(nice_limit({}), 1.0);
  EXPECT_EQ(nice_limit({NAN, 0.0}), 1.0);
}

}  // namespace
}  // namespace ipsi::render
