// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QScrollArea>
#include <QVBoxLayout>
#include <QWidget>
#include <vector>

#include "ui/panels/study_problems.h"
#include "ui/viewmodels/import_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The dry run as a report: counts, problems with their places, the lines of the file; one button imports.
class StudyImport : public QWidget {
  Q_OBJECT

 public:
  StudyImport(ImportModel& import, QWidget* parent = nullptr);
  void refresh();
  void focusList() { problems_->list()->setFocus(Qt::OtherFocusReason); }
  void chooseExport();

 signals:
  void showFile(const QString& path);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* headRow();
  QWidget* listHead();
  QWidget* excerptPane();
  void fillCounts();
  void fillExcerpt();
  ImportModel& import_;
  ElidedLabel *note_, *problems_title_, *blocked_, *hint_;
  QPushButton *cancel_, *go_, *again_, *export_, *show_;
  QWidget *counts_, *progress_row_, *report_, *excerpt_pane_;
  QHBoxLayout* counts_row_;
  std::vector<QAbstractButton*> count_buttons_;
  QProgressBar* progress_;
  ElidedLabel *step_, *excerpt_title_;
  Label *mend_, *all_well_;
  ErrorCard* error_;
  Segments* filter_;
  StudyProblems* problems_;
  StudyExcerpt* excerpt_;
  QPlainTextEdit* people_;
};

/// At the right: what is asked first, then how each column was understood.
class StudyColumns : public QWidget {
  Q_OBJECT

 public:
  StudyColumns(ImportModel& import, QWidget* parent = nullptr);
  void refresh();

 private:
  class Painted;
  ImportModel& import_;
  Label* understood_;
  QVBoxLayout* questions_;
  QWidget* questions_box_;
  Painted* painted_;
  QString asked_;
};

}  // namespace ipsi::ui
