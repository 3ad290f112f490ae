// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "core/spec/figure.h"

class QCustomPlot;

namespace ipsi::ui {

/// A figure on screen, in the theme's colours: points, lines with their names at the end, bands, intervals and
/// reference lines; logarithmic axes and categories.
///
/// Arrow keys walk along the points of the first series of points when the chart has the keyboard; Return opens the
/// one that is marked, as a click does.
class Chart : public QWidget {
  Q_OBJECT

 public:
  explicit Chart(QWidget* parent = nullptr);

  void setFigure(const spec::Figure& figure);
  /// Points of series `series` may be clicked; their `pointChosen` carries the index into that series.
  void setPointsChoosable(bool choosable);
  [[nodiscard]] const spec::Figure& figure() const { return figure_; }
  /// The point under a place of the widget; series -1 when there is none within reach.
  struct Hit {
    int series = -1, index = -1;
  };
  [[nodiscard]] Hit hit(const QPointF& place) const;
  /// Where a point of the figure is painted.
  [[nodiscard]] QPointF place(int series, int index) const;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void pointChosen(int series, int index);

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void build();
  void addSeries(const spec::Series& series);
  void addIntervals(const spec::Series& series);
  void labelEnds();
  void wrapLabel();
  void setTicks();
  void style();
  void mark(Hit hit);

  QCustomPlot* plot_;
  bool many_ = false;  ///< several named lines
  int end_room_ = 0;   ///< px right of the axes for the names of lines
  spec::Figure figure_;
  bool choosable_ = false;
  Hit marked_;
};

}  // namespace ipsi::ui
