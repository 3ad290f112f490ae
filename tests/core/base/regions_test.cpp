// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/regions.h"

#include <set>

#include "tests/support/support.h"

namespace ipsi {
namespace {

TEST(Regions, AreTwelvePairsWithFreeSurferLabels) {  // domain.md section 4
  std::set<int> labels;
  for (const Region& region : kRegions) labels.insert(region.label);
  EXPECT_EQ(labels, (std::set<int>{4, 43, 10, 49, 11, 50, 12, 51, 13, 52, 26, 58}));
  for (const std::string_view structure : kStructures) {
    EXPECT_EQ(region_of(structure, Side::left).structure, structure);
    EXPECT_EQ(region_of(structure, Side::right).side, Side::right);
  }
}

TEST(Regions, AreFoundByKeyAndLabel) {
  ASSERT_NE(find_region("right_putamen"), nullptr);
  EXPECT_EQ(find_region("right_putamen")->label, 51);
  EXPECT_EQ(find_region("putamen"), nullptr);
  EXPECT_EQ(region_of_label(17), nullptr);  // hippocampus is not one of the twelve
}

TEST(ParseStructure, KnowsTheNamesPeopleWrite) {
  EXPECT_EQ(parse_structure("Nucleus accumbens"), "accumbens");
  EXPECT_EQ(parse_structure("Accumbens-area"), "accumbens");
  EXPECT_EQ(parse_structure("LatVent"), "lateral_ventricle");
  EXPECT_EQ(parse_structure("lateral_ventricle"), "lateral_ventricle");
  EXPECT_EQ(parse_structure("Thal"), "thalamus");
  EXPECT_EQ(parse_structure("hippocampus"), std::nullopt);
  EXPECT_EQ(parse_structure(""), std::nullopt);
}

}  // namespace
}  // namespace ipsi
