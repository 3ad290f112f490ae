// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/map_model.h"

#include <QSignalSpy>

#include "core/engine/live.h"
#include "core/image/io.h"
#include "tests/ui/map/map_support.h"

namespace ipsi::ui {
namespace {

using test::wait_until;

struct Fixture : testing::Test {
  test::MapStudy study;
  MapModel model{study.context};
  void SetUp() override {
    model.setTemplateSource(test::MapStudy::phantom);
    model.wake();
    ASSERT_TRUE(wait_until([&] { return study.jobs.idle() && model.analysis() != nullptr && model.state().model; }));
  }
};

using MapModelTest = Fixture;

TEST_F(MapModelTest, EveryNumberIsTheOneOfResults) {
  const auto live = study.models.state().live;
  const auto file = study.write_results(*live);
  const auto sheet = table::read_table(file);
  ASSERT_OK(sheet);
  std::size_t at = 0;
  for (const auto& analysis : model.state().analyses)
    for (const auto& row : analysis.rows) {
      EXPECT_EQ(sheet->find("analysis")->texts[at], analysis.id.toStdString());
      const std::pair<const char*, double> cells[] = {{"n", row.n},
                                                      {"n_cohorts", row.cohorts},
                                                      {"beta", row.beta},
                                                      {"se", row.se},
                                                      {"ci_low", row.low},
                                                      {"ci_high", row.high},
                                                      {"df", row.df},
                                                      {"t", row.t},
                                                      {"p", row.p},
                                                      {"d", row.d},
                                                      {"p_adjusted", row.p_adjusted}};
      for (const auto& [column, shown] : cells) {
        const double wanted = sheet->find(column)->values[at];
        EXPECT_TRUE(wanted == shown || (std::isnan(wanted) && std::isnan(shown))) << column << " of row " << at;
      }
      ++at;
    }
  EXPECT_EQ(at, sheet->rows());
  // And the map's values are those of `ipsi map --values` on the file, hash and looks included.
  const auto values = report::read_map_values(file, {});
  ASSERT_OK(values);
  EXPECT_EQ(values->data_hash, model.state().values->data_hash);
  ASSERT_EQ(values->panels.size(), model.state().values->panels.size());
  for (std::size_t p = 0; p < values->panels.size(); ++p)
    for (std::size_t r = 0; r < kRegions.size(); ++r) {
      EXPECT_EQ(values->panels[p].regions[r].look, model.state().values->panels[p].regions[r].look);
      EXPECT_EQ(values->panels[p].regions[r].value, model.state().values->panels[p].regions[r].value);
    }
}

TEST_F(MapModelTest, TheScaleIsSharedAndHoldsAllAnalyses) {
  EXPECT_EQ(model.state().limit, report::limit_of(*model.state().values, {}));
  EXPECT_EQ(model.state().beyond, 0);
  double largest = 0;
  for (const auto& analysis : model.state().analyses)
    for (const auto& row : analysis.rows) largest = std::max(largest, std::abs(row.beta));
  EXPECT_GE(model.state().limit, largest);
  auto look = model.look();
  look.limit = largest / 2;
  model.setLook(look);
  EXPECT_EQ(model.state().limit, largest / 2);
  int beyond = 0;
  for (const auto& analysis : model.state().analyses)
    for (const auto& row : analysis.rows) beyond += std::abs(row.beta) > largest / 2 ? 1 : 0;
  EXPECT_EQ(model.state().beyond, beyond);
  EXPECT_GT(beyond, 0);
}

TEST_F(MapModelTest, LooksAreCounted) {
  const auto& now = *model.analysis();
  EXPECT_EQ(now.significant + now.muted + now.untested + now.excluded, 12);
  int significant = 0;
  for (const auto& row : now.rows) significant += row.p < 0.05 / 12 ? 1 : 0;
  EXPECT_EQ(now.significant, significant);
  EXPECT_GE(significant, 1);  // the putamen was made to follow the score
  const auto& putamen = now.rows[2];
  EXPECT_EQ(putamen.title, "Putamen");
  EXPECT_TRUE(putamen.significant());
  EXPECT_EQ(kRegions[static_cast<std::size_t>(putamen.region)].key, "left_putamen");
}

TEST_F(MapModelTest, AFlagMovesTheRegionsOfThatPersonOnly) {
  const auto before = model.state().analyses;
  const int generation = model.state().generation;
  study.failPutamen(1);
  ASSERT_TRUE(wait_until([&] { return model.state().generation > generation && !model.state().working; }));
  int moved = 0;
  for (std::size_t a = 0; a < before.size(); ++a)
    for (std::size_t r = 0; r < before[a].rows.size(); ++r) {
      const auto& now = model.state().analyses[a].rows[r];
      if (now.n == before[a].rows[r].n) continue;
      ++moved;
      EXPECT_EQ(now.title, "Putamen");
      EXPECT_EQ(now.n, before[a].rows[r].n - 1);
    }
  EXPECT_GE(moved, 1);
}

TEST_F(MapModelTest, TheRowIsSharedWithTheModels) {
  QSignalSpy rows(&model, &MapModel::rowChanged);
  model.chooseRegion(11);
  EXPECT_EQ(study.models.state().row, 11);
  EXPECT_EQ(model.row()->title, "Lateral ventricle");
  study.models.chooseRow(2);
  EXPECT_EQ(model.regionChosen(), 4);
  EXPECT_EQ(rows.count(), 2);
}

TEST_F(MapModelTest, TheVolumeIsTheOneOfTheCommandLine) {
  const auto out = study.folder / "map.nii.gz";
  QSignalSpy told(&model, &MapModel::told);
  model.exportVolume(QString::fromStdString(out.string()));
  ASSERT_TRUE(wait_until([&] { return told.count() == 1; }));
  const auto written = image::read_volume(out);
  ASSERT_OK(written);
  const auto head = test::phantom_head();
  const auto wanted = report::to_volume(model.figureValues(false).panels.front(), head);
  ASSERT_EQ(written->values.size(), wanted.values.size());
  std::size_t differ = 0;
  for (std::size_t i = 0; i < wanted.values.size(); ++i) differ += written->values[i] != wanted.values[i] ? 1 : 0;
  EXPECT_EQ(differ, 0U);
  EXPECT_TRUE(std::filesystem::exists(out.string() + ".json"));
}

TEST_F(MapModelTest, TheCopiedTableHasItsHeaderAndTwelveRows) {
  const auto copied = model.table();
  const auto lines = copied.tsv.split('\n', Qt::SkipEmptyParts);
  ASSERT_EQ(lines.size(), 14);
  EXPECT_TRUE(lines[0].contains(model.analysis()->title));
  EXPECT_EQ(lines[1].count('\t'), lines[5].count('\t'));
  EXPECT_EQ(copied.html.count("<tr>"), 13);
  EXPECT_TRUE(copied.html.contains("<b>Putamen</b>"));
}

TEST(MapModelAlone, WithoutAStudyThereIsNothingAndNothingBreaks) {
  test::MapStudy study(false);
  MapModel model(study.context);
  EXPECT_FALSE(model.state().open);
  EXPECT_EQ(model.analysis(), nullptr);
  EXPECT_EQ(model.row(), nullptr);
  model.chooseRegion(3);
  model.choose(2);
  EXPECT_TRUE(model.table().tsv.isEmpty());
  model.exportVolume("/nowhere/x.nii.gz");
  EXPECT_TRUE(model.figureValues(true).panels.empty());
}

TEST(MapModelAlone, AMissingTemplateIsToldAndTheTableStays) {
  test::MapStudy study;
  MapModel model(study.context);
  model.setTemplateSource([](const Task&) -> Result<brain::Template> {
    return fail(Code::Environment, "mricron-data is not installed", "", "apt install mricron-data");
  });
  model.wake();
  ASSERT_TRUE(wait_until([&] { return study.jobs.idle() && model.analysis() != nullptr; }));
  EXPECT_EQ(model.state().head_what, "mricron-data is not installed");
  EXPECT_EQ(model.state().head_mend, "apt install mricron-data");
  EXPECT_EQ(model.analysis()->rows.size(), 12U);
  model.setTemplateSource(test::MapStudy::phantom);
  model.loadTemplate();
  ASSERT_TRUE(wait_until([&] { return model.state().model != nullptr; }));
  EXPECT_TRUE(model.state().head_what.isEmpty());
}

}  // namespace
}  // namespace ipsi::ui
