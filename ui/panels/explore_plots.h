// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QPolygonF>
#include <QWidget>
#include <vector>

#include "ui/viewmodels/cohort_model.h"

namespace ipsi::ui {

/// A plot of people who are chosen by drawing around them, or by keys.
///
/// Drag: rectangle or lasso (Shift adds, Alt takes away, Esc gives up). Click: the session's person; double click or
/// Return opens it. Arrows walk from person to person, Space chooses one, Shift with an arrow all between.
/// What does not change while one brushes is kept as a picture.
class BrushPlot : public QWidget {
  Q_OBJECT

 public:
  enum class Tool { rectangle, lasso };

  explicit BrushPlot(QWidget* parent = nullptr);
  void setState(const CohortModel::State& state);
  void setTool(Tool tool) { tool_ = tool; }
  /// Where a person of the state stands; NaN where not drawn.
  [[nodiscard]] const std::vector<QPointF>& places() const;
  /// People inside a drawn outline, ascending.
  [[nodiscard]] virtual std::vector<int> inside(const QPolygonF& outline) const;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void brushBegan();
  void brushed(const std::vector<int>& people, ipsi::ui::CohortModel::Brush how);
  void brushCancelled();
  void cleared();
  void personClicked(int index);
  void personOpened(int index);

 protected:
  [[nodiscard]] virtual QRectF areaOf() const = 0;              ///< in which people stand
  virtual void layOut(std::vector<QPointF>& places) const = 0;  ///< called when state or size have changed
  virtual void paintGround(QPainter& painter) const = 0;        ///< axes and everybody
  virtual void paintChosen(QPainter& painter) const = 0;
  [[nodiscard]] virtual std::vector<int> reach(int from, int to) const;  ///< from one marked person to another
  /// The next person to mark in a direction; -1 begins at the left.
  [[nodiscard]] virtual int walk(int from, int dx, int dy) const;
  [[nodiscard]] virtual QString words(int person) const;

  [[nodiscard]] const CohortModel::State& state() const { return state_; }
  [[nodiscard]] QRectF area() const { return area_; }
  [[nodiscard]] QPointF map(double x, double y, const CohortModel::Axis& horizontal,
                            const CohortModel::Axis& vertical) const;
  void paintHorizontalAxis(QPainter& painter, const CohortModel::Axis& axis, const QString& title) const;
  void paintVerticalAxis(QPainter& painter, const CohortModel::Axis& axis, const QString& title) const;
  [[nodiscard]] static QRectF areaFor(const QSize& size, int labels);

  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void prepare() const;
  [[nodiscard]] int personAt(const QPointF& at) const;
  void mark(int person, bool extend);

  CohortModel::State state_;
  Tool tool_ = Tool::rectangle;
  mutable std::vector<QPointF> places_;
  mutable QRectF area_;
  mutable QPixmap ground_;
  mutable bool fresh_ = false;
  QPolygonF outline_;
  QPointF pressed_;
  bool pressing_ = false, brushing_ = false;
  CohortModel::Brush how_ = CohortModel::Brush::replace;
  int marked_ = -1, anchor_ = -1;
};

/// Region volume against score.
class ScatterPlot : public BrushPlot {
  Q_OBJECT

 public:
  explicit ScatterPlot(QWidget* parent = nullptr);

 protected:
  [[nodiscard]] QRectF areaOf() const override;
  void layOut(std::vector<QPointF>& places) const override;
  void paintGround(QPainter& painter) const override;
  void paintChosen(QPainter& painter) const override;
};

/// How the region's volumes are spread; a brush takes a range of volumes.
class HistogramPlot : public BrushPlot {
  Q_OBJECT

 public:
  explicit HistogramPlot(QWidget* parent = nullptr);
  [[nodiscard]] std::vector<int> inside(const QPolygonF& outline) const override;

 protected:
  [[nodiscard]] QRectF areaOf() const override;
  void layOut(std::vector<QPointF>& places) const override;
  void paintGround(QPainter& painter) const override;
  void paintChosen(QPainter& painter) const override;
  [[nodiscard]] std::vector<int> reach(int from, int to) const override;  ///< whole bars
  [[nodiscard]] int walk(int from, int dx, int dy) const override;        ///< from bar to bar

 private:
  [[nodiscard]] int binOf(int person) const;
  [[nodiscard]] QRectF bar(std::size_t bin, int n) const;
  [[nodiscard]] CohortModel::Axis counts() const;
};

/// Who is in the region's model and who is out, by lesion volume.
class FatePlot : public BrushPlot {
  Q_OBJECT

 public:
  explicit FatePlot(QWidget* parent = nullptr);

 protected:
  [[nodiscard]] QRectF areaOf() const override;
  void layOut(std::vector<QPointF>& places) const override;
  void paintGround(QPainter& painter) const override;
  void paintChosen(QPainter& painter) const override;

 private:
  [[nodiscard]] std::vector<std::size_t> rows() const;  ///< fates with people
  [[nodiscard]] QString label(const CohortModel::Fate& fate) const;
};

}  // namespace ipsi::ui
