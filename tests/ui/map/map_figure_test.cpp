// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/map_figure.h"

#include <QSignalSpy>

#include "core/base/files.h"
#include "core/image/io.h"
#include "core/render/template_file.h"
#include "tests/cli/run.h"
#include "tests/ui/map/map_support.h"
#include "ui/panels/map_panel.h"

namespace ipsi::ui {
namespace {

using test::wait_until;

/// The workspace on a template in files, so that the command line can be given the same one.
class MapFigure : public testing::Test {
 protected:
  void SetUp() override {
    Theme::apply(ThemeChoice::light, 100);
    const auto head = test::phantom_head();
    ASSERT_OK(image::write_labels(head.regions, labels_));
    ASSERT_OK(image::write_volume(head.brain, brain_));
    panel_.model().setTemplateSource(
        [labels = labels_, brain = brain_](const Task&) { return render::template_from_files(labels, brain); });
    panel_.resize(1298, 698);
    panel_.show();
    panel_.activateWindow();
    QTest::qWait(1);
    ASSERT_TRUE(wait_until([&] { return study_.jobs.idle() && map().state().model && map().analysis() != nullptr; }));
    ASSERT_TRUE(wait_until([&] { return scene()->settled(); }));
  }

  MapModel& map() { return panel_.model(); }
  MapExport& figure() { return panel_.figure(); }
  MapView3d* scene() { return panel_.findChild<MapView3d*>("map.scene"); }
  std::filesystem::path path(const std::string& name) const { return study_.folder / name; }

  std::string write(const std::string& name) {
    QSignalSpy written(&figure(), &MapExport::written), failed(&figure(), &MapExport::failed);
    figure().write(QString::fromStdString(path(name).string()));
    EXPECT_TRUE(wait_until([&] { return written.count() + failed.count() > 0; }));
    EXPECT_EQ(failed.count(), 0) << (failed.isEmpty() ? "" : failed[0][0].toString().toStdString());
    return *read_file(path(name));
  }
  /// `ipsi map` on the same template.
  std::string draw(std::vector<std::string> arguments, const std::string& name) {
    arguments.insert(arguments.begin(), "map");
    for (const std::string& more : {std::string("--atlas"), labels_.string(), std::string("--head"), brain_.string(),
                                    std::string("--out"), path(name).string()})
      arguments.push_back(more);
    ran_ = test::ipsi(arguments, study_.folder.path());
    EXPECT_EQ(ran_.code, 0) << ran_.err;
    return ran_.code == 0 ? *read_file(path(name)) : std::string();
  }

