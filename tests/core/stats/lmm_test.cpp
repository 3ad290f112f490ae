// SPDX-License-Identifier: GPL-3.0-or-later
// Several grouping factors, slopes and weights against lme4: tests/reference/lmm/make_lmm.R.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "core/numeric/random.h"
#include "core/stats/lme.h"
#include "core/stats/lme_inference.h"
#include "core/table/delimited.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

using test::expect_near;

table::Table lmm_table(const std::string& name) {
  table::TypeOptions types;
  types.factors = {};
  const std::string path = test::tests_path("reference/lmm/" + name + ".csv").string();
  auto data = table::read_table(path, types);
  EXPECT_OK(data);
  // Codes that are numbers are levels here.
  for (const char* factor : {"Subject", "s", "d", "service"}) {
    const table::Column* column = data->find(factor);
    if (column == nullptr || column->kind != table::Column::Kind::numeric) continue;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < column->size(); ++i) texts.push_back(column->cell(i));
    data = data->with(table::text(factor, texts, table::levels_of(*column)));
  }
  return *data;
}

Design lmm_design(const std::string& data, const std::string& formula, const std::string& weights = "") {
  const auto parsed = parse_formula(formula);
  EXPECT_OK(parsed);
  auto design = make_design(*parsed, lmm_table(data), {.weights = weights});
  EXPECT_OK(design);
  return std::move(*design);
}

Json reference() {
  return Json::parse(test::slurp(test::tests_path("reference/lmm/fits.json")));
}

TEST(FitSeveral, AgreesWithLme4) {
  const Json all = reference();
  for (const auto& [name, both] : all.items())
    for (const auto& [criterion, e] : both.items()) {
      SCOPED_TRACE(name + ", " + criterion);
      const Design design = lmm_design(e["data"], e["formula"], e["weights"]);
      const auto fit = fit_lme(design.data, {.criterion = criterion == "ML" ? Criterion::ml : Criterion::reml});
      ASSERT_OK(fit);
      EXPECT_TRUE(fit->converged);
      EXPECT_EQ(fit->boundary, e["singular"].get<bool>());
      // Ours may lie higher: lme4 stops where its search gains no more than rounding.
      EXPECT_GT(fit->log_likelihood, e["logLik"].get<double>() - 1e-8);
      EXPECT_NEAR(fit->log_likelihood, e["logLik"].get<double>(), 1e-6);
      const Eigen::VectorXd se = fit->vcov.diagonal().cwiseSqrt();
      for (std::size_t j = 0; j < e["beta"].size(); ++j) {
        const double scale = e["se"][j].get<double>();
        expect_near(number(fit->coefficients.value(j)), e["beta"][j], 1e-6, 1e-6 * scale, "beta");
        expect_near(number(se(j)), e["se"][j], 2e-5, 0.0, "se");
      }
      expect_near(number(fit->sigma), e["sigma"], 2e-5, 0.0, "sigma");
      const auto& reference_groups = e["group"];
      for (std::size_t part = 0; part < design.data.random.size(); ++part) {
        const RandomPart& random = design.data.random[part];
        const RandomEstimate estimate = fit->estimate(part);
        for (std::size_t row = 0; row < reference_groups.size(); ++row) {
          // lme4 writes nested groups inner first, and `||` as parts g, g.1
          auto group = reference_groups[row].get<std::string>();
          group = group.substr(0, group.find('.'));
          if (group == "cask:batch") group = "batch:cask";
          if (group != random.name || e["var1"][row].is_null()) continue;
          const auto at = [&](const Json& column) {
            return std::find(random.columns.begin(), random.columns.end(), column.get<std::string>()) -
                   random.columns.begin();
          };
          const Eigen::Index i = at(e["var1"][row]);
          const double value = e["var2"][row].is_null() ? estimate.sd(i) : estimate.corr(i, at(e["var2"][row]));
          expect_near(number(value), e["sdcor"][row], 5e-5, 2e-6, group + " " + random.columns[i]);
        }
      }
      for (std::size_t i = 0; i < e["fitted"].size(); ++i)
        EXPECT_NEAR(fit->fitted(i), e["fitted"][i].get<double>(), 2e-5 * fit->sigma);
    }
}

