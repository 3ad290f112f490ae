// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/analyses.h"

#include "core/base/regions.h"
#include "tests/support/support.h"

namespace ipsi::engine {
namespace {

Json minimal() {
  return Json::parse(R"({"schema":1,"analyses":[{"id":"a","subset":"chronic","predictor":"primary_score"}]})");
}

TEST(Analyses, ThePublishedSetIsEightyFourModels) {
  const auto set = published_analyses();
  ASSERT_EQ(set.analyses.size(), 7U);
  int models = 0;
  for (const auto& a : set.analyses) models += a.models();
  EXPECT_EQ(models, 84);
  for (const auto& a : set.analyses) {
    EXPECT_EQ(a.family, 12) << a.id;
    EXPECT_EQ(a.covariates, (std::vector<std::string>{"age", "icv", "sex"})) << a.id;
  }
  EXPECT_EQ(set.analyses[6].interaction, "lesion_side");
}

TEST(Analyses, ReadBackEqual) {
  const auto set = published_analyses();
  const auto again = analyses_from_json(to_json(set));
  ASSERT_OK(again);
  EXPECT_EQ(to_json(*again), to_json(set));
}

TEST(Analyses, WhatIsLeftOutHasTheAgreedDefault) {
  const auto read = analyses_from_json(minimal());
  ASSERT_OK(read);
  const Analysis& a = read->analyses.at(0);
  EXPECT_EQ(a.structures, std::vector<std::string>(kStructures.begin(), kStructures.end()));
  EXPECT_EQ(a.sides, (std::vector<std::string>{"ipsi", "contra"}));
  EXPECT_EQ(a.scale, Scale::z);
  EXPECT_EQ(a.criterion, Criterion::reml);
  EXPECT_EQ(a.adjust, Adjust::bonferroni);
  EXPECT_EQ(a.family, 12);
  EXPECT_EQ(a.alpha, 0.05);
  EXPECT_EQ(a.random, "cohort");
  EXPECT_EQ(a.interaction, "");
  EXPECT_EQ(a.title, "Chronic, sensorimotor behaviour");
}

TEST(Analyses, TheAgreedFormIsRead) {
  const auto read = analyses_from_json(Json::parse(R"({"schema":1,"analyses":[{"id":"subacute",
    "title":"Subacute, sensorimotor behaviour","subset":"subacute","predictor":"primary_score","interaction":null,
    "response":{"measure":"volume","structures":["putamen","caudate"],"sides":["contra"],"scale":"raw"},
    "covariates":["age"],"random":"cohort","criterion":"ML","correction":{"kind":"holm","family":12},"alpha":0.01}]})"));
  ASSERT_OK(read);
  const Analysis& a = read->analyses.at(0);
  EXPECT_EQ(a.models(), 2);
  EXPECT_EQ(a.scale, Scale::raw);
  EXPECT_EQ(a.criterion, Criterion::ml);
  EXPECT_EQ(a.adjust, Adjust::holm);
  EXPECT_EQ(a.family, 12);
  EXPECT_EQ(a.alpha, 0.01);
}

/// What is wrong, where it must be said to be, and a word of the advice.
struct Wrong {
  const char *pointer, *value, *where, *says;
};

class WrongAnalyses : public testing::TestWithParam<Wrong> {};

TEST_P(WrongAnalyses, IsRefusedByItsPath) {
  Json json = minimal();
  json[Json::json_pointer(GetParam().pointer)] = Json::parse(GetParam().value);
  const auto read = analyses_from_json(json);
  ASSERT_FALSE(read) << json;
  EXPECT_EQ(read.error().code, Code::InvalidInput);
  EXPECT_EQ(read.error().where, GetParam().where);
  EXPECT_NE(to_line(read.error()).find(GetParam().says), std::string::npos) << to_line(read.error());
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongAnalyses,
    testing::Values(
        Wrong{"/schema", "2", "schema", "schema 1"}, Wrong{"/analysis", "[]", "analysis", "'analyses'"},
        Wrong{"/analyses", "[]", "analyses", "at least one"}, Wrong{"/analyses/0", "3", "analyses[0]", "object"},
        Wrong{"/analyses/0/covariate", "[]", "analyses[0].covariate", "'covariates'"},
        Wrong{"/analyses/0/id", "\"../x\"", "analyses[0].id", "letters"},
        Wrong{"/analyses/0/id", "null", "analyses[0].id", "missing"},
        Wrong{"/analyses/0/subset", "\"cronic\"", "analyses[0].subset", "'chronic'"},
        Wrong{"/analyses/0/predictor", "7", "analyses[0].predictor", "text in quotes"},
        Wrong{"/analyses/0/response", "{\"scales\":1}", "analyses[0].response.scales", "'scale'"},
        Wrong{"/analyses/0/response", "{\"sides\":[\"ipsii\"]}", "analyses[0].response.sides[0]", "'ipsi'"},
        Wrong{"/analyses/0/response", "{\"structures\":[]}", "analyses[0].response.structures", "empty"},
        Wrong{"/analyses/0/response", "{\"structures\":[\"putamen\",\"putamen\"]}",
              "analyses[0].response.structures[1]", "twice"},
        Wrong{"/analyses/0/criterion", "\"reml2\"", "analyses[0].criterion", "REML"},
        Wrong{"/analyses/0/correction", "{\"family\":3}", "analyses[0].correction.family", "12"},
        Wrong{"/analyses/0/correction", "{\"kind\":\"bonferoni\"}", "analyses[0].correction.kind", "bonferroni"},
        Wrong{"/analyses/0/alpha", "5", "analyses[0].alpha", "between 0 and 1"},
        Wrong{"/analyses/0/covariates", "[\"primary_score\"]", "analyses[0].covariates[0]", "already"},
        Wrong{"/analyses/0/interaction", "\"primary_score\"", "analyses[0].interaction", "predictor"},
        Wrong{"/analyses/1", "{\"id\":\"A\",\"subset\":\"all\",\"predictor\":\"x\"}", "analyses[1].id", "twice"}));

TEST(Analyses, AFileThatIsNotJsonIsPointedAt) {
  const test::TemporaryDir dir;
  test::spit(dir / "a.json", "{\n \"schema\": 1,\n \"analyses\": [,]\n}\n");
  const auto read = read_analyses(dir / "a.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "a.json, line 3, column 15");
  EXPECT_EQ(read_analyses(dir / "none.json").error().code, Code::NotFound);
}

TEST(Analyses, APathInAFileNamesTheFileToo) {
  const test::TemporaryDir dir;
  test::spit(dir / "a.json", R"({"analyses":[{"id":"a","subset":"late","predictor":"x"}]})");
  const auto read = read_analyses(dir / "a.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "a.json, analyses[0].subset");
}

}  // namespace
}  // namespace ipsi::engine
