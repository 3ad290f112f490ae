// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/adjust.h"

#include <cmath>
#include <limits>

#include "core/base/text.h"
#include "core/engine/region_model.h"
#include "core/numeric/distributions.h"
#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

std::vector<double> column(const Json& json) {
  return json.get<std::vector<double>>();
}

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted, const std::string& what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_TRUE(test::near(got[i], wanted[i], 1e-12)) << what << " " << i << ": " << got[i] << " " << wanted[i];
}

TEST(Adjust, AgreesWithRsPAdjust) {  // oracles/stats/basic/p_adjust: p.adjust of R 4.2.2
  IPSI_NEEDS_SHARED("oracles/stats/basic/p_adjust/data.csv");
  const auto folder = test::shared_path("oracles/stats/basic/p_adjust");
  const auto data = table::read_table(folder / "data.csv");
  ASSERT_OK(data);
  const Json expected = Json::parse(test::slurp(folder / "expected.json"))["results"];
  const auto ids = *data->require("id");
  const auto ps = *data->require("p");
  for (const auto& [id, wanted] : expected.items()) {
    std::vector<double> p;
    for (std::size_t r = 0; r < data->rows(); ++r)
      if (ids->cell(r) == id) p.push_back(ps->values[r]);
    const int n = static_cast<int>(p.size());
    ASSERT_GT(n, 0) << id;
    expect_near(adjust(p, Adjust::bonferroni, n), column(wanted["bonferroni"]), id + " bonferroni");
    expect_near(adjust(p, Adjust::holm, n), column(wanted["holm"]), id + " holm");
    expect_near(adjust(p, Adjust::bh, n), column(wanted["BH"]), id + " BH");
    EXPECT_EQ(adjust(p, Adjust::none, n), p);
  }
}

TEST(Adjust, AFailedTestStaysMissingAndCountsInTheFamily) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const auto holm = adjust({0.01, missing, 0.02}, Adjust::holm, 3);
  EXPECT_DOUBLE_EQ(holm[0], 0.03);
  EXPECT_TRUE(std::isnan(holm[1]));
  EXPECT_DOUBLE_EQ(holm[2], 0.04);
}

TEST(Adjust, TheThresholdIsUnrounded) {
  Analysis a;
  a.family = 12;
  EXPECT_TRUE(significant(0.00416, 0.04992, a));
  EXPECT_FALSE(significant(0.0042, 0.0504, a));
  EXPECT_FALSE(significant(std::nan(""), std::nan(""), a));
  EXPECT_FALSE(significant(0.05 / 12, 0.05, a));  // below, not at
}

TEST(EffectSize, AgreesWithThePublishedRows) {  // Liew 2021, tables 2-4: 60 rows, printed with two decimals
  IPSI_NEEDS_SHARED("papers/liew2021_tables2-4_models.csv");
  const auto rows = table::read_sheet(test::shared_path("papers/liew2021_tables2-4_models.csv"));
  ASSERT_OK(rows);
  ASSERT_EQ(rows->rows.size(), 60U);
  const auto at = [&](const table::Sheet::Row& row, const char* name) {
    return row.cells[static_cast<std::size_t>(rows->find(name))];
  };
  for (const auto& row : rows->rows) {
    const double t = *parse_double(at(row, "t"));
    const double df = *parse_double(at(row, "df"));
    // t is printed to 0.005, so d is known to 0.01 / sqrt(df), and d itself is printed to 0.005
    EXPECT_NEAR(effect_size(t, df), *parse_double(at(row, "d")), 0.005 + 0.01 / std::sqrt(df) + 1e-9) << row.line;
    const std::string printed = at(row, "p");
    const double slack = numeric::t_two_sided(std::abs(t) - 0.005, df) - numeric::t_two_sided(std::abs(t) + 0.005, df);
    const double p = numeric::t_two_sided(t, df);
    if (printed == "<0.001")
      EXPECT_LT(p - slack, 0.001) << row.line;
    else
      EXPECT_NEAR(p, *parse_double(printed), 0.0005 + slack + 1e-9) << row.line;
  }
}

}  // namespace
}  // namespace ipsi::engine
