// SPDX-License-Identifier: GPL-3.0-or-later
// `ipsi study import` through the real program: exit codes, JSON, nothing half-changed.
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "core/base/json.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

struct Ran {
  int code = 0;
  std::string out;  ///< stdout
  std::string err;  ///< stderr
};

class ImportVerb : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run("study new " + study()).code, 0); }

  Ran run(const std::string& arguments) {
    const auto errors = dir_ / "stderr.txt";
    const std::string line = std::string("'") + IPSI_PROGRAM + "' " + arguments + " 2>'" + errors.string() + "'";
    Ran ran;
    FILE* pipe = ::popen(line.c_str(), "r");
    if (pipe == nullptr) return {-1, "", "popen failed"};
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.out.append(buffer, n);
    const int status = ::pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.err = slurp(errors);
    return ran;
  }
  [[nodiscard]] std::string study() const { return "'" + (dir_ / "s.ipsi").string() + "'"; }
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) {
    spit(dir_ / name, text);
    return "'" + (dir_ / name).string() + "'";
  }
  [[nodiscard]] std::string good_tables() {
    return " --participants " +
           file("p.tsv",
                "participant_id\tsite\tage\tsex\tdays_post_stroke\tlesion_side\tfma_ue\n"
                "sub-1\tA\t60\tf\t200\tleft\t45\nsub-2\tA\t50\tm\t200\tright\t30\n") +
           " --volumes " + file("v.csv", "SubjID,Lthal,Rthal,ICV\nsub-1,7000,7100,1500000\nsub-2,0,7100,1500000\n");
  }
  Json json(const std::string& arguments) {
    const Ran ran = run(arguments + " --json");
    const Json out = Json::parse(ran.out, nullptr, false);
    EXPECT_FALSE(out.is_discarded()) << ran.out;
    return out;
  }
  TemporaryDir dir_;
};

TEST_F(ImportVerb, DryRunNamesTrapsAndChangesNothing) {
  const Json plan = json("study import " + study() + good_tables() + " --dry-run");
  EXPECT_EQ(plan["matched"], 2);
  bool found = false;
  for (const Json& p : plan["problems"])
    found = found ||
            (p["trap"] == "missing_structure" && p["file"] == "v.csv" && p["line"] == 3 && p["column"] == "Lthal" &&
             p["subject"] == "sub-2" && !p["what"].get<std::string>().empty() && !p["mend"].get<std::string>().empty());
  EXPECT_TRUE(found) << plan["problems"].dump(1);
  EXPECT_EQ(json("study info " + study())["patients"], 0);
  const Ran text = run("study import " + study() + good_tables() + " --dry-run");
  EXPECT_EQ(text.code, 0);
  EXPECT_NE(text.out.find("Would import 2 of 2 people. Run again without --dry-run."), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("v.csv:3:Lthal"), std::string::npos) << text.out;
}

TEST_F(ImportVerb, ImportsAndIsUndone) {
  const Ran ran = run("study import " + study() + good_tables() + " --by anna");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(json("study info " + study())["patients"], 2);
  EXPECT_EQ(run("study verify " + study()).code, 0);
  EXPECT_EQ(run("study undo " + study() + " --by anna").code, 0);
  EXPECT_EQ(json("study info " + study())["patients"], 0);
  EXPECT_EQ(run("study verify " + study()).code, 0);
}

TEST_F(ImportVerb, WhatBlocksEndsWithThreeAndOneLine) {
  const std::string volumes = " --volumes " + file("v.csv", "SubjID,Lthal\na,1\na,2\n");
  const Ran ran = run("study import " + study() + volumes);
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  EXPECT_NE(ran.err.find("v.csv, line 3, column SubjID, subject a"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(json("study info " + study())["patients"], 0);
  EXPECT_EQ(run("study import " + study() + volumes + " --dry-run").code, 0);
  EXPECT_EQ(json("study import " + study() + volumes)["error"]["code"], "conflict");
}

TEST_F(ImportVerb, WrongWordsAreUsage) {
  EXPECT_EQ(run("study import " + study()).code, 2);
  EXPECT_EQ(run("study import " + study() + good_tables() + " --sex-levels 1=purple").code, 2);
  EXPECT_EQ(run("study import " + study() + good_tables() + " --max mRS=x").code, 2);
  EXPECT_EQ(run("study import " + study() + " --volumes '" + (dir_ / "absent.csv").string() + "'").code, 3);
}

TEST_F(ImportVerb, SexLevelsAnswerTheQuestion) {
  const std::string table = " --participants " + file("p.tsv", "participant_id\tsite\tsex\na\tA\t1\nb\tA\t2\n");
  EXPECT_EQ(run("study import " + study() + table).code, 3);
  EXPECT_EQ(run("study import " + study() + table + " --sex-levels 1=male,2=female").code, 0);
}

}  // namespace
}  // namespace ipsi::test
