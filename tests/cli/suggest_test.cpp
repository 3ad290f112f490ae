// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/run.h"
#include "tests/cli/study_folder.h"

namespace ipsi::test {
namespace {

using Words = std::vector<std::string>;

TEST(QcSuggest, HasTheColumnsOfTheContractByFallingRisk) {
  const StudyFolder s;
  {
    auto study = study::Study::open(s.file(), study::Access::read_write);
    ASSERT_OK(study);
    study::Request request{"importer", "import", "a missing volume", {}};
    request.put(study::Measurement{"sub-004", "1", "left_caudate", "volume", "enigma_csv", study::kMissing, "mm3",
                                   "missing in source"});
    ASSERT_OK(study->apply(request));
  }
  const Ran ran = ipsi({"qc", "suggest", "s.ipsi", "--json", "--no-cache"}, s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json rows = ran.json();
  ASSERT_EQ(rows.size(), 7 * 12U) << "a session without any volume is not to be rated";
  Words keys;
  for (const auto& [key, value] : rows[0].items()) keys.push_back(key);
  keys.resize(7);
  EXPECT_EQ(keys, (Words{"subject", "session", "region", "risk", "reasons", "lesion_mm3", "lesion_fraction"}));
  EXPECT_EQ(rows[0]["subject"], "sub-004");
  EXPECT_EQ(rows[0]["region"], "left_caudate");
  EXPECT_EQ(rows[0]["reasons"][0], "no volume (enigma_csv: missing in source)");
  EXPECT_EQ(rows[0]["suggestion"], "failed");
  EXPECT_TRUE(rows[0]["lesion_mm3"].is_null());
  EXPECT_EQ(rows[1]["basis"], "table");
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LE(rows[i]["risk"], rows[i - 1]["risk"]);
  EXPECT_EQ(ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out, "[]\n") << "nothing is set";
}

TEST(QcSuggest, NarrowsToARegionAPersonAndANumber) {
  const StudyFolder s;
  const auto rows = [&](const Words& more) {
    Words words{"qc", "suggest", "s.ipsi", "--json", "--no-cache"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = ipsi(words, s.path());
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.json();
  };
  EXPECT_EQ(rows({"--region", "thalamus"}).size(), 14U);
  EXPECT_EQ(rows({"--region", "left_thalamus"}).size(), 7U);
  EXPECT_EQ(rows({"--region", "ipsi_thalamus"}).size(), 5U) << "one lesion is bilateral, one person has none";
  EXPECT_EQ(rows({"--subject", "sub-002"}).size(), 12U);
  EXPECT_EQ(rows({"--limit", "3"}).size(), 3U);
  EXPECT_EQ(ipsi({"qc", "suggest", "s.ipsi", "--region", "talamus"}, s.path()).code, 3);
  EXPECT_EQ(ipsi({"qc", "suggest", "s.ipsi", "--limit", "0"}, s.path()).code, 2);
  EXPECT_EQ(ipsi({"qc", "suggest", "none.ipsi"}, s.path()).code, 3);
  const Ran text = ipsi({"qc", "suggest", "s.ipsi", "--limit", "1", "--no-cache"}, s.path());
  EXPECT_NE(text.out.find("by the table alone: no label image"), std::string::npos) << text.out;
}

TEST(QcSuggest, CountsHowSuggestionsWereFollowed) {
  const StudyFolder s;
  ASSERT_EQ(
      ipsi({"qc", "set", "s.ipsi", "--subject", "sub-001", "--region", "left_thalamus", "--flag", "ok", "--rater", "A"},
           s.path())
          .code,
      0);
  const Ran ran = ipsi({"qc", "suggest", "s.ipsi", "--followed", "--json"}, s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.json()["without_record"]["A"], 1);
  EXPECT_TRUE(ran.json()["raters"].empty());
}

}  // namespace
}  // namespace ipsi::test