TEST(FitSeveral, BlupsAgreeWithLme4) {
  const Json all = reference();
  for (const char* name : {"penicillin_crossed", "evaluations_crossed", "stroke_crossed_slope"}) {
    const Json& e = all[name]["REML"];
    const Design design = lmm_design(e["data"], e["formula"]);
    const auto fit = fit_lme(design.data);
    ASSERT_OK(fit);
    for (std::size_t part = 0; part < design.data.random.size(); ++part) {
      const RandomPart& random = design.data.random[part];
      const RandomEstimate estimate = fit->estimate(part);
      const Json& b = e["blups"][random.name];
      ASSERT_EQ(b["levels"].size(), random.groups.size());
      for (std::size_t g = 0; g < b["levels"].size(); ++g) {
        const auto level = std::find(random.groups.begin(), random.groups.end(), b["levels"][g].get<std::string>());
        ASSERT_NE(level, random.groups.end());
        for (Eigen::Index c = 0; c < estimate.sd.size(); ++c)
          EXPECT_NEAR(estimate.blups(level - random.groups.begin(), c), b["values"][g][c].get<double>(),
                      1e-4 * estimate.sd(c));
      }
    }
  }
}

/// The likelihood written out with the whole covariance matrix.
double written_out(const ModelData& data, const LmeFit& fit) {
  const Eigen::Index n = data.y.size(), p = data.x.cols();
  Eigen::MatrixXd v = Eigen::MatrixXd::Identity(n, n) * fit.sigma * fit.sigma;
  if (data.weights.size() > 0) v = (fit.sigma * fit.sigma * data.weights.cwiseInverse()).asDiagonal();
  for (std::size_t part = 0; part < data.random.size(); ++part) {
    const RandomPart& random = data.random[part];
    const Eigen::MatrixXd d = fit.estimate(part).cov;
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j)
        if (random.group[i] == random.group[j]) v(i, j) += random.z.row(i).dot(d * random.z.row(j).transpose());
  }
  const Eigen::LLT<Eigen::MatrixXd> llt(v);
  const Eigen::MatrixXd vx = llt.solve(data.x), a = data.x.transpose() * vx;
  const Eigen::VectorXd r = data.y - data.x * a.llt().solve(vx.transpose() * data.y);
  double out = 2.0 * llt.matrixLLT().diagonal().array().log().sum() + r.dot(llt.solve(r));
  const bool reml = fit.criterion == Criterion::reml;
  if (reml) out += std::log(a.determinant());
  return -0.5 * (out + static_cast<double>(reml ? n - p : n) * std::log(2.0 * M_PI));
}

TEST(FitSeveral, LikelihoodIsTheOneWrittenOutAndNoNearbyPointIsMoreLikely) {
  for (const char* formula : {"y ~ x + (x | cohort) + (1 | rater)",
                              "y ~ x + (x || cohort) + (1 | rater) + (1 | sex:side)", "y ~ side + (1 | cohort/side)"})
    for (const char* weights : {"", "w"})
      for (const Criterion criterion : {Criterion::reml, Criterion::ml}) {
        SCOPED_TRACE(std::string(formula) + weights);
        const Design design = lmm_design("stroke", formula, weights);
        const auto fit = fit_lme(design.data, {.criterion = criterion});
        ASSERT_OK(fit);
        EXPECT_TRUE(fit->converged);
        const double best = written_out(design.data, *fit);
        EXPECT_NEAR(fit->log_likelihood, best, 1e-8);
        for (std::size_t part = 0; part < design.data.random.size(); ++part)
          for (const double factor : {0.97, 1.03, 2.0}) {
            LmeFit other = *fit;
            if (part == 0)
              other.random_cov *= factor;
            else
              other.further[part - 1].cov *= factor;
            EXPECT_LE(written_out(design.data, other), best + 1e-9);
          }
      }
}

