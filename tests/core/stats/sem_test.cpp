// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/sem.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <cmath>

#include "core/base/text.h"
#include "core/numeric/random.h"
#include "core/stats/sem_data.h"
#include "core/stats/sem_parts.h"
#include "tests/core/stats/oracle.h"

namespace ipsi::stats {
namespace {

std::string text_of(const Json& lines) {
  return join(lines.get<std::vector<std::string>>(), "\n");
}

SemModel model_of(const std::string& text, const std::vector<std::string>& columns) {
  const auto syntax = parse_sem(text);
  EXPECT_OK(syntax);
  auto model = build_sem(*syntax, columns);
  EXPECT_OK(model);
  return std::move(*model);
}

Result<SemFit> fitted(const SemModel& model, const table::Table& data, const SemOptions& options = {}) {
  const auto rows = sem_data(model, data);
  if (!rows) return tl::unexpected(rows.error());
  return fit_sem(model, rows->rows, options);
}

class SemOracle : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override { oracle_ = test::load_case(GetParam()); }

  void agree(const SemModel& model) {
    const auto fit = fitted(model, oracle_.data);
    ASSERT_OK(fit);
    EXPECT_TRUE(fit->converged);
    EXPECT_TRUE(fit->identified);
    const Json json = to_json(*fit, model), &e = oracle_.expected;
    EXPECT_EQ(json["n_obs"], e["n_obs"]);
    EXPECT_EQ(json["observed"], e["observed"]);
    test::expect_near(json["sample_cov"], e["sample_cov"], 1e-12, 1e-12, "sample_cov");
    test::expect_near(json["implied_cov"], e["implied_cov"], 1e-8, 1e-8, "implied_cov");
    for (const char* part : {"parameters", "standardized"}) {
      for (const char* key : {"lhs", "op", "rhs"}) EXPECT_EQ(json[part][key], e[part][key]) << part;
      for (const char* key : {"est", "se"}) test::expect_near(json[part][key], e[part][key], 1e-6, 1e-12, part);
      for (const char* key : {"z", "ci95_lower", "ci95_upper"})
        test::expect_near(json[part][key], e[part][key], 2e-6, 1e-9, part);
      // lavaan's p is 1 - F: nothing below 1e-15 is left of it.
      test::expect_near(json[part]["p"], e[part]["p"], 1e-5, 1e-14, part);
    }
    test::expect_near(json["r_squared"], e["r_squared"], 1e-7, 0.0, "r_squared");
    Json intervals = Json::object(), rest = Json::object();
    for (const auto& [key, value] : e["fit"].items()) (key.starts_with("rmsea.ci") ? intervals : rest)[key] = value;
    test::expect_near(json["fit"], rest, 1e-7, 1e-14, "fit");
    test::expect_near(json["fit"], intervals, 1e-4, 1e-9, "fit");
  }
  test::OracleCase oracle_;
};

TEST_P(SemOracle, FromTheText) {
  agree(model_of(text_of(oracle_.model["syntax"]), oracle_.data.names()));
}

TEST_P(SemOracle, FromTheParameterTable) {
  std::vector<SemRow> rows;
  for (const Json& r : oracle_.model["parameter_table"])
    rows.push_back({.lhs = r["lhs"],
                    .op = r["op"],
                    .rhs = r["rhs"],
                    .free = r["free"],
                    .value = r.value("fixed_to", 0.0),
                    .start = r.value("start", 0.0),
                    .exogenous = r["exo"] == 1,
                    .label = r.value("label", "")});
  const auto model = sem_from_rows(std::move(rows));
  ASSERT_OK(model);
  agree(*model);
}

TEST_P(SemOracle, DefaultsAreThoseOfLavaan) {
  const SemModel model = model_of(text_of(oracle_.model["syntax"]), oracle_.data.names());
  const Json& table = oracle_.model["parameter_table"];
  ASSERT_EQ(model.rows.size(), table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(model.rows[i].name(),
              SemRow({.lhs = table[i]["lhs"], .op = table[i]["op"], .rhs = table[i]["rhs"]}).name());
    EXPECT_EQ(model.rows[i].free, table[i]["free"].get<int>()) << model.rows[i].name();
    EXPECT_EQ(model.rows[i].exogenous, table[i]["exo"] == 1) << model.rows[i].name();
  }
}

TEST_P(SemOracle, GradientAndInformationAreThoseOfTheLikelihood) {
  const SemModel model = model_of(text_of(oracle_.model["syntax"]), oracle_.data.names());
  const auto data = sem_data(model, oracle_.data);
  ASSERT_OK(data);
  const Eigen::MatrixXd c = data->rows.rowwise() - data->rows.colwise().mean();
  const Eigen::MatrixXd s = c.transpose() * c / static_cast<double>(c.rows());
  SemDiscrepancy at(model, s);
  const Eigen::VectorXd theta = sem_start(model, s);
  ASSERT_TRUE(at.move(theta));
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
  at.derivatives(gradient, information);
  const Eigen::MatrixXd v = at.precision();
  const auto p = static_cast<Eigen::Index>(model.observed.size());
  std::vector<Eigen::MatrixXd> moved;
  for (int k = 0; k < model.n_free; ++k) {
    const double h = 1e-5 * std::fmax(1.0, std::abs(theta[k]));
    Eigen::VectorXd up = theta, down = theta;
    up[k] += h;
    down[k] -= h;
    ASSERT_TRUE(at.move(up));
    const double high = at.value();
    const Eigen::MatrixXd more = at.covariance().topLeftCorner(p, p);
    ASSERT_TRUE(at.move(down));
    EXPECT_NEAR(gradient[k], (high - at.value()) / (2 * h), 1e-6 * (1.0 + std::abs(gradient[k])));
    moved.push_back((more - at.covariance().topLeftCorner(p, p)) / (2 * h));
  }
  for (int i = 0; i < model.n_free; ++i)
    for (int j = 0; j < model.n_free; ++j) {
      const double expected = (v * moved[static_cast<std::size_t>(i)] * v * moved[static_cast<std::size_t>(j)]).trace();
      EXPECT_NEAR(information(i, j), expected, 1e-6 * std::sqrt(information(i, i) * information(j, j)));
    }
}

TEST_P(SemOracle, FollowsUnits) {
  const SemModel model = model_of(text_of(oracle_.model["syntax"]), oracle_.data.names());
  auto rows = sem_data(model, oracle_.data);
  ASSERT_OK(rows);
  const auto fit = fit_sem(model, rows->rows);
  ASSERT_OK(fit);
  rows->rows.array().rowwise() += Eigen::RowVectorXd::LinSpaced(rows->rows.cols(), -50.0, 90.0).array();
  for (Eigen::Index j = 0; j < rows->rows.cols(); ++j)
    rows->rows.col(j) *= std::pow(10.0, static_cast<double>(j % 4) - 2.0);
  const auto other = fit_sem(model, rows->rows);
  ASSERT_OK(other);
  EXPECT_NEAR(other->measures.chisq, fit->measures.chisq, 1e-7 * fit->measures.chisq);
  for (std::size_t r = 0; r < model.n_paths(); ++r) {
    const auto i = static_cast<Eigen::Index>(r);
    EXPECT_NEAR(other->standardized.value[i], fit->standardized.value[i], 1e-7) << model.rows[r].name();
    EXPECT_NEAR(other->standardized.se[i], fit->standardized.se[i], 1e-7) << model.rows[r].name();
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, SemOracle, testing::ValuesIn(test::oracle_cases("sem")),
                         [](const auto& one) { return one.param.filename().string(); });

// ---- what the notation means ----

TEST(SemSyntax, ReadsModifiersCommentsAndLines) {
  const auto parsed = parse_sem(
      "f =~ NA*x1 + start(0.8)*x2 +   # goes on\n  b*x3\n f ~~ 1*f; y ~ -0.5*f\n  + \"lab\"*z + b*w\n! nothing\ny1 + "
      "y2 ~~ label(\"c\")*y3\nab := (b + 2)^2 / -exp(c)");
  ASSERT_OK(parsed);
  ASSERT_EQ(parsed->paths.size(), 9U);
  EXPECT_TRUE(parsed->paths[0].freed);
  EXPECT_EQ(parsed->paths[1].start, 0.8);
  EXPECT_EQ(parsed->paths[2].label, "b");
  EXPECT_EQ(parsed->paths[2].place.line, 2);
  EXPECT_EQ(parsed->paths[3].fixed, 1.0);
  EXPECT_EQ(parsed->paths[4].fixed, -0.5);
  EXPECT_EQ(parsed->paths[5].label, "lab");
  EXPECT_EQ(parsed->paths[8].lhs, "y2");
  EXPECT_EQ(parsed->paths[8].label, "c");
  EXPECT_EQ(parsed->definitions[0].text, "(b+2)^2/-exp(c)");
}

struct Bad {
  const char *model, *what, *where;
};
class SemRefusals : public testing::TestWithParam<Bad> {};

TEST_P(SemRefusals, NameThePlace) {
  const std::vector<std::string> columns{"cst", "pad_ipsi", "motor", "y1", "y2", "y3"};
  const auto syntax = parse_sem(GetParam().model);
  const auto model = syntax ? build_sem(*syntax, columns) : Result<SemModel>(tl::unexpected(syntax.error()));
  ASSERT_FALSE(model) << GetParam().model;
  EXPECT_EQ(exit_code(model.error().code), 3);
  EXPECT_NE(to_line(model.error()).find(GetParam().what), std::string::npos) << to_line(model.error());
  EXPECT_NE(model.error().where.find(GetParam().where), std::string::npos) << to_line(model.error());
  EXPECT_EQ(to_line(model.error()).find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Models, SemRefusals,
    testing::Values(Bad{"", "empty", "model"}, Bad{"y1 ~ 1", "means are not modelled", "line 1, column 6"},
                    Bad{"y1 ~ cst\n\npad_ipsii ~ cst", "did you mean 'pad_ipsi'?", "line 3, column 1"},
                    Bad{"y1 ~ moter", "did you mean 'motor'?", "line 1, column 6"},
                    Bad{"y1 ~ a*cst\nab := a*bb", "no parameter has the label 'bb'", "line 2, column 9"},
                    Bad{"y1 ~ a*cst\nx := y + a\ny := x", "leads back to itself", "line"},
                    Bad{"y1 ~ cst +", "instead of", "line 1"}, Bad{"y1 ~ cst y2", "instead of", "line 1, column 10"},
                    Bad{"y1 ~ y1", "by itself", "line 1, column 6"},
                    Bad{"a == b", "the same label", "line 1, column 3"},
                    Bad{"y1 ~ cst:motor", "column of its own", "line 1"}, Bad{"y1 | t1", "not offered", "line 1"},
                    Bad{"y1 ~ c(a,b)*cst", "one group", "line 1, column 6"},
                    Bad{"f =~ start(2)*y1 + y2 + y3", "fixed to 1", "line 1"},
                    Bad{"y1 ~ cst + cst", "written twice", "line 1, column 12"},
                    Bad{"y1 ~ cst & motor", "means nothing here", "line 1, column 10"},
                    Bad{"y1 ~ 2*cst + NA*cst", "both fixed and free", "line 1"},
                    Bad{"y1 ~ cst - motor", "instead of", "line 1, column 10"}));

TEST(SemModel, AddsWhatSemAdds) {
  const std::vector<std::string> columns{"a", "b", "c", "d", "e", "f", "y1", "y2", "x1", "x2"};
  const SemModel m = model_of("F =~ a + b\nG =~ c + d\nH =~ e\nH ~ F\ny1 ~ H + x1\ny2 ~ G + x2 + x1", columns);
  const auto find = [&](const std::string& name) -> const SemRow* {
    for (const SemRow& r : m.rows)
      if (r.name() == name) return &r;
    return nullptr;
  };
  EXPECT_EQ(find("F =~ a")->free, 0);
  ASSERT_NE(find("F ~~ G"), nullptr);    // latent predictors
  ASSERT_NE(find("y1 ~~ y2"), nullptr);  // responses and nothing else
  EXPECT_EQ(find("e ~~ e")->free, 0);    // the only indicator of H
  EXPECT_EQ(find("e ~~ e")->value, 0.0);
  EXPECT_GT(find("H ~~ H")->free, 0);
  EXPECT_TRUE(find("x1 ~~ x2")->exogenous);
  EXPECT_EQ(find("F ~~ H"), nullptr);
}

TEST(SemModel, APredictorInAWrittenCovarianceIsEstimated) {
  const SemModel m = model_of("y ~ x + z\nx ~~ z", {"x", "y", "z"});
  EXPECT_TRUE(m.exogenous.empty());
  EXPECT_EQ(m.n_free, 6);
  EXPECT_EQ(m.remarks.size(), 2U);
}

// ---- results against closed forms ----

table::Table draws(int n, const std::vector<std::string>& names, const Eigen::MatrixXd& loadings, double noise,
                   std::uint64_t seed = 4) {
  numeric::Stream stream(seed);
  std::vector<std::vector<double>> columns(names.size());
  for (int i = 0; i < n; ++i) {
    Eigen::VectorXd f(loadings.cols());
    for (auto& x : f) x = stream.normal();
    const Eigen::VectorXd y = loadings * f;
    for (std::size_t j = 0; j < names.size(); ++j)
      columns[j].push_back(y[static_cast<Eigen::Index>(j)] + noise * stream.normal());
  }
  std::vector<table::Column> out;
  for (std::size_t j = 0; j < names.size(); ++j) out.push_back(table::numeric(names[j], columns[j]));
  return *table::Table::from(std::move(out));
}

TEST(Sem, ASaturatedRegressionIsLeastSquares) {
  const auto data = draws(80, {"y", "x", "z"}, Eigen::MatrixXd{{1, 1}, {1, 0}, {0.3, 1}}, 0.6);
  const SemModel model = model_of("y ~ x + z", data.names());
  const auto fit = fitted(model, data);
  ASSERT_OK(fit);
  const auto rows = sem_data(model, data)->rows;
  const Eigen::MatrixXd c = rows.rowwise() - rows.colwise().mean();
  const Eigen::MatrixXd x = c.rightCols(2);
  const Eigen::VectorXd b = (x.transpose() * x).ldlt().solve(x.transpose() * c.col(0));
  const double variance = (c.col(0) - x * b).squaredNorm() / 80.0;
  const Eigen::MatrixXd v = variance * (x.transpose() * x).inverse();
  for (int k = 0; k < 2; ++k) {
    EXPECT_NEAR(fit->parameters.value[k], b[k], 1e-10);
    EXPECT_NEAR(fit->parameters.se[k], std::sqrt(v(k, k)), 1e-10);
  }
  EXPECT_NEAR(fit->parameters.value[2], variance, 1e-10);
  EXPECT_NEAR(fit->parameters.se[2], variance * std::sqrt(2.0 / 80.0), 1e-10);
  EXPECT_EQ(fit->measures.df, 0);
  EXPECT_EQ(fit->measures.chisq, 0.0);
  const Json json = to_json(*fit, model);
  EXPECT_TRUE(json["fit"]["pvalue"].is_null());
  EXPECT_TRUE(json["fit"]["rmsea.pvalue"].is_null());
  EXPECT_EQ(json["fit"]["cfi"], 1.0);
}

TEST(Sem, ThreeIndicatorsHaveAClosedForm) {
  const auto data = draws(120, {"a", "b", "c"}, Eigen::MatrixXd{{1.0}, {0.8}, {-0.7}}, 0.7);
  const auto fit = fitted(model_of("F =~ a + b + c", data.names()), data);
  ASSERT_OK(fit);
  const Eigen::MatrixXd& s = fit->sample;
  EXPECT_NEAR(fit->parameters.value[1], s(1, 2) / s(0, 2), 1e-9);
  EXPECT_NEAR(fit->parameters.value[2], s(1, 2) / s(0, 1), 1e-9);
  EXPECT_NEAR(fit->parameters.value[6], s(0, 1) * s(0, 2) / s(1, 2), 1e-9);
}

TEST(Sem, AFactorsUnitDoesNotMatter) {
  const auto data = draws(150, {"a", "b", "c", "d"}, Eigen::MatrixXd{{1.0}, {0.8}, {0.7}, {0.9}}, 0.8);
  const auto by_marker = fitted(model_of("F =~ a + b + c + d", data.names()), data);
  const auto by_variance = fitted(model_of("F =~ NA*a + b + c + d\nF ~~ 1*F", data.names()), data);
  ASSERT_OK(by_marker);
  ASSERT_OK(by_variance);
  EXPECT_NEAR(by_marker->measures.chisq, by_variance->measures.chisq, 1e-9);
  EXPECT_LT((by_marker->implied - by_variance->implied).cwiseAbs().maxCoeff(), 1e-9);
  for (int k = 0; k < 4; ++k) {
    EXPECT_NEAR(by_marker->standardized.value[k], by_variance->standardized.value[k], 1e-9);
    EXPECT_NEAR(by_marker->standardized.se[k], by_variance->standardized.se[k], 1e-9);
  }
}

TEST(Sem, EqualLabelsAreOneParameter) {
  const auto data = draws(150, {"a", "b", "c", "d"}, Eigen::MatrixXd{{1.0}, {1.0}, {1.0}, {1.0}}, 0.8);
  const SemModel model = model_of("F =~ a + 1*b + 1*c + 1*d\na ~~ e*a\nb ~~ e*b\nc ~~ e*c\nd ~~ e*d", data.names());
  const auto fit = fitted(model, data);
  ASSERT_OK(fit);
  EXPECT_EQ(fit->measures.npar, 2);
  EXPECT_EQ(fit->measures.df, 8);
  // Compound symmetry: the common covariance is the mean of the covariances, exactly.
  const double mean = (fit->sample.sum() - fit->sample.trace()) / 12.0;
  EXPECT_NEAR(fit->implied(0, 1), mean, 1e-9);
  EXPECT_NEAR(fit->implied(0, 0), fit->sample.trace() / 4.0, 1e-9);
}

TEST(Sem, EffectsAreSumsOverRoutesAndAgreeWithDefinitions) {
  const auto data = draws(200, {"x", "m", "w", "y"}, Eigen::MatrixXd{{1, 0}, {0.6, 0.5}, {0.4, -0.3}, {0.7, 0.6}}, 0.6);
  const SemModel model =
      model_of("m ~ a*x\nw ~ d*x + e*m\ny ~ b*m + c*x + f*w\nind := a*b + d*f + a*e*f\ntot := ind + c", data.names());
  const auto fit = fitted(model, data);
  ASSERT_OK(fit);
  const SemEffect* found = nullptr;
  for (const SemEffect& e : fit->effects)
    if (e.from == "x" && e.to == "y") found = &e;
  ASSERT_NE(found, nullptr);
  const auto last = fit->parameters.value.size() - 1;
  EXPECT_NEAR(found->indirect, fit->parameters.value[last - 1], 1e-12);
  EXPECT_NEAR(found->indirect_se, fit->parameters.se[last - 1], 1e-12);
  EXPECT_NEAR(found->total, fit->parameters.value[last], 1e-12);
  EXPECT_NEAR(found->total_se, fit->parameters.se[last], 1e-12);
  EXPECT_NEAR(found->indirect_std, fit->standardized.value[last - 1], 1e-12);
  double sum = 0.0;
  for (const SemRoute& r : fit->routes)
    if (r.through.front() == "x" && r.through.back() == "y") sum += r.value;
  EXPECT_NEAR(sum, found->indirect, 1e-12);
}

TEST(Sem, BootstrapRepeatsAndCoversWhatTheoryCovers) {
  const auto data = draws(300, {"x", "m", "y"}, Eigen::MatrixXd{{1, 0}, {0.6, 0.5}, {0.5, 0.6}}, 0.6);
  const SemModel model = model_of("m ~ a*x\ny ~ b*m + x\nab := a*b", data.names());
  const auto fit = fitted(model, data, {.bootstrap = 400, .seed = 7});
  const auto same = fitted(model, data, {.bootstrap = 400, .seed = 7});
  const auto other = fitted(model, data, {.bootstrap = 400, .seed = 8});
  ASSERT_OK(fit);
  EXPECT_EQ(to_json(*fit, model).dump(), to_json(*same, model).dump());
  EXPECT_NE(to_json(*fit, model).dump(), to_json(*other, model).dump());
  EXPECT_EQ(fit->bootstrap.used, 400);
  const auto last = static_cast<std::size_t>(fit->parameters.value.size()) - 1;
  const auto& interval = fit->bootstrap.rows[last];
  const double se = fit->parameters.se[static_cast<Eigen::Index>(last)],
               value = fit->parameters.value[static_cast<Eigen::Index>(last)];
  EXPECT_NEAR(interval.se, se, 0.2 * se);
  EXPECT_NEAR(interval.low, value - 1.96 * se, 0.6 * se);
  EXPECT_NEAR(interval.corrected_high, value + 1.96 * se, 0.6 * se);
  ASSERT_EQ(fit->bootstrap.indirect.size(), fit->effects.size());
}

// ---- what must be refused or told ----

TEST(Sem, UnidentifiedModelsNameTheirParameters) {
  const auto data = draws(100, {"a", "b", "c", "y"}, Eigen::MatrixXd{{1.0}, {0.8}, {0.7}, {0.9}}, 0.8);
  const auto refused = [&](const std::string& text, const std::vector<std::string>& named) {
    const auto fit = fitted(model_of(text, data.names()), data);
    ASSERT_FALSE(fit) << text;
    EXPECT_EQ(fit.error().code, Code::RankDeficient);
    for (const std::string& name : named)
      EXPECT_NE(fit.error().what.find(name), std::string::npos) << to_line(fit.error());
  };
  refused("F =~ a + b", {"F =~ b", "F ~~ F"});
  refused("F =~ NA*a + b + c", {"F =~ a", "F =~ b", "F ~~ F"});
  refused("y ~ a + b\na ~ y\na ~~ y", {"6 parameters, 5 moments", "y ~ a"});
}

TEST(Sem, BadDataAreNamed) {
  auto data = draws(30, {"y", "x", "z"}, Eigen::MatrixXd{{1, 1}, {1, 0}, {0.3, 1}}, 0.6);
  const SemModel model = model_of("y ~ x + z", data.names());
  const auto line = [&](const table::Table& t) {
    const auto fit = fitted(model, t);
    EXPECT_FALSE(fit);
    return fit ? std::string() : to_line(fit.error());
  };
  const auto x = data.find("x")->values;
  std::vector<double> twice, missing(30, table::kMissing);
  for (const double v : x) twice.push_back(2.0 * v + 1.0);
  EXPECT_NE(line(*data.with(table::numeric("z", std::vector<double>(30, 3.0)))).find("z is 3 in all 30 rows"),
            std::string::npos);
  EXPECT_NE(line(*data.with(table::numeric("z", twice))).find("z"), std::string::npos);
  EXPECT_NE(line(*data.with(table::numeric("z", missing))).find("z leaves out 30"), std::string::npos);
  EXPECT_NE(line(data.select({0, 1, 2})).find("3 rows are too few for 3 variables"), std::string::npos);
  EXPECT_NE(line(*data.with(table::text("y", std::vector<std::string>(30, "high")))).find("holds texts"),
            std::string::npos);
}

TEST(Sem, NegativeVariancesAreFindings) {
  // Correlations that no factor with positive variances gives: r12 r13 > r23.
  Eigen::Matrix3d wanted;
  wanted << 1.0, 0.9, 0.8, 0.9, 1.0, 0.4, 0.8, 0.4, 1.0;
  numeric::Stream stream(3);
  Eigen::MatrixXd rows(60, 3);
  for (auto& v : rows.reshaped()) v = stream.normal();
  rows.rowwise() -= rows.colwise().mean().eval();
  const Eigen::MatrixXd s = rows.transpose() * rows / 60.0;
  const Eigen::MatrixXd from = Eigen::LLT<Eigen::MatrixXd>(s).matrixU(),
                        to = Eigen::LLT<Eigen::MatrixXd>(wanted).matrixU();
  rows = rows * from.inverse() * to;
  const SemModel model = model_of("F =~ a + b + c", {"a", "b", "c"});
  const auto fit = fit_sem(model, rows);
  ASSERT_OK(fit);
  EXPECT_TRUE(fit->converged);
  EXPECT_NEAR(fit->parameters.value[3], 1.0 - 0.9 * 0.8 / 0.4, 1e-8);
  ASSERT_FALSE(fit->findings.empty());
  EXPECT_NE(fit->findings[0].find("variance of a is estimated as negative"), std::string::npos);
  EXPECT_TRUE(to_json(*fit, model)["r_squared"]["a"].is_null());
}

}  // namespace
}  // namespace ipsi::stats
