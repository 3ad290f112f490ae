// SPDX-License-Identifier: GPL-3.0-or-later
// Transcripts of `ipsi test`: JSON, tables for people, exit codes.
#include <gtest/gtest.h>

#include "tests/cli/run.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

struct TestVerb : testing::Test {
  TemporaryDir dir;
  std::string file(const std::string& name, const std::string& text) {
    spit(dir / name, text);
    return (dir / name).string();
  }
  std::string pairs() {
    return file("pairs.csv",
                "id,x,y,g\none,1,2,a\none,2,1.5,b\none,3.5,4,a\none,4,3,b\ntwo,5,9,a\ntwo,7,2,b\ntwo,8,1,a\n");
  }
};

TEST_F(TestVerb, ByGivesAResultForEachValue) {
  const Ran ran = ipsi({"test", "correlation", "--table", pairs(), "--by", "id", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = ran.json();
  ASSERT_TRUE(json.contains("results"));
  EXPECT_EQ(json["results"]["one"]["n"], 4);
  EXPECT_NEAR(json["results"]["two"]["spearman"]["rho"].get<double>(), -1.0, 1e-12);
  const Ran people = ipsi({"test", "correlation", "--table", pairs(), "--by", "id"});
  EXPECT_NE(people.out.find("Kendall tau-b"), std::string::npos);
  EXPECT_EQ(people.out.find("nan"), std::string::npos);
}

TEST_F(TestVerb, EveryKindRuns) {
  const std::string table = pairs();
  const std::string counts = file("counts.csv", "id,a,b,c,d\ntea,3,1,1,3\n");
  const std::string p = file("p.csv", "p\n0.01\n0.2\n0.04\n");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"shapiro", "--table", table},
                                                {"wilcoxon", "--table", table, "--group", "g"},
                                                {"signed-rank", "--table", table},
                                                {"t", "--table", table},
                                                {"t", "--table", table, "--group", "g"},
                                                {"kruskal", "--table", table, "--group", "g"},
                                                {"correlation", "--table", table},
                                                {"table2x2", "--table", counts},
                                                {"p-adjust", "--table", p},
                                                {"anova", "--table", table, "--formula", "y ~ x + g"}})
    for (const bool json : {false, true}) {
      std::vector<std::string> call{"test"};
      call.insert(call.end(), words.begin(), words.end());
      if (json) call.emplace_back("--json");
      const Ran ran = ipsi(call);
      EXPECT_EQ(ran.code, 0) << words[0] << ": " << ran.err;
      EXPECT_FALSE(ran.out.empty());
      EXPECT_TRUE(ran.err.empty()) << ran.err;
      if (json) {
        EXPECT_FALSE(ran.json().is_discarded()) << words[0];
      }
    }
}

TEST_F(TestVerb, BadInputIsOneLineAndExitThree) {
  const std::string bad_p = file("bad_p.csv", "p\n0.01\n1.2\n");
  const std::string counts = file("counts.csv", "id,a,b,c,d\ntea,3,1,1,3\nbad,3,-1,1,3\n");
  const std::string flat = file("flat.csv", "x,y,group\n1,2,a\n1,2,a\n1,2,a\n");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"shapiro", "--table", pairs(), "--x", "g"},
                                                {"shapiro", "--table", pairs(), "--x", "zz"},
                                                {"shapiro", "--table", flat},
                                                {"t", "--table", flat},
                                                {"wilcoxon", "--table", flat},
                                                {"kruskal", "--table", flat},
                                                {"correlation", "--table", flat},
                                                {"signed-rank", "--table", flat, "--y", "x"},
                                                {"p-adjust", "--table", bad_p},
                                                {"table2x2", "--table", counts},
                                                {"table2x2", "--table", counts, "--by", "id"},
                                                {"anova", "--table", pairs(), "--formula", "y ~ zz"},
                                                {"t", "--table", pairs(), "--by", "nope"}}) {
    std::vector<std::string> call{"test"};
    call.insert(call.end(), words.begin(), words.end());
    call.emplace_back("--json");
    const Ran ran = ipsi(call);
    EXPECT_EQ(ran.code, 3) << words[0] << ": " << ran.out;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_TRUE(ran.json().contains("error")) << words[0];
  }
  const Ran collinear = ipsi({"test", "anova", "--table", pairs(), "--formula", "y ~ x + I(2 * x)", "--json"});
  EXPECT_EQ(collinear.code, 4) << collinear.err;
}

}  // namespace
}  // namespace ipsi::test
