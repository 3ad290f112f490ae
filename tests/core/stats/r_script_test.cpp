// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts that rerun models in R, run by R where the machine has it: they must agree, and must notice a wrong number.
#include "core/stats/r_script.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "core/numeric/random.h"
#include "core/stats/registry.h"
#include "core/table/delimited.h"
#include "tests/support/support.h"

namespace ipsi::stats {
namespace {

bool has_r(const std::string& package) {
  const std::string command =
      "Rscript -e 'if (!requireNamespace(\"" + package + "\", quietly = TRUE)) quit(status = 1)' > /dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

table::Table sample() {
  numeric::Stream stream(33);
  std::vector<double> y, x, w, weight;
  std::vector<std::string> sex, site;
  for (int i = 0; i < 120; ++i) {
    const int group = i / 12;
    x.push_back(std::exp(stream.normal()));
    w.push_back(50.0 + 10.0 * stream.normal());
    sex.push_back(i % 17 == 0 ? "" : (stream.uniform() < 0.5 ? "F" : "T"));
    site.push_back("0" + std::to_string(group));
    weight.push_back(0.5 + stream.uniform());
    y.push_back(1.0 + 0.6 * x.back() + 0.02 * w.back() + std::sin(3.0 * group) + 0.3 * (group % 3) * w.back() / 50.0 +
                stream.normal());
  }
  y[3] = table::kMissing;
  return *table::Table::from({table::numeric("y", y), table::numeric("x", x), table::numeric("w", w),
                              table::text("sex", sex, {"T", "F"}), table::text("site", site),
                              table::numeric("weight", weight)});
}

Json run(const spec::Spec& spec, const table::Table& data) {
  for (const auto& method : methods())
    if (method->info().key == spec.method) {
      const auto result = method->run(spec, data, Task{});
      EXPECT_OK(result);
      return result->json;
    }
  return {};
}

struct Case {
  const char *method, *formula, *package, *options;
};

class RScripts : public testing::TestWithParam<Case> {
 protected:
  int rerun(const Json& result) {
    const auto script = r_script(spec(), sample(), result, "model");
    EXPECT_OK(script);
    test::TemporaryDir dir;
    test::spit(dir / "model.R", script->code);
    test::spit(dir / "model.csv", script->csv);
    const std::string log = (dir / "log").string();
    const int code = std::system(("Rscript --vanilla " + (dir / "model.R").string() + " > " + log + " 2>&1").c_str());
    log_ = test::slurp(log);
    return code;
  }
  static spec::Spec spec() {
    spec::Spec out;
    out.method = GetParam().method;
    out.formula = GetParam().formula;
    out.options = Json::parse(GetParam().options);
    out.rows = "x < 9";
    return out;
  }
  std::string log_;
};

TEST_P(RScripts, AgreeWithR) {
  if (!has_r(GetParam().package)) GTEST_SKIP() << "this machine has no R with " << GetParam().package;
  const Json result = run(spec(), sample());
  EXPECT_EQ(rerun(result), 0) << log_;
  EXPECT_NE(log_.find("agrees"), std::string::npos) << log_;
  EXPECT_EQ(log_.find("DIFFERS"), std::string::npos) << log_;
}

TEST_P(RScripts, NoticeAWrongNumber) {
  if (!has_r(GetParam().package)) GTEST_SKIP() << "this machine has no R with " << GetParam().package;
  Json result = run(spec(), sample());
  Json& estimates = result.contains("parameters") ? result["parameters"]["est"]
                    : result.contains("fixed")    ? result["fixed"]["value"]
                                                  : result["coefficients"]["value"];
  estimates[1] = estimates[1].get<double>() * 1.02 + 0.01;
  EXPECT_NE(rerun(result), 0);
  EXPECT_NE(log_.find("DIFFERS"), std::string::npos) << log_;
}

INSTANTIATE_TEST_SUITE_P(Models, RScripts,
                         testing::Values(Case{"lm", "log(y + 9) ~ z(x) * sex + poly(w, 2)", "stats", "{}"},
                                         Case{"lm", "y ~ x + sex", "stats", R"({"weights": "weight"})"},
                                         Case{"lme", "y ~ x + z(w) + sex + (1 | site)", "nlme", "{}"},
                                         Case{"lme", "y ~ x + w + (1 | site)", "nlme", R"({"criterion": "ML"})"},
                                         Case{"lme", "y ~ x + z(w) + (z(w) | site)", "lme4", "{}"},
                                         Case{"lme", "y ~ x + z(w) + (z(w) || site)", "lme4", "{}"},
                                         Case{"lme", "y ~ x + w + (1 | site)", "lme4", R"({"weights": "weight"})"},
                                         Case{"rlme", "y ~ x + w + (1 | site)", "robustlmm", "{}"},
                                         Case{"sem", "w ~ a*x + sex\ny ~ b*w + x\nab := a*b", "lavaan", "{}"}),
                         [](const auto& one) { return std::string(one.param.method) + std::to_string(one.index); });

}  // namespace
}  // namespace ipsi::stats
