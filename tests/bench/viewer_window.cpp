// SPDX-License-Identifier: GPL-3.0-or-later
// The viewer's widgets driven by real events: milliseconds from event to painted window, printed and never asserted.
// usage: bench_viewer_window T1 LABELS [LESION [PICTURES]]; pictures of the widgets are written into the last folder.
// QT_SCALE_FACTOR=2 gives the numbers and pictures of a dense screen.
#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QThread>
#include <QWheelEvent>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "core/render/colormap.h"
#include "core/render/planes.h"
#include "core/render/scan_scene.h"
#include "ui/viewer/plane_widget.h"
#include "ui/viewer/scene3d_widget.h"
#include "ui/viewer/triplanar_widget.h"
#include "ui/widgets/theme.h"

namespace {

using namespace ipsi;
using namespace ipsi::ui;

void measure(const std::string& what, int times, const std::function<void(int)>& act) {
  std::vector<double> ms;
  QApplication::processEvents();
  for (int i = 0; i < times; ++i) {
    QElapsedTimer clock;
    clock.start();
    act(i);
    QApplication::processEvents();  // paints what is dirty
    ms.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    QThread::msleep(16);  // the strips come after the planes, when there is time
    QApplication::processEvents();
  }
  std::sort(ms.begin(), ms.end());
  std::printf("%-52s median %7.2f ms   p95 %7.2f ms\n", what.c_str(), ms[ms.size() / 2], ms[ms.size() * 95 / 100]);
}

void wheel(QWidget* target, int steps) {
  const QPointF at(40, 40);
  QWheelEvent event(at, target->mapToGlobal(at), {}, QPoint(0, 120 * steps), Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(target, &event);
}

std::array<Scene3dWidget::RegionLook, 12> z_like_looks() {
  std::array<Scene3dWidget::RegionLook, 12> looks;
  for (std::size_t r = 0; r < looks.size(); ++r) {
    const render::Rgb c = render::diverging().at(0.08 * static_cast<double>(r));
    looks[r] = {QColor(c.r, c.g, c.b), render::Look::plain};
  }
  return looks;
}

int run(const render::ScanPaths& paths, const QString& pictures) {
  auto scan = render::load_scan(paths, Task());
  if (!scan) {
    std::printf("%s\n", to_line(scan.error()).c_str());
    return 3;
  }
  const auto save = [&](QWidget& widget, const QString& name) {
    if (!pictures.isEmpty()) widget.grab().save(pictures + "/" + name + ".png");
  };
  Theme::apply(ThemeChoice::dark, 100);
  for (const QSize size : {QSize(1100, 900), QSize(1920, 1200)}) {
    TriplanarWidget viewer;
    viewer.resize(size);
    viewer.setScan(*scan);
    viewer.focusRegion(4);
    viewer.show();
    QApplication::processEvents();
    const std::string name = std::to_string(size.width()) + "x" + std::to_string(size.height());
    measure("wheel step, " + name, 60, [&](int i) { wheel(viewer.plane(render::Plane::axial), i % 20 < 10 ? 1 : -1); });
    std::printf("  of the last one the pixels took %.2f ms\n", viewer.lastDrawMs());
    measure("crosshair through all three planes, " + name, 60, [&](int i) {
      viewer.setCrosshair(viewer.crosshair() + Eigen::Vector3d::Constant(i % 20 < 10 ? 1.0 : -1.0));
    });
    measure("outline, fill, off, " + name, 30, [&](int) { viewer.cycleOverlay(); });
    measure("lesion on and off, " + name, 30, [&](int) { viewer.toggleLesion(); });
    measure("another region, " + name, 24, [&](int i) { viewer.focusRegion(i % 12); });
  }
  TriplanarWidget viewer;
  viewer.resize(740, 548);  // QC's centre at 1366 x 768
  viewer.setScan(*scan);
  viewer.focusRegion(4);
  viewer.show();
  save(viewer, "qc_outline");
  viewer.cycleOverlay();
  viewer.cycleOverlay();
  save(viewer, "qc_fill");
  viewer.cycleOverlay();
  viewer.toggleInterpolation();
  viewer.zoomBy(2.5);
  save(viewer, "qc_nearest");
  viewer.toggleInterpolation();
  viewer.setRegion(-1);
  viewer.setArrangement(TriplanarWidget::Arrangement::grid);
  viewer.resize(636, 460);  // Explore's
  auto* scene = new Scene3dWidget;
  viewer.setCorner(scene);
  scene->setRegionLooks(z_like_looks());
  auto model = render::scan_model(*scan, Task());
  if (model)
    scene->setModel(*model);
  else
    scene->setModel(nullptr, QString::fromStdString(to_line(model.error())));
  scene->setCaption("regions by z, lesion see-through");
  viewer.fitHead();
  save(viewer, "explore");
  viewer.setScan(nullptr, "sub-012: T1.mgz is missing. N skips to the next person.");
  viewer.setArrangement(TriplanarWidget::Arrangement::one_large);
  save(viewer, "missing");
  Scene3dWidget large;
  large.resize(760, 600);
  large.setModel(model ? *model : nullptr);
  large.setRegionLooks(z_like_looks());
  large.setRegion(4);
  large.show();
  save(large, "scene");
  large.setPlanesShown(true, false, true);
  save(large, "scene_planes");
  large.setPlanesShown(false, false, false);
  measure("3D 760x600, orbit", 20, [&](int) { large.orbit(4, 0); });
  measure("3D 760x600, full quality", 6, [&](int i) { large.setCamera(i % 2 == 0 ? "front" : "oblique"); });
  measure("3D 760x600, other colours", 10, [&](int i) { large.setRegion(i % 12); });
  Theme::apply(ThemeChoice::light, 100);
  save(large, "scene_light");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  if (argc < 3) {
    std::printf("usage: bench_viewer_window T1 LABELS [LESION [PICTURES]]\n");
    return 0;
  }
  return run({argv[1], argv[2], argc > 3 ? argv[3] : ""}, argc > 4 ? QString(argv[4]) : QString());
}
