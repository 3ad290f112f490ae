// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/map_model.h"

namespace ipsi::ui {

/// The colour bar: what is shown, limits, a tick for each significant region, arrows where values lie beyond.
class MapBar : public QWidget {
  Q_OBJECT

 public:
  explicit MapBar(QWidget* parent = nullptr);
  void setState(const MapModel& model);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  render::Scale scale_;
  QString quantity_;
  std::vector<double> marks_;
  bool below_ = false, above_ = false, there_ = false;
};

/// How many regions of the chosen analysis stand how.
class MapLegend : public QWidget {
  Q_OBJECT

 public:
  explicit MapLegend(QWidget* parent = nullptr);
  void setState(const MapModel& model);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Line {
    render::Look look;
    QString words;
    int count = 0;
  };
  std::vector<Line> lines_;
  render::Rgb full_{}, muted_{};
};

/// Every analysis as twelve cells on the same scale; a click chooses one.
class MapStrip : public QWidget {
  Q_OBJECT

 public:
  explicit MapStrip(QWidget* parent = nullptr);
  void setState(const MapModel& model);
  [[nodiscard]] QRect cardRect(int analysis) const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

 signals:
  void chosen(int analysis);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] int cardAt(const QPoint& at) const;
  [[nodiscard]] QString words(int analysis) const;
  void paintCard(QPainter& painter, int analysis) const;
  std::vector<MapModel::Analysis> analyses_;
  std::array<QString, 2> halves_;
  int current_ = 0, hover_ = -1;
};

}  // namespace ipsi::ui
