// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/cli/run.h"
#include "tests/cli/study_folder.h"

namespace ipsi::test {
namespace {

using Words = std::vector<std::string>;

Words set(const std::string& subject, const std::string& region, const std::string& flag, const std::string& rater,
          const Words& more = {}) {
  Words words{"qc", "set", "s.ipsi", "--subject", subject, "--region", region, "--flag", flag, "--rater", rater};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(QcSet, FlagsARegionAtTheFirstSession) {
  const StudyFolder s;
  const Ran ran = ipsi(set("sub-001", "ipsi_thalamus", "lesioned", "A", {"--comment", "ü", "--json"}), s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.json().at("region"), "right_thalamus");
  EXPECT_EQ(ran.json().at("before"), "unrated");
  ASSERT_EQ(ipsi(set("sub-001", "left_thalamus", "ok", "A", {"--session", "2"}), s.path()).code, 0);
  const Json rows = ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).json();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("session"), "1");
  EXPECT_EQ(rows[0].at("comment"), "ü");
  EXPECT_EQ(rows[1].at("session"), "2");
  Words keys;
  for (const auto& [key, value] : rows[0].items()) keys.push_back(key);
  EXPECT_EQ(keys, (Words{"subject", "session", "region", "flag", "rater", "comment", "time"}));
  const Ran again = ipsi(set("sub-001", "left_thalamus", "ok", "A", {"--session", "2", "--json"}), s.path());
  EXPECT_EQ(again.code, 0);
  EXPECT_TRUE(again.json().at("act").is_null()) << "nothing changed, nothing logged";
}

TEST(QcSet, NamesNearMatchesForWhatItDoesNotKnow) {
  const StudyFolder s;
  const auto refused = [&](const Words& words, int code, const std::string& hint) {
    const Ran ran = ipsi(words, s.path());
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_NE(ran.err.find(hint), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out, "");
  };
  refused(set("sub-0003", "left_thalamus", "ok", "A"), 3, "sub-003");
  refused(set("sub-003", "left_talamus", "ok", "A"), 3, "left_thalamus");
  refused(set("sub-003", "thalamus", "ok", "A"), 3, "ipsi_thalamus");
  refused(set("sub-006", "ipsi_thalamus", "ok", "A"), 3, "bilateral");
  refused(set("sub-003", "left_thalamus", "bad", "A"), 2, "lesioned");
  refused(set("sub-003", "left_thalamus", "ok", " "), 2, "rater");
  refused(set("sub-003", "left_thalamus", "ok", "A", {"--session", "9"}), 3, "the sessions are 1");
  refused({"qc", "set", "s.ipsi", "--subject", "sub-003"}, 2, "required");
  EXPECT_EQ(ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out, "[]\n");
}

TEST(QcUndo, TakesBackOneRatersNewestSteps) {
  const StudyFolder s;
  ASSERT_EQ(ipsi(set("sub-001", "left_thalamus", "ok", "A"), s.path()).code, 0);
  ASSERT_EQ(ipsi(set("sub-001", "left_thalamus", "failed", "B"), s.path()).code, 0);
  ASSERT_EQ(ipsi(set("sub-001", "left_thalamus", "lesioned", "A"), s.path()).code, 0);
  ASSERT_EQ(ipsi(set("sub-002", "left_thalamus", "lesioned", "A"), s.path()).code, 0);
  const Ran undone = ipsi({"qc", "undo", "s.ipsi", "--rater", "A", "--steps", "2", "--json"}, s.path());
  ASSERT_EQ(undone.code, 0) << undone.err;
  EXPECT_EQ(undone.json().at("undone").size(), 2U);
  const auto flags = [&] {
    std::string out;
    const Json rows = ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).json();
    for (const auto& row : rows)
      out += row.at("rater").get<std::string>() + ":" + row.at("flag").get<std::string>() + " ";
    return out;
  };
  EXPECT_EQ(flags(), "A:ok B:failed ");
  ASSERT_EQ(ipsi({"qc", "redo", "s.ipsi", "--rater", "A"}, s.path()).code, 0);
  EXPECT_EQ(flags(), "A:lesioned B:failed ");
  ASSERT_EQ(ipsi({"qc", "undo", "s.ipsi", "--rater", "A", "--steps", "9"}, s.path()).code, 0);
  EXPECT_EQ(flags(), "B:failed ");
  EXPECT_EQ(ipsi({"qc", "undo", "s.ipsi", "--rater", "A"}, s.path()).code, 3);
  EXPECT_EQ(ipsi({"qc", "undo", "s.ipsi", "--rater", "importer"}, s.path()).code, 3) << "an import is no rating";
  EXPECT_EQ(ipsi({"qc", "undo", "s.ipsi", "--rater", "A", "--steps", "0"}, s.path()).code, 2);
  EXPECT_EQ(ipsi({"study", "verify", "s.ipsi"}, s.path()).code, 0);
}

