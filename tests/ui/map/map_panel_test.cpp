// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/map_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <QSignalSpy>

#include "tests/ui/map/map_support.h"

namespace ipsi::ui {
namespace {

using test::wait_until;

struct Desk {
  test::MapStudy study;
  MapPanel panel;
  explicit Desk(bool open = true, MapModel::Source source = test::MapStudy::phantom)
      : study(open), panel(study.context) {
    Theme::apply(ThemeChoice::light, 100);
    panel.model().setTemplateSource(std::move(source));
    panel.resize(1298, 698);
    panel.show();
    panel.activateWindow();
    QTest::qWait(1);
  }
  [[nodiscard]] bool ready() {
    return wait_until(
        [&] { return study.jobs.idle() && state().model && scene()->shot().ticket > 0 && scene()->settled(); });
  }
  MapView3d* scene() { return panel.findChild<MapView3d*>("map.scene"); }
  MapTable* table() { return panel.findChild<MapTable*>("map.table"); }
  MapStrip* strip() { return panel.findChild<MapStrip*>("map.strip"); }
  MapSlice* axial() { return panel.findChild<MapSlice*>("map.axial"); }
  const MapModel::State& state() { return panel.model().state(); }

  /// A point of the widget where that region is seen.
  QPoint pointOf(int region) {
    for (int y = 0; y < scene()->height(); y += 2)
      for (int x = 0; x < scene()->width(); x += 2)
        if (scene()->regionAt(QPointF(x + 2, y)) == region && scene()->regionAt(QPointF(x, y + 2)) == region &&
            scene()->regionAt(QPointF(x, y)) == region)
          return {x, y};
    return {};
  }
};

int index_of(const char* key) {
  for (std::size_t r = 0; r < kRegions.size(); ++r)
    if (kRegions[r].key == key) return static_cast<int>(r);
  return -1;
}

TEST(MapPanel, AClickOnARegionLightsUpItsRowAndTheOtherWayRound) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  int seen = 0;
  for (int region = 0; region < 12; ++region) {
    const QPoint at = desk.pointOf(region);
    if (at.isNull()) continue;  // hidden behind another
    ++seen;
    QTest::mouseClick(desk.scene(), Qt::LeftButton, {}, at);
    ASSERT_NE(desk.panel.model().row(), nullptr);
    EXPECT_EQ(desk.panel.model().row()->region, region);
    EXPECT_EQ(desk.study.models.state().row, desk.state().row);
    EXPECT_TRUE(desk.table()->accessibleDescription().startsWith(desk.state().halves[region % 2 == 0 ? 0 : 1] + " " +
                                                                 desk.panel.model().row()->title.toLower()));
  }
  EXPECT_GE(seen, 6);
  QTest::mouseClick(desk.table(), Qt::LeftButton, {}, desk.table()->rowRect(2).center());
  EXPECT_EQ(desk.panel.model().regionChosen(), index_of("left_putamen"));
  EXPECT_TRUE(desk.panel.findChild<Label*>("map.region")->text().contains("putamen"));
  QTest::keyClick(desk.table(), Qt::Key_Down);
  EXPECT_EQ(desk.panel.model().row()->title, "Pallidum");
}

TEST(MapPanel, AClickOnASliceChoosesTheRegionThere) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  desk.panel.grab();
  auto* slice = desk.axial();
  const int region = index_of("right_putamen");
  for (int y = 0; y < slice->height(); ++y)
    for (int x = 0; x < slice->width(); ++x)
      if (slice->regionAt(QPointF(x, y)) == region) {
        EXPECT_LT(x, slice->width() / 2);  // radiological: the right half of the template at the left
        QTest::mouseClick(slice, Qt::LeftButton, {}, QPoint(x, y));
        EXPECT_EQ(desk.panel.model().regionChosen(), region);
        return;
      }
  FAIL() << "the slice shows no right putamen";
}

