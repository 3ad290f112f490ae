// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/explore_model.h"

#include "core/ingest/overlap.h"
#include "core/render/colormap.h"
#include "tests/ui/explore/explore_support.h"

namespace ipsi::ui {
namespace {

using test::region_index;

double cell(const table::Table& table, const std::string& column, std::size_t row) {
  const auto* found = table.find(column);
  return found != nullptr ? found->values[row] : table::kMissing;
}
bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

TEST(ExploreModel, NumbersAreThoseOfTheAnalysisTableAndOfQc) {
  test::ExploreStudy study;
  ExploreModel model(study.context);
  QcModel qc(study.context);
  model.setActive(true);
  const auto table = study::analysis_table(*study.session.snapshot());
  ASSERT_OK(table);
  int with_z = 0;
  for (std::size_t row = 0; row < table->rows(); ++row) {
    study.session.select(QString::fromStdString(table->find("subject")->texts[row]));
    const auto& state = model.state();
    ASSERT_EQ(state.id.toStdString(), table->find("subject")->texts[row]);
    EXPECT_EQ(state.position, static_cast<int>(row));
    EXPECT_TRUE(same(1000.0 * state.lesion_ml, cell(*table, "lesion_volume", row))) << row;
    EXPECT_EQ(state.days, cell(*table, "days_post_stroke", row));
    EXPECT_EQ(state.age, cell(*table, "age", row));
    EXPECT_EQ(state.sex.toStdString(), table->find("sex")->texts[row]);
    EXPECT_EQ(state.cohort.toStdString(), table->find("cohort")->texts[row]);
    ASSERT_EQ(qc.person()->id, state.id);
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      const auto& mine = state.regions[r];
      EXPECT_TRUE(same(mine.numbers.volume, cell(*table, std::string(kRegions[r].key), row)));
      EXPECT_TRUE(same(mine.numbers.z, qc.state().tiles[r].numbers.z));
      EXPECT_TRUE(same(mine.numbers.asymmetry, qc.state().tiles[r].numbers.asymmetry));
      EXPECT_EQ(qc_word(mine.flag).toStdString(), table->find("flag_" + std::string(kRegions[r].key))->texts[row]);
      with_z += std::isnan(mine.numbers.z) ? 0 : 1;
    }
  }
  EXPECT_EQ(with_z, 12 * test::ExploreStudy::kPeople);
  EXPECT_TRUE(model.state().z_by_icv);
  EXPECT_EQ(model.state().z_low, test::ExploreStudy::kPeople);  // flags do not enter
  EXPECT_EQ(model.state().z_high, test::ExploreStudy::kPeople);
  EXPECT_EQ(model.state().dots[0].size(), 15U);
  EXPECT_EQ(model.state().dots[static_cast<std::size_t>(region_index("left_putamen"))].size(), 13U);
}

TEST(ExploreModel, TheSideOfTheLesionComesFirst) {
  test::ExploreStudy study;
  ExploreModel model(study.context);
  model.setActive(true);
  EXPECT_EQ(model.state().sides[0], "Ipsilesional (L)");
  EXPECT_EQ(model.state().order[0], region_index("left_thalamus"));
  EXPECT_EQ(model.state().order[6], region_index("right_thalamus"));
  study.session.select("sub-03");
  EXPECT_EQ(model.state().sides[0], "Ipsilesional (R)");
  EXPECT_EQ(model.state().order[1], region_index("right_caudate"));
  EXPECT_EQ(model.state().order[7], region_index("left_caudate"));
}

TEST(ExploreModel, StepsThroughThePeopleOfTheSubset) {
  test::ExploreStudy study;
  ExploreModel model(study.context);
  model.setActive(true);
  model.step(-1);
  EXPECT_EQ(model.state().id, "sub-01");
  model.step(2);
  EXPECT_EQ(model.state().id, "sub-03");
  EXPECT_EQ(study.session.person(), "sub-03");
  study.session.setSubset("early");  // 10 days: sub-01, -04, -07 ..
  EXPECT_EQ(model.state().id, "sub-03");
  EXPECT_EQ(model.state().position, -1);
  EXPECT_EQ(model.state().people, 5);
  model.step(1);
  EXPECT_EQ(model.state().id, "sub-04");
  study.session.select("sub-06");
  model.step(-1);
  EXPECT_EQ(model.state().id, "sub-04");
  model.step(100);
  EXPECT_EQ(model.state().id, "sub-13");
}

TEST(ExploreModel, AnotherSessionHasItsOwnNumbers) {
  test::ExploreStudy study;
  ExploreModel model(study.context);
  model.setActive(true);
  ASSERT_EQ(model.state().visits.size(), 3U);
  EXPECT_EQ(model.state().visit, 0);
  const auto norms = region_norms(*study.session.table());
  model.chooseVisit(1);
  const auto& state = model.state();
  EXPECT_EQ(state.days, 60.0);
  EXPECT_EQ(state.age, 61.2);
  EXPECT_EQ(state.regions[0].numbers.volume, 7777.0);
  EXPECT_DOUBLE_EQ(state.regions[0].numbers.z, norms[0].of(7777.0, 1.45e6, 61.2).z);
  EXPECT_TRUE(std::isnan(state.regions[1].numbers.volume));
  EXPECT_EQ(state.regions[0].flag, QcFlag::unrated);  // nobody rated that session
  EXPECT_EQ(state.unrated, 12);
  model.chooseVisit(0);
  EXPECT_EQ(model.state().unrated, 0);
}

TEST(ExploreModel, ScoresKeepTheirOriginalValues) {
  test::ExploreStudy study;
  ExploreModel model(study.context);
  model.setActive(true);
  const auto& scores = model.state().scores;
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].test, "FMA-UE");  // the one seen most often first
  ASSERT_EQ(scores[0].points.size(), 3U);
  EXPECT_EQ(scores[0].points[2].days, 400.0);
  EXPECT_EQ(scores[0].points[2].raw, 47.0);
  EXPECT_EQ(scores[0].points[2].max, 66.0);
  EXPECT_DOUBLE_EQ(scores[0].points[2].fraction, 47.0 / 66.0);
  EXPECT_EQ(scores[1].test, "ARAT");
  study.session.select("sub-03");
  EXPECT_TRUE(model.state().scores.empty());
}

