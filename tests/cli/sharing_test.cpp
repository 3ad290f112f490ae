// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/cli/run.h"
#include "tests/cli/study_folder.h"

namespace ipsi::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class Sharing : public testing::Test {
 protected:
  Sharing() { ::setenv("XDG_DATA_HOME", (s.path() / "data").c_str(), 1); }
  ~Sharing() override { ::unsetenv("XDG_DATA_HOME"); }
  Ran run(const Words& words) { return ipsi(words, s.path()); }
  Json json(Words words) {
    words.push_back("--json");
    const Ran ran = run(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.json();
  }
  Ran set(const std::string& rater, const std::string& subject, const std::string& flag, bool shared = true) {
    Words words{"qc",     "set", "s.ipsi",  "--subject", subject, "--region", "left_thalamus",
                "--flag", flag,  "--rater", rater};
    if (shared) words.push_back("--shared");
    return run(words);
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(s / "s.ratings")) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }
  StudyFolder s;
};

TEST_F(Sharing, FromOwnFilesIntoTheStudyAsOftenAsOneLikes) {
  EXPECT_EQ(run({"qc", "merge", "s.ipsi"}).code, 3) << "nobody shares it";
  const Json shared = json({"study", "share", "s.ipsi", "--by", "lead"});
  EXPECT_EQ(shared.at("shared"), true);
  EXPECT_TRUE(fs::is_directory(s / "s.ratings"));
  EXPECT_EQ(json({"study", "info", "s.ipsi"}).at("shared"), true);
  EXPECT_EQ(run({"qc", "merge", "s.ipsi"}).code, 0) << "no files yet";

  ASSERT_EQ(set("A", "sub-001", "ok").code, 0);
  ASSERT_EQ(set("A", "sub-002", "failed").code, 0);
  ASSERT_EQ(set("B", "sub-001", "lesioned").code, 0);
  ASSERT_EQ(run({"qc", "undo", "s.ipsi", "--rater", "A", "--shared"}).code, 0);
  EXPECT_EQ(files().size(), 2U);
  EXPECT_EQ(json({"qc", "list", "s.ipsi"}).size(), 0U) << "not merged yet";

  EXPECT_EQ(json({"study", "info", "s.ipsi"}).at("waiting"), 2);
  const Json dry = json({"qc", "merge", "s.ipsi", "--dry-run"});
  EXPECT_EQ(dry.at("files").size(), 2U);
  EXPECT_EQ(dry.at("files")[0].at("added"), 1);
  EXPECT_TRUE(dry.at("act").is_null());
  EXPECT_EQ(json({"qc", "list", "s.ipsi"}).size(), 0U);

  const Ran told = run({"qc", "merge", "s.ipsi", "--by", "lead"});
  EXPECT_EQ(told.code, 0);
  EXPECT_NE(told.out.find("ratings: 2 new, 0 changed"), std::string::npos) << told.out;
  const Json list = json({"qc", "list", "s.ipsi"});
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("rater"), "A");
  EXPECT_EQ(list[1].at("flag"), "lesioned");
  const Json again = json({"qc", "merge", "s.ipsi"});
  EXPECT_TRUE(again.at("act").is_null()) << "nothing left to do";
  EXPECT_EQ(json({"study", "info", "s.ipsi"}).at("waiting"), 0);
  EXPECT_EQ(again.at("files")[0].at("unchanged"), 1);

  ASSERT_EQ(set("A", "sub-001", "failed").code, 0);
  EXPECT_EQ(json({"qc", "merge", "s.ipsi", "--by", "lead"}).at("files")[0].at("changed"), 1);
  EXPECT_EQ(json({"qc", "conflicts", "s.ipsi"}).size(), 0U) << "a change of mind is none";
  EXPECT_EQ(run({"study", "verify", "s.ipsi"}).code, 0);
  EXPECT_EQ(run({"qc", "undo", "s.ipsi", "--rater", "lead"}).code, 0) << "a merge is taken back as an import is";
}

TEST_F(Sharing, TurnedOffItTellsWhatIsNotMergedYet) {
  (void)run({"study", "share", "s.ipsi", "--by", "lead"});
  ASSERT_EQ(set("A", "sub-001", "ok").code, 0);
  const Ran off = run({"study", "share", "s.ipsi", "--off", "--by", "lead"});
  EXPECT_EQ(off.code, 0);
  EXPECT_NE(off.err.find("1 flags"), std::string::npos) << off.err;
  EXPECT_EQ(json({"study", "info", "s.ipsi"}).at("shared"), false);
}

TEST_F(Sharing, FilesThatCannotBeUsedAreNamedAndTheOthersUsed) {
  (void)run({"study", "share", "s.ipsi", "--by", "lead"});
  ASSERT_EQ(set("A", "sub-001", "ok").code, 0);
  const std::string good = slurp(files().front());
  spit(s.path() / "s.ratings" / "newer@pc.tsv", "# ipsi-ratings\t2\tN\tpc\n");
  spit(s.path() / "s.ratings" / "stranger@pc.tsv", [&] {
    std::string text = good;
    text.replace(text.find("sub-001"), 7, "sub-999");
    return text + "half a line\n";
  }());
  const Ran ran = run({"qc", "merge", "s.ipsi"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.err.find("version 2"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("line 4"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("sub-999, session 1"), std::string::npos) << ran.err;
  EXPECT_EQ(json({"qc", "list", "s.ipsi"}).size(), 1U);
  EXPECT_EQ(json({"qc", "merge", "s.ipsi"}).at("problems").size(), 3U);
  for (const auto& file : files())
    if (file.filename() != "newer@pc.tsv") fs::remove(file);
  EXPECT_EQ(run({"qc", "merge", "s.ipsi"}).code, 3) << "there are files, and none can be read";
}

TEST_F(Sharing, TwoPeopleOfOneNameLoseNothing) {
  (void)run({"study", "share", "s.ipsi", "--by", "lead"});
  ASSERT_EQ(set("Kim", "sub-001", "ok").code, 0);
  ::setenv("XDG_DATA_HOME", (s.path() / "other machine").c_str(), 1);
  fs::rename(s / "s.ratings", s / "aside");  // the two do not see each other
  ASSERT_EQ(set("Kim", "sub-001", "failed").code, 0);
  for (const auto& file : files()) fs::rename(file, s.path() / "aside" / file.filename());
  fs::remove(s / "s.ratings");
  fs::rename(s / "aside", s / "s.ratings");
  const Ran ran = run({"qc", "merge", "s.ipsi"});
  EXPECT_NE(ran.err.find("two different flags under one name (Kim)"), std::string::npos) << ran.err;
  const Json conflicts = json({"qc", "conflicts", "s.ipsi"});
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_EQ(json({"qc", "list", "s.ipsi"}).at(0).at("flag"), "failed") << "the newer counts";
}

TEST_F(Sharing, OneFileIsImportedUnderAnotherName) {
  (void)run({"study", "share", "s.ipsi", "--by", "lead"});
  ASSERT_EQ(set("Kim", "sub-001", "ok").code, 0);
  const std::string file = files().front().string();
  const Json first = json({"qc", "import", "s.ipsi", file, "--rater", "Kim2"});
  EXPECT_EQ(first.at("added"), 1);
  EXPECT_EQ(first.at("renamed"), true);
  EXPECT_EQ(json({"qc", "list", "s.ipsi"}).at(0).at("rater"), "Kim2");
  EXPECT_TRUE(json({"qc", "import", "s.ipsi", file, "--rater", "Kim2"}).at("act").is_null());
}

}  // namespace
}  // namespace ipsi::test