TEST(MapPanel, AFlagRecoloursTheMapAtOnceAndInFullAfter) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  const QPoint at = desk.pointOf(index_of("left_putamen"));
  ASSERT_FALSE(at.isNull());
  const auto before = desk.panel.model().analysis()->paints;
  QSignalSpy shown(desk.scene(), &MapView3d::shown);
  desk.study.failPutamen(190);  // too few are left
  ASSERT_TRUE(wait_until([&] { return shown.count() >= 2 && desk.scene()->settled(); }));
  const auto quality = [&](qsizetype i) { return shown.at(i).at(0).value<MapShot>().view.quality; };
  EXPECT_EQ(quality(0), render::MapView::Quality::drag);
  EXPECT_EQ(quality(shown.count() - 1), render::MapView::Quality::full);
  const auto& now = desk.panel.model().analysis()->paints;
  const auto putamen = static_cast<std::size_t>(index_of("left_putamen"));
  EXPECT_NE(now[putamen].look, before[putamen].look);
  EXPECT_EQ(desk.scene()->shot().paints[0][putamen].look, now[putamen].look);
  EXPECT_EQ(desk.scene()->shot().paints[0][putamen].colour, now[putamen].colour);
}

TEST(MapPanel, OrbitByDragAndKeysThenBackHome) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  auto* scene = desk.scene();
  const auto home = scene->camera();
  EXPECT_EQ(scene->cameraName(), "oblique");
  QSignalSpy shown(scene, &MapView3d::shown);
  QTest::mousePress(scene, Qt::LeftButton, {}, QPoint(100, 100));
  QTest::mouseMove(scene, QPoint(150, 110));
  QTest::mouseMove(scene, QPoint(200, 120));
  ASSERT_TRUE(wait_until([&] { return shown.count() > 0; }));
  EXPECT_EQ(scene->shot().view.quality, render::MapView::Quality::drag);
  QTest::mouseRelease(scene, Qt::LeftButton, {}, QPoint(200, 120));
  ASSERT_TRUE(wait_until([&] { return scene->settled(); }));
  EXPECT_NE(scene->camera().from, home.from);
  EXPECT_EQ(desk.panel.model().look().camera.from, scene->camera().from);
  const auto turned = scene->camera();
  QTest::keyClick(scene, Qt::Key_Left);
  EXPECT_NE(scene->camera().from, turned.from);
  QTest::keyClick(scene, Qt::Key_Home);
  EXPECT_EQ(scene->camera().from, home.from);
  EXPECT_EQ(scene->cameraName(), "oblique");
  ASSERT_TRUE(wait_until([&] { return scene->settled(); }));
}

TEST(MapPanel, EachAnalysisHasAPanelAndAClickChoosesIt) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  ASSERT_TRUE(desk.study.actions.trigger("map.panels"));
  ASSERT_TRUE(wait_until([&] { return desk.scene()->settled(); }));
  EXPECT_EQ(desk.scene()->shot().images.size(), desk.state().analyses.size());
  EXPECT_FALSE(desk.axial()->isVisible());
  QTest::mouseClick(desk.scene(), Qt::LeftButton, {}, desk.scene()->cell(1).bottomLeft() + QPoint(20, -30));
  EXPECT_EQ(desk.state().current, 1);
  QTest::mouseClick(desk.strip(), Qt::LeftButton, {}, desk.strip()->cardRect(0).center());
  EXPECT_EQ(desk.state().current, 0);
  QTest::keyClick(desk.strip(), Qt::Key_Right);
  EXPECT_EQ(desk.state().current, 1);
}

TEST(MapPanel, ACutOpensTheForms) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  const auto whole = desk.scene()->shot().forms[0]->region;
  ASSERT_TRUE(desk.study.actions.trigger("map.cut"));
  ASSERT_TRUE(desk.panel.model().look().clip.has_value());
  ASSERT_TRUE(wait_until([&] { return desk.scene()->settled(); }));
  EXPECT_NE(desk.scene()->shot().forms[0]->region, whole);
  const double at = desk.panel.model().look().clip->at_mm;
  ASSERT_TRUE(desk.study.actions.trigger("map.cut.on"));
  EXPECT_EQ(desk.panel.model().look().clip->at_mm, at + 2.0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(desk.study.actions.trigger("map.cut"));
  EXPECT_FALSE(desk.panel.model().look().clip.has_value());
  ASSERT_TRUE(wait_until([&] { return desk.scene()->settled(); }));
  EXPECT_EQ(desk.scene()->shot().forms[0]->region, whole);
}