TEST(ExploreModel, OverlapIsThatOfQcAndOfTheMasksImport) {
  test::ExploreStudy study(true);
  ExploreModel model(study.context);
  model.setActive(true);
  ASSERT_TRUE(test::wait_until([&] { return model.state().scan && model.state().scan->whole; }));
  const auto share = qc_overlap(*model.state().scan);
  const auto labels = image::read_labels(study.folder / "labels.nii.gz"),
             mask = image::read_labels(study.folder / "lesion.nii.gz");
  ASSERT_OK(labels);
  ASSERT_OK(mask);
  const auto measured = ingest::lesion_overlap(*labels, *mask);
  ASSERT_OK(measured);
  EXPECT_DOUBLE_EQ(model.state().lesion_mm3, measured->lesion_mm3);
  int compared = 0;
  for (std::size_t r = 0; r < kRegions.size(); ++r) {
    const auto& mine = model.state().regions[r];
    EXPECT_TRUE(same(mine.overlap, share[r]));
    if (std::isnan(measured->regions[r].fraction_of_region)) continue;
    EXPECT_NEAR(mine.overlap, measured->regions[r].fraction_of_region, 1e-12);
    EXPECT_NEAR(mine.overlap_mm3, measured->regions[r].overlap_mm3, 1e-9);
    compared += measured->regions[r].overlap_mm3 > 0.0 ? 1 : 0;
  }
  EXPECT_GE(compared, 1);
}

