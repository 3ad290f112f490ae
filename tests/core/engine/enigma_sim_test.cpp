// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/text.h"
#include "core/engine/batch.h"
#include "core/stats/rlme.h"
#include "core/table/delimited.h"
#include "tests/core/engine/sample_study.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

using test::number;
using test::row_of;
using test::text;

/// The whole way: the oracle's table as a study on disk, the published batch on it, results.csv as text. Made once.
class EnigmaSim : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto folder = test::shared_path("oracles/stats/enigma_sim");
    if (folder.empty()) return;
    const test::TemporaryDir dir;
    auto made = study::Study::create(dir / "sim.ipsi");
    ASSERT_OK(made);
    ASSERT_OK(made->apply({"test", "import", "oracle", test::enigma_changes(folder / "data.csv")}));
    const auto opened = study::Study::open(dir / "sim.ipsi", study::Access::read_only);
    ASSERT_OK(opened);
    const auto snapshot = opened->snapshot();
    ASSERT_OK(snapshot);
    const auto result = run_batch(*snapshot, published_analyses(), {.threads = 2, .study = "sim.ipsi"}, Task());
    ASSERT_OK(result);
    // What is compared is what a reader of the files gets.
    results_ = read(test::table_of(*result, "results"));
    coefficients_ = read(test::table_of(*result, "coefficients"));
    fits_ = read(test::table_of(*result, "fits"));
    flow_ = test::table_of(*result, "flow");
    expected_ = Json::parse(test::slurp(folder / "expected.json"));
  }

  static table::Table read(const table::Table& table) {
    const auto sheet = table::parse_delimited(table::to_delimited(table), "written.csv");
    EXPECT_OK(sheet);
    const auto back = table::to_table(*sheet);
    EXPECT_OK(back);
    return *back;
  }

  void SetUp() override { IPSI_NEEDS_SHARED("oracles/stats/enigma_sim/data.csv"); }

  static inline table::Table results_, coefficients_, fits_, flow_;
  static inline Json expected_;
};

std::string side_of(const Json& model) {
  return model["side"] == "ipsi" ? "ipsilesional" : "contralesional";
}

std::string region_of(const Json& model) {
  static const std::map<std::string, std::string> names{{"Thal", "thalamus"},    {"Caud", "caudate"},
                                                        {"Put", "putamen"},      {"Pal", "pallidum"},
                                                        {"Accumb", "accumbens"}, {"LatVent", "lateral_ventricle"}};
  return names.at(model["roi"].get<std::string>());
}