TEST(QcList, Filters) {
  const StudyFolder s;
  ASSERT_EQ(ipsi(set("sub-001", "left_thalamus", "ok", "A"), s.path()).code, 0);      // contra
  ASSERT_EQ(ipsi(set("sub-002", "left_thalamus", "failed", "A"), s.path()).code, 0);  // ipsi
  ASSERT_EQ(ipsi(set("sub-002", "right_caudate", "failed", "B"), s.path()).code, 0);
  const auto count = [&](Words more) {
    Words words{"qc", "list", "s.ipsi", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = ipsi(words, s.path());
    return ran.code == 0 ? static_cast<int>(ran.json().size()) : -ran.code;
  };
  EXPECT_EQ(count({}), 3);
  EXPECT_EQ(count({"--flag", "failed"}), 2);
  EXPECT_EQ(count({"--region", "thalamus"}), 2);
  EXPECT_EQ(count({"--region", "ipsi_thalamus"}), 1);
  EXPECT_EQ(count({"--region", "left_thalamus", "--flag", "ok"}), 1);
  EXPECT_EQ(count({"--rater", "B"}), 1);
  EXPECT_EQ(count({"--subject", "sub-002"}), 2);
  EXPECT_EQ(count({"--flag", "unrated"}), 8 * 12 - 3);
  EXPECT_EQ(count({"--flag", "unrated", "--rater", "B"}), 8 * 12 - 1);
  EXPECT_EQ(count({"--flag", "bad"}), -2);
  EXPECT_EQ(count({"--region", "elbow"}), -3);
  EXPECT_EQ(count({"--subject", "sub-02"}), -3);
}

TEST(QcFiles, GoThereAndBack) {
  const StudyFolder s;
  ASSERT_EQ(ipsi(set("sub-001", "left_thalamus", "ok", "A", {"--comment", "tab\tand \"quote\""}), s.path()).code, 0);
  ASSERT_EQ(ipsi(set("sub-002", "right_caudate", "failed", "A"), s.path()).code, 0);
  ASSERT_EQ(ipsi(set("sub-003", "right_putamen", "lesioned", "A"), s.path()).code, 0);
  const std::string before = ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out;
  for (const std::string format : {"long", "bids", "enigma"}) {
    const std::string file = format == "enigma" ? "e.csv" : format + ".tsv";
    ASSERT_EQ(ipsi({"qc", "export", "s.ipsi", "--format", format, "--out", file}, s.path()).code, 0);
    EXPECT_EQ(ipsi({"qc", "export", "s.ipsi", "--format", format, "--out", file}, s.path()).code, 3);
    if (format == "enigma") continue;
    const Ran same = ipsi({"qc", "import", "s.ipsi", file, "--rater", "A", "--json"}, s.path());
    ASSERT_EQ(same.code, 0) << same.err;
    EXPECT_TRUE(same.json().at("act").is_null());
    EXPECT_EQ(ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out, before);
  }
  EXPECT_EQ(slurp(s / "long.tsv").substr(0, 49), "subject\tsession\tregion\tflag\trater\tcomment\ttime\nsu");
  EXPECT_TRUE(Json::parse(slurp(s / "bids.json")).contains("hemisphere"));
  EXPECT_NE(slurp(s / "e.csv").find("\nsub-002,,,,,,1,,"), std::string::npos) << slurp(s / "e.csv");
  // Another person's file: renamed, and twice is once.
  const Ran other = ipsi({"qc", "import", "s.ipsi", "long.tsv", "--rater", "B", "--json"}, s.path());
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_EQ(other.json().at("added"), 3);
  const std::string twice = ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out;
  ASSERT_EQ(ipsi({"qc", "import", "s.ipsi", "long.tsv", "--rater", "B"}, s.path()).code, 0);
  EXPECT_EQ(ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out, twice);
  // The ENIGMA sheet knows fail and not fail only.
  ASSERT_EQ(ipsi({"qc", "import", "s.ipsi", "e.csv", "--rater", "E"}, s.path()).code, 0);
  const Json sheet = ipsi({"qc", "list", "s.ipsi", "--rater", "E", "--flag", "failed", "--json"}, s.path()).json();
  EXPECT_EQ(sheet.size(), 2U);
  ASSERT_EQ(ipsi({"qc", "undo", "s.ipsi", "--rater", "E"}, s.path()).code, 0);
  EXPECT_EQ(ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out, twice);
}

TEST(QcImport, TakesNothingFromAFileWithABadRow) {
  const StudyFolder s;
  spit(s / "bad.tsv",
       "subject\tregion\tflag\n"
       "sub-001\tleft_thalamus\tok\n"
       "sub-01\tleft_thalamus\tok\n"
       "sub-002\tleft_thalamus\tmaybe\n");
  const Ran ran = ipsi({"qc", "import", "s.ipsi", "bad.tsv", "--rater", "A", "--json"}, s.path());
  EXPECT_EQ(ran.code, 3);
  const Json json = ran.json();
  EXPECT_EQ(json.at("error").at("where"), "bad.tsv, line 3, column subject, subject sub-01");
  ASSERT_EQ(json.at("problems").size(), 2U);
  EXPECT_EQ(json.at("problems")[1].at("line"), 4);
  EXPECT_EQ(json.at("problems")[1].at("column"), "flag");
  EXPECT_EQ(ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).out, "[]\n");
  EXPECT_EQ(ipsi({"qc", "import", "s.ipsi", "absent.tsv", "--rater", "A"}, s.path()).code, 3);
  EXPECT_EQ(ipsi({"qc", "import", "s.ipsi", "bad.tsv"}, s.path()).code, 2);
}