TEST(ExploreModel, SurfacesComeAfterThePictureAndOnlyOfThisPerson) {
  test::ExploreStudy study(true);
  ExploreModel model(study.context);
  model.setActive(true);
  ASSERT_TRUE(test::wait_until([&] { return model.state().model != nullptr; }));
  EXPECT_EQ(model.state().model->scan, model.state().scan);
  study.session.select("sub-03");  // has no images
  EXPECT_EQ(model.state().model, nullptr);
  EXPECT_EQ(model.state().scan, nullptr);
  EXPECT_TRUE(model.state().message.contains("sub-03"));
  EXPECT_FALSE(model.state().model_message.isEmpty());
}

TEST(ExploreModel, ABrokenScanLeavesTheNumbers) {
  test::ExploreStudy study(true);
  test::spit(study.folder / "t1.nii.gz", "not an image");
  ExploreModel model(study.context);
  model.setActive(true);
  ASSERT_TRUE(test::wait_until([&] { return !model.state().message.isEmpty(); }));
  EXPECT_TRUE(model.state().message.contains("t1.nii.gz"));
  EXPECT_FALSE(model.state().waiting);
  EXPECT_FALSE(std::isnan(model.state().regions[0].numbers.z));
  model.step(2);
  EXPECT_EQ(model.state().id, "sub-03");
}

TEST(ExploreModel, BrokenLabelsAreNamedAndThePictureStays) {
  test::ExploreStudy study(true);
  test::spit(study.folder / "labels.nii.gz", "not an image");
  ExploreModel model(study.context);
  model.setActive(true);
  ASSERT_TRUE(test::wait_until([&] { return model.state().scan && model.state().scan->whole; }));
  EXPECT_TRUE(model.state().problem.contains("labels.nii.gz"));
  ASSERT_TRUE(test::wait_until([&] { return model.state().model_message.startsWith("No surfaces"); }));
}

TEST(ExploreModel, NobodyLooksNothingIsRead) {
  test::ExploreStudy study(true);
  ExploreModel model(study.context);
  study.session.select("sub-02");
  model.waitForScans();
  EXPECT_EQ(model.cachedBytes(), 0U);
  EXPECT_TRUE(model.state().any);
  model.setActive(true);
  ASSERT_TRUE(test::wait_until([&] { return model.state().scan != nullptr; }));
  model.setActive(false);
  EXPECT_EQ(model.cachedBytes(), 0U);
}

TEST(ExploreModel, AFlagInQcShowsAtOnce) {
  test::ExploreStudy study;
  ExploreModel model(study.context);
  model.setActive(true);
  const double before = model.state().regions[0].numbers.z;
  study::Rating rating;
  rating.person = "sub-01";
  rating.region = "left_thalamus";
  rating.flag = study::Flag::failed;
  ASSERT_TRUE(study.session.rate({rating}, "one"));
  EXPECT_EQ(model.state().regions[0].flag, QcFlag::failed);
  EXPECT_EQ(model.state().regions[0].numbers.z, before);  // nobody's flag moves what is usual
}

TEST(ExploreModel, WithoutAStudyNothingHappens) {
  test::ExploreStudy study(false, false);
  ExploreModel model(study.context);
  model.setActive(true);
  model.step(1);
  model.chooseRegion(3);
  model.chooseVisit(1);
  EXPECT_FALSE(model.state().open);
  EXPECT_FALSE(model.state().any);
  EXPECT_TRUE(model.state().id.isEmpty());
}

TEST(ExploreModel, ColoursOfZAreThoseOfTheMap) {
  const auto white = render::diverging().at(0.5);
  EXPECT_EQ(ExploreModel::colourOf(0.0), (std::uint32_t(white.r) << 16) | (std::uint32_t(white.g) << 8) | white.b);
  EXPECT_EQ(ExploreModel::colourOf(-9.0), ExploreModel::colourOf(-4.0));
}

}  // namespace
}  // namespace ipsi::ui
