// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/explore_model.h"

namespace ipsi::ui {

/// Every test of one person over the days after the stroke, as fraction of its maximum, with the original value at
/// each point.
class ExploreScores : public QWidget {
  Q_OBJECT

 public:
  explicit ExploreScores(QWidget* parent = nullptr);
  void setState(const ExploreModel::State& state);
  /// What stands beside the title: how many sessions, or why nothing is drawn.
  [[nodiscard]] QString note() const { return note_; }
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Frame {
    QRectF area;
    double days = 1.0, low = 0.0, high = 1.0;
    [[nodiscard]] QPointF at(double day, double fraction) const;
  };
  [[nodiscard]] Frame frame() const;
  void paintAxes(QPainter& painter, const Frame& frame) const;
  void paintLines(QPainter& painter, const Frame& frame) const;
  void paintEnds(QPainter& painter, const Frame& frame) const;

  std::vector<ExploreModel::ScoreLine> lines_;
  double shown_day_ = 0.0;
  QString note_;
};

}  // namespace ipsi::ui