// A stream of `qc set`, each killed at a random moment or let through: what ended well is stored, what was killed is
// stored whole or not at all, and the tables always equal the log.
TEST(QcSet, SurvivesKillMinusNineAtAnyMoment) {
  const StudyFolder s;
  std::mt19937 random(11);
  int finished = 0, killed = 0;
  std::string flag = "unrated";
  for (int i = 0; i < 50; ++i) {
    const std::string wanted = i % 2 == 0 ? "ok" : "failed";
    const int id = start_ipsi(set("sub-001", "left_thalamus", wanted, "A"), s.path());
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 80'000));
    ::kill(id, SIGKILL);
    int status = 0;
    ::waitpid(id, &status, 0);
    const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ++(done ? finished : killed);
    auto study = study::Study::open(s.file(), study::Access::read_only);
    ASSERT_OK(study);
    const auto ratings = study->ratings();
    ASSERT_OK(ratings);
    const std::string now = ratings->empty() ? "unrated" : std::string(study::to_string(ratings->front().flag));
    if (done) {
      EXPECT_EQ(now, wanted);
    } else {
      EXPECT_TRUE(now == wanted || now == flag) << now;
    }
    flag = now;
    const auto differences = study->verify();
    ASSERT_OK(differences);
    EXPECT_TRUE(differences->empty()) << differences->front();
  }
  EXPECT_GT(killed, 0);
  RecordProperty("finished", finished);
}

}  // namespace
}  // namespace ipsi::test
