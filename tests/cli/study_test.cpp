// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "core/table/delimited.h"
#include "tests/cli/run.h"
#include "tests/cli/study_folder.h"

namespace ipsi::test {
namespace {

namespace fs = std::filesystem;

TEST(StudyNew, MakesAnEmptyStudyOnce) {
  const TemporaryDir dir;
  const Ran made = ipsi({"study", "new", "a.ipsi", "--json"}, dir.path());
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.json().at("schema"), 1);
  EXPECT_EQ(made.err, "");
  const Ran again = ipsi({"study", "new", "a.ipsi", "--json"}, dir.path());
  EXPECT_EQ(again.code, 3);
  EXPECT_EQ(again.json().at("error").at("code"), "conflict");
  EXPECT_EQ(ipsi({"study", "new", "no/where/a.ipsi"}, dir.path()).code, 5);
  EXPECT_EQ(ipsi({"study", "new"}, dir.path()).code, 2);
}

TEST(StudyInfo, CountsWhatIsThere) {
  const StudyFolder s;
  ASSERT_EQ(ipsi({"qc", "set", "s.ipsi", "--subject", "sub-001", "--region", "left_thalamus", "--flag", "failed",
                  "--rater", "A"},
                 s.path())
                .code,
            0);
  ASSERT_EQ(
      ipsi({"qc", "set", "s.ipsi", "--subject", "sub-001", "--region", "left_thalamus", "--flag", "ok", "--rater", "B"},
           s.path())
          .code,
      0);
  const Ran ran = ipsi({"study", "info", "s.ipsi", "--json"}, s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json info = ran.json();
  EXPECT_EQ(info.at("patients"), 6);
  EXPECT_EQ(info.at("controls"), 1);
  EXPECT_EQ(info.at("cohorts"), 2);
  EXPECT_EQ(info.at("regions"), 12);
  EXPECT_EQ(info.at("sessions"), 8);
  EXPECT_EQ(info.at("scans"), 0);
  EXPECT_EQ(info.at("lesions"), 0);
  EXPECT_EQ(info.at("ratings").dump(), R"({"ok":1,"lesioned":0,"failed":1,"unrated":95})")
      << "8 sessions x 12 - 1 pair";
  EXPECT_EQ(info.at("decisions").dump(), R"({"ok":0,"lesioned":0,"failed":1,"unrated":83})") << "7 people x 12";
  EXPECT_EQ(info.at("raters").dump(), R"(["A","B"])");
  EXPECT_EQ(info.at("schema"), 1);
  EXPECT_EQ(info.at("analysed"), 5);
  EXPECT_NE(ipsi({"study", "info", "s.ipsi"}, s.path()).out.find("patients   6"), std::string::npos);
}

TEST(StudyInfo, SaysInOneLineWhatIsNoStudy) {
  const TemporaryDir dir;
  spit(dir / "empty.ipsi", "");
  spit(dir / "text.ipsi", std::string(5000, 'x'));
  for (const char* name : {"absent.ipsi", "empty.ipsi", "text.ipsi", "."}) {
    const Ran ran = ipsi({"study", "info", name, "--json"}, dir.path());
    EXPECT_EQ(ran.code, 3) << name;
    EXPECT_EQ(ran.err.rfind("ipsi: ", 0), 0U) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_TRUE(ran.json().at("error").at("what").is_string());
  }
}

TEST(StudyTable, HasARowPerSubject) {
  const StudyFolder s;
  const Ran ran = ipsi({"study", "table", "s.ipsi", "--out", "table.csv", "--json"}, s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto table = table::read_table(s / "table.csv");
  ASSERT_OK(table);
  EXPECT_EQ(table->rows(), 7U);
  EXPECT_EQ(table->find("ipsi_thalamus")->values[0], 1000.25 + 1 + 49) << "the lesion of sub-001 is right";
  EXPECT_EQ(table->find("contra_thalamus")->values[0], 1000.25 + 1 + 10);
  EXPECT_TRUE(table->find("ipsi_thalamus")->missing(5));
  EXPECT_EQ(table->find("primary_score")->values[2], 30.0 / 66.0) << "doubles read back equal";
  EXPECT_EQ(table->find("analysed")->values, (std::vector<double>{1, 1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(ipsi({"study", "table", "s.ipsi", "--out", "table.csv"}, s.path()).code, 3) << "is not overwritten";
  EXPECT_EQ(ipsi({"study", "table", "s.ipsi", "--out", "table.csv", "--force"}, s.path()).code, 0);
  EXPECT_EQ(ipsi({"study", "table", "s.ipsi", "--out", "no/table.csv"}, s.path()).code, 5);
  const Ran chronic = ipsi({"study", "table", "s.ipsi", "--subgroup", "chronic", "--json"}, s.path());
  ASSERT_EQ(chronic.code, 0);
  EXPECT_EQ(chronic.json().size(), 2U) << "200 and 240 days";
  EXPECT_TRUE(chronic.json().at(1).at("ipsi_thalamus").is_null());
  EXPECT_EQ(ipsi({"study", "table", "s.ipsi", "--subgroup", "acute"}, s.path()).code, 2);
  EXPECT_EQ(ipsi({"study", "table", "s.ipsi", "--rater", "nobody"}, s.path()).code, 3);
}

TEST(StudyVerify, PassesAGoodStudyAndNamesWhatWasTamperedWith) {
  const StudyFolder s;
  const Ran good = ipsi({"study", "verify", "s.ipsi", "--json"}, s.path());
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_EQ(good.json().at("ok"), true);
  std::string bytes = slurp(s.file());
  const auto at = bytes.find("sub-004");  // one bit of one row: the reader cannot know, the log does
  ASSERT_NE(at, std::string::npos);
  for (std::size_t i = bytes.size(); (i = bytes.rfind("bilateral", i)) != std::string::npos; --i) {
    if (bytes.compare(i, 24, "bilateral\"") == 0) continue;
    bytes[i] = 'B';
    break;
  }
  spit(s / "bad.ipsi", bytes);
  const Ran bad = ipsi({"study", "verify", "bad.ipsi", "--json"}, s.path());
  EXPECT_EQ(bad.code, 3);
  EXPECT_TRUE(bad.json().contains("error"));
}

TEST(StudyLog, ListsTheEditsOldestFirst) {
  const StudyFolder s;
  for (const char* flag : {"ok", "failed"})
    ASSERT_EQ(ipsi({"qc", "set", "s.ipsi", "--subject", "sub-002", "--region", "ipsi_putamen", "--flag", flag,
                    "--rater", "A"},
                   s.path())
                  .code,
              0);
  ASSERT_EQ(ipsi({"qc", "undo", "s.ipsi", "--rater", "A"}, s.path()).code, 0);
  const Ran ran = ipsi({"study", "log", "s.ipsi", "--json", "--after", "1"}, s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json log = ran.json();
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[0].at("before"), nullptr);
  EXPECT_EQ(log[0].at("after").at("flag"), "ok");
  EXPECT_EQ(log[0].at("key").at("region"), "left_putamen");
  EXPECT_EQ(log[1].at("before").at("flag"), "ok");
  EXPECT_EQ(log[1].at("after").at("flag"), "failed");
  EXPECT_EQ(log[2].at("kind"), "undo");
  EXPECT_EQ(log[2].at("undoes"), log[1].at("act"));
  EXPECT_EQ(log[2].at("after"), log[1].at("before"));
  EXPECT_EQ(ipsi({"study", "log", "s.ipsi", "--json"}, s.path()).json().at(0).at("kind"), "import");
}

TEST(StudyUndo, TakesBackAnImportWhole) {
  const StudyFolder s;
  ASSERT_EQ(ipsi({"study", "undo", "s.ipsi", "--by", "importer"}, s.path()).code, 0);
  EXPECT_EQ(ipsi({"study", "info", "s.ipsi", "--json"}, s.path()).json().at("patients"), 0);
  ASSERT_EQ(ipsi({"study", "redo", "s.ipsi", "--by", "importer"}, s.path()).code, 0);
  EXPECT_EQ(ipsi({"study", "info", "s.ipsi", "--json"}, s.path()).json().at("patients"), 6);
  EXPECT_EQ(ipsi({"study", "undo", "s.ipsi", "--by", "nobody"}, s.path()).code, 3);
}

TEST(StudyExport, ComesBackByImport) {
  const StudyFolder s;
  ASSERT_EQ(ipsi({"qc", "set", "s.ipsi", "--subject", "sub-002", "--region", "left_putamen", "--flag", "failed",
                  "--rater", "A", "--comment", "a, \"b\""},
                 s.path())
                .code,
            0);
  const Ran ran = ipsi({"study", "export", "s.ipsi", "--out", "x", "--json"}, s.path());
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ipsi({"study", "export", "s.ipsi", "--out", "x"}, s.path()).code, 3);
  ASSERT_EQ(ipsi({"study", "new", "t.ipsi"}, s.path()).code, 0);
  const Ran import = ipsi({"study", "import", "t.ipsi", "--volumes", "x/LandRvolumes.csv", "--participants",
                           "x/participants.tsv", "--json"},
                          s.path());
  ASSERT_EQ(import.code, 0) << import.err << import.out;
  ASSERT_EQ(ipsi({"qc", "import", "t.ipsi", "x/ratings.tsv", "--rater", "A"}, s.path()).code, 0);
  const Json before = ipsi({"study", "table", "s.ipsi", "--json"}, s.path()).json();
  const Json after = ipsi({"study", "table", "t.ipsi", "--json"}, s.path()).json();
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    for (const auto& [column, value] : before[i].items())
      if (column != "excluded_because") {
        EXPECT_EQ(value, after[i].at(column)) << column << " of row " << i;
      }
}

TEST(StudyScans, ChangedLabelsMakeRatingsStaleUntilCarriedOver) {
  const StudyFolder s;
  fs::create_directory(s / "subjects");
  spit(s / "subjects/aseg.mgz", "first");
  {
    using namespace ipsi::study;
    auto study = Study::open(s.file(), Access::read_write);
    ASSERT_OK(study);
    ASSERT_OK(study->apply({"importer",
                            "import",
                            "",
                            {Put(Scan{"sub-001", "1", "labels", "subjects/aseg.mgz", "", 0, 0}),
                             Put(Scan{"sub-002", "1", "labels", "subjects/gone.mgz", "x", 1, 1})}}));
  }
  ASSERT_EQ(ipsi({"study", "scans", "s.ipsi", "--check"}, s.path()).code, 0) << "stores the first hash";
  ASSERT_EQ(ipsi({"qc", "set", "s.ipsi", "--subject", "sub-001", "--region", "left_caudate", "--flag", "failed",
                  "--rater", "A"},
                 s.path())
                .code,
            0);
  EXPECT_TRUE(ipsi({"study", "scans", "s.ipsi", "--json"}, s.path()).json().at("stale").empty());
  spit(s / "subjects/aseg.mgz", "second, longer");
  const Ran checked = ipsi({"study", "scans", "s.ipsi", "--check", "--json"}, s.path());
  ASSERT_EQ(checked.code, 0) << checked.err;
  EXPECT_EQ(checked.json().at("changed").size(), 1U);
  EXPECT_EQ(checked.json().at("missing").at(0).at("path"), "subjects/gone.mgz");
  EXPECT_EQ(checked.json().at("stale").at(0).at("region"), "left_caudate");
  EXPECT_EQ(ipsi({"study", "scans", "s.ipsi", "--carry-over"}, s.path()).code, 2);
  const Ran carried = ipsi({"study", "scans", "s.ipsi", "--carry-over", "--rater", "A", "--json"}, s.path());
  ASSERT_EQ(carried.code, 0) << carried.err;
  EXPECT_EQ(carried.json().at("carried_over"), 1);
  EXPECT_TRUE(carried.json().at("stale").empty());
  EXPECT_EQ(ipsi({"study", "verify", "s.ipsi"}, s.path()).code, 0);
}

}  // namespace
}  // namespace ipsi::test