TEST(FitSeveral, EqualWeightsAreNoWeights) {
  Design design = lmm_design("stroke", "y ~ x + (1 | cohort) + (1 | rater)");
  const auto before = fit_lme(design.data);
  design.data.weights = Eigen::VectorXd::Constant(design.data.y.size(), 4.0);
  const auto after = fit_lme(design.data);
  ASSERT_OK(after);
  EXPECT_NEAR(after->log_likelihood, before->log_likelihood, 1e-9);
  EXPECT_NEAR(after->sigma, 2.0 * before->sigma, 1e-8);
  EXPECT_NEAR(after->random_sd(0), before->random_sd(0), 1e-7);
}

// A second factor without variance changes nothing.
TEST(FitSeveral, BoundaryIsTheModelWithoutThatTerm) {
  Design with = lmm_design("stroke", "y ~ x + (1 | cohort) + (1 | rater)");
  with.data.random[1].name = "turn";  // rows dealt out in turn: less than chance between the levels
  for (std::size_t i = 0; i < 180; ++i) with.data.random[1].group[i] = static_cast<int>(i % 7);
  const auto fit = fit_lme(with.data);
  ASSERT_OK(fit);
  ASSERT_TRUE(fit->boundary);
  EXPECT_EQ(fit->further[0].sd(0), 0.0);
  ASSERT_FALSE(fit->findings.empty());
  EXPECT_NE(fit->findings[0].find("between levels of turn"), std::string::npos);
  const auto without = fit_lme(lmm_design("stroke", "y ~ x + (1 | cohort)").data);
  EXPECT_NEAR(fit->log_likelihood, without->log_likelihood, 1e-8);
  EXPECT_NEAR(fit->random_sd(0), without->random_sd(0), 1e-6);
}

// Enough levels that what is left after elimination is factorised sparse: the same as one factor after the other dense.
TEST(FitSeveral, ManyNestedGroupsAgreeWithTheirClosedForm) {
  // Balanced nested layout, a x b x rows: estimates from the three mean squares (Searle et al. 1992, ch. 5).
  constexpr int kA = 260, kB = 3, kRows = 4;
  numeric::Stream stream(3, 1);
  ModelData data;
  const int n = kA * kB * kRows;
  data.y.resize(n);
  data.x = Eigen::MatrixXd::Ones(n, 1);
  RandomPart a{.z = Eigen::MatrixXd::Ones(n, 1),
               .columns = {"(Intercept)"},
               .block = {0},
               .group = {},
               .groups = {},
               .name = "a"};
  RandomPart b = a;
  b.name = "a:b";
  Eigen::VectorXd mean_a = Eigen::VectorXd::Zero(kA), mean_b = Eigen::VectorXd::Zero(kA * kB);
  for (int g = 0, i = 0; g < kA; ++g) {
    a.groups.push_back(std::to_string(g));
    const double u = stream.normal();
    for (int h = 0; h < kB; ++h) {
      b.groups.push_back(std::to_string(g) + ":" + std::to_string(h));
      const double v = 0.7 * stream.normal();
      for (int k = 0; k < kRows; ++k, ++i) {
        data.y(i) = u + v + stream.normal();
        a.group.push_back(g);
        b.group.push_back(g * kB + h);
        mean_a(g) += data.y(i) / (kB * kRows);
        mean_b(g * kB + h) += data.y(i) / kRows;
      }
    }
  }
  data.random = {a, b};
  double within = 0.0, middle = 0.0;
  for (int i = 0; i < n; ++i) within += std::pow(data.y(i) - mean_b(b.group[i]), 2);
  for (int h = 0; h < kA * kB; ++h) middle += kRows * std::pow(mean_b(h) - mean_a(h / kB), 2);
  const double msw = within / (kA * kB * (kRows - 1)), msb = middle / (kA * (kB - 1));
  const double msa = kB * kRows * (mean_a.array() - mean_a.mean()).square().sum() / (kA - 1);
  const auto fit = fit_lme(data);
  ASSERT_OK(fit);
  EXPECT_NEAR(fit->sigma * fit->sigma, msw, 1e-9);
  EXPECT_NEAR(fit->further[0].cov(0, 0), (msb - msw) / kRows, 1e-8);
  EXPECT_NEAR(fit->random_cov(0, 0), (msa - msb) / (kB * kRows), 1e-8);
  EXPECT_NEAR(fit->vcov(0, 0), msa / n, 1e-9);
}

