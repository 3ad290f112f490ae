// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

namespace ipsi::ui {

/// A small table of the house: words left, numbers right, groups as bands, hair lines, one current cell or row.
///
/// Arrow keys, Home and End move the current place; a click chooses it. Rows outside what is visible cost nothing, so a
/// long list may stand in a scroll area.
class CellsTable : public QWidget {
  Q_OBJECT

 public:
  struct Column {
    QString title;
    int width = 60;      ///< px at 100 % text; the first column takes what is left
    bool words = false;  ///< left-aligned
  };
  struct Cell {
    QString text, note;  ///< the note stands under the text, small and muted
    bool strong = false, muted = false;
  };
  struct Row {
    QString group;  ///< a band is drawn where it changes
    std::vector<Cell> cells;
    QString tip;
    bool tinted = false;
  };
  explicit CellsTable(QWidget* parent = nullptr);

  void setTable(std::vector<Column> columns, std::vector<Row> rows);
  /// The same, but without columns that `room` px have no place for: those of `droppable` in turn, as far as needed.
  /// Returns their titles.
  QStringList setTable(std::vector<Column> columns, std::vector<Row> rows, const std::vector<int>& droppable, int room);
  /// column -1: the whole row is current.
  void setCurrent(int row, int column = -1);
  [[nodiscard]] int rows() const { return static_cast<int>(rows_.size()); }
  [[nodiscard]] const Cell& cell(int row, int column) const;
  [[nodiscard]] QRect cellRect(int row, int column) const;
  /// The table for the clipboard.
  [[nodiscard]] QString html() const;
  [[nodiscard]] QString tsv() const;
  void copy() const;  ///< both, into the clipboard; Ctrl+C does so
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void chosen(int row, int column);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] int rowHeight() const;
  [[nodiscard]] int bandHeight() const;
  [[nodiscard]] int headHeight() const;
  [[nodiscard]] int top(int row) const;
  [[nodiscard]] QRect span(int column, int top, int height) const;
  void paintRow(QPainter& painter, int row) const;
  [[nodiscard]] int rowAt(const QPoint& place) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::vector<int> bands_;  ///< [rows] bands up to and with the row's own
  bool two_lines_ = false;
  int row_ = -1, column_ = -1;
};

}  // namespace ipsi::ui
