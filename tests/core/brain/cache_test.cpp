// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/base/files.h"
#include "core/brain/atlas.h"
#include "core/brain/atlas_cache.h"
#include "tests/core/brain/colin27.h"
#include "tests/support/support.h"

namespace ipsi::brain {
namespace {
namespace fs = std::filesystem;

/// A small label map with all twelve regions on a grid that is not the usual one.
image::Labels small() {
  image::Labels out;
  out.grid.size = {5, 4, 3};
  out.grid.affine(0, 3) = -0.1;  // not a round binary number
  out.values.assign(out.grid.voxels(), 0);
  constexpr std::array kLabels{10, 49, 11, 50, 12, 51, 13, 52, 26, 58, 4, 43};
  for (std::size_t i = 0; i < kLabels.size(); ++i) out.values[3 * i + 2] = kLabels[i];
  return out;
}

TEST(AtlasCache, GivesBackWhatWasStored) {
  const test::TemporaryDir dir;
  const image::Labels labels = small();
  store_cached_labels(dir / "a.runs", labels);
  const auto back = read_cached_labels(dir / "a.runs", labels.grid);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->values, labels.values);
  EXPECT_EQ(back->grid.affine, labels.grid.affine);
}

TEST(AtlasCache, NeverTrustsADamagedFile) {
  const test::TemporaryDir dir;
  const image::Labels labels = small();
  store_cached_labels(dir / "a.runs", labels);
  const std::string whole = test::slurp(dir / "a.runs");
  ASSERT_FALSE(whole.empty());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = char(damaged[at] ^ 1);
    test::spit(dir / "b.runs", damaged);
    EXPECT_FALSE(read_cached_labels(dir / "b.runs", labels.grid)) << "byte " << at;
    test::spit(dir / "b.runs", whole.substr(0, at));
    EXPECT_FALSE(read_cached_labels(dir / "b.runs", labels.grid)) << "cut at " << at;
  }
  EXPECT_FALSE(read_cached_labels(dir / "none.runs", labels.grid));
}

TEST(AtlasCache, RefusesAnotherGrid) {
  const test::TemporaryDir dir;
  const image::Labels labels = small();
  store_cached_labels(dir / "a.runs", labels);
  image::Grid other = labels.grid;
  other.affine(2, 3) += 1;
  EXPECT_FALSE(read_cached_labels(dir / "a.runs", other));
}

TEST(AtlasCache, IsWhereTheUserKeepsCaches) {
  ::setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(cache_file("k"), fs::path("/somewhere/ipsi/atlas-k.runs"));
  ::setenv("XDG_CACHE_HOME", "relative", 1);  // the XDG rules say: ignore it
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(cache_file("k"), fs::path("/home/me/.cache/ipsi/atlas-k.runs"));
  ::unsetenv("XDG_CACHE_HOME");
  ::unsetenv("HOME");
  EXPECT_TRUE(cache_file("k").empty());
}

TEST(LoadColin27, WorksWithoutACacheFolderAndRebuildsABrokenOne) {
  IPSI_NEEDS_COLIN27();
  const auto reference = test::colin27();
  ASSERT_OK(reference);
  const test::TemporaryDir dir;
  test::spit(dir / "file", "");
  ::setenv("XDG_CACHE_HOME", (dir / "file").c_str(), 1);  // a file: no folder can be made in it
  const auto uncached = load_colin27(Task{});
  ASSERT_OK(uncached);
  EXPECT_EQ(uncached->regions.values, reference->regions.values);
  EXPECT_EQ(uncached->tissue.values, reference->tissue.values);

  ::setenv("XDG_CACHE_HOME", dir.path().c_str(), 1);
  ASSERT_OK(load_colin27(Task{}));
  fs::path kept;
  for (const auto& entry : fs::directory_iterator(dir / "ipsi")) kept = entry.path();
  ASSERT_FALSE(kept.empty());
  const std::string whole = test::slurp(kept);
  std::string damaged = whole;
  damaged[damaged.size() / 2] = char(damaged[damaged.size() / 2] ^ 1);
  test::spit(kept, damaged);
  const auto rebuilt = load_colin27(Task{});
  ASSERT_OK(rebuilt);
  EXPECT_EQ(rebuilt->regions.values, reference->regions.values);
  EXPECT_EQ(test::slurp(kept), whole);
}

TEST(LoadColin27, SaysWhatToInstall) {
  const test::TemporaryDir dir;
  ::setenv("IPSI_MRICRON", dir.path().c_str(), 1);
  const auto missing = load_colin27(Task{});
  ::unsetenv("IPSI_MRICRON");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::Environment);
  EXPECT_NE(to_line(missing.error()).find("apt-get install mricron-data"), std::string::npos);
  EXPECT_NE(to_line(missing.error()).find("ch2.nii.gz"), std::string::npos);
}

TEST(LoadColin27, RefusesADamagedHead) {
  IPSI_NEEDS_COLIN27();
  const fs::path real = mricron_dir();
  const test::TemporaryDir dir;
  for (const char* name : {"ch2.nii.gz", "ch2bet.nii.gz", "aal.nii.gz", "jhu189.nii.gz"})
    fs::copy_file(real / name, dir / name);
  fs::resize_file(dir / "ch2.nii.gz", 100000);
  ::setenv("IPSI_MRICRON", dir.path().c_str(), 1);
  const auto damaged = load_colin27(Task{});
  ::unsetenv("IPSI_MRICRON");
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::ReadFailed);
  EXPECT_NE(to_line(damaged.error()).find("ch2.nii.gz"), std::string::npos) << to_line(damaged.error());
}

}  // namespace
}  // namespace ipsi::brain
