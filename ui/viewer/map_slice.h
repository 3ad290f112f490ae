// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QPainterPath>
#include <QWidget>
#include <array>
#include <memory>

#include "core/render/map_scene.h"

namespace ipsi::ui {

/// A slice of the template with the regions in the colours of an analysis. Wheel, Up and Down move it, a click picks.
class MapSlice : public QWidget {
  Q_OBJECT

 public:
  explicit MapSlice(render::Plane plane, QWidget* parent = nullptr);
  void setModel(std::shared_ptr<const render::MapModel> model, double at_mm);
  void setPaints(const render::Paints& paints);
  void setRegion(int region);
  void setSideWords(const QString& left_half, const QString& right_half);
  void setPosition(double mm);
  [[nodiscard]] double position() const { return at_mm_; }
  [[nodiscard]] int regionAt(const QPointF& position) const;
  [[nodiscard]] double lastDrawMs() const { return draw_ms_; }

 signals:
  void regionPicked(int region);
  void moved(double mm);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void cut();
  void frame();
  void step(double mm);

  render::Plane plane_;
  std::shared_ptr<const render::MapModel> model_;
  render::Paints paints_{};
  render::Field whole_, field_;   ///< the brain; what is shown of it
  Eigen::Vector2d middle_{0, 0};  ///< of the regions, in the picture's mm
  int region_ = -1;
  double at_mm_ = 0.0, draw_ms_ = 0.0;
  QString left_half_, right_half_, problem_;
  bool dirty_ = true;
  QImage head_;
  QRectF area_;  ///< of the field, in the widget
  std::array<QPainterPath, kRegions.size()> regions_;
};

}  // namespace ipsi::ui
