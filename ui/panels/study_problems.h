// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QListView>
#include <QWidget>

#include "ui/viewmodels/import_model.h"

namespace ipsi::ui {

/// Problems under a band for each file, for a list view.
class StudyProblemRows : public QAbstractListModel {
  Q_OBJECT

 public:
  explicit StudyProblemRows(const ImportModel& import, QObject* parent);
  void refresh();
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
  [[nodiscard]] const ProblemRow* problem(int row) const;  ///< nullptr for a band
  [[nodiscard]] int indexOf(int row) const;                ///< in the model's problems; -1 for a band
  [[nodiscard]] int rowOf(int problem) const;
  [[nodiscard]] QString band(int row) const;
  [[nodiscard]] int bandCount(int row) const;

 private:
  struct Row {
    int problem = -1;
    QString band;
    int count = 0;
  };
  const ImportModel& import_;
  std::vector<Row> rows_;
};

/// The head of the list and the list: state, line, column, subject, found, what it is and what Import will do.
class StudyProblems : public QWidget {
  Q_OBJECT

 public:
  explicit StudyProblems(ImportModel& import, QWidget* parent = nullptr);
  void refresh();
  [[nodiscard]] QListView* list() const { return list_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void layOut();
  ImportModel& import_;
  StudyProblemRows* rows_;
  QListView* list_;
  QWidget* head_;
  bool painting_ = false;
  int version_ = -1;
};

/// The lines of a file around a problem, with line numbers; the cell in question on a coloured ground.
class StudyExcerpt : public QWidget {
  Q_OBJECT

 public:
  explicit StudyExcerpt(QWidget* parent = nullptr);
  void setExcerpt(const Excerpt& excerpt);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {100, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  Excerpt excerpt_;
};

}  // namespace ipsi::ui