// Tolerances of oracles/stats/README.md: beta, se and sd against the exact optimum 1e-8 (intercept-only models);
// against nlme beta 1e-6, se 2e-5, p 2e-4 relative or 1e-12 absolute; df and counts exact; logLik 1e-7 absolute.
TEST_F(EnigmaSim, ResultsAgreeWithNlme) {
  ASSERT_EQ(expected_["models"].size(), 12U);
  for (const Json& m : expected_["models"]) {
    const std::string who = side_of(m) + " " + region_of(m);
    const std::size_t r = row_of(results_, "chronic", side_of(m), region_of(m));
    const auto close = [&](const char* column, const Json& wanted, double relative, double absolute = 0.0) {
      EXPECT_TRUE(test::near(number(results_, column, r), wanted.get<double>(), relative, absolute))
          << who << " " << column << ": " << number(results_, column, r) << " " << wanted;
    };
    EXPECT_EQ(number(results_, "n", r), m["n"].get<double>()) << who;
    EXPECT_EQ(number(results_, "n_cohorts", r), m["n_cohorts"].get<double>()) << who;
    EXPECT_EQ(number(results_, "df", r), m["df"].get<double>()) << who;
    close("beta", m["optimum"]["beta"][1], 1e-8);
    close("se", m["optimum"]["se"][1], 1e-8);
    // nlme itself stops up to 4e-6 (contralesional thalamus) short of the optimum its README measures by.
    const double own = std::abs(m["beta"].get<double>() - m["optimum"]["beta"][1].get<double>());
    close("beta", m["beta"], 1e-6, own + 1e-9);
    close("se", m["se"], 2e-5);
    close("t", m["t"], 2e-5);
    close("d", m["effect_size_d"], 2e-5);
    close("p", m["p"], 2e-4, 1e-12);
    close("p_adjusted", m["p_bonferroni"], 2e-4, 1e-12);
    const double width = m["se"].get<double>();
    close("ci_low", m["ci95"][0], 0.0, 1e-4 * width);
    close("ci_high", m["ci95"][1], 0.0, 1e-4 * width);
    EXPECT_EQ(number(results_, "significant", r), m["bonferroni_significant"].get<bool>() ? 1.0 : 0.0) << who;
    EXPECT_EQ(number(results_, "converged", r), 1.0) << who;
    const std::string covariates = join(m["significant_covariates"].get<std::vector<std::string>>(), ";");
    EXPECT_EQ(text(results_, "significant_covariates", r), covariates) << who;
    const std::size_t f = row_of(fits_, "chronic", side_of(m), region_of(m));
    EXPECT_TRUE(test::near(number(fits_, "sd_between", f), m["optimum"]["cohort_sd"], 1e-8)) << who;
    EXPECT_TRUE(test::near(number(fits_, "sd_residual", f), m["optimum"]["sigma"], 1e-8)) << who;
    EXPECT_NEAR(number(fits_, "log_likelihood", f), m["optimum"]["logLik"].get<double>(), 1e-7) << who;
  }
}

TEST_F(EnigmaSim, AllCoefficientsAgreeWithTheOptimum) {
  for (const Json& m : expected_["models"]) {
    std::size_t r = row_of(coefficients_, "chronic", side_of(m), region_of(m));
    const std::vector<std::string> terms{"(Intercept)", "primary_score", "age", "icv", "sexmale"};
    for (std::size_t k = 0; k < terms.size(); ++k, ++r) {
      EXPECT_EQ(text(coefficients_, "term", r), terms[k]);
      EXPECT_TRUE(test::near(number(coefficients_, "beta", r), m["optimum"]["beta"][k], 1e-8)) << region_of(m) << k;
      EXPECT_TRUE(test::near(number(coefficients_, "se", r), m["optimum"]["se"][k], 1e-8)) << region_of(m) << k;
      EXPECT_EQ(number(coefficients_, "df", r), m["fixed"]["df"][k].get<double>());
    }
  }
}

TEST_F(EnigmaSim, ColumnsAreTheContractInItsOrder) {  // cli.md, "Statistics"
  const std::vector<std::string> wanted = split(
      "analysis,subset,predictor,side,region,n,n_cohorts,beta,ci_low,ci_high,se,df,t,p,p_adjusted,significant,d,"
      "significant_covariates,lrt_chisq,lrt_p,vif_max,robust_beta,robust_se,robust_t,n_influential,"
      "n_influential_cohorts,converged,notes",
      ',');
  EXPECT_EQ(results_.names(), wanted);
  EXPECT_EQ(results_.rows(), 84U);
}

/// The influence oracle holds the same people and the same model.
TEST_F(EnigmaSim, InfluentialPeopleAndCohortsAreCounted) {
  const auto folder = test::shared_path("oracles/stats/influence/stroke_ipsi_put");
  const Json influence = Json::parse(test::slurp(folder / "expected.json"));
  const auto above = [](const Json& cooks) {
    const double threshold = 4.0 / static_cast<double>(cooks.size());
    return static_cast<double>(
        std::count_if(cooks.begin(), cooks.end(), [&](const Json& d) { return d.get<double>() > threshold; }));
  };
  const std::size_t r = row_of(results_, "chronic", "ipsilesional", "putamen");
  ASSERT_TRUE(test::near(number(results_, "beta", r), influence["full"]["beta"][1], 1e-5));
  EXPECT_EQ(number(results_, "n_influential", r), above(influence["observation"]["cooks_standard"]));
  EXPECT_EQ(number(results_, "n_influential_cohorts", r), above(influence["group"]["cooks_standard"]));
  for (std::size_t i = 0; i < results_.rows(); ++i)
    EXPECT_EQ(std::isnan(number(results_, "n_influential", i)), std::isnan(number(results_, "beta", i)));
}

