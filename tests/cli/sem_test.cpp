// SPDX-License-Identifier: GPL-3.0-or-later
// `ipsi sem` through the real program: model files, the folder of --out, refusals.
#include <filesystem>
#include <string>

#include "tests/cli/run.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

class SemVerb : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string csv = "x,m,y,sex\n";
    double x = 0.3;
    for (int i = 0; i < 60; ++i) {
      x = 3.7 * x * (1.0 - x);  // chaotic enough for data
      const double m = 2.0 * x + 0.3 * ((7 * i) % 11), y = 1.5 * m - x + 0.2 * ((5 * i) % 13);
      csv += std::to_string(x) + "," + (i == 5 ? "" : std::to_string(m)) + "," + std::to_string(y) + "," +
             (i % 3 == 0 ? "F" : "M") + "\n";
    }
    spit(dir_ / "data.csv", csv);
    spit(dir_ / "model.txt", "# a mediation\nm ~ a*x + sex\ny ~ b*m + x\nab := a*b\n");
  }
  Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), {"sem", "--table", (dir_ / "data.csv").string()});
    return ipsi(words);
  }
  std::string model() const { return (dir_ / "model.txt").string(); }
  TemporaryDir dir_;
};

TEST_F(SemVerb, ReadsAModelFile) {
  const Ran ran = run({"--model", model(), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = ran.json();
  EXPECT_EQ(json["n_obs"], 59);
  EXPECT_EQ(json["rows"]["dropped"]["m"], 1);
  EXPECT_EQ(json["parameters"]["op"].back(), ":=");
  EXPECT_NE(json["findings"].dump().find("sex is coded F = 0, M = 1"), std::string::npos);
  EXPECT_EQ(run({"--formula", "m ~ a*x + sex; y ~ b*m + x; ab := a*b", "--json"}).json()["parameters"],
            json["parameters"]);
  EXPECT_EQ(ran.out.find("nan"), std::string::npos);
}

TEST_F(SemVerb, WritesAFolderOnce) {
  const std::string out = (dir_ / "out").string();
  ASSERT_EQ(run({"--model", model(), "--out", out}).code, 0);
  for (const char* name : {"parameters.csv", "effects.csv", "routes.csv", "fit.csv", "path_diagram.svg",
                           "path_diagram.pdf", "result.json"})
    EXPECT_GT(std::filesystem::file_size(std::filesystem::path(out) / name), 20U) << name;
  EXPECT_NE(slurp(std::filesystem::path(out) / "path_diagram.svg").find(">sex<"), std::string::npos);
  EXPECT_EQ(run({"--model", model(), "--out", out}).code, 3);
  EXPECT_EQ(run({"--model", model(), "--out", out, "--force"}).code, 0);
}

TEST_F(SemVerb, WritesAScriptWithItsRows) {
  const auto script = dir_ / "again.R";
  ASSERT_EQ(run({"--model", model(), "--r-script", script.string()}).code, 0);
  EXPECT_NE(slurp(script).find("lavaan::sem(model"), std::string::npos);
  EXPECT_NE(slurp(dir_ / "again.csv").find("m,y,x,sex\n"), std::string::npos);
  EXPECT_EQ(run({"--model", model(), "--r-script", script.string()}).code, 3);
  EXPECT_EQ(run({"--model", model(), "--r-script", (dir_ / "data.R").string(), "--force"}).code, 3);
  EXPECT_EQ(run({"--model", model(), "--r-script", (dir_ / "again.txt").string()}).code, 2);
}

TEST_F(SemVerb, RefusesInOneLine) {
  const auto refused = [&](const std::string& text, int code, const std::string& words) {
    const Ran ran = run({"--formula", text, "--json"});
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_NE(ran.err.find(words), std::string::npos) << ran.err;
    EXPECT_TRUE(ran.json().contains("error"));
  };
  refused("y ~ mm", 3, "did you mean 'm'?");
  refused("y ~ 1", 3, "model, line 1, column 5");
  refused("F =~ x + m", 4, "F =~ m");
  refused("sex ~ x", 3, "holds texts");
  EXPECT_EQ(run({"--json"}).code, 2);
}

}  // namespace
}  // namespace ipsi::test
