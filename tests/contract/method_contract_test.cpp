// SPDX-License-Identifier: GPL-3.0-or-later
// What every registered method owes, whatever it computes. A new method is found here without a line changed.
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <set>

#include "core/engine/registry.h"
#include "core/numeric/random.h"
#include "core/spec/references.h"
#include "tests/support/support.h"

namespace ipsi {
namespace {

/// A study-like table: response, predictors, a factor, sites, weights, a 0/1 outcome; some cells missing.
table::Table sample() {
  numeric::Stream stream(20, 1);
  std::vector<double> y, x, w, weight;
  std::vector<std::string> sex, site;
  for (int i = 0; i < 96; ++i) {
    const int group = i / 12;
    x.push_back(stream.normal());
    w.push_back(50.0 + 10.0 * stream.normal());
    sex.push_back(stream.uniform() < 0.5 ? "F" : "M");
    site.push_back("site" + std::to_string(group));
    weight.push_back(0.5 + stream.uniform());
    y.push_back(1.0 + 0.6 * x.back() + 0.02 * w.back() + 0.4 * (group % 4) + stream.normal());
  }
  y[3] = x[17] = table::kMissing;
  sex[40] = "";
  return *table::Table::from({table::numeric("y", y), table::numeric("x", x), table::numeric("w", w),
                              table::text("sex", sex), table::text("site", site), table::numeric("weight", weight)});
}

class MethodContract : public testing::TestWithParam<const spec::Method*> {
 protected:
  const spec::Method& method() const { return *GetParam(); }
  /// A spec that this method takes: the first of a few formulas that its own check accepts.
  spec::Spec accepted() const {
    spec::Spec spec;
    spec.method = method().info().key;
    for (const char* formula : {"y ~ x + w + sex", "y ~ x + w + sex + (1 | site)", "sex ~ x + w", "~ x + w + y"}) {
      spec.formula = formula;
      if (method().check(spec, sample())) return spec;
    }
    ADD_FAILURE() << method().info().key << " takes none of the formulas here: add one that it does";
    return spec;
  }
};

std::string method_name(const testing::TestParamInfo<const spec::Method*>& info) {
  return info.param->info().key;
}

std::vector<const spec::Method*> all_methods() {
  std::vector<const spec::Method*> out;
  for (const auto& method : engine::methods()) out.push_back(method.get());
  return out;
}

TEST_P(MethodContract, DescribesItself) {
  const spec::MethodInfo& info = method().info();
  ASSERT_FALSE(info.key.empty());
  for (const char c : info.key)
    EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) || c == '-' || std::isdigit(static_cast<unsigned char>(c)))
        << info.key;
  EXPECT_FALSE(info.title.empty());
  EXPECT_TRUE(info.summary.ends_with('.')) << info.summary;
  std::set<std::string> keys;
  for (const spec::Option& option : info.options) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_FALSE(option.help.empty()) << option.key;
  }
  EXPECT_TRUE(spec::complete(info.options, Json::object())) << "defaults must be allowed values";
  EXPECT_FALSE(info.references.empty());
  for (const std::string& key : info.references) EXPECT_NE(spec::find_reference(key), nullptr) << key;
}

TEST_P(MethodContract, RefusesBadSpecsBeforeComputing) {
  const spec::Spec good = accepted();
  const auto refused = [&](const spec::Spec& bad, const table::Table& data) {
    const auto checked = method().check(bad, data);
    ASSERT_FALSE(checked);
    EXPECT_FALSE(checked.error().what.empty());
    const auto run = method().run(bad, data, Task{});
    ASSERT_FALSE(run) << "run must refuse what check refuses";
    EXPECT_EQ(run.error().code, checked.error().code);
  };
  spec::Spec bad = good;
  bad.formula = "y ~ (";
  refused(bad, sample());
  bad.formula = "y ~ no_such_column";
  refused(bad, sample());
  bad = good;
  bad.options["no_such_option"] = 1;
  refused(bad, sample());
  bad = good;
  bad.method = "no_such_method";
  refused(bad, sample());
  bad = good;
  bad.rows = "x >";
  refused(bad, sample());
  bad.rows = "x > 1e9";
  refused(bad, sample());
  refused(good, sample().select({}));
}

TEST_P(MethodContract, StopsWhenCancelled) {
  const Task task;
  task.cancel();
  const auto result = method().run(accepted(), sample(), task);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::Cancelled);
}

TEST_P(MethodContract, GivesTheSameNumbersForTheSameSeed) {
  const spec::Spec spec = accepted();
  const auto a = method().run(spec, sample(), Task{});
  const auto b = method().run(spec, sample(), Task{});
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_EQ(a->json.dump(), b->json.dump());
  EXPECT_EQ(a->manifest["seed"], spec.seed);
}

TEST_P(MethodContract, SurvivesMissingDataAndSaysSo) {
  const auto result = method().run(accepted(), sample(), Task{});
  ASSERT_OK(result);
  EXPECT_FALSE(result->findings.empty()) << "three rows have missing cells; dropping them must be told";
  EXPECT_TRUE(result->usable);
  EXPECT_FALSE(result->tables.empty());
  EXPECT_FALSE(result->methods_text.empty());
  EXPECT_FALSE(result->references.empty());
  EXPECT_EQ(result->json.dump().find("nan"), std::string::npos);
  for (const auto& named : result->tables) {
    EXPECT_FALSE(named.key.empty());
    EXPECT_GT(named.table.rows(), 0U) << named.key;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, MethodContract, testing::ValuesIn(all_methods()), method_name);

TEST(Registry, FindsMethodsByKeyAndKeysAreUnique) {
  std::set<std::string> keys;
  for (const auto& method : engine::methods()) {
    EXPECT_TRUE(keys.insert(method->info().key).second) << method->info().key;
    const auto found = engine::find_method(method->info().key);
    ASSERT_OK(found);
    EXPECT_EQ(*found, method.get());
  }
  EXPECT_TRUE(keys.contains("lm"));
  EXPECT_TRUE(keys.contains("lme"));
  const auto missing = engine::find_method("glmm");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::NotFound);
}

}  // namespace
}  // namespace ipsi
