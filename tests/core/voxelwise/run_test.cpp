// SPDX-License-Identifier: GPL-3.0-or-later
// From a table with files to a folder of maps.
#include "core/voxelwise/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "core/image/io.h"
#include "core/spec/references.h"
#include "core/stats/lme.h"
#include "tests/core/voxelwise/sample.h"
#include "tests/support/support.h"

namespace ipsi::voxelwise {
namespace {

namespace fs = std::filesystem;

class Run : public testing::Test {
 protected:
  static constexpr int kPeople = 30;
  void SetUp() override {
    sample_ = test::sample(kPeople, 3, "y ~ age + (1 | cohort)");
    values_ = test::values(sample_.data, 60, 0.0);
    for (int i = 0; i < kPeople; ++i) write(i, {5, 4, 3}, ".nii.gz");
    table_ = *sample_.table.with(table::text("image", files_));
  }
  void write(int i, std::array<int, 3> size, const std::string& extension) {
    image::Volume volume;
    volume.grid.size = size;
    for (int v = 0; v < size[0] * size[1] * size[2]; ++v) volume.values.push_back(values_(v % 60, i));
    const std::string name = "image" + std::to_string(i) + extension;
    ASSERT_OK(image::write_volume(volume, dir_ / name));
    if (static_cast<int>(files_.size()) <= i) files_.resize(static_cast<std::size_t>(i) + 1);
    files_[i] = name;
  }
  Request request() const {
    Request out;
    out.images = "image";
    out.formula = "age + (1 | cohort)";
    out.folder = dir_.path();
    return out;
  }
  test::TemporaryDir dir_;
  test::Sample sample_;
  Eigen::MatrixXf values_;
  std::vector<std::string> files_;
  table::Table table_;
};

TEST_F(Run, WritesMapsThatOpen) {
  auto request = this->request();
  request.permutations = 20;
  request.tfce = true;
  const auto done = run(request, table_, dir_ / "out", Overwrite::no, {});
  ASSERT_OK(done);
  const Json& column = done->json["columns"][0];
  EXPECT_EQ(column["name"], "age");
  for (const char* kind : {"beta", "se", "t", "p", "p_fdr", "p_fwe", "tfce", "p_tfce"})
    EXPECT_TRUE(fs::exists(dir_ / "out" / column["files"][kind].get<std::string>())) << kind;
  EXPECT_TRUE(fs::exists(dir_ / "out" / "manifest.json"));
  EXPECT_NE(done->json["methods_text"].get<std::string>().find("20 permutations"), std::string::npos);
  for (const Json& key : done->json["references"])
    EXPECT_NE(spec::find_reference(key.get<std::string>()), nullptr) << key;
  const auto beta = image::read_volume(dir_ / "out" / "age_beta.nii.gz");
  ASSERT_OK(beta);
  stats::ModelData one = sample_.data;
  one.y = values_.row(17).transpose().cast<double>();
  const auto fit = stats::fit_lme(one);
  ASSERT_OK(fit);
  EXPECT_TRUE(test::near(beta->values[17], fit->coefficients.value(1), 1e-6));
  EXPECT_EQ(run(request, table_, dir_ / "out", Overwrite::no, {}).error().code, Code::Conflict);
}

TEST_F(Run, MasksOfWhatIsMissingAndWhereToLook) {
  image::Labels mask;
  mask.grid.size = {5, 4, 3};
  mask.values.assign(60, 0);
  for (const int v : {3, 4, 5, 17}) mask.values[v] = 1;
  ASSERT_OK(image::write_labels(mask, dir_ / "mask.nii.gz"));
  mask.values.assign(60, 0);
  mask.values[17] = 1;
  ASSERT_OK(image::write_labels(mask, dir_ / "lesion.nii.gz"));
  std::vector<std::string> lesions(kPeople);
  lesions[4] = lesions[9] = "lesion.nii.gz";
  auto request = this->request();
  request.mask = dir_ / "mask.nii.gz";
  request.missing = "lesion";
  const auto done = run(request, *table_.with(table::text("lesion", lesions)), dir_ / "out", Overwrite::no, {});
  ASSERT_OK(done);
  EXPECT_EQ(done->json["places"], 4);
  const auto n = image::read_volume(dir_ / "out" / "n.nii.gz");
  ASSERT_OK(n);
  EXPECT_EQ(n->values[17], kPeople - 2);
  EXPECT_EQ(n->values[3], kPeople);
  EXPECT_EQ(n->values[0], 0.0F);
}

TEST_F(Run, VerticesAreMghValues) {
  for (int i = 0; i < kPeople; ++i) write(i, {60, 1, 1}, ".mgz");
  auto request = this->request();
  const auto table = *sample_.table.with(table::text("image", files_));
  ASSERT_OK(run(request, table, dir_ / "out", Overwrite::no, {}));
  EXPECT_TRUE(fs::exists(dir_ / "out" / "age_t.mgz"));
  request.tfce = true;
  request.permutations = 5;
  const auto no_surface = run(request, table, dir_ / "out2", Overwrite::no, {});
  ASSERT_FALSE(no_surface);
  EXPECT_NE(no_surface.error().mend.find("--surface"), std::string::npos);
}

/// The frames of one file, written by hand: a volume whose header says how many follow.
TEST_F(Run, FramesOfOneFileAreTheImages) {
  ASSERT_OK(run(request(), table_, dir_ / "apart", Overwrite::no, {}));
  image::Volume first;
  first.grid.size = {5, 4, 3};
  for (int v = 0; v < 60; ++v) first.values.push_back(values_(v, 0));
  ASSERT_OK(image::write_volume(first, dir_ / "one.nii"));
  std::string bytes = test::slurp(dir_ / "one.nii");
  const auto put = [&](std::size_t at, std::int16_t value) { std::memcpy(bytes.data() + at, &value, sizeof value); };
  put(40, 4);
  put(48, kPeople);
  for (int i = 1; i < kPeople; ++i)
    for (int v = 0; v < 60; ++v) {
      const float value = values_(v, i);
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  test::spit(dir_ / "all.nii", bytes);
  Request request;
  request.stack = dir_ / "all.nii";
  request.formula = "age + (1 | cohort)";
  ASSERT_OK(run(request, sample_.table, dir_ / "together", Overwrite::no, {}));
  for (const char* map : {"age_t.nii.gz", "n.nii.gz", "group_sd.nii.gz"})
    EXPECT_EQ(test::slurp(dir_ / "apart" / map), test::slurp(dir_ / "together" / map)) << map;
  const auto fewer = run(request, sample_.table.select({0, 1, 2, 3, 4, 5, 6, 7, 8}), dir_ / "none", Overwrite::no, {});
  ASSERT_FALSE(fewer);
  EXPECT_NE(fewer.error().what.find("30 frames for 9 rows"), std::string::npos);
}

TEST_F(Run, AStackOnDiskHoldsTheSameAndSoDoesAPartOfIt) {
  StackFiles files;
  for (const std::string& file : files_) files.images.push_back(dir_ / file);
  const auto memory = Stack::read(files, {.threads = 2}, {});
  const auto disk = Stack::read(files, {.memory = 0, .threads = 2}, {});
  ASSERT_OK(memory);
  ASSERT_OK(disk);
  EXPECT_EQ(*memory->block(7, 20), *disk->block(7, 20));
  EXPECT_EQ((*memory->block(0, 60)).cast<float>(), values_);
  const Stack part = disk->only({3, 4, 17, 50}).only({1, 2});
  EXPECT_EQ(part.places(), 2U);
  EXPECT_EQ(part.voxels()[1], 17U);
  EXPECT_EQ((*part.block(0, 2)).row(1).cast<float>(), values_.row(17));
}

/// Background around the brain: not fitted, no part of the corrections, and the rest as with a mask.
TEST_F(Run, WithoutAMaskTheBackgroundIsPassedOver) {
  values_.topRows(25).setZero();
  for (int i = 0; i < kPeople; ++i) write(i, {5, 4, 3}, ".nii.gz");
  auto request = this->request();
  request.permutations = 15;
  request.tfce = true;
  const auto open = run(request, table_, dir_ / "open", Overwrite::no, {});
  ASSERT_OK(open);
  EXPECT_EQ(open->json["state"]["constant"], 25);
  image::Labels mask;
  mask.grid.size = {5, 4, 3};
  mask.values.assign(60, 1);
  std::fill(mask.values.begin(), mask.values.begin() + 25, 0);
  ASSERT_OK(image::write_labels(mask, dir_ / "mask.nii.gz"));
  request.mask = dir_ / "mask.nii.gz";
  ASSERT_OK(run(request, table_, dir_ / "masked", Overwrite::no, {}));
  for (const char* map : {"age_p_fwe.nii.gz", "age_tfce.nii.gz", "age_p_tfce.nii.gz"})
    EXPECT_EQ(test::slurp(dir_ / "open" / map), test::slurp(dir_ / "masked" / map)) << map;
}

TEST_F(Run, NamesWhatIsWrong) {
  const auto refused = [&](const Request& request, const table::Table& table) {
    const auto done = run(request, table, dir_ / "none", Overwrite::no, {});
    EXPECT_FALSE(done);
    EXPECT_FALSE(fs::exists(dir_ / "none" / "age_t.nii.gz"));
    return done ? Error{} : done.error();
  };
  auto request = this->request();
  write(7, {5, 3, 3}, ".nii.gz");
  EXPECT_NE(refused(request, table_).where.find("image7"), std::string::npos);
  write(7, {5, 4, 3}, ".nii.gz");
  test::spit(dir_ / "image3.nii.gz", "no image");
  EXPECT_NE(refused(request, table_).where.find("image3"), std::string::npos);
  request.images = "age";
  EXPECT_EQ(refused(request, table_).code, Code::InvalidInput);
  request.images = "nothing";
  EXPECT_EQ(refused(request, table_).code, Code::NotFound);
  request = this->request();
  request.formula = "thickness ~ age";
  EXPECT_EQ(refused(request, table_).code, Code::Usage);
  request.formula = "age + nothing";
  EXPECT_EQ(refused(request, table_).code, Code::NotFound);
  request = this->request();
  request.columns = {"sex"};
  EXPECT_EQ(refused(request, table_).code, Code::NotFound);
}

}  // namespace
}  // namespace ipsi::voxelwise
