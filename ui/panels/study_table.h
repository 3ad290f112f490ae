// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QStyledItemDelegate>
#include <QTableView>

#include "ui/viewmodels/people_model.h"

namespace ipsi::ui {

/// A cell of the tables here: hair line below, a bar before the current row, numbers at the right.
class StudyCell : public QStyledItemDelegate {
  Q_OBJECT

 public:
  enum Role { kMuted = Qt::UserRole, kNumber, kWarn };
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};
/// Rows chosen whole, no grid, no frame, the head in the design's look.
void style_table(QTableView& table);

/// The rows that PeopleModel shows, for a view; only what is on the screen is asked for.
class StudyRows : public QAbstractTableModel {
  Q_OBJECT

 public:
  StudyRows(const PeopleModel& people, QObject* parent);
  void refresh();
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  const PeopleModel& people_;
  int version_ = -1, columns_ = 0, rows_ = 0;
};

/// People or cohorts: hair lines, numbers at the right, the header sorts, Enter opens, Ctrl+C copies what is shown.
class StudyTable : public QTableView {
  Q_OBJECT

 public:
  explicit StudyTable(PeopleModel& people, QWidget* parent = nullptr);
  void refresh();  ///< the model has changed
  /// Titles of columns that there is no room for.
  [[nodiscard]] const QStringList& hidden() const { return hidden_; }

 signals:
  void hiddenChanged();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  void fit();
  PeopleModel& people_;
  StudyRows* rows_;
  int version_ = -1;
  QStringList hidden_;
};

}  // namespace ipsi::ui
