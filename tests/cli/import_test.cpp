// SPDX-License-Identifier: GPL-3.0-or-later
// `ipsi study import` through the real program: exit codes, JSON, nothing half-changed.
#include <algorithm>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "tests/cli/run.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

using Words = std::vector<std::string>;

class ImportVerb : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run({"study", "new", "s.ipsi"}).code, 0); }

  Ran run(const Words& words) { return ipsi(words, dir_.path()); }
  /// `study import s.ipsi` with the options of `base`, then these.
  Ran import(Words base, const Words& more = {}) {
    Words words{"study", "import", "s.ipsi"};
    words.insert(words.end(), base.begin(), base.end());
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  Json patients() { return run({"study", "info", "s.ipsi", "--json"}).json()["patients"]; }
  std::string file(const std::string& name, const std::string& text) {
    spit(dir_ / name, text);
    return name;
  }
  Words good_tables() {
    return {"--participants",
            file("p.tsv",
                 "participant_id\tsite\tage\tsex\tdays_post_stroke\tlesion_side\tfma_ue\n"
                 "sub-1\tA\t60\tf\t200\tleft\t45\nsub-2\tA\t50\tm\t200\tright\t30\n"),
            "--volumes", file("v.csv", "SubjID,Lthal,Rthal,ICV\nsub-1,7000,7100,1500000\nsub-2,0,7100,1500000\n")};
  }
  TemporaryDir dir_;
};

TEST_F(ImportVerb, DryRunNamesTrapsAndChangesNothing) {
  const Json plan = import(good_tables(), {"--dry-run", "--json"}).json();
  ASSERT_FALSE(plan.is_discarded());
  EXPECT_EQ(plan["matched"], 2);
  const auto is_the_zero = [](const Json& p) {
    return p["trap"] == "missing_structure" && p["file"] == "v.csv" && p["line"] == 3 && p["column"] == "Lthal" &&
           p["subject"] == "sub-2" && p["what"].is_string() && p["mend"].is_string();
  };
  EXPECT_EQ(std::count_if(plan["problems"].begin(), plan["problems"].end(), is_the_zero), 1) << plan["problems"];
  EXPECT_EQ(patients(), 0);
  const Ran text = import(good_tables(), {"--dry-run"});
  EXPECT_EQ(text.code, 0);
  EXPECT_NE(text.out.find("Would import 2 of 2 people. Run again without --dry-run."), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("v.csv:3:Lthal"), std::string::npos) << text.out;
  EXPECT_EQ(patients(), 0);
}

TEST_F(ImportVerb, ImportsAndIsUndone) {
  const Ran ran = import(good_tables(), {"--by", "anna"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(patients(), 2);
  EXPECT_EQ(run({"study", "verify", "s.ipsi"}).code, 0);
  EXPECT_EQ(run({"study", "undo", "s.ipsi", "--by", "anna"}).code, 0);
  EXPECT_EQ(patients(), 0);
  EXPECT_EQ(run({"study", "verify", "s.ipsi"}).code, 0);
}

TEST_F(ImportVerb, WhatBlocksEndsWithThreeAndOneLine) {
  const Words volumes{"--volumes", file("v.csv", "SubjID,Lthal\na,1\na,2\n")};
  const Ran ran = import(volumes);
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  EXPECT_NE(ran.err.find("v.csv, line 3, column SubjID, subject a"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(patients(), 0);
  const Ran dry = import(volumes, {"--dry-run", "--json"});
  EXPECT_EQ(dry.code, 0);
  EXPECT_EQ(dry.json()["blocked"], true);
  EXPECT_EQ(dry.json()["would_import"], 0);
  EXPECT_EQ(import(volumes, {"--json"}).json()["error"]["code"], "conflict");
}

TEST_F(ImportVerb, EveryTrapAtOnceIsNamedAndNothingIsChanged) {
  const std::string folder = tests_path("data/ingest").string();
  const Words both{"--volumes", folder + "/LandRvolumes.csv", "--participants", folder + "/participants.tsv"};
  const Ran dry = import(both, {"--dry-run", "--json"});
  EXPECT_EQ(dry.code, 0);
  const Json plan = dry.json();
  for (const char* trap : {"missing_structure", "six_significant_digits", "mark", "non_subject", "id_join", "id_excel",
                           "unmatched", "excel_semicolon", "excel_decimal_comma", "excel_bom", "excel_crlf",
                           "trailing_comma", "duplicate_id", "icv_zero", "icv_small", "icv_large"})
    EXPECT_TRUE(std::any_of(plan["problems"].begin(), plan["problems"].end(), [&](const Json& p) {
      return p["trap"] == trap;
    })) << trap;
  EXPECT_EQ(import(both).code, 3);
  EXPECT_EQ(patients(), 0);
}

TEST_F(ImportVerb, WrongWordsAreUsage) {
  EXPECT_EQ(import({}).code, 2);
  EXPECT_EQ(import(good_tables(), {"--sex-levels", "1=purple"}).code, 2);
  EXPECT_EQ(import(good_tables(), {"--max", "mRS=x"}).code, 2);
  EXPECT_EQ(import(good_tables(), {"--qc", "qc.csv"}).code, 2);  // whose ratings?
  EXPECT_EQ(import({"--volumes", "absent.csv"}).code, 3);
}

TEST_F(ImportVerb, SexLevelsAnswerTheQuestion) {
  const Words table{"--participants", file("p.tsv", "participant_id\tsite\tsex\na\tA\t1\nb\tA\t2\n")};
  EXPECT_EQ(import(table).code, 3);
  EXPECT_EQ(patients(), 0);
  EXPECT_EQ(import(table, {"--sex-levels", "1=male,2=female"}).code, 0);
  EXPECT_EQ(patients(), 2);
}

}  // namespace
}  // namespace ipsi::test
