// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/chart.h"

#include <qcustomplot.h>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kReach = 9.0;      // px from a point that still count as on it
constexpr double kMargin = 0.04;    // of the data's range, around it
constexpr double kPointSize = 5.0;  // px

QVector<double> vector_of(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(const std::vector<double>& values) {
    for (const double v : values)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  }
  [[nodiscard]] QCPRange range() const {
    if (!(low <= high)) return {0.0, 1.0};
    const double pad = high > low ? kMargin * (high - low) : 0.5;
    return {low - pad, high + pad};
  }
};

QColor colour_of(int index) {
  const Theme& t = Theme::current();
  return index < 0 ? t.muted : index == 0 ? t.plot_line : t.category(index);  // its blue is too dark on dark
}

/// Ticks as the window writes numbers: as many decimals as the step needs, the same on the whole axis.
class Ticker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override {
    const double step = QCPAxisTicker::getTickStep(range);
    decimals_ = 0;
    for (double s = step; decimals_ < 6 && std::abs(s - std::round(s)) > 1e-6 * s; s *= 10) ++decimals_;
    return step;
  }
  QString getTickLabel(double tick, const QLocale&, QChar, int) override {
    const double nearest = std::pow(10.0, -decimals_) * 1e-6;
    return formatNumber(std::abs(tick) < nearest ? 0.0 : tick, decimals_);
  }

 private:
  int decimals_ = 0;
};

void style_axis(QCPAxis* axis, bool line, const QString& label) {
  const Theme& t = Theme::current();
  axis->setBasePen(line ? QPen(t.muted, 1) : QPen(Qt::NoPen));
  axis->setTickPen(line ? QPen(t.muted, 1) : QPen(Qt::NoPen));
  axis->setSubTickPen(Qt::NoPen);
  axis->setTickLength(0, line ? 4 : 0);
  axis->setTickLabelColor(t.muted);
  axis->setTickLabelFont(ui::font(TextRole::small));
  axis->setLabelColor(t.text);
  axis->setLabelFont(ui::font(TextRole::small));
  axis->setLabel(label);
  axis->setLabelPadding(3);
  axis->setTickLabelPadding(4);
  axis->grid()->setPen(line ? QPen(Qt::NoPen) : QPen(t.plot_grid, 1));
  axis->grid()->setZeroLinePen(line ? QPen(Qt::NoPen) : QPen(t.plot_grid, 1));
  axis->grid()->setSubGridVisible(false);
  axis->ticker()->setTickCount(5);
}

}  // namespace

Chart::Chart(QWidget* parent) : QWidget(parent), plot_(new QCustomPlot(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(plot_);
  plot_->setFocusPolicy(Qt::NoFocus);
  plot_->setNoAntialiasingOnDrag(false);
  plot_->setMouseTracking(true);
  plot_->installEventFilter(this);
  plot_->xAxis->setTicker(QSharedPointer<Ticker>::create());
  plot_->yAxis->setTicker(QSharedPointer<Ticker>::create());
  plot_->axisRect()->setMinimumMargins(QMargins(0, 6, 10, 0));
  style();
}

QSize Chart::minimumSizeHint() const {
  return {120, 100};
}

void Chart::setFigure(const spec::Figure& figure) {
  figure_ = figure;
  marked_ = {};
  setAccessibleName(QString::fromStdString(figure.title));
  setAccessibleDescription(QString::fromStdString(figure.alt));
  build();
}

void Chart::setPointsChoosable(bool choosable) {
  choosable_ = choosable;
  setFocusPolicy(choosable ? Qt::StrongFocus : Qt::NoFocus);
  setProperty("focusRing", choosable);
}

void Chart::build() {
  plot_->clearPlottables();
  plot_->clearItems();
  style();
  Extent x, y;
  for (const spec::Series& s : figure_.series) {
    x.add(s.x);
    y.add(s.y);
    Extent& across = figure_.horizontal ? x : y;
    across.add(s.low);
    across.add(s.high);
    addSeries(s);
  }
  for (const spec::ReferenceLine& line : figure_.lines) {
    auto* item = new QCPItemStraightLine(plot_);
    item->point1->setCoords(line.vertical ? line.at : 0.0, line.vertical ? 0.0 : line.at);
    item->point2->setCoords(line.vertical ? line.at : 1.0, line.vertical ? 1.0 : line.at);
    item->setPen(QPen(Theme::current().muted, 1, Qt::DashLine));
    item->setSelectable(false);
  }
  const auto range = [](const spec::Axis& axis, const Extent& extent) {
    return axis.range ? QCPRange(axis.range->first, axis.range->second) : extent.range();
  };
  plot_->xAxis->setRange(range(figure_.x, x));
  plot_->yAxis->setRange(range(figure_.y, y));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void Chart::addSeries(const spec::Series& s) {
  using Kind = spec::Series::Kind;
  const QColor colour = s.kind == Kind::line || s.kind == Kind::band ? Theme::current().plot_line : colour_of(s.colour);
  auto* graph = plot_->addGraph();
  graph->setSelectable(QCP::stNone);
  if (s.kind == Kind::band) {
    QColor fill = colour;
    fill.setAlphaF(0.16F);
    graph->setData(vector_of(s.x), vector_of(s.low), true);
    graph->setPen(Qt::NoPen);
    auto* upper = plot_->addGraph();
    upper->setData(vector_of(s.x), vector_of(s.high), true);
    upper->setPen(Qt::NoPen);
    upper->setBrush(fill);
    upper->setChannelFillGraph(graph);
    return;
  }
  graph->setData(vector_of(s.x), vector_of(s.y));
  if (s.kind == Kind::line) {
    const bool grey = s.colour < 0;
    graph->setPen(QPen(grey ? Theme::current().muted : colour, grey ? 1.0 : 2.0, grey ? Qt::DashLine : Qt::SolidLine));
    return;
  }
  const bool filled = s.filled.empty() || s.filled.front();
  graph->setLineStyle(QCPGraph::lsNone);
  graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(filled ? colour.darker(140) : colour, 1),
                                         filled ? QBrush(colour) : QBrush(Theme::current().surface),
                                         filled ? kPointSize + 1.5 : kPointSize));
}