TEST(MapPanel, TheTableIsCopiedAsTextAndAsHtml) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  QTest::mouseClick(desk.panel.findChild<QPushButton*>("map.copy"), Qt::LeftButton);
  const auto* data = QGuiApplication::clipboard()->mimeData();
  EXPECT_TRUE(data->text().contains("Putamen\t"));
  EXPECT_TRUE(data->html().contains("<table"));
}

TEST(MapPanel, ARegionThatCannotBeFittedSaysWhyInItsRow) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  const int generation = desk.state().generation;
  desk.study.failPutamen(200);
  ASSERT_TRUE(wait_until([&] { return desk.state().generation > generation && !desk.state().working; }));
  const auto& row = desk.panel.model().analysis()->rows[2];
  EXPECT_TRUE(std::isnan(row.beta));
  EXPECT_EQ(row.look, render::Look::untested);
  EXPECT_FALSE(row.notes.isEmpty());
  EXPECT_EQ(desk.panel.model().analysis()->untested, 1);
  EXPECT_TRUE(desk.table()->words(2).contains("not fitted")) << desk.table()->words(2).toStdString();
  QTest::mouseClick(desk.table(), Qt::LeftButton, {}, desk.table()->rowRect(2).center());
  EXPECT_EQ(desk.panel.findChild<Label*>("map.notes")->text(), row.notes);
  ASSERT_TRUE(wait_until([&] { return desk.scene()->settled(); }));
  EXPECT_FALSE(desk.panel.grab().isNull());
}

TEST(MapPanel, APictureThatCannotBeDrawnIsToldInItsPlaceAndTheTableWorks) {
  Desk desk;
  ASSERT_TRUE(desk.ready());
  MapView3d alone;
  alone.setModel(desk.state().model);
  alone.setPanels({{{}, {}, desk.panel.model().analysis()->paints}}, 0);
  alone.resize(200, 20000);  // more than OpenGL can
  alone.show();
  ASSERT_TRUE(wait_until([&] { return !alone.problem().isEmpty(); }));
  EXPECT_TRUE(alone.settled());
  EXPECT_EQ(alone.regionAt(QPointF(100, 100)), -1);
  alone.resize(200, 200);
  ASSERT_TRUE(wait_until([&] { return alone.problem().isEmpty() && alone.settled(); }));
}

TEST(MapPanel, WithoutAStudyThereIsASentence) {
  Desk desk(false);
  EXPECT_TRUE(desk.panel.findChild<QWidget*>("map.empty")->isVisible());
  EXPECT_FALSE(desk.table()->isVisible());
  for (const auto& action : desk.study.actions.all())
    if (action.id != "map.volume") desk.study.actions.trigger(action.id);
  EXPECT_FALSE(desk.panel.grab().isNull());
}

TEST(MapPanel, WithoutATemplateTheTableStillWorks) {
  Desk desk(true, [](const Task&) -> Result<brain::Template> {
    return fail(Code::Environment, "mricron-data is not installed", "", "apt install mricron-data");
  });
  ASSERT_TRUE(wait_until([&] { return desk.study.jobs.idle() && desk.panel.model().analysis() != nullptr; }));
  EXPECT_TRUE(desk.panel.findChild<QWidget*>("map.template")->isVisible());
  EXPECT_FALSE(desk.scene()->isVisible());
  QTest::mouseClick(desk.table(), Qt::LeftButton, {}, desk.table()->rowRect(5).center());
  EXPECT_EQ(desk.panel.model().row()->title, "Lateral ventricle");
  desk.panel.model().setTemplateSource(test::MapStudy::phantom);
  QTest::mouseClick(desk.panel.findChild<QPushButton*>("map.template.again"), Qt::LeftButton);
  ASSERT_TRUE(desk.ready());
  EXPECT_TRUE(desk.scene()->isVisible());
}

}  // namespace
}  // namespace ipsi::ui