TEST(FitSeveral, ContainmentOfNestedFactorsIsNlmes) {
  const Json e = Json::parse(test::slurp(test::tests_path("reference/lmm/nested_df.json")));
  const Design design = lmm_design("pastes_columns", "strength ~ x + b + cc + (1 | batch/cask)");
  const auto fit = fit_lme(design.data);
  ASSERT_OK(fit);
  expect_near(numbers(fit->coefficients.df), e["df"], 1e-12, 0.0, "df");
  expect_near(numbers(fit->coefficients.value), e["beta"], 1e-5, 0.0, "beta");
  expect_near(numbers(fit->coefficients.se), e["se"], 2e-5, 0.0, "se");
  EXPECT_NEAR(fit->log_likelihood, e["logLik"].get<double>(), 1e-7);
}

TEST(FitSeveral, RefusesWhatCannotBeFitted) {
  const auto refused = [](const Design& design, const std::string& what) {
    const auto fit = fit_lme(design.data);
    ASSERT_FALSE(fit) << what;
    EXPECT_EQ(fit.error().code, Code::InvalidInput);
    EXPECT_NE(fit.error().what.find(what), std::string::npos) << fit.error();
  };
  Design design = lmm_design("stroke", "y ~ x + (1 | cohort) + (1 | rater)");
  design.data.random[1] = design.data.random[0];
  refused(design, "into the same groups");
  design = lmm_design("pastes", "strength ~ 1 + (1 | batch/cask)");
  design.data.random[1].z = Eigen::MatrixXd::Random(60, 2);
  design.data.random[1].columns = {"a", "b"};
  design.data.random[1].block = {0, 0};
  refused(design, "60 random effects (2 for each of 30 levels of 'batch:cask') are too many for 60 rows");
  design = lmm_design("stroke", "y ~ x + (1 | cohort) + (1 | rater)", "w");
  design.data.weights(3) = NAN;
  refused(design, "a weight is not a positive number");
}

// lmerTest takes its Hessian by finite differences of the deviance: agreement near 1e-4.
TEST(Satterthwaite, AgreesWithLmerTest) {
  const Json all = reference();
  for (const auto& [name, both] : all.items()) {
    SCOPED_TRACE(name);
    const Json& e = both["REML"];
    const Design design = lmm_design(e["data"], e["formula"], e["weights"]);
    auto fit = fit_lme(design.data);
    ASSERT_OK(fit);
    if (fit->boundary) continue;
    const auto shape = curvature(design.data, *fit);
    ASSERT_OK(shape);
    use_satterthwaite(*fit, design.data, *shape);
    expect_near(numbers(fit->coefficients.df), e["df_satterthwaite"], 1e-3, 0.0, "df");
    expect_near(numbers(fit->coefficients.p), e["p_satterthwaite"], 5e-3, 1e-12, "p");
    EXPECT_EQ(fit->terms[0].df2, fit->coefficients.df(0));
  }
}

// Balanced one-way layout: the grand mean has groups - 1 df, exactly.
TEST(Satterthwaite, IsExactInABalancedLayout) {
  const Design design = lmm_design("sleep", "Reaction ~ 1 + (1 | Subject)");
  const auto fit = fit_lme(design.data);
  const auto shape = curvature(design.data, *fit);
  ASSERT_OK(shape);
  EXPECT_NEAR(satterthwaite(*shape, fit->vcov, Eigen::VectorXd::Ones(1)), 17.0, 1e-5);
}

