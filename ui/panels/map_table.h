// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/map_model.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {

/// A region's swatch as the map fills it: full, muted, hatched, dashed; a small arrow where it is out of range.
void paintSwatch(QPainter& painter, const QRectF& rect, render::Look look, render::Rgb colour, int beyond = 0);

/// The chosen analysis, region by region: N, beta, d, p. The chosen row is the region that is marked in the picture.
class MapTable : public QWidget {
  Q_OBJECT

 public:
  explicit MapTable(QWidget* parent = nullptr);
  void setState(const MapModel& model);
  void setRow(int row);
  [[nodiscard]] QRect rowRect(int row) const;
  [[nodiscard]] QString words(int row) const;  ///< the row read aloud
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 signals:
  void chosen(int row);
  void copyWanted();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Column {
    QString head;
    int right = 0;
  };
  [[nodiscard]] int line() const;
  [[nodiscard]] std::vector<Column> columns() const;
  [[nodiscard]] int rowAt(const QPoint& at) const;
  void paintRow(QPainter& painter, int row) const;
  [[nodiscard]] QRect intervalArea(const QRect& row) const;  ///< empty where there is no room
  void paintInterval(QPainter& painter, const MapModel::Row& row, const QRect& area) const;

  std::vector<MapModel::Row> rows_;
  std::array<QString, 2> halves_;
  int row_ = 0, hover_ = -1;
  double reach_ = 1.0;  ///< of the intervals, on both sides of 0
};

}  // namespace ipsi::ui
