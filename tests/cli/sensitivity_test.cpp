// SPDX-License-Identifier: GPL-3.0-or-later
// `ipsi lme --influence`, `--bootstrap`, `--permute` and `ipsi sensitivity` through the real program.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/base/text.h"
#include "core/table/delimited.h"
#include "tests/cli/run.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

std::vector<std::string> stroke(const std::string& formula) {
  return {"--table", tests_path("reference/stats/lme/stroke_ipsi_put/data.csv").string(), "--formula", formula};
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::string kMixed = "volume_z ~ primary_score + age_z + icv_z + sex + (1 | cohort)";

TEST(LmeVerb, InfluenceHasTheObjectsOfItsFamily) {
  const Ran ran = ipsi(std::vector<std::string>{"lme", "--influence", "--json"} + stroke(kMixed));
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json influence = ran.json()["influence"];
  for (const char* kind : {"observation", "group"})
    for (const char* key :
         {"cooks_lme4", "cooks_optimum", "cooks_standard", "dfbeta", "dfbetas", "beta_deleted_optimum"})
      EXPECT_EQ(influence[kind][key].size(), kind == std::string("group") ? 16U : 207U) << kind << key;
  EXPECT_EQ(influence["one_step"]["cooks"].size(), 207U);
  EXPECT_EQ(influence["group"]["groups"].size(), 16U);
  const Ran people = ipsi(std::vector<std::string>{"lme", "--influence"} + stroke(kMixed));
  EXPECT_NE(people.out.find("Estimates without each level of cohort"), std::string::npos);
  EXPECT_EQ(people.out.find("nan"), std::string::npos);
  EXPECT_FALSE(ipsi(std::vector<std::string>{"lme", "--json"} + stroke(kMixed)).json().contains("influence"));
}

TEST(LmeVerb, ResamplingFollowsTheSeedAndRefusesNonsense) {
  const std::vector<std::string> call =
      std::vector<std::string>{"lme", "--bootstrap", "50", "--permute", "sex", "--permutations", "199", "--json"} +
      stroke(kMixed);
  const Ran one = ipsi(call), same = ipsi(call), other = ipsi(call + std::vector<std::string>{"--seed", "2"});
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.out, same.out);
  EXPECT_EQ(one.json()["bootstrap"]["seed"], 1);
  EXPECT_EQ(one.json()["permutation"]["blocks"], "cohort");
  EXPECT_NE(one.json()["bootstrap"]["se"], other.json()["bootstrap"]["se"]);
  const auto refused = [&](const std::vector<std::string>& more, int code) {
    const Ran ran = ipsi(std::vector<std::string>{"lme"} + stroke(kMixed) + more);
    EXPECT_EQ(ran.code, code) << more[0] << more[1];
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  };
  refused({"--permute", "nosuch"}, 3);
  refused({"--bootstrap", "5"}, 3);
  refused({"--bootstrap", "-1"}, 2);
  refused({"--bootstrap-kind", "rows"}, 2);
  refused({"--bootstrap", "50", "--blocks", "nosuch"}, 3);
}

class SensitivityVerb : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TemporaryDir;
    ASSERT_EQ(ipsi({"demo", (*dir_ / "demo").string(), "--images", "0"}).code, 0);
  }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }
  static Ran run(const std::vector<std::string>& more) {
    return ipsi(std::vector<std::string>{"sensitivity", (*dir_ / "demo" / "demo.ipsi").string()} + more);
  }
  static inline TemporaryDir* dir_ = nullptr;
};

TEST_F(SensitivityVerb, GivesTheCurveAndWritesIt) {
  const std::string out = (*dir_ / "out").string();
  const Ran ran = run({"--analysis", "chronic", "--region", "ipsi_putamen", "--json", "--out", out});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = ran.json();
  EXPECT_EQ(json["region"], "putamen");
  EXPECT_EQ(json["smallest_detectable"].size(), 2U);
  EXPECT_TRUE(json["icc"].is_object());
  const auto sheet = table::read_sheet(*dir_ / "out" / "specification_curve.csv");
  ASSERT_OK(sheet);
  EXPECT_EQ(sheet->rows.size(), json["rows"].size());
  for (const char* file : {"detectable.csv", "specification_curve.svg", "sensitivity.txt", "sensitivity.json"})
    EXPECT_TRUE(std::filesystem::exists(*dir_ / "out" / file)) << file;
  EXPECT_EQ(run({"--analysis", "chronic", "--region", "ipsi_putamen", "--out", out}).code, 3) << "never overwritten";
  const Ran many = run({"--analysis", "chronic", "--region", "ipsi_putamen", "--json", "--threads", "5"});
  EXPECT_EQ(many.json(), json);
  const Ran people = run({"--analysis", "chronic", "--region", "ipsi_putamen", "--predictor", "impairment"});
  EXPECT_EQ(people.code, 0) << people.err;
  EXPECT_NE(people.out.find("impairment"), std::string::npos);
}

TEST_F(SensitivityVerb, RefusesInOneLine) {
  const auto refused = [&](const std::vector<std::string>& more, int code, const std::string& words) {
    const Ran ran = run(more);
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_NE(ran.err.find(words), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  };
  refused({"--analysis", "nosuch", "--region", "ipsi_putamen"}, 3, "no analysis 'nosuch'");
  refused({"--region", "ipsi_putamen"}, 2, "no analysis is named");
  refused({"--analysis", "chronic", "--region", "putamen"}, 2, "is no region");
  refused({"--analysis", "chronic", "--region", "left_putamen"}, 3, "has no region 'left_putamen'");
  refused({"--analysis", "chronic", "--region", "ipsi_putamen", "--predictor", "nosuch"}, 3, "nosuch");
}

}  // namespace
}  // namespace ipsi::test
