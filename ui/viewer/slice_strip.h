// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>
#include <array>

#include "core/render/planes.h"

namespace ipsi::ui {

class TriplanarWidget;

/// Five slices around the crosshair, three millimetres apart; a click goes to one.
class SliceStrip : public QWidget {
  Q_OBJECT

 public:
  static constexpr int kSlices = 5;
  static constexpr double kStepMm = 3.0;

  SliceStrip(render::Plane plane, TriplanarWidget* viewer);
  /// Paint again soon: the planes come first while the wheel turns.
  void refresh();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  [[nodiscard]] QRect cell(int index) const;
  [[nodiscard]] double slice(int index) const;  ///< world mm across the plane

  render::Plane plane_;
  TriplanarWidget* viewer_;
  render::PlaneRenderer renderer_;
  QTimer soon_;
};

}  // namespace ipsi::ui