TEST(Compare, TestsWhatIsAsked) {
  const Design large = lmm_design("stroke", "y ~ x * side + sex + (x | cohort)");
  const Design fewer = lmm_design("stroke", "y ~ x + sex + (x | cohort)");
  const auto fixed = compare(fewer.data, large.data, {});
  ASSERT_OK(fixed);
  EXPECT_EQ(fixed->criterion, Criterion::ml);
  EXPECT_EQ(fixed->df, 2);
  EXPECT_EQ(fixed->kind, LrtKind::plain);
  EXPECT_NE(fixed->note.find("refitted by ML"), std::string::npos);
  const auto ml = fit_lme(large.data, {.criterion = Criterion::ml}),
             ml0 = fit_lme(fewer.data, {.criterion = Criterion::ml});
  EXPECT_NEAR(fixed->chisq, 2.0 * (ml->log_likelihood - ml0->log_likelihood), 1e-9);

  const Design intercept = lmm_design("stroke", "y ~ x * side + sex + (1 | cohort)");
  const auto slope = compare(intercept.data, large.data, {});
  ASSERT_OK(slope);
  EXPECT_EQ(slope->criterion, Criterion::reml);
  EXPECT_EQ(slope->df, 2);
  EXPECT_EQ(slope->kind, LrtKind::mixture);
  // chi-square 1 and 2 in equal shares
  EXPECT_NEAR(slope->p, 0.5 * (std::erfc(std::sqrt(slope->chisq / 2.0)) + std::exp(-slope->chisq / 2.0)), 1e-14);

  const auto same = compare(large.data, large.data, {});
  ASSERT_FALSE(same);
  EXPECT_NE(same.error().what.find("the same"), std::string::npos);
  const auto turned = compare(large.data, fewer.data, {});
  ASSERT_FALSE(turned);
  EXPECT_NE(turned.error().what.find("not contained"), std::string::npos);
}

TEST(Compare, EachGroupingFactorAndBySimulation) {
  const Design design = lmm_design("stroke", "y ~ x + (1 | cohort) + (1 | rater)");
  const auto tests = test_random_parts(design.data, {});
  ASSERT_OK(tests);
  ASSERT_EQ(tests->size(), 2U);
  EXPECT_EQ((*tests)[1].name, "rater");
  EXPECT_EQ((*tests)[1].kind, LrtKind::mixture);
  EXPECT_NEAR((*tests)[1].p, 0.5 * (*tests)[1].p_plain, 1e-15);
  const auto drawn = test_random_parts(design.data, {.simulations = 99, .seed = 4});
  const auto again = test_random_parts(design.data, {.simulations = 99, .seed = 4});
  ASSERT_OK(drawn);
  EXPECT_EQ((*drawn)[1].kind, LrtKind::simulated);
  EXPECT_EQ((*drawn)[1].p, (*again)[1].p);
  EXPECT_EQ((*drawn)[1].p, 0.01);  // chi-square near 50: no simulation comes near
}

TEST(MarginalMeans, AreEqualWeightedCellMeans) {
  const table::Table data = lmm_table("stroke");
  const auto formula = parse_formula("y ~ x * side + sex + (1 | cohort)");
  const auto design = make_design(*formula, data);
  const auto fit = fit_lme(design->data);
  const auto means = marginal_means(*formula, *design, data, "side");
  ASSERT_OK(means);
  ASSERT_EQ(means->size(), 2U);
  const double x = design->data.x.col(1).mean();
  // columns: (Intercept), x, sideR, sexM, x:sideR
  EXPECT_LT(((*means)[0].of - Eigen::Vector<double, 5>(1, x, 0, 0.5, 0)).norm(), 1e-14);
  EXPECT_LT(((*means)[1].of - Eigen::Vector<double, 5>(1, x, 1, 0.5, x)).norm(), 1e-14);
  const auto cells = marginal_means(*formula, *design, data, "side:sex");
  ASSERT_OK(cells);
  ASSERT_EQ(cells->size(), 4U);
  EXPECT_EQ((*cells)[3].name, "R:M");
  EXPECT_EQ(pairwise(*cells).size(), 6U);
  EXPECT_FALSE(marginal_means(*formula, *design, data, "x"));
  const auto combination = parse_combination("right = x + 1 * x:sideR", fit->coefficients.name);
  ASSERT_OK(combination);
  const Estimate right = estimate(*fit, *combination, nullptr);
  EXPECT_NEAR(right.value, fit->coefficients.value(1) + fit->coefficients.value(4), 1e-15);
  EXPECT_NEAR(right.se, std::sqrt(fit->vcov(1, 1) + fit->vcov(4, 4) + 2.0 * fit->vcov(1, 4)), 1e-14);
  const auto wrong = parse_combination("x + x:sidR", fit->coefficients.name);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().mend.find("x:sideR"), std::string::npos);
  const auto words = side_in_words(*fit, "x", "side", nullptr);
  ASSERT_OK(words);
  EXPECT_NE((*words)[0].find("side of the lesion changes the relation with x"), std::string::npos);
  EXPECT_FALSE(side_in_words(*fit, "x", "sex", nullptr));
}

