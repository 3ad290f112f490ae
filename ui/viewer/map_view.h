// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainterPath>
#include <QTimer>
#include <QWidget>
#include <array>
#include <memory>
#include <vector>

#include "ui/viewer/map_painter.h"

namespace ipsi::ui {

/// Lines around the regions of a picture, in its points, and how each stands.
void paintRegionEdges(QPainter& painter, const std::array<QPainterPath, kRegions.size()>& outlines,
                      const render::Paints& paints, double weight = 1.0);

/// The template's regions in three dimensions, coloured by one analysis or, side by side, by several.
///
/// Drag or arrow keys orbit, the wheel or + and - zoom, middle drag pans, a click picks a region, double click or Home
/// goes back to the named view. While something moves fewer triangles are drawn, a moment later all of them.
class MapView3d : public QWidget {
  Q_OBJECT

 public:
  struct Panel {
    QString title, note;  ///< shown with several panels only
    render::Paints paints{};
  };

  explicit MapView3d(QWidget* parent = nullptr);
  ~MapView3d() override;

  /// Null shows `message`.
  void setModel(std::shared_ptr<const render::MapModel> model, const QString& message = {});
  /// Another colouring of the same view needs no rendering: the picture follows at once, in full a moment later.
  void setPanels(std::vector<Panel> panels, int current);
  void setRegion(int region);  ///< current one, index in kRegions; -1 for none
  void setBrainShown(bool shown);
  void setClip(const std::optional<render::Clip>& clip);
  void setSideWords(const QString& left_half, const QString& right_half);  ///< "Ipsilesional", "Contralesional"
  void setCamera(const QString& name);                                     ///< "oblique", ...: render::cameras()
  void setCamera(const render::Camera& camera);
  void orbit(double azimuth_degrees, double elevation_degrees);
  void zoom(double factor);

  [[nodiscard]] render::Camera camera() const;
  [[nodiscard]] QString cameraName() const { return camera_name_; }  ///< empty after an orbit
  [[nodiscard]] QString cameraWords() const;
  [[nodiscard]] int regionAt(const QPointF& position) const;  ///< -1: none
  [[nodiscard]] int panelAt(const QPointF& position) const;
  [[nodiscard]] QRect cell(int panel) const;
  [[nodiscard]] QString problem() const { return problem_; }
  [[nodiscard]] bool settled() const;  ///< what is shown is all there is to come, in full
  [[nodiscard]] const MapShot& shot() const { return shot_; }
  [[nodiscard]] quint64 ticket() const { return ticket_; }  ///< of what was asked last

 signals:
  void regionPicked(int panel, int region);
  void panelPicked(int panel);  ///< a click beside the regions
  void cameraChanged();
  void shown(const ipsi::ui::MapShot& shot);  ///< a picture arrived

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void ask(MapPainter::Finish finish);
  void take(const MapShot& shot);
  void move();  ///< ask at drag quality now and in full a moment later
  void fit();   ///< the frame around the forms from the camera there is
  [[nodiscard]] render::MapView makeView() const;
  [[nodiscard]] QRectF pictureOf(int panel) const;
  void paintPanel(QPainter& painter, int panel) const;
  void paintSides(QPainter& painter, const QRect& area) const;

  std::shared_ptr<const render::MapModel> model_;
  std::unique_ptr<MapPainter> painter_;
  std::vector<Panel> panels_;
  int current_ = 0, region_ = -1;
  bool brain_ = false;
  std::optional<render::Clip> clip_;
  QString left_half_, right_half_, camera_name_ = "oblique", message_, problem_;
  double azimuth_ = 32.0, elevation_ = 18.0, zoom_ = 1.0, height_mm_ = 100.0;
  Eigen::Vector3d centre_{0, 0, 0}, pan_{0, 0, 0};
  QTimer settle_;
  MapShot shot_;
  std::vector<std::array<QPainterPath, kRegions.size()>> outlines_;
  QPointF pressed_, last_;
  quint64 ticket_ = 0;  ///< of what was asked last
  bool moved_ = false;
};

}  // namespace ipsi::ui
