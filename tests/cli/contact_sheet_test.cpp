// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/run.h"
#include "tests/cli/study_folder.h"

namespace ipsi::test {
namespace {

TEST(QcSheet, GoesIntoAnotherStudyAndBackWithAllRatings) {
  const StudyFolder s;
  const auto rate = [&](const char* subject, const char* region, const char* flag, const char* comment) {
    ASSERT_EQ(ipsi({"qc", "set", "s.ipsi", "--subject", subject, "--region", region, "--flag", flag, "--rater", "ab",
                    "--comment", comment},
                   s.path())
                  .code,
              0);
  };
  std::filesystem::copy_file(s.file(), s / "empty.ipsi");
  rate("sub-001", "left_putamen", "failed", "a \"quoted\" <word>, and more");
  rate("sub-002", "right_thalamus", "lesioned", "");
  rate("sub-003", "left_thalamus", "ok", "");
  const Json before = ipsi({"qc", "list", "s.ipsi", "--json"}, s.path()).json();
  ASSERT_EQ(before.size(), 3U);
  for (const std::string name : {"sheet.pdf", "sheet.html"}) {
    const Ran made = ipsi({"qc", "sheet", "s.ipsi", "--out", name, "--no-cache", "--json"}, s.path());
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(made.json()["people"], 6);
    EXPECT_EQ(made.json()["ratings"], 3);
    const std::string other = name + ".ipsi";
    std::filesystem::copy_file(s / "empty.ipsi", s / other);
    const Ran read = ipsi({"qc", "import", other, name, "--rater", "ab"}, s.path());
    ASSERT_EQ(read.code, 0) << read.err;
    EXPECT_EQ(ipsi({"qc", "list", other, "--json"}, s.path()).json(), before);
    EXPECT_EQ(ipsi({"qc", "sheet", "s.ipsi", "--out", name, "--no-cache"}, s.path()).code, 3) << "it exists";
    EXPECT_EQ(ipsi({"qc", "sheet", "s.ipsi", "--out", name, "--no-cache", "--force"}, s.path()).code, 0);
  }
}

TEST(QcSheet, RefusesWhatItCannotShow) {
  const StudyFolder s;
  const auto code = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"qc", "sheet", "s.ipsi", "--no-cache", "--no-risk"};
    words.insert(words.end(), more.begin(), more.end());
    return ipsi(words, s.path()).code;
  };
  EXPECT_EQ(code({"--out", "a.doc"}), 2);
  EXPECT_EQ(code({"--out", "a.pdf", "--flag", "good"}), 2);
  EXPECT_EQ(code({"--out", "a.pdf", "--rater", "nobody"}), 3);
  EXPECT_EQ(code({"--out", "a.pdf", "--subject", "sub-9"}), 3);
  EXPECT_EQ(code({"--out", "a.pdf", "--flag", "failed"}), 3) << "nobody has failed";
  EXPECT_EQ(code({"--out", "none/a.pdf"}), 5);
  EXPECT_FALSE(std::filesystem::exists(s / "a.pdf"));
  spit(s / "page.html", "<!DOCTYPE html><p>something else");
  EXPECT_EQ(ipsi({"qc", "import", "s.ipsi", "page.html", "--rater", "ab"}, s.path()).code, 3);
}

}  // namespace
}  // namespace ipsi::test
