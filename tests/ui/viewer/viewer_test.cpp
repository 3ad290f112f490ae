// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QApplication>
#include <QClipboard>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include "core/render/planes.h"
#include "tests/core/render/planes_phantom.h"
#include "tests/support/qt_support.h"
#include "ui/viewer/plane_widget.h"
#include "ui/viewer/scene3d_widget.h"
#include "ui/viewer/triplanar_widget.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

using Eigen::Vector3d;
using render::Plane;

std::shared_ptr<const render::Scan> scan() {
  static const auto made = test::scan_on(test::ras_grid());
  return made;
}

struct Fixture {
  TriplanarWidget viewer;
  Fixture() {
    Theme::apply(ThemeChoice::dark, 100);
    viewer.resize(800, 560);
    viewer.setScan(scan());
    viewer.focusRegion(4);
    viewer.show();
    QTest::qWait(1);
  }
  PlaneWidget* plane(Plane p) { return viewer.plane(p); }
  void wheel(Plane p, int steps, Qt::KeyboardModifiers keys = Qt::NoModifier) {
    const QPointF at(60, 50);
    QWheelEvent event(at, plane(p)->mapToGlobal(at), {}, QPoint(0, 120 * steps), Qt::NoButton, keys, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(plane(p), &event);
  }
  /// Where a world point is painted, in the widget's points.
  QPoint at(Plane p, const Vector3d& world) {
    const render::PlaneView view = viewer.viewOf(p);
    const Eigen::Vector2d pixel = render::pixel_of(view, world) / view.pixel_ratio;
    return {static_cast<int>(std::floor(pixel[0])), static_cast<int>(std::floor(pixel[1]))};
  }
};

TEST(Triplanar, FocusGoesToTheCentreOfMass) {
  Fixture f;
  EXPECT_LT((f.viewer.crosshair() - Vector3d(-24, 2, 2)).norm(), 1e-9);
  // The region's box and 12 mm around fit into the large plane: 12 + 24 by 24 + 24 mm.
  const render::PlaneView view = f.viewer.viewOf(Plane::axial);
  EXPECT_GE(view.width * view.mm_per_pixel, 11 + 24 - 1e-9);
  EXPECT_GE(view.height * view.mm_per_pixel, 23 + 24 - 1e-9);
}

TEST(Triplanar, TheWheelStepsThroughSlicesAndShiftFive) {
  Fixture f;
  f.wheel(Plane::axial, 1);
  EXPECT_DOUBLE_EQ(f.viewer.crosshair().z(), 3.0);
  f.wheel(Plane::axial, -2, Qt::ShiftModifier);
  EXPECT_DOUBLE_EQ(f.viewer.crosshair().z(), -7.0);
  f.wheel(Plane::coronal, 1);
  EXPECT_DOUBLE_EQ(f.viewer.crosshair().y(), 3.0);
  f.wheel(Plane::sagittal, 1);
  EXPECT_DOUBLE_EQ(f.viewer.crosshair().x(), -23.0);
  f.wheel(Plane::axial, 500);  // ends at the last slice
  EXPECT_DOUBLE_EQ(f.viewer.crosshair().z(), 47.0);
}

TEST(Triplanar, DraggingMovesTheCrosshairOfAllPlanes) {
  Fixture f;
  const Vector3d to(-20, 8, 2);
  QTest::mousePress(f.plane(Plane::axial), Qt::LeftButton, {}, f.at(Plane::axial, {-26, 0, 2}));
  QTest::mouseMove(f.plane(Plane::axial), f.at(Plane::axial, to));
  QTest::mouseRelease(f.plane(Plane::axial), Qt::LeftButton, {}, f.at(Plane::axial, to));
  EXPECT_LT((f.viewer.crosshair() - to).norm(), 1e-9);
  EXPECT_DOUBLE_EQ(f.viewer.viewOf(Plane::sagittal).centre_mm.x(), -20.0);
  EXPECT_DOUBLE_EQ(f.viewer.viewOf(Plane::coronal).centre_mm.y(), 8.0);
}

TEST(Triplanar, TheCrosshairIsPaintedThroughItsVoxel) {
  Fixture f;
  f.viewer.setOverlayHidden(true);
  const QImage before = f.plane(Plane::axial)->grab().toImage();
  const QPoint at = f.at(Plane::axial, f.viewer.crosshair());
  // The white line lies over the column of the crosshair, and not beside it.
  const QImage raw = f.plane(Plane::axial)->pixels();
  const int y = 100;
  EXPECT_GT(before.pixelColor(at.x(), y).red(), raw.pixelColor(at.x(), y).red() + 30);
  EXPECT_EQ(before.pixelColor(at.x() + 6, y), raw.pixelColor(at.x() + 6, y));
  EXPECT_LT(before.pixelColor(at.x() + 1, y).red(), raw.pixelColor(at.x() + 1, y).red());  // its dark edge
}

TEST(Triplanar, ZoomKeepsThePointUnderThePointer) {
  Fixture f;
  const render::PlaneView before = f.viewer.viewOf(Plane::axial);
  const Eigen::Vector2d pixel(60, 50);
  f.wheel(Plane::axial, 2, Qt::ControlModifier);
  const render::PlaneView after = f.viewer.viewOf(Plane::axial);
  EXPECT_NEAR(before.mm_per_pixel / after.mm_per_pixel, 1.44, 1e-9);
  const Vector3d drift = render::world_at(before, pixel) - render::world_at(after, pixel);
  EXPECT_LT(std::hypot(drift.x(), drift.y()), 1e-9);
  f.viewer.recentre();
  EXPECT_EQ(f.viewer.viewOf(Plane::axial), before);
}

TEST(Triplanar, MiddleDragPansAndRightDragChangesTheWindow) {
  Fixture f;
  const Vector3d world = render::world_at(f.viewer.viewOf(Plane::coronal), {40, 40});
  QWidget* plane = f.plane(Plane::coronal);
  QTest::mousePress(plane, Qt::MiddleButton, {}, QPoint(40, 40));
  QMouseEvent move(QEvent::MouseMove, QPointF(70, 60), plane->mapToGlobal(QPointF(70, 60)), Qt::NoButton,
                   Qt::MiddleButton, {});
  QApplication::sendEvent(plane, &move);
  QTest::mouseRelease(plane, Qt::MiddleButton, {}, QPoint(70, 60));
  const Vector3d now = render::world_at(f.viewer.viewOf(Plane::coronal), {70, 60});
  EXPECT_LT(std::hypot(world.x() - now.x(), world.z() - now.z()), 1e-9);
  const render::GreyWindow window = f.viewer.window();
  QSignalSpy changed(&f.viewer, &TriplanarWidget::lookChanged);
  QTest::mousePress(plane, Qt::RightButton, {}, QPoint(40, 40));
  QMouseEvent right(QEvent::MouseMove, QPointF(90, 40), plane->mapToGlobal(QPointF(90, 40)), Qt::NoButton,
                    Qt::RightButton, {});
  QApplication::sendEvent(plane, &right);
  const render::GreyWindow narrow = f.viewer.window();
  EXPECT_LT(narrow.high - narrow.low, window.high - window.low);  // to the right: more contrast
  EXPECT_NEAR(narrow.high + narrow.low, window.high + window.low, 1e-9);
  EXPECT_EQ(changed.count(), 1);
  f.viewer.resetWindow();
  EXPECT_EQ(f.viewer.window(), window);
}

TEST(Triplanar, ADoubleClickMakesAPlaneTheLargeOne) {
  Fixture f;
  const QSize large = f.plane(Plane::axial)->size(), small = f.plane(Plane::sagittal)->size();
  EXPECT_GT(large.width(), small.width());
  QTest::mouseDClick(f.plane(Plane::sagittal), Qt::LeftButton, {}, QPoint(20, 20));
  EXPECT_EQ(f.viewer.large(), Plane::sagittal);
  EXPECT_EQ(f.plane(Plane::sagittal)->size(), large);
  EXPECT_EQ(f.plane(Plane::axial)->size(), small);
}

TEST(Triplanar, AClickOnARegionNamesIt) {
  Fixture f;
  QSignalSpy clicked(&f.viewer, &TriplanarWidget::regionClicked);
  QTest::mouseClick(f.plane(Plane::axial), Qt::LeftButton, {}, f.at(Plane::axial, {-24, 4, 2}));
  ASSERT_EQ(clicked.count(), 1);
  EXPECT_EQ(clicked[0][0].toInt(), 4);
  QTest::mouseClick(f.plane(Plane::axial), Qt::LeftButton, {}, f.at(Plane::axial, {-34, 4, 2}));
  EXPECT_EQ(clicked.count(), 1);
}

TEST(Triplanar, TheReadoutIsTheVoxelUnderThePointer) {
  Fixture f;
  QSignalSpy read(&f.viewer, &TriplanarWidget::readoutChanged);
  QTest::mouseMove(f.plane(Plane::axial), f.at(Plane::axial, {-24, 4, 2}));
  ASSERT_GE(read.count(), 1);
  const QString text = read.last()[0].toString();
  const Eigen::Vector3i voxel = scan()->grey->grid.to_voxel({-24, 4, 2}).cast<int>();
  EXPECT_TRUE(text.contains(QString("voxel %1 %2 %3").arg(voxel[0]).arg(voxel[1]).arg(voxel[2]))) << text.toStdString();
  EXPECT_TRUE(text.contains("Left putamen")) << text.toStdString();
  EXPECT_TRUE(text.contains(formatNumber(scan()->grey->at(voxel[0], voxel[1], voxel[2]), 1))) << text.toStdString();
}

TEST(Triplanar, KeysItDoesNotUseGoToTheWorkspace) {
  class Parent : public QWidget {
   public:
    int seen = 0;
    void keyPressEvent(QKeyEvent* event) override { seen = event->key(); }
  } parent;
  auto* viewer = new TriplanarWidget(&parent);
  viewer->setScan(scan());
  viewer->focusRegion(4);
  parent.resize(800, 560);
  parent.show();
  QTest::keyClick(viewer, Qt::Key_A);
  EXPECT_EQ(parent.seen, Qt::Key_A);
  parent.seen = 0;
  QTest::keyClick(viewer, Qt::Key_PageUp);
  EXPECT_EQ(parent.seen, 0);
  EXPECT_DOUBLE_EQ(viewer->crosshair().z(), 3.0);
  QTest::keyClick(viewer, Qt::Key_Left);  // radiological: to the person's right
  EXPECT_DOUBLE_EQ(viewer->crosshair().x(), -23.0);
}

TEST(Triplanar, OverlaysComeAndGo) {
  Fixture f;
  const auto pixels = [&] { return f.plane(Plane::axial)->pixels().copy(); };
  const QImage outline = pixels();
  f.viewer.setOverlayHidden(true);
  const QImage hidden = pixels();
  EXPECT_NE(outline, hidden);
  f.viewer.setOverlayHidden(false);
  EXPECT_EQ(pixels(), outline);
  f.viewer.cycleOverlay();
  EXPECT_EQ(f.viewer.look().overlay, render::Overlay::off);
  f.viewer.cycleOverlay();
  EXPECT_EQ(f.viewer.look().overlay, render::Overlay::fill);
  f.viewer.toggleConvention();
  EXPECT_EQ(f.viewer.look().convention, render::Convention::neurological);
}

TEST(Triplanar, WhatIsSeenStaysWhenThePersonChanges) {
  Fixture f;
  auto look = f.viewer.look();
  look.overlay = render::Overlay::fill;
  look.opacity = 0.6;
  look.window = render::GreyWindow{20, 90};
  f.viewer.setLook(look);
  f.viewer.zoomBy(1.5);
  const double mm = f.viewer.viewOf(Plane::axial).mm_per_pixel;
  auto other = std::make_shared<render::Scan>(*scan());
  other->paths.t1 = "other/T1.mgz";
  f.viewer.setScan(other);
  EXPECT_EQ(f.viewer.look(), look);
  EXPECT_NEAR(f.viewer.viewOf(Plane::axial).mm_per_pixel, mm, 1e-12);
  EXPECT_LT((f.viewer.crosshair() - Vector3d(-24, 2, 2)).norm(), 1e-9);
}

TEST(Triplanar, AMissingScanIsATileWithWords) {
  Fixture f;
  f.viewer.setScan(nullptr, "sub-012: T1.mgz is missing");
  const QImage image = f.viewer.viewImage();
  EXPECT_EQ(image.pixelColor(200, 400), Theme::current().sunken);
  f.wheel(Plane::axial, 1);
  QTest::mouseClick(f.plane(Plane::axial), Qt::LeftButton, {}, QPoint(30, 30));
  f.viewer.stepSlice(1);
  f.viewer.recentre();
  f.viewer.focusRegion(3);
  f.viewer.setScan(scan());
  EXPECT_NE(f.viewer.viewImage(), image);
}

TEST(Triplanar, CopiesAndSavesWhatIsSeen) {
  Fixture f;
  test::TemporaryDir dir;
  const QString path = QString::fromStdString((dir / "view.png").string());
  QString problem;
  ASSERT_TRUE(f.viewer.saveView(path, &problem)) << problem.toStdString();
  const QImage saved(path);
  EXPECT_EQ(saved.size(), f.viewer.size() * f.viewer.devicePixelRatioF());
  EXPECT_EQ(saved.convertToFormat(QImage::Format_RGB32), f.viewer.viewImage().convertToFormat(QImage::Format_RGB32));
  EXPECT_FALSE(f.viewer.saveView("/nowhere/at/all.png", &problem));
  EXPECT_TRUE(problem.contains("/nowhere/at/all.png"));
  f.viewer.copyView();
  EXPECT_EQ(QApplication::clipboard()->image().size(), saved.size());
}

TEST(Triplanar, TheGridHoldsACornerAndADoubleClickEnlarges) {
  Fixture f;
  auto* corner = new QWidget;
  f.viewer.setCorner(corner);
  f.viewer.setArrangement(TriplanarWidget::Arrangement::grid);
  EXPECT_TRUE(corner->isVisible());
  EXPECT_NEAR(corner->width(), f.plane(Plane::axial)->width(), 1);
  QTest::mouseDClick(f.plane(Plane::coronal), Qt::LeftButton, {}, QPoint(20, 20));
  EXPECT_FALSE(corner->isVisible());
  EXPECT_GT(f.plane(Plane::coronal)->width(), f.plane(Plane::axial)->width());
  QTest::mouseDClick(f.plane(Plane::coronal), Qt::LeftButton, {}, QPoint(20, 20));
  EXPECT_TRUE(corner->isVisible());
}

// ---- 3D ------------------------------------------------------------------------------------------------------------

TEST(Scene3d, AClickPicksTheRegionInFront) {
  const auto model = render::scan_model(scan(), Task());
  ASSERT_OK(model);
  Scene3dWidget widget;
  widget.resize(300, 240);
  widget.setModel(*model);
  widget.setCamera("front");
  std::array<Scene3dWidget::RegionLook, 12> looks{};
  for (auto& look : looks) look = {QColor(200, 30, 40), render::Look::plain};
  widget.setRegionLooks(looks);
  widget.show();
  const QImage image = widget.grab().toImage();
  ASSERT_TRUE(widget.problem().isEmpty()) << widget.problem().toStdString();
  QSignalSpy picked(&widget, &Scene3dWidget::regionPicked);
  QTest::mouseClick(&widget, Qt::LeftButton, {}, QPoint(150, 120));  // the only region is in the middle
  ASSERT_EQ(picked.count(), 1);
  EXPECT_EQ(picked[0][0].toInt(), 4);
  const QColor middle = image.pixelColor(150, 120);
  EXPECT_GT(middle.red(), 2 * middle.blue());
  EXPECT_EQ(image.pixelColor(3, 120), Theme::current().background3d);
  EXPECT_EQ(widget.regionAt({3, 120}), -1);
}

TEST(Scene3d, DraggingIsCoarseAndEndsInFull) {
  const auto model = render::scan_model(scan(), Task());
  ASSERT_OK(model);
  Scene3dWidget widget;
  widget.resize(200, 160);
  widget.setModel(*model);
  widget.show();
  widget.grab();
  QTest::mousePress(&widget, Qt::LeftButton, {}, QPoint(60, 60));
  QMouseEvent move(QEvent::MouseMove, QPointF(100, 70), widget.mapToGlobal(QPointF(100, 70)), Qt::NoButton,
                   Qt::LeftButton, {});
  QApplication::sendEvent(&widget, &move);
  EXPECT_TRUE(widget.dragging());
  QSignalSpy picked(&widget, &Scene3dWidget::regionPicked);
  QTest::mouseRelease(&widget, Qt::LeftButton, {}, QPoint(100, 70));
  EXPECT_FALSE(widget.dragging());
  EXPECT_EQ(picked.count(), 0);  // a drag is no click
  widget.setModel(nullptr, "no segmentation");
  EXPECT_FALSE(widget.grab().isNull());
}

}  // namespace
}  // namespace ipsi::ui
