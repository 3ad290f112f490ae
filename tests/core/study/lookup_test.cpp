// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/lookup.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/support.h"

namespace ipsi::study {
namespace {

TEST(NaturalOrder, ComparesNumbersAsNumbers) {
  std::vector<std::string> ids{"sub-10", "sub-2", "sub-02b", "a", "sub-1", "sub-1a", "", "sub-100000000000000000000",
                               "sub-9"};
  std::sort(ids.begin(), ids.end(), [](const auto& a, const auto& b) { return natural_less(a, b); });
  EXPECT_EQ(ids, (std::vector<std::string>{"", "a", "sub-1", "sub-1a", "sub-2", "sub-02b", "sub-9", "sub-10",
                                           "sub-100000000000000000000"}));
  EXPECT_TRUE(natural_less("sub-01", "sub-1"));
  EXPECT_FALSE(natural_less("sub-1", "sub-01"));
  EXPECT_FALSE(natural_less("sub-1", "sub-1"));
}

TEST(NearMatches, FindTheIdThatWasMeant) {
  const std::vector<std::string> ids{"sub-001", "sub-002", "sub-012", "ctl-001"};
  EXPECT_THAT(near_matches("sub-0012", ids), testing::Contains("sub-012"));
  EXPECT_EQ(near_matches("SUB-012", ids).front(), "sub-012");
  EXPECT_EQ(near_matches("012", ids).front(), "sub-012");
  EXPECT_TRUE(near_matches("zebra", ids).empty());
  EXPECT_EQ(suggestion("zebra", ids, "look"), "look");
}

TEST(ResolveRegion, KnowsSidesByTheLesion) {
  Person person{.id = "p", .cohort = "", .group = "patient", .sex = "", .lesion_side = "right", .lesion_class = ""};
  EXPECT_EQ((*resolve_region("left_putamen", person))->key, "left_putamen");
  EXPECT_EQ((*resolve_region("ipsi_putamen", person))->key, "right_putamen");
  EXPECT_EQ((*resolve_region("Contra_Lateral_Ventricle", person))->key, "left_lateral_ventricle");
  EXPECT_EQ(resolve_region("putamen", person).error().code, Code::InvalidInput);
  EXPECT_EQ(resolve_region("left_puttamen", person).error().code, Code::NotFound);
  EXPECT_NE(resolve_region("left_puttamen", person).error().mend.find("left_putamen"), std::string::npos);
  person.lesion_side = "bilateral";
  const auto sideless = resolve_region("ipsi_putamen", person);
  ASSERT_FALSE(sideless);
  EXPECT_EQ(sideless.error().code, Code::InvalidInput);
  EXPECT_NE(sideless.error().what.find("bilateral"), std::string::npos);
}

}  // namespace
}  // namespace ipsi::study
