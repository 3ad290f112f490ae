// SPDX-License-Identifier: GPL-3.0-or-later
// Transcripts of `ipsi voxelwise`.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/image/io.h"
#include "core/numeric/random.h"
#include "tests/cli/run.h"
#include "tests/support/support.h"

namespace ipsi::test {
namespace {

namespace fs = std::filesystem;

struct VoxelwiseVerb : testing::Test {
  TemporaryDir dir;
  std::string table;
  void SetUp() override {
    std::string text = "id,age,sex,cohort,image,lesion\n";
    numeric::Stream stream(5);
    for (int i = 0; i < 24; ++i) {
      image::Volume volume;
      volume.grid.size = {6, 5, 4};
      for (int v = 0; v < 120; ++v)
        volume.values.push_back(static_cast<float>(2.5 + 0.02 * i * (v % 2) + 0.1 * (i % 3) + 0.2 * stream.normal()));
      const std::string name = "p" + std::to_string(i) + ".nii.gz";
      EXPECT_TRUE(image::write_volume(volume, dir / name));
      text += name + "," + std::to_string(40 + i) + (i % 2 == 0 ? ",F" : ",M") + ",c" + std::to_string(i % 3) + "," +
              name + (i == 4 ? ",lesion.nii.gz\n" : ",\n");
    }
    image::Labels lesion;
    lesion.grid.size = {6, 5, 4};
    lesion.values.assign(120, 0);
    lesion.values[7] = 1;
    EXPECT_TRUE(image::write_labels(lesion, dir / "lesion.nii.gz"));
    table = (dir / "t.csv").string();
    spit(table, text);
  }
  std::vector<std::string> call(const std::vector<std::string>& more) const {
    std::vector<std::string> out{
        "voxelwise", "--table", table, "--images", "image", "--formula", "age + sex + (1 | cohort)", "--json"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
};

TEST_F(VoxelwiseVerb, WritesMapsThatDoNotDependOnThreads) {
  const std::vector<std::string> options{"--missing", "lesion", "--permutations", "30", "--tfce", "--column", "age"};
  const auto with = [&](const std::string& threads, const std::string& out) {
    auto words = options;
    words.insert(words.end(), {"--threads", threads, "--out", (dir / out).string()});
    return ipsi(call(words));
  };
  const Ran one = with("1", "one"), two = with("2", "two");
  ASSERT_EQ(one.code, 0) << one.err;
  ASSERT_EQ(two.code, 0) << two.err;
  EXPECT_EQ(one.json()["columns"], two.json()["columns"]);
  EXPECT_EQ(one.json()["n_images"], 24);
  for (const auto& entry : fs::directory_iterator(dir / "one"))
    EXPECT_EQ(slurp(entry.path()), slurp(dir / "two" / entry.path().filename().string())) << entry.path();
  const auto n = image::read_volume(dir / "one" / "n.nii.gz");
  ASSERT_OK(n);
  EXPECT_EQ(n->values[7], 23.0F);
  EXPECT_EQ(n->values[8], 24.0F);
}

TEST_F(VoxelwiseVerb, BadInputIsOneLineAndLeavesNoMaps) {
  const auto refused = [&](const std::vector<std::string>& words, int code) {
    auto all = words;
    all.insert(all.end(), {"--out", (dir / "out").string()});
    const Ran ran = ipsi(call(all));
    EXPECT_EQ(ran.code, code) << ran.out;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_TRUE(ran.json().contains("error"));
    EXPECT_TRUE(!fs::exists(dir / "out") || fs::is_empty(dir / "out"));
    return ran.err;
  };
  refused({"--mask", (dir / "none.nii.gz").string()}, 3);
  refused({"--missing", "nothing"}, 3);
  refused({"--column", "weight"}, 3);
  refused({"--tfce"}, 2);
  refused({"--exchange", "dice"}, 2);
  image::Volume other;
  other.grid.size = {6, 5, 3};
  other.values.assign(90, 1.0F);
  ASSERT_OK(image::write_volume(other, dir / "p5.nii.gz"));
  EXPECT_NE(refused({}, 3).find("p5.nii.gz"), std::string::npos);
  spit(dir / "p5.nii.gz", "torn");
  EXPECT_NE(refused({}, 3).find("p5.nii.gz"), std::string::npos);
}

TEST_F(VoxelwiseVerb, PeopleGetASummary) {
  const Ran ran =
      ipsi({"voxelwise", "--table", table, "--images", "image", "--formula", "age", "--out", (dir / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("age: peak t"), std::string::npos);
}

}  // namespace
}  // namespace ipsi::test
