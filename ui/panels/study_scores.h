// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QDoubleSpinBox>
#include <QTableView>
#include <QWidget>

#include "ui/viewmodels/study_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

class StudyScaleRows;

/// The scales of the scores, and below them the maximum and direction of the chosen one to change.
class StudyScores : public QWidget {
  Q_OBJECT

 public:
  explicit StudyScores(StudyModel& study, QWidget* parent = nullptr);
  void refresh();

 signals:
  void outOfRangeWanted(int scale);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void fit();
  void apply();
  StudyModel& study_;
  StudyScaleRows* rows_;
  QTableView* table_;
  QWidget* form_;
  Label *name_, *note_, *error_;
  QDoubleSpinBox* max_;
  Segments* better_;
  QPushButton *apply_, *outside_;
  bool painting_ = false;
};

}  // namespace ipsi::ui
