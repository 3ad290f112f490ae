// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/bundle.h"

#include <algorithm>
#include <set>

#include "core/report/result_file.h"
#include "core/table/delimited.h"
#include "tests/core/report/sample_result.h"
#include "tests/support/support.h"

namespace ipsi::report {
namespace {

namespace fs = std::filesystem;

std::set<std::string> files_in(const fs::path& dir) {
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(dir))
    if (entry.is_regular_file()) out.insert(fs::relative(entry.path(), dir).generic_string());
  return out;
}

Graphics graphics() {
  Graphics out;
  out.svg["forest_chronic"] = "<svg><g/></svg>";
  out.pictures.push_back({"chronic", "Map", "n 207", "a map", "\x89PNG"});
  return out;
}

TEST(Bundle, WritesWhatItsManifestLists) {
  const test::TemporaryDir dir;
  const auto result = test::sample_result();
  const auto files = write_bundle(result, graphics(), {{"figures/map_chronic.pdf", "%PDF"}}, dir.path());
  ASSERT_OK(files);
  EXPECT_EQ(std::set<std::string>(files->begin(), files->end()), files_in(dir.path()));
  const Json manifest = Json::parse(test::slurp(dir / "manifest.json"));
  EXPECT_EQ(manifest["files"], Json(*files));
  EXPECT_EQ(manifest["last_act"], 12);
  for (const char* name : {"results.csv", "results.xlsx", "table1.csv", "flow.csv", "report.html", "result.json",
                           "figures/forest_chronic.svg", "figures/map_chronic.png", "figures/map_chronic.pdf"})
    EXPECT_TRUE(files_in(dir.path()).contains(name)) << name;
}

TEST(Bundle, ResultsCsvIsInFullPrecisionWithEmptyCellsForMissing) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_bundle(test::sample_result(), {}, {}, dir.path()));
  const auto sheet = table::read_sheet(dir / "results.csv");
  ASSERT_OK(sheet);
  const auto cell = [&](std::size_t row, const char* name) {
    return sheet->rows[row].cells[static_cast<std::size_t>(sheet->find(name))];
  };
  EXPECT_EQ(cell(0, "beta"), "1.0163416376104306");
  EXPECT_EQ(cell(0, "significant"), "true");
  EXPECT_EQ(cell(2, "beta"), "");
  EXPECT_EQ(cell(2, "significant"), "");
  EXPECT_EQ(cell(2, "notes"), "everyone is <left out> & gone");
  EXPECT_EQ(test::slurp(dir / "results.csv").find("nan"), std::string::npos);
}

TEST(Bundle, WritingAgainRemovesWhatIsNoLongerMadeAndNothingElse) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_bundle(test::sample_result(), graphics(), {}, dir.path()));
  test::spit(dir / "notes.txt", "mine");
  auto fewer = test::sample_result();
  std::erase_if(fewer.tables, [](const auto& t) { return t.key == "flow"; });
  const auto files = write_bundle(fewer, {}, {}, dir.path());
  ASSERT_OK(files);
  auto wanted = std::set<std::string>(files->begin(), files->end());
  wanted.insert("notes.txt");
  EXPECT_EQ(files_in(dir.path()), wanted);
}

TEST(Bundle, AForgedManifestRemovesNothingOutside) {
  const test::TemporaryDir dir;
  fs::create_directories(dir / "out");
  test::spit(dir / "precious.txt", "keep");
  test::spit(dir / "out" / "manifest.json",
             Json{{"files", {"../precious.txt", (dir / "precious.txt").string(), 7}}}.dump());
  ASSERT_OK(write_bundle(test::sample_result(), {}, {}, dir / "out"));
  EXPECT_EQ(test::slurp(dir / "precious.txt"), "keep");
}

TEST(Bundle, TheStoredResultGivesTheSamePage) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_bundle(test::sample_result(), {}, {}, dir.path()));
  const auto stored = result_from_text(test::slurp(dir / "result.json"));
  ASSERT_OK(stored);
  EXPECT_EQ(*html_report(*stored, {}), test::slurp(dir / "report.html"));
}

}  // namespace
}  // namespace ipsi::report
