// SPDX-License-Identifier: GPL-3.0-or-later
// From a table with files to a folder of maps.
#include "core/voxelwise/run.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/image/io.h"
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
