// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QWidget>
#include <array>

#include "ui/viewmodels/explore_model.h"

namespace ipsi::ui {

/// Twelve regions of one person against the study, painted as a table: flag, volume, z, where it lies among the
/// others, asymmetry; under it the colours of z. Arrow keys and clicks choose a region.
class ExploreRegions : public QWidget {
  Q_OBJECT

 public:
  explicit ExploreRegions(QWidget* parent = nullptr);
  void setState(const ExploreModel::State& state);
  [[nodiscard]] QRect rowRect(int place) const;   ///< 0..11, as they stand
  [[nodiscard]] QString words(int region) const;  ///< the row read aloud
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 signals:
  void chosen(int region);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Columns {
    int flag = 0, name = 0, volume = 0, z = 0, strip = 0, strip_width = 0, asymmetry = 0;  ///< numbers: right edges
  };
  [[nodiscard]] Columns columns() const;
  [[nodiscard]] int rowHeight() const;
  [[nodiscard]] int headHeight() const;
  [[nodiscard]] int placeAt(const QPoint& at) const;
  [[nodiscard]] int placeOf(int region) const;
  [[nodiscard]] const QPixmap& dots(int region, const QSize& size);
  void paintHead(QPainter& painter, const Columns& at) const;
  void paintRow(QPainter& painter, const Columns& at, int place);
  void paintBar(QPainter& painter, const Columns& at) const;

  ExploreModel::State state_;
  std::array<QPixmap, 12> dots_;
  QSize dots_size_;
  double dots_ratio_ = 0.0;
  int dots_version_ = -1;
  int hover_ = -1;
};

}  // namespace ipsi::ui
