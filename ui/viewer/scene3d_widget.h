// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QImage>
#include <QPointF>
#include <QTimer>
#include <QWidget>
#include <array>
#include <memory>

#include "core/render/scan_scene.h"

namespace ipsi::ui {

/// One person's twelve regions, lesion and slices in three dimensions, rendered off screen and painted as an image.
///
/// Drag orbits, wheel zooms, middle drag pans, a click picks a region, double click goes back to the first view. While
/// dragged fewer triangles are drawn; a moment after the release all of them.
class Scene3dWidget : public QWidget {
  Q_OBJECT

 public:
  /// How a region is coloured. The colour of `plain` and `significant` is shown as it is.
  struct RegionLook {
    QColor colour;
    render::Look look = render::Look::plain;
  };

  explicit Scene3dWidget(QWidget* parent = nullptr);
  ~Scene3dWidget() override;

  /// Null shows `message`, e.g. "making surfaces" or why there are none. Make models in a job: render::scan_model.
  void setModel(std::shared_ptr<const render::ScanModel> model, const QString& message = {});
  void setRegionLooks(const std::array<RegionLook, 12>& looks);  ///< order of kRegions
  void setRegion(int region);                                    ///< current one, -1 for none
  void setRegionsShown(const std::array<bool, 12>& shown);
  void setLesionShown(bool shown);
  void setBrainShown(bool shown);
  void setPlanesShown(bool sagittal, bool coronal, bool axial);
  void setPlanesAt(const Eigen::Vector3d& world_mm);
  void setWindow(render::GreyWindow window);
  void setCaption(const QString& caption);  ///< one line at the lower left
  void setCamera(const QString& name);      ///< "oblique", "front", "left", ...: render::cameras()
  void orbit(double azimuth_degrees, double elevation_degrees);

  [[nodiscard]] int regionAt(const QPointF& position) const;  ///< -1: none
  [[nodiscard]] QImage viewImage() const;
  [[nodiscard]] QString problem() const { return problem_; }  ///< why nothing is drawn
  [[nodiscard]] double lastDrawMs() const { return draw_ms_; }
  [[nodiscard]] bool dragging() const { return quality_ == render::SceneView::Quality::drag; }

 signals:
  void regionPicked(int region);
  void cameraChanged();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void draw();
  void touch();   ///< draw anew, in full
  void coarse();  ///< draw at drag quality, in full a moment later
  [[nodiscard]] render::SceneView makeView() const;

  std::shared_ptr<const render::ScanModel> model_;
  std::unique_ptr<render::ScanScene> scene_;
  std::array<RegionLook, 12> looks_{};
  std::array<bool, 12> shown_{};
  std::array<bool, 3> planes_{};
  Eigen::Vector3d planes_mm_{0, 0, 0}, pan_{0, 0, 0};
  render::GreyWindow window_;
  bool lesion_ = true, brain_ = true, dirty_ = true;
  int region_ = -1;
  double azimuth_ = 32.0, elevation_ = 18.0, zoom_ = 1.0, draw_ms_ = 0.0;
  render::SceneView::Quality quality_ = render::SceneView::Quality::full;
  QTimer settle_;
  QImage image_;
  std::vector<std::uint8_t> what_;
  int what_width_ = 0;
  QString message_, problem_, caption_;
  QPointF pressed_, last_;
  bool moved_ = false;
};

}  // namespace ipsi::ui