void Chart::style() {
  plot_->setBackground(Theme::current().surface);
  style_axis(plot_->xAxis, true, QString::fromStdString(figure_.x.label));
  style_axis(plot_->yAxis, false, QString::fromStdString(figure_.y.label));
}

QPointF Chart::place(int series, int index) const {
  const spec::Series& s = figure_.series[static_cast<std::size_t>(series)];
  const auto i = static_cast<std::size_t>(index);
  return {plot_->xAxis->coordToPixel(s.x[i]), plot_->yAxis->coordToPixel(s.y[i])};
}

Chart::Hit Chart::hit(const QPointF& where) const {
  Hit out;
  double nearest = kReach * kReach;
  for (std::size_t k = 0; k < figure_.series.size(); ++k) {
    if (figure_.series[k].kind != spec::Series::Kind::points) continue;
    for (std::size_t i = 0; i < figure_.series[k].x.size(); ++i) {
      const QPointF away = place(static_cast<int>(k), static_cast<int>(i)) - where;
      const double distance = QPointF::dotProduct(away, away);
      if (distance > nearest) continue;
      nearest = distance;
      out = {static_cast<int>(k), static_cast<int>(i)};
    }
  }
  return out;
}

void Chart::mark(Hit hit) {
  plot_->clearItems();
  marked_ = hit;
  build();
  if (hit.series < 0) return;
  auto* ring = new QCPItemEllipse(plot_);
  const QPointF at = place(hit.series, hit.index), reach(kPointSize + 2, kPointSize + 2);
  ring->topLeft->setType(QCPItemPosition::ptAbsolute);
  ring->bottomRight->setType(QCPItemPosition::ptAbsolute);
  ring->topLeft->setCoords(at - reach);
  ring->bottomRight->setCoords(at + reach);
  ring->setPen(QPen(Theme::current().accent, 2));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void Chart::keyPressEvent(QKeyEvent* event) {
  const auto points = std::find_if(figure_.series.begin(), figure_.series.end(), [](const spec::Series& s) {
    return s.kind == spec::Series::Kind::points && !s.x.empty();
  });
  if (!choosable_ || points == figure_.series.end()) return QWidget::keyPressEvent(event);
  const int series = static_cast<int>(points - figure_.series.begin()), n = static_cast<int>(points->x.size());
  const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
  if (step != 0) {
    mark({series, marked_.series < 0 ? 0 : std::clamp(marked_.index + step, 0, n - 1)});
  } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && marked_.series >= 0) {
    emit pointChosen(marked_.series, marked_.index);
  } else {
    QWidget::keyPressEvent(event);
  }
}

bool Chart::eventFilter(QObject* watched, QEvent* event) {
  if (watched == plot_ && choosable_) {
    if (event->type() == QEvent::MouseMove)
      plot_->setCursor(hit(static_cast<QMouseEvent*>(event)->position()).series >= 0 ? Qt::PointingHandCursor
                                                                                     : Qt::ArrowCursor);
    if (event->type() == QEvent::MouseButtonRelease) {
      const Hit at = hit(static_cast<QMouseEvent*>(event)->position());
      if (at.series >= 0) emit pointChosen(at.series, at.index);
    }
  }
  return QWidget::eventFilter(watched, event);
}

void Chart::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (marked_.series >= 0) mark({});
}

void Chart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) build();
}

}  // namespace ipsi::ui