TEST(MarginalMeans, AgreeWithLmerTest) {
  const Json e = Json::parse(test::slurp(test::tests_path("reference/lmm/means.json")));
  const table::Table data = lmm_table("stroke");
  const auto formula = parse_formula("y ~ x * side + sex + (x | cohort) + (1 | rater)");
  const auto design = make_design(*formula, data);
  const auto fit = fit_lme(design->data);
  const auto shape = curvature(design->data, *fit);
  ASSERT_OK(shape);
  const auto check = [&](const std::vector<Combination>& combinations, const Json& expected) {
    for (std::size_t k = 0; k < combinations.size(); ++k) {
      const auto at = [&](const char* key) { return expected[key].is_array() ? expected[key][k] : expected[key]; };
      const Estimate got = estimate(*fit, combinations[k], &*shape);
      expect_near(number(got.value), at("value"), 1e-6, 1e-6 * got.se, "value");
      expect_near(number(got.se), at("se"), 2e-5, 0.0, "se");
      expect_near(number(got.df), at("df"), 1e-3, 0.0, "df");
      expect_near(number(got.p), at("p"), 5e-3, 1e-12, "p");
    }
  };
  const auto side = marginal_means(*formula, *design, data, "side");
  ASSERT_OK(side);
  check(*side, e["side"]);
  check(pairwise(*side), e["difference"]);
  check(*marginal_means(*formula, *design, data, "sex"), e["sex"]);
  check({*parse_combination("x + x:sideR", fit->coefficients.name)}, e["right"]);
  const Design intercepts = lmm_design("stroke", "y ~ x * side + sex + (1 | rater) + (1 | cohort)");
  const auto slope = compare(intercepts.data, design->data, {});
  ASSERT_OK(slope);
  EXPECT_NEAR(slope->chisq, e["slope_chisq"].get<double>(), 1e-6);
}

TEST(ProfileIntervals, AgreeWithLme4) {
  const Json all = Json::parse(test::slurp(test::tests_path("reference/lmm/profiles.json")));
  for (const auto& [name, e] : all.items()) {
    SCOPED_TRACE(name);
    const Design design = lmm_design(e["data"], e["formula"], e["weights"]);
    const auto fit = fit_lme(design.data);
    const auto intervals = profile_intervals(design.data, *fit);
    ASSERT_OK(intervals);
    std::size_t met = 0;
    for (const ProfileInterval& interval : *intervals)
      for (std::size_t k = 0; k < e["name"].size(); ++k) {
        auto theirs = e["name"][k].get<std::string>();  // sd_(Intercept)|cohort
        if (theirs.starts_with("sd_")) {
          const std::size_t bar = theirs.find('|');
          theirs = "sd(" + theirs.substr(3, bar - 3) + ") by " + theirs.substr(bar + 1);
        }
        if (theirs != interval.name) continue;
        ++met;
        const double width = e["high"][k].get<double>() - e["low"][k].get<double>();
        EXPECT_NEAR(interval.low, e["low"][k].get<double>(), 2e-4 * width) << interval.name;
        EXPECT_NEAR(interval.high, e["high"][k].get<double>(), 2e-4 * width) << interval.name;
      }
    EXPECT_EQ(met, intervals->size());
  }
}

}  // namespace
}  // namespace ipsi::stats
