// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include <unistd.h>

#include "tests/support/support.h"

namespace ipsi {
namespace {
namespace fs = std::filesystem;

std::size_t entries(const fs::path& dir) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir), fs::directory_iterator{}));
}

TEST(WriteFile, ReplacesTheOldContentWholeAndLeavesNothingElse) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_file(dir / "a.txt", "old"));
  ASSERT_OK(write_file(dir / "a.txt", "new"));
  EXPECT_EQ(test::slurp(dir / "a.txt"), "new");
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(WriteFile, AFailedWriterLeavesTheOldFileAndNoTemporary) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_file(dir / "a.txt", "old"));
  const auto result = write_file_with(dir / "a.txt", [](const fs::path& temporary) -> Result<void> {
    test::spit(temporary, "half");
    return fail(Code::Environment, "disk full");
  });
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(test::slurp(dir / "a.txt"), "old");
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(WriteFile, NamesAFolderThatIsNotThere) {
  const test::TemporaryDir dir;
  const auto result = write_file(dir / "no" / "a.txt", "x");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::Environment);
  EXPECT_EQ(result.error().where, (dir / "no").string());
}

TEST(WriteFile, TheTemporaryKeepsTheExtensionThatWritersGoBy) {
  const test::TemporaryDir dir;
  ASSERT_OK(write_file_with(dir / "a.png", [](const fs::path& temporary) -> Result<void> {
    EXPECT_EQ(temporary.extension(), ".png");
    test::spit(temporary, "x");
    return {};
  }));
}

TEST(ContentHash, IsXxh3OfTheBytes) {  // reference: `xxhsum -H2` 0.8.1 of the empty input
  EXPECT_EQ(content_hash(""), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHash, OfAFileEqualsThatOfItsBytes) {
  const test::TemporaryDir dir;
  std::string bytes(300000, 'x');  // longer than one block
  bytes[123456] = 'y';
  test::spit(dir / "a", bytes);
  const auto hash = file_hash(dir / "a");
  ASSERT_OK(hash);
  EXPECT_EQ(*hash, content_hash(bytes));
}

TEST(PrepareOutputDir, NeverOverwritesUnasked) {
  const test::TemporaryDir dir;
  ASSERT_OK(prepare_output_dir(dir / "out", Overwrite::no));
  ASSERT_OK(prepare_output_dir(dir / "out", Overwrite::no));  // still empty
  test::spit(dir / "out" / "results.csv", "x");
  const auto refused = prepare_output_dir(dir / "out", Overwrite::no);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::Conflict);
  EXPECT_OK(prepare_output_dir(dir / "out", Overwrite::yes));
}

TEST(ReadFile, TellsMissingFromUnreadable) {
  const test::TemporaryDir dir;
  EXPECT_EQ(read_file(dir / "none").error().code, Code::NotFound);
  EXPECT_EQ(read_file(dir.path()).error().code, Code::ReadFailed);
}

}  // namespace
}  // namespace ipsi
