// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <filesystem>

#include "core/base/regions.h"
#include "tests/cli/run.h"
#include "tests/cli/study_folder.h"

namespace ipsi::test {
namespace {

using Words = std::vector<std::string>;

/// Ratings of six people's thalami: B leaves out the left one of every second person.
std::string file_of(const std::string& rater, bool strict) {
  std::string text = "subject\tsession\tregion\tflag\trater\tcomment\ttime\n";
  for (int i = 1; i <= 6; ++i)
    for (const char* region : {"left_thalamus", "right_thalamus"}) {
      const bool out = strict && i % 2 == 0 && region == std::string("left_thalamus");
      text += fmt::format("sub-{:03}\t1\t{}\t{}\t{}\t\t2024-05-0{}T10:00:00Z\n", i, region, out ? "lesioned" : "ok",
                          rater, i);
    }
  return text;
}

class Raters : public testing::Test {
 protected:
  Raters() {
    spit(s / "a.tsv", file_of("A", false));
    spit(s / "b.tsv", file_of("B", true));
  }
  Ran run(const Words& words) { return ipsi(words, s.path()); }
  Json json(Words words) {
    words.push_back("--json");
    const Ran ran = run(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.json();
  }
  void both() {
    ASSERT_EQ(run({"qc", "import", "s.ipsi", "a.tsv", "--rater", "A"}).code, 0);
    ASSERT_EQ(run({"qc", "import", "s.ipsi", "b.tsv", "--rater", "B"}).code, 0);
  }
  /// The flag of one person's left thalamus as models see it.
  std::string seen(const Words& more) {
    Words words{"study", "table", "s.ipsi"};
    words.insert(words.end(), more.begin(), more.end());
    return json(words).at(1).at("flag_left_thalamus");
  }
  StudyFolder s;
};

// From two files to agreement, the queue of disagreements, adjudication, and models' flags by each rule.
TEST_F(Raters, FromTwoFilesToAConsensus) {
  both();
  const Json all = json({"qc", "agreement", "s.ipsi"});
  const Json& overall = all.at("overall");
  EXPECT_EQ(overall.at("n"), 12);
  EXPECT_EQ(overall.at("percent"), 0.75);
  EXPECT_EQ(overall.at("kappa"), 0.0) << "A says the same of all";
  EXPECT_EQ(overall.at("kappa_ci").size(), 2U);
  // AC1 by hand: prevalence 21/24 ok, 3/24 lesioned; pe = (21/24 x 3/24) x 2 / 2.
  const double pe = 21.0 / 24 * 3.0 / 24;
  EXPECT_TRUE(near(overall.at("ac1"), (0.75 - pe) / (1 - pe), 1e-12));
  EXPECT_EQ(all.at("regions").at("left_thalamus").at("percent"), 0.5);
  EXPECT_TRUE(all.at("regions").at("right_thalamus").at("kappa").is_null()) << "all ok";
  EXPECT_EQ(all.at("regions").at("right_thalamus").at("ac1"), 1.0);
  EXPECT_NE(run({"qc", "agreement", "s.ipsi"}).out.find("kappa (Cohen)"), std::string::npos);

  const Json open = json({"qc", "disagreements", "s.ipsi"});
  ASSERT_EQ(open.size(), 3U);
  EXPECT_EQ(open[0].at("subject"), "sub-002");
  EXPECT_EQ(open[0].at("flags"), (Json{{"A", "ok"}, {"B", "lesioned"}}));
  EXPECT_TRUE(open[0].at("adjudicated").is_null());
  EXPECT_EQ(seen({}), "lesioned") << "the strictest until adjudicated";
  EXPECT_EQ(seen({"--ratings", "rater:A"}), "ok");
  EXPECT_EQ(seen({"--ratings", "rater:B"}), "lesioned");
  EXPECT_EQ(seen({"--ratings", "lesioned_kept"}), "ok");

  ASSERT_EQ(run({"qc", "set", "s.ipsi", "--subject", "sub-002", "--region", "left_thalamus", "--flag", "ok", "--rater",
                 "consensus"})
                .code,
            0);
  EXPECT_EQ(json({"qc", "disagreements", "s.ipsi", "--open"}).size(), 2U);
  EXPECT_EQ(seen({}), "ok");
  EXPECT_EQ(seen({"--ratings", "strictest"}), "lesioned");
  EXPECT_EQ(json({"qc", "agreement", "s.ipsi"}).at("overall"), overall) << "adjudication changes no agreement";

  ASSERT_EQ(run({"qc", "rule", "s.ipsi", "strictest", "--by", "lead"}).code, 0);
  EXPECT_EQ(json({"qc", "rule", "s.ipsi"}).at("ratings"), "strictest");
  EXPECT_EQ(seen({}), "lesioned");
  EXPECT_EQ(run({"study", "verify", "s.ipsi"}).code, 0);
}

TEST_F(Raters, WrongRulesAreNamed) {
  both();
  EXPECT_EQ(run({"qc", "rule", "s.ipsi", "vote", "--by", "lead"}).code, 2);
  EXPECT_EQ(run({"qc", "rule", "s.ipsi", "majority"}).code, 2) << "nobody sets it";
  const Ran unknown = run({"study", "table", "s.ipsi", "--ratings", "rater:C"});
  EXPECT_EQ(unknown.code, 3);
  EXPECT_NE(unknown.err.find("A, B"), std::string::npos) << unknown.err;
  EXPECT_NE(run({"batch", "s.ipsi", "--ratings", "rater:C", "--out", "out"}).code, 0);
  EXPECT_FALSE(std::filesystem::exists(s / "out"));
}

TEST_F(Raters, GoldAnswersScoreARater) {
  both();
  EXPECT_EQ(json({"qc", "calibration", "s.ipsi"}), Json::array());
  spit(s / "gold.tsv", file_of("expert", true));
  ASSERT_EQ(run({"qc", "import", "s.ipsi", "gold.tsv", "--rater", "gold"}).code, 0);
  const Json rows = json({"qc", "calibration", "s.ipsi"});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("overall").at("correct"), 9);
  EXPECT_EQ(rows[0].at("overall").at("found"), 0);
  EXPECT_EQ(rows[1].at("overall").at("correct"), 12);
  EXPECT_EQ(rows[1].at("regions").at("left_thalamus").at("to_leave"), 3);
}

TEST_F(Raters, AreAssignedPeopleOnce) {
  EXPECT_EQ(run({"qc", "assign", "s.ipsi"}).code, 3);
  const Words words{"qc",  "assign",    "s.ipsi", "--raters", "A,B", "--overlap",
                    "0.3", "--repeats", "0.5",    "--by",     "lead"};
  const Json made = json(words);
  EXPECT_EQ(made.at("people"), 7);
  EXPECT_EQ(json({"qc", "assign", "s.ipsi"}), made);
  EXPECT_EQ(json(words), made) << "the same plan again moves nobody";
  for (const Json& look : made.at("looks")) EXPECT_EQ(look.at("code").get<std::string>().size(), 9U);
  EXPECT_EQ(run({"qc", "assign", "s.ipsi", "--raters", "gold", "--by", "lead"}).code, 3);
  EXPECT_EQ(run({"study", "verify", "s.ipsi"}).code, 0);
}

TEST_F(Raters, TwoPeopleOfOneNameAreShown) {
  ASSERT_EQ(run({"qc", "import", "s.ipsi", "a.tsv", "--rater", "A"}).code, 0);
  std::string later = file_of("A", true);
  for (std::size_t at = 0; (at = later.find("T10:", at)) != std::string::npos;) later.replace(at, 4, "T11:");
  spit(s / "later.tsv", later);
  const Ran ran = run({"qc", "import", "s.ipsi", "later.tsv", "--rater", "A", "--json"});
  ASSERT_EQ(ran.code, 0);
  EXPECT_EQ(ran.json().at("conflicts").size(), 3U);
  EXPECT_NE(ran.err.find("two different flags under one name"), std::string::npos) << ran.err;
  const Json rows = json({"qc", "conflicts", "s.ipsi"});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].at("counts").at("flag"), "lesioned");
  EXPECT_EQ(rows[0].at("other").at("flag"), "ok");
  EXPECT_EQ(json({"qc", "import", "s.ipsi", "a.tsv", "--rater", "A"}).at("conflicts"), Json::array());
}

