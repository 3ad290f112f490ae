// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QImage>
#include <QPixmap>
#include <QPoint>
#include <QRegion>
#include <QWidget>
#include <memory>

#include "core/render/planes.h"

namespace ipsi::ui {

class TriplanarWidget;

/// One plane of a TriplanarWidget: paints the pixels that core made, crosshair, letters and words; turns mouse events
/// into calls of its viewer.
class PlaneWidget : public QWidget {
  Q_OBJECT

 public:
  PlaneWidget(render::Plane plane, TriplanarWidget* viewer);

  [[nodiscard]] render::Plane plane() const { return plane_; }
  /// What has changed since the last picture is drawn again; returns milliseconds spent on pixels.
  double refresh();
  void forget();  ///< the scan's content changed: draw all again
  /// The pixels without crosshair and words, at device resolution.
  [[nodiscard]] const QImage& pixels() const { return image_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  [[nodiscard]] Eigen::Vector3d worldAt(const QPointF& position) const;
  void paintCrosshair(QPainter& painter) const;
  void paintLetters(QPainter& painter, const QRegion& dirty);
  [[nodiscard]] QRegion crosshairRegion() const;  ///< with its dark edge
  [[nodiscard]] const QPixmap& letter(char name);
  void paintWords(QPainter& painter) const;
  void paintMissing(QPainter& painter) const;

  render::Plane plane_;
  TriplanarWidget* viewer_;
  render::PlaneRenderer renderer_;
  render::PlaneView drawn_;
  bool fresh_ = false;
  QImage image_;   ///< a view on the renderer's pixels
  QRegion cross_;  ///< where the crosshair was painted last
  QHash<char, QPixmap> letters_;
  QPointF pressed_, last_;
  bool dragged_ = false, hovered_ = false;
  int wheel_ = 0;
};

}  // namespace ipsi::ui
