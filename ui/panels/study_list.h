// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

namespace ipsi::ui {

/// A short painted list of a side pane: sources, checks of the data. One line or two, a word or a number at the right.
class StudyList : public QWidget {
  Q_OBJECT

 public:
  struct Row {
    QString icon, title, detail, badge;
    bool warn = false;   ///< icon and number in the colour of a warning
    bool muted = false;  ///< nothing there to open
    bool current = false;
  };
  explicit StudyList(QWidget* parent = nullptr);
  void setRows(std::vector<Row> rows, bool clickable);
  [[nodiscard]] QRect rowRect(int row) const;
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }

 signals:
  void chosen(int row);
  void removeWanted(int row);  ///< Delete

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] int heightOf(const Row& row) const;
  [[nodiscard]] int at(int y) const;
  std::vector<Row> rows_;
  bool clickable_ = false;
  int key_ = -1, hovered_ = -1;
};

}  // namespace ipsi::ui