  test::MapStudy study_;
  std::filesystem::path labels_ = study_.folder / "labels.nii.gz", brain_ = study_.folder / "brain.nii.gz";
  MapPanel panel_{study_.context};
  test::Ran ran_;
};

TEST_F(MapFigure, TheWindowAndTheCommandLineWriteTheSameBytes) {
  auto look = map().look();
  look.brain = true;
  look.clip = render::Clip{1, 20.0};
  look.colours = "okabe-ito";
  map().setLook(look);
  scene()->orbit(-40.0, 12.0);
  ASSERT_TRUE(study_.actions.trigger("map.export"));
  auto options = figure().state().options;
  options.width_mm = 114;
  options.dpi = 150;
  options.transparent = true;
  options.alt = "A map in words.";
  figure().setOptions(options);
  const auto results = study_.write_results(*study_.models.state().live).string();
  const auto& analysis = *map().analysis();
  const std::string id = analysis.id.toStdString(), camera = scene()->camera().name;
  const std::vector<std::string> common{"--values",
                                        results,
                                        "--analysis",
                                        id,
                                        "--title",
                                        id + "=" + analysis.title.toStdString(),
                                        "--size-mm",
                                        "114",
                                        "--dpi",
                                        "150",
                                        "--background",
                                        "transparent",
                                        "--brain",
                                        "on",
                                        "--clip",
                                        "A=20",
                                        "--colours",
                                        "okabe-ito",
                                        "--axial",
                                        "4",
                                        "--coronal",
                                        "8",
                                        "--label",
                                        map().state().unit.toStdString(),
                                        "--alt",
                                        "A map in words.",
                                        "--camera=" + camera,
                                        "--limit",
                                        fmt::format("{}", map().state().limit)};
  EXPECT_EQ(camera, "-8,30");
  for (const char* kind : {"png", "svg", "pdf"}) {
    const std::string window = write(std::string("window.") + kind), line = draw(common, std::string("line.") + kind);
    EXPECT_FALSE(window.empty());
    EXPECT_TRUE(window == line) << kind << ": " << window.size() << " and " << line.size() << " bytes";
  }
}

TEST_F(MapFigure, AllAnalysesTogetherAreTheSameFromBoth) {
  auto look = map().look();
  look.all = true;
  map().setLook(look);
  ASSERT_TRUE(study_.actions.trigger("map.export"));
  auto options = figure().state().options;
  EXPECT_TRUE(options.all);
  options.dpi = 100;
  options.view = MapExport::View::subcortical;
  figure().setOptions(options);
  const auto results = study_.write_results(*study_.models.state().live).string();
  std::vector<std::string> arguments{"--values", results,   "--view", "subcortical", "--dpi",
                                     "100",      "--brain", "off",    "--label",     map().state().unit.toStdString()};
  for (const auto& analysis : map().state().analyses) {
    arguments.push_back("--title");
    arguments.push_back((analysis.id + "=" + analysis.title).toStdString());
  }
  EXPECT_TRUE(write("window.png") == draw(arguments, "line.png"));
}

TEST_F(MapFigure, ARecipeBringsTheFigureBack) {
  auto look = map().look();
  look.limit = 1.5;
  map().setLook(look);
  scene()->setCamera("left");
  ASSERT_TRUE(study_.actions.trigger("map.export"));
  auto options = figure().state().options;
  options.width_mm = 85;
  options.dpi = 150;
  figure().setOptions(options);
  const std::string first = write("first.png");
  const std::string recipe = path("first.png.json").string();
  EXPECT_TRUE(draw({"--recipe", recipe}, "again.png") == first);  // by the command line, from the recipe alone
  const auto results = study_.write_results(*study_.models.state().live).string();
  EXPECT_TRUE(draw({"--recipe", recipe, "--values", results}, "same.png") == first);
  EXPECT_EQ(ran_.err.find("changed"), std::string::npos);
  // In the window, after everything was set to something else.
  figure().close();
  look = map().look();
  look.limit.reset();
  look.colours = "cividis";
  map().setLook(look);
  scene()->setCamera("top");
  options.width_mm = 174;
  figure().setOptions(options);
  ASSERT_TRUE(figure().openRecipe(QString::fromStdString(recipe)));
  EXPECT_TRUE(figure().state().recipe_note.isEmpty()) << figure().state().recipe_note.toStdString();
  EXPECT_TRUE(figure().state().shown);
  EXPECT_TRUE(write("window.png") == first);
}

TEST_F(MapFigure, ARecipeOfOtherValuesSaysSoAndShowsThose) {
  ASSERT_TRUE(study_.actions.trigger("map.export"));
  auto options = figure().state().options;
  options.width_mm = 85;
  options.dpi = 100;
  figure().setOptions(options);
  const std::string first = write("first.png");
  figure().close();
  const int generation = map().state().generation;
  study_.failPutamen(5);
  ASSERT_TRUE(wait_until([&] { return map().state().generation > generation && !map().state().working; }));
  const std::string recipe = path("first.png.json").string();
  ASSERT_TRUE(figure().openRecipe(QString::fromStdString(recipe)));
  EXPECT_TRUE(figure().state().stored_values);
  EXPECT_TRUE(figure().state().recipe_note.contains("changed"));
  EXPECT_TRUE(panel_.findChild<QWidget*>("map.recipe.note")->isVisible());
  EXPECT_TRUE(write("then.png") == first);
  QTest::mouseClick(panel_.findChild<QPushButton*>("map.recipe.today"), Qt::LeftButton);
  EXPECT_FALSE(figure().state().stored_values);
  const std::string today = write("today.png");
  EXPECT_FALSE(today == first);
  const auto results = study_.write_results(*study_.models.state().live).string();
  const auto& analysis = *map().analysis();
  const std::string id = analysis.id.toStdString();
  EXPECT_TRUE(draw({"--recipe", recipe, "--values", results, "--analysis", id, "--title",
                    id + "=" + analysis.title.toStdString()},
                   "line.png") == today);
  EXPECT_NE(ran_.err.find("changed"), std::string::npos) << ran_.err;
}

TEST_F(MapFigure, WhatCannotBeReadOrWrittenIsTold) {
  QSignalSpy failed(&figure(), &MapExport::failed);
  test::spit(path("broken.json"), "{\"figure\": \"brain map\", \"format\": \"png\"}");
  EXPECT_FALSE(figure().openRecipe(QString::fromStdString(path("broken.json").string())));
  test::spit(path("other.json"), "{\"figure\": \"a cake\"}");
  EXPECT_FALSE(figure().openRecipe(QString::fromStdString(path("other.json").string())));
  EXPECT_FALSE(figure().openRecipe("/nowhere/x.json"));
  EXPECT_EQ(failed.count(), 3);
  EXPECT_FALSE(figure().state().shown);
  ASSERT_TRUE(study_.actions.trigger("map.export"));
  figure().write("/nowhere/x.png");
  ASSERT_TRUE(wait_until([&] { return failed.count() == 4; }));
  EXPECT_FALSE(figure().state().writing);
}

TEST_F(MapFigure, ThePreviewIsTheFigureAtItsRealSizeAndAsOthersSeeIt) {
  QTest::mouseClick(panel_.findChild<QPushButton*>("map.export"), Qt::LeftButton);
  auto* preview = panel_.findChild<MapPreview*>("map.preview");
  ASSERT_TRUE(wait_until([&] { return !figure().state().drawing && !preview->shownImage().isNull(); }));
  const double dpi = preview->screen()->physicalDotsPerInch();
  EXPECT_NEAR(preview->shownImage().width(), 174.0 / 25.4 * dpi * preview->devicePixelRatioF(), 2.0);
  auto* grey = panel_.findChild<Segments*>("map.preview.vision")->button(4);
  QTest::mouseClick(grey, Qt::LeftButton);
  const QImage seen = preview->shownImage();
  int coloured = 0;
  for (int y = 0; y < seen.height(); y += 3)
    for (int x = 0; x < seen.width(); x += 3) {
      const QRgb c = seen.pixel(x, y);
      coloured += qRed(c) != qGreen(c) || qGreen(c) != qBlue(c) ? 1 : 0;
    }
  EXPECT_EQ(coloured, 0);
}

TEST_F(MapFigure, TheFormSpeaksOfWhatItWillDoAndEscLeaves) {
  ASSERT_TRUE(study_.actions.trigger("map.export"));
  auto* write = panel_.findChild<QPushButton*>("map.write");
  EXPECT_EQ(write->text(), "Export 174 mm PNG");
  auto* widths = panel_.findChild<QWidget*>("map.width")->findChild<Segments*>();
  QTest::mouseClick(widths->button(0), Qt::LeftButton);
  EXPECT_EQ(write->text(), "Export 85 mm PNG");
  QTest::mouseClick(panel_.findChild<Segments*>("map.format")->button(1), Qt::LeftButton);
  EXPECT_EQ(write->text(), "Export 85 mm SVG");
  auto* pattern = panel_.findChild<QLineEdit*>("map.pattern");
  pattern->setFocus();
  pattern->selectAll();
  QTest::keyClicks(pattern, "fig 2 {study}-{width}");
  EXPECT_EQ(figure().fileName(), "fig_2_m-85.svg");
  EXPECT_TRUE(panel_.findChild<QWidget*>("map.preview")->isVisible());
  QTest::keyClick(pattern, Qt::Key_Escape);
  EXPECT_FALSE(figure().state().shown);
  EXPECT_TRUE(scene()->isVisible());
}

}  // namespace
}  // namespace ipsi::ui