TEST_F(Raters, ABlindStudyIsASettingAndLiftingItIsInTheLog) {
  EXPECT_EQ(json({"qc", "blind", "s.ipsi"}).at("blind"), false);
  EXPECT_NE(run({"qc", "blind", "s.ipsi", "off", "--rater", "A", "--by", "A"}).code, 0) << "nothing to lift";
  EXPECT_NE(run({"qc", "blind", "s.ipsi", "on"}).code, 0) << "nobody says so";
  EXPECT_EQ(json({"qc", "blind", "s.ipsi", "on", "--by", "lead"}).at("blind"), true);
  const Json now = json({"qc", "blind", "s.ipsi", "off", "--rater", "A", "--by", "A"});
  EXPECT_EQ(now.at("blind"), true);
  ASSERT_EQ(now.at("lifted").size(), 1U);
  EXPECT_EQ(now.at("lifted")[0].at("rater"), "A");
  EXPECT_EQ(now.at("lifted")[0].at("since").get<std::string>().size(), 24U);
  const Ran log = run({"study", "log", "s.ipsi"});
  EXPECT_NE(log.out.find("A no longer rates blind"), std::string::npos) << log.out;
  EXPECT_EQ(run({"study", "verify", "s.ipsi"}).code, 0);
}

TEST_F(Raters, AnAuditIsTablesAndFigures) {
  both();
  const Json audit = json({"qc", "audit", "s.ipsi", "--out", "audit"});
  EXPECT_EQ(audit.at("people"), 5);
  for (const char* file : {"audit.csv", "audit_cohorts.csv", "audit_volume.csv", "audit.txt", "audit.json",
                           "left_out_ipsi.svg", "left_out_contra.svg", "lesion_volume_difference.svg"})
    EXPECT_TRUE(std::filesystem::exists(s / "audit" / file)) << file;
  EXPECT_EQ(run({"qc", "audit", "s.ipsi", "--out", "audit"}).code, 3) << "never overwritten unasked";
  double out = 0;
  for (const Json& row : audit.at("audit"))
    if (row.at("region") == "thalamus" && row.at("variable") == "primary_score")
      out += row.at("n_left_out").get<double>();
  EXPECT_EQ(out, 2.0) << "of sub-002 and sub-004; sub-006 has no side";
}

}  // namespace
}  // namespace ipsi::test