/// The same people and model once more, from the oracle's own columns and a formula.
TEST_F(EnigmaSim, TheRobustEstimateStandsBesideTheClassicalOne) {
  const auto folder = test::shared_path("oracles/stats/influence/stroke_ipsi_put");
  auto data = table::to_table(*table::read_sheet(folder / "data.csv"));
  ASSERT_OK(data);
  auto cohort = *data->find("cohort");
  if (cohort.kind == table::Column::Kind::numeric) {
    auto made = table::text("cohort", {});
    for (const double c : cohort.values) made.texts.push_back(format_double(c));
    data = data->with(made);
    ASSERT_OK(data);
  }
  const auto formula = stats::parse_formula("volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort)");
  ASSERT_OK(formula);
  const auto design = stats::make_design(*formula, *data);
  ASSERT_OK(design);
  const auto robust = stats::fit_rlme(design->data);
  ASSERT_OK(robust);
  const std::size_t r = row_of(results_, "chronic", "ipsilesional", "putamen");
  EXPECT_TRUE(test::near(number(results_, "robust_beta", r), robust->coefficients.value[1], 1e-6));
  EXPECT_TRUE(test::near(number(results_, "robust_se", r), robust->coefficients.se[1], 1e-6));
  EXPECT_TRUE(test::near(number(results_, "robust_t", r), robust->coefficients.t[1], 1e-6));
  EXPECT_NE(number(results_, "robust_beta", r), number(results_, "beta", r));
  for (std::size_t i = 0; i < results_.rows(); ++i)
    EXPECT_EQ(std::isnan(number(results_, "robust_beta", i)), std::isnan(number(results_, "beta", i))) << i;
}

TEST_F(EnigmaSim, SubsetsHoldThePeopleTheyShould) {
  std::map<std::string, double> n;
  for (std::size_t r = 0; r < flow_.rows(); ++r)
    n[text(flow_, "section", r) + " " + text(flow_, "step", r)] = number(flow_, "n", r);
  EXPECT_EQ(n["subset Chronic (180 days or more)"], expected_["counts"]["chronic"].get<double>());
  EXPECT_EQ(n["subset All times"], expected_["counts"]["total"].get<double>());
}

TEST_F(EnigmaSim, TheInteractionRowIsTheInteractionCoefficient) {
  for (std::size_t r = 0; r < results_.rows(); ++r) {
    if (text(results_, "analysis", r) != "chronic_lesion_side") continue;
    EXPECT_EQ(text(results_, "predictor", r), "primary_score:lesion_side");
    if (std::isnan(number(results_, "beta", r))) continue;
    std::size_t at =
        row_of(coefficients_, "chronic_lesion_side", text(results_, "side", r), text(results_, "region", r));
    while (text(coefficients_, "term", at) != "primary_score:lesion_sideright") ++at;
    for (const char* column : {"beta", "se", "df", "t", "p", "ci_low", "ci_high"})
      EXPECT_EQ(number(results_, column, r), number(coefficients_, column, at)) << column;
    // Two more fixed effects than the plain model of the same people, both within cohorts: containment df less 2.
    const std::size_t plain = row_of(results_, "chronic", text(results_, "side", r), text(results_, "region", r));
    EXPECT_EQ(number(results_, "n", r), number(results_, "n", plain));
    EXPECT_EQ(number(results_, "df", r), number(results_, "df", plain) - 2.0);
  }
}

}  // namespace
}  // namespace ipsi::engine
