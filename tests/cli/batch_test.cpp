// SPDX-License-Identifier: GPL-3.0-or-later
// `ipsi batch` and `ipsi report` through the real program, on the demo study.
#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/table/delimited.h"
#include "tests/cli/run.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

namespace fs = std::filesystem;

class BatchVerb : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TemporaryDir;
    ASSERT_EQ(run("demo " + path("demo") + " --images 0").code, 0);
    small_ = R"({"schema":1,"analyses":[
      {"id":"chronic","subset":"chronic","predictor":"primary_score"},
      {"id":"alone","subset":"chronic","predictor":"primary_score","random":"subject",
       "response":{"structures":["putamen"]}}]})";
  }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }

  /// Words apart by blanks; paths below have none.
  static Ran run(const std::string& arguments) {
    std::vector<std::string> words;
    for (std::string& word : split(arguments, ' '))
      if (!word.empty()) words.push_back(std::move(word));
    return ipsi(words);
  }
  static std::string path(const std::string& name) { return (*dir_ / name).string(); }
  static std::string study() { return path("demo/demo.ipsi"); }
  static std::string analyses(const std::string& text) {
    spit(*dir_ / "a.json", text);
    return " --analyses " + path("a.json");
  }

  static inline TemporaryDir* dir_ = nullptr;
  static inline std::string small_;
};

TEST_F(BatchVerb, PublishedSetOnTheDemoStudy) {
  const Ran ran = run("batch " + study() + " --no-maps --json --out " + path("published"));
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json rows = Json::parse(ran.out);
  ASSERT_EQ(rows.size(), 84U);
  const auto sheet = table::read_sheet(*dir_ / "published" / "results.csv");
  ASSERT_OK(sheet);
  ASSERT_EQ(sheet->rows.size(), 84U);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    EXPECT_EQ(sheet->rows[r].cells[static_cast<std::size_t>(sheet->find("region"))], rows[r]["region"]);
    const auto beta = parse_double(sheet->rows[r].cells[static_cast<std::size_t>(sheet->find("beta"))]);
    if (rows[r]["beta"].is_null())
      EXPECT_FALSE(beta) << r;
    else
      EXPECT_EQ(beta, rows[r]["beta"].get<double>()) << r;  // both print every digit
    EXPECT_EQ(rows[r]["n_influential"].is_null(), rows[r]["beta"].is_null()) << r;
  }
  const Json manifest = Json::parse(slurp(*dir_ / "published" / "manifest.json"));
  for (const Json& name : manifest["files"])
    EXPECT_TRUE(fs::exists(*dir_ / "published" / name.get<std::string>())) << name;
  EXPECT_EQ(manifest["synthetic"], true);
  EXPECT_NE(slurp(*dir_ / "published" / "report.html").find("Synthetic data."), std::string::npos);
  EXPECT_TRUE(fs::exists(*dir_ / "published" / "figures" / "forest_chronic.svg"));
}

TEST_F(BatchVerb, ThreadsDoNotChangeTheFile) {
  ASSERT_EQ(run("batch " + study() + analyses(small_) + " --no-maps --threads 1 --out " + path("one")).code, 0);
  ASSERT_EQ(run("batch " + study() + analyses(small_) + " --no-maps --threads 7 --out " + path("seven")).code, 0);
  for (const char* name : {"results.csv", "coefficients.csv", "fits.csv", "results.xlsx", "report.html"})
    EXPECT_EQ(slurp(*dir_ / "one" / name), slurp(*dir_ / "seven" / name)) << name;
}

TEST_F(BatchVerb, AModelThatFailsIsARowAndTheExitIsZero) {
  const Ran ran = run("batch " + study() + analyses(small_) + " --no-maps --json --force --out " + path("some"));
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json rows = Json::parse(ran.out);
  ASSERT_EQ(rows.size(), 14U);
  for (const Json& row : rows) {
    const bool alone = row["analysis"] == "alone";
    EXPECT_EQ(row["beta"].is_null(), alone);
    EXPECT_EQ(row["converged"], !alone);
    if (alone) {
      EXPECT_NE(row["notes"].get<std::string>().find("every subject has one person only"), std::string::npos);
    }
  }
}

TEST_F(BatchVerb, NeverOverwritesWithoutForce) {
  fs::create_directories(*dir_ / "mine");
  spit(*dir_ / "mine" / "precious.txt", "x");
  const std::string command = "batch " + study() + analyses(small_) + " --no-maps --out " + path("mine");
  const Ran refused = run(command + " --json");
  EXPECT_EQ(refused.code, 3);
  EXPECT_EQ(Json::parse(refused.out)["error"]["code"], "conflict");
  EXPECT_EQ(std::distance(fs::directory_iterator(*dir_ / "mine"), {}), 1);
  EXPECT_EQ(run(command + " --force").code, 0);
  EXPECT_EQ(slurp(*dir_ / "mine" / "precious.txt"), "x");
}

TEST_F(BatchVerb, ATypingErrorIsOneLineWithItsPathAndNothingIsWritten) {
  const Ran ran = run("batch " + study() + " --out " + path("never") +
                      analyses(R"({"analyses":[{"id":"a","subset":"chronic","predictr":"primary_score"}]})"));
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "ipsi: there is no setting 'predictr' (a.json, analyses[0].predictr): did you mean 'predictor'?\n");
  EXPECT_FALSE(fs::exists(*dir_ / "never"));
}

TEST_F(BatchVerb, AnUnknownColumnIsOneLine) {
  const Ran ran = run("batch " + study() + " --out " + path("never") +
                      analyses(R"({"analyses":[{"id":"a","subset":"chronic","predictor":"mood"}]})"));
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1);
  EXPECT_NE(ran.err.find("mood"), std::string::npos);
  EXPECT_NE(ran.err.find("analyses[0], predictor"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(*dir_ / "never"));
}

TEST_F(BatchVerb, MissingFilesAndWrongUseHaveTheirExitCodes) {
  EXPECT_EQ(run("batch " + path("none.ipsi") + " --out " + path("never")).code, 3);
  EXPECT_EQ(run("batch " + study()).code, 2);
  EXPECT_EQ(run("report " + study() + " --out " + path("r.docx")).code, 2);
  EXPECT_EQ(run("report " + path("none") + " --out " + path("r.html")).code, 3);
  EXPECT_FALSE(fs::exists(*dir_ / "never"));
  EXPECT_FALSE(fs::exists(*dir_ / "r.html"));
}

TEST_F(BatchVerb, AReportFromStoredResultsIsTheSamePage) {
  ASSERT_EQ(run("batch " + study() + analyses(small_) + " --no-maps --out " + path("stored")).code, 0);
  ASSERT_EQ(run("report " + path("stored") + " --no-maps --out " + path("again.html")).code, 0);
  EXPECT_EQ(slurp(*dir_ / "again.html"), slurp(*dir_ / "stored" / "report.html"));
  EXPECT_EQ(run("report " + path("stored") + " --no-maps --out " + path("again.html")).code, 3);  // it exists
  ASSERT_EQ(run("report " + study() + analyses(small_) + " --no-maps --out " + path("direct.html")).code, 0);
  EXPECT_EQ(slurp(*dir_ / "direct.html"), slurp(*dir_ / "again.html"));
}

}  // namespace
}  // namespace ipsi::test
