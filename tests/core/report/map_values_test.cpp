// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/map_values.h"

#include <cmath>

#include "tests/support/support.h"

namespace ipsi::report {
namespace {

using render::Look;

std::size_t index_of(std::string_view key) {
  return static_cast<std::size_t>(find_region(key) - kRegions.data());
}

Result<MapValues> parse(const std::string& text, const MapValuesOptions& options = {}) {
  return parse_map_values(text, "values.csv", options);
}

TEST(MapValues, IpsilesionalStandsOnTheLeft) {
  const auto made =
      parse("region,side,value,p,n\nputamen,ipsi,1.01,0.0005,207\nNucleus accumbens,contralesional,-0.2,0.3,344\n");
  ASSERT_OK(made);
  ASSERT_EQ(made->panels.size(), 1U);
  EXPECT_EQ(made->sides, MapSides::ipsi_contra);
  const auto& regions = made->panels[0].regions;
  const RegionValue& putamen = regions[index_of("left_putamen")];
  EXPECT_EQ(putamen.value, 1.01);
  EXPECT_EQ(putamen.p, 0.0005);
  EXPECT_EQ(putamen.n, 207);
  EXPECT_EQ(putamen.look, Look::significant);
  EXPECT_EQ(regions[index_of("right_accumbens")].look, Look::not_significant);
  int untested = 0;
  for (const auto& region : regions) untested += region.look == Look::untested && std::isnan(region.value);
  EXPECT_EQ(untested, 10);
}

TEST(MapValues, TakesSidesFromNamesToo) {
  const auto made = parse("region,value\nleft_putamen,1\nRight Lateral Ventricle,-2\nLthal,3\nrh pallidum,4\n");
  ASSERT_OK(made);
  EXPECT_EQ(made->sides, MapSides::left_right);
  const auto& regions = made->panels[0].regions;
  EXPECT_EQ(regions[index_of("left_putamen")].value, 1);
  EXPECT_EQ(regions[index_of("right_lateral_ventricle")].value, -2);
  EXPECT_EQ(regions[index_of("left_thalamus")].value, 3);
  EXPECT_EQ(regions[index_of("right_pallidum")].value, 4);
  EXPECT_EQ(regions[index_of("left_thalamus")].look, Look::plain);
  EXPECT_FALSE(made->tested);
}

TEST(MapValues, LooksFollowTheThresholdTheVerdictAndTheNotes) {
  const std::string rows =
      "region,side,beta,p,significant,notes\n"
      "thalamus,ipsi,1,0.004,,\n"       // below 0.05/12 = 0.004167
      "thalamus,contra,1,0.0042,,\n"    // above
      "caudate,ipsi,1,0.0001,false,\n"  // the verdict of the table counts
      "caudate,contra,1,0.9,TRUE,\n"
      "putamen,ipsi,,0.01,,did not converge\n"
      "putamen,contra,1,0.01,true,Excluded: 3 people\n";
  const auto made = parse(rows);
  ASSERT_OK(made);
  const auto look = [&](const auto& values, const char* key) { return values->panels[0].regions[index_of(key)].look; };
  EXPECT_EQ(look(made, "left_thalamus"), Look::significant);
  EXPECT_EQ(look(made, "right_thalamus"), Look::not_significant);
  EXPECT_EQ(look(made, "left_caudate"), Look::not_significant);
  EXPECT_EQ(look(made, "right_caudate"), Look::significant);
  EXPECT_EQ(look(made, "left_putamen"), Look::untested);
  EXPECT_EQ(look(made, "right_putamen"), Look::excluded);
  EXPECT_EQ(made->column, "beta");
  const auto stricter = parse(rows, {.significant_p = 0.001});
  ASSERT_OK(stricter);
  EXPECT_EQ(look(stricter, "left_thalamus"), Look::not_significant);
  EXPECT_EQ(look(stricter, "left_caudate"), Look::significant);  // the given threshold decides alone
  EXPECT_EQ(look(stricter, "right_caudate"), Look::not_significant);
}

TEST(MapValues, APanelForEachAnalysis) {
  const std::string rows =
      "analysis,predictor,region,side,beta\na,x,putamen,ipsi,1\nb,x,putamen,ipsi,2\nb,x:side,putamen,ipsi,3\n";
  const auto all = parse(rows);
  ASSERT_OK(all);
  ASSERT_EQ(all->panels.size(), 3U);
  EXPECT_EQ(all->panels[0].title, "a");
  EXPECT_EQ(all->panels[1].title, "b: x");
  EXPECT_EQ(all->panels[2].title, "b: x:side");
  const auto one = parse(rows, {.analysis = "a"});
  ASSERT_OK(one);
  EXPECT_EQ(one->panels.size(), 1U);
  EXPECT_EQ(parse(rows, {.analysis = "b"})->panels.size(), 2U);
  const auto none = parse(rows, {.analysis = "c"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::NotFound);
  EXPECT_NE(none.error().mend.find("a, b"), std::string::npos);
}

TEST(MapValues, SaysLineAndColumnOfWhatIsWrong) {
  const struct {
    const char *text, *what, *where;
  } cases[] = {
      {"region,side,value\nputamen,ipsi,1\nhippocampus,ipsi,2\n", "'hippocampus' is not one of the regions",
       "values.csv, line 3, column region"},
      {"region,side,value\nputamen,ipsi,abc\n", "'abc' is not a number", "values.csv, line 2, column value"},
      {"region,side,value,p\nputamen,ipsi,1,1.2\n", "p is 1.2", "values.csv, line 2, column p"},
      {"region,side,value\nputamen,up,1\n", "'up' is not a side", "values.csv, line 2, column side"},
      {"region,value\nputamen,1\n", "region 'putamen' has no side", "values.csv, line 2, column region"},
      {"region,side,value\nputamen,ipsi,1\nPut,ipsilesional,2\n", "putamen is given twice",
       "values.csv, lines 2 and 3"},
      {"region,side,value\nputamen,ipsi,1\nputamen,left,2\n", "left/right and ipsi/contra are mixed",
       "values.csv, line 3"},
      {"region,side,value\nleft_putamen,right,1\n", "contradict", "values.csv, line 2, column side"},
      {"region,side,value,significant\nputamen,ipsi,1,maybe\n", "'maybe' is neither true nor false",
       "values.csv, line 2, column significant"},
      {"region,side,value\n", "no rows", "values.csv"},
      {"side,value\nipsi,1\n", "there is no column 'region'", "values.csv, line 1"},
      {"region,side\nputamen,ipsi\n", "there is no column 'value'", "values.csv, line 1"},
  };
  for (const auto& c : cases) {
    const auto refused = parse(c.text);
    ASSERT_FALSE(refused) << c.text;
    EXPECT_NE(refused.error().what.find(c.what), std::string::npos) << refused.error();
    EXPECT_EQ(refused.error().where, c.where) << refused.error();
    EXPECT_FALSE(refused.error().mend.empty());
    EXPECT_EQ(exit_code(refused.error().code), 3);
  }
  EXPECT_EQ(read_map_values("/nonexistent.csv", {}).error().code, Code::NotFound);
}

TEST(MapValues, ReadsThePublishedTable) {  // Liew et al. (2021), tables 2 to 4: 60 models, 7 below 0.05/12
  IPSI_NEEDS_SHARED("papers/liew2021_tables2-4_models.csv");
  const auto made = read_map_values(test::shared_path("papers/liew2021_tables2-4_models.csv"), {});
  ASSERT_OK(made);
  ASSERT_EQ(made->panels.size(), 5U);
  int significant = 0;
  for (const auto& panel : made->panels)
    for (const auto& region : panel.regions) {
      EXPECT_FALSE(std::isnan(region.value));
      significant += region.look == Look::significant;
    }
  EXPECT_EQ(significant, 7);
  const auto behaviour = std::ranges::find(made->panels, "chronic: sensorimotor_behaviour", &MapPanel::title);
  ASSERT_NE(behaviour, made->panels.end());
  EXPECT_EQ(behaviour->regions[index_of("left_putamen")].value, 1.01);
  EXPECT_EQ(behaviour->regions[index_of("left_lateral_ventricle")].value, -0.70);
  EXPECT_EQ(behaviour->regions[index_of("left_lateral_ventricle")].n, 404);
}

}  // namespace
}  // namespace ipsi::report
