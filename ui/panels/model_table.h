// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/viewmodels/model_analysis.h"

namespace ipsi::ui {

/// The twelve regions of an analysis: numbers as printed, intervals drawn on a common axis.
///
/// Up, Down, Home and End move the selected row. A row fitted anew by a flag is tinted, and its old estimate stands as
/// a hollow mark, until the next change.
class ModelTable : public QWidget {
  Q_OBJECT

 public:
  explicit ModelTable(QWidget* parent = nullptr);
  void setState(const ModelAnalysis::State& state);
  /// Text of a cell as painted: columns 0 region, 1 N, 2 G, 3 df, 4 beta, 5 SE, 6 t, 7 p, 8 p adjusted, 9 d,
  /// 10 robust beta ("≠" where it differs), 11 VIF, 12 p of the random intercept.
  [[nodiscard]] QString cell(int row, int column) const;
  [[nodiscard]] QString html() const;
  [[nodiscard]] QStringList heads() const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QRect rowRect(int row) const;

 signals:
  void chosen(int row);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Span {
    int left = 0, right = 0;
  };
  [[nodiscard]] Span span(int column) const;  ///< column 13 = the intervals
  [[nodiscard]] bool hidden(int column) const;
  [[nodiscard]] int lineHeight() const;
  [[nodiscard]] int headHeight() const;
  [[nodiscard]] double toPixel(double beta) const;
  void readAxis();
  void paintHead(QPainter& painter) const;
  void paintRow(QPainter& painter, int row) const;
  void paintInterval(QPainter& painter, int row, const QRect& rect) const;

  std::vector<ModelAnalysis::Row> rows_;
  int selected_ = 0;
  QString correction_;
  int places_ = 2;
  double low_ = -1, high_ = 1, step_ = 1;
};

}  // namespace ipsi::ui
