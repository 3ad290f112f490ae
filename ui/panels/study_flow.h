// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/study_model.h"

namespace ipsi::ui {

/// From everyone to the analysed: a box for each step with who gets there, and to its right who leaves and why.
/// Boxes and leavers can be clicked; arrow keys and Enter do the same.
class StudyFlow : public QWidget {
  Q_OBJECT

 public:
  explicit StudyFlow(QWidget* parent = nullptr);
  void setSteps(const std::vector<StudyModel::Step>& steps);
  [[nodiscard]] QRect boxOf(int step, bool out) const;  ///< where it is painted; empty when nobody leaves there
  [[nodiscard]] QString words() const;                  ///< the whole diagram as text
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void chosen(int step, bool out);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Place {
    int step = -1;
    bool out = false;
    bool operator==(const Place&) const = default;
  };
  [[nodiscard]] Place at(const QPoint& point) const;
  [[nodiscard]] int boxHeight() const;
  [[nodiscard]] int gapAfter(int step) const;
  void paintLeavers(QPainter& painter, int step, int stem) const;
  std::vector<StudyModel::Step> steps_;
  Place current_, hovered_;
};

}  // namespace ipsi::ui
