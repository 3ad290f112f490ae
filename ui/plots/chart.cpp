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
constexpr double kCategoryMargin = 0.1;
constexpr int kYellow = 6;  // of the categories
constexpr int kEndGap = 6;  // px between the end of a line and its name

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

/// `many`: the lines of a figure, told apart by colour; a light blue beside the sky blue of the palette would not be.
QColor colour_of(int index, bool many = false) {
  const Theme& t = Theme::current();
  if (many && index == 0) return t.dark ? t.category(kYellow) : t.category(0);
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

/// Room above the axes for the upper half of a tick's label, which is left out otherwise.
int half_label() {
  return QFontMetrics(ui::font(TextRole::small)).height() / 2 + 2;
}

/// 1, 2 and 5 of each power of ten.
class LogTicker : public QCPAxisTicker {
 protected:
  QVector<double> createTickVector(double, const QCPRange& range) override {
    QVector<double> out;
    if (range.lower <= 0.0) return out;
    for (double power = std::pow(10.0, std::floor(std::log10(range.lower))); power <= range.upper; power *= 10.0)
      for (const double digit : {1.0, 2.0, 5.0})
        if (digit * power >= range.lower && digit * power <= range.upper) out << digit * power;
    return out;
  }
  QString getTickLabel(double tick, const QLocale&, QChar, int) override {
    return formatNumber(tick, std::max(0, static_cast<int>(std::ceil(-std::log10(tick) - 1e-9))));
  }
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
  plot_->axisRect()->setMinimumMargins(QMargins(0, half_label(), 10, 0));
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
  setTicks();
  Extent x, y;
  many_ = std::count_if(figure_.series.begin(), figure_.series.end(), [](const spec::Series& s) {
            return s.kind == spec::Series::Kind::line && !s.label.empty();
          }) > 1;
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
  const auto set = [&](QCPAxis* axis, const spec::Axis& wanted, Extent extent) {
    if (!wanted.categories.empty()) {
      const auto n = static_cast<double>(wanted.categories.size());
      axis->setRange(-0.5 - kCategoryMargin, n - 0.5 + kCategoryMargin);
    } else if (wanted.logarithmic && extent.low > 0.0 && extent.low < extent.high) {
      const double pad = std::pow(extent.high / extent.low, kMargin);
      axis->setRange(wanted.range ? range(wanted, extent) : QCPRange(extent.low / pad, extent.high * pad));
    } else {
      axis->setRange(range(wanted, extent));
    }
    axis->setRangeReversed(!wanted.categories.empty() && axis == plot_->yAxis);  // the first category is at the top
  };
  for (const spec::ReferenceLine& line : figure_.lines) (line.vertical ? x : y).add({line.at});
  set(plot_->xAxis, figure_.x, x);
  set(plot_->yAxis, figure_.y, y);
  labelEnds();
  wrapLabel();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void Chart::addSeries(const spec::Series& s) {
  using Kind = spec::Series::Kind;
  if (s.kind == Kind::intervals) return addIntervals(s);
  const QColor colour = s.kind == Kind::band ? Theme::current().plot_line : colour_of(s.colour, many_);
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

/// Whiskers and a mark: filled where the interval tells, open where it does not.
void Chart::addIntervals(const spec::Series& s) {
  const QColor colour = colour_of(s.colour);
  for (const bool filled : {true, false}) {
    // A graph keeps its points by x, and error bars go by the place among them.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < s.x.size(); ++i)
      if ((s.filled.empty() || s.filled[i]) == filled) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return s.x[a] < s.x[b]; });
    QVector<double> x, y, minus, plus;
    for (const std::size_t i : order) {
      const double value = figure_.horizontal ? s.x[i] : s.y[i];
      x << s.x[i];
      y << s.y[i];
      minus << value - s.low[i];
      plus << s.high[i] - value;
    }
    if (x.isEmpty()) continue;
    auto* marks = plot_->addGraph();
    marks->setSelectable(QCP::stNone);
    marks->setLineStyle(QCPGraph::lsNone);
    marks->setScatterStyle(QCPScatterStyle(filled ? QCPScatterStyle::ssSquare : QCPScatterStyle::ssCircle,
                                           QPen(colour, 1), filled ? QBrush(colour) : QBrush(Theme::current().surface),
                                           kPointSize + 2));
    marks->setData(x, y, true);
    auto* bars = new QCPErrorBars(plot_->xAxis, plot_->yAxis);
    bars->setErrorType(figure_.horizontal ? QCPErrorBars::etKeyError : QCPErrorBars::etValueError);
    bars->setSelectable(QCP::stNone);
    bars->setDataPlottable(marks);
    bars->setData(minus, plus);
    bars->setPen(QPen(colour, filled ? 1.5 : 1));
    bars->setWhiskerWidth(0);
    bars->setSymbolGap(kPointSize + 2);
  }
}

/// Each named line's name at its end, moved apart where they would cover each other.
void Chart::labelEnds() {
  struct End {
    const spec::Series* series;
    double wanted, at;  // px from the top
  };
  std::vector<End> ends;
  const QFontMetrics metrics(ui::font(TextRole::small));
  int wide = 0;
  for (const spec::Series& s : figure_.series) {
    if (s.kind != spec::Series::Kind::line || s.label.empty()) continue;
    const auto last = std::find_if(s.y.rbegin(), s.y.rend(), [](double v) { return std::isfinite(v); });
    if (last == s.y.rend()) continue;
    ends.push_back({&s, *last, 0.0});
    wide = std::max(wide, metrics.horizontalAdvance(QString::fromStdString(s.label)));
  }
  end_room_ = ends.empty() ? 0 : wide + kEndGap;
  plot_->axisRect()->setMinimumMargins(QMargins(0, half_label(), 10 + end_room_, 0));
  if (ends.empty()) return;
  plot_->replot(QCustomPlot::rpImmediateRefresh);  // the axes' place is needed, now that there is room beside them
  for (End& end : ends) end.at = end.wanted = plot_->yAxis->coordToPixel(end.wanted);
  std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.wanted < b.wanted; });
  const double step = metrics.height();
  const QRect area = plot_->axisRect()->rect();
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i].at = std::max(ends[i].at, ends[i - 1].at + step);
  double floor = area.bottom();
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    end->at = std::min(end->at, floor);
    floor = end->at - step;
  }
  for (const End& end : ends) {
    auto* name = new QCPItemText(plot_);
    name->setSelectable(false);
    name->setClipToAxisRect(false);
    name->setFont(ui::font(TextRole::small));
    name->setColor(Theme::current().text);
    name->setText(QString::fromStdString(end.series->label));
    name->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    name->position->setType(QCPItemPosition::ptAbsolute);
    name->position->setCoords(area.right() + kEndGap + 4, end.at);
    auto* key = new QCPItemLine(plot_);  // the line's colour beside its name, and the way to it
    key->setSelectable(false);
    key->setClipToAxisRect(false);
    key->setPen(QPen(colour_of(end.series->colour, many_), 1));
    key->start->setType(QCPItemPosition::ptAbsolute);
    key->end->setType(QCPItemPosition::ptAbsolute);
    key->start->setCoords(area.right() - 2, end.wanted);
    key->end->setCoords(area.right() + kEndGap, end.at);
  }
}

/// A title longer than its axis takes two lines.
void Chart::wrapLabel() {
  QString label = QString::fromStdString(figure_.x.label);
  if (figure_.y.categories.empty()) return;  // where the axis gets short: categories take room beside it
  plot_->replot(QCustomPlot::rpImmediateRefresh);
  const QFontMetrics metrics(ui::font(TextRole::small));
  if (metrics.horizontalAdvance(label) <= plot_->axisRect()->width()) return;
  const auto cut = label.indexOf(' ', label.size() / 2);
  if (cut > 0) label[cut] = '\n';
  plot_->xAxis->setLabel(label);
}

void Chart::setTicks() {
  const auto set = [](QCPAxis* axis, const spec::Axis& wanted) {
    axis->setScaleType(wanted.logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (!wanted.categories.empty()) {
      auto ticker = QSharedPointer<QCPAxisTickerText>::create();
      for (std::size_t i = 0; i < wanted.categories.size(); ++i)
        ticker->addTick(static_cast<double>(i), QString::fromStdString(wanted.categories[i]));
      axis->setTicker(ticker);
    } else if (wanted.logarithmic) {
      axis->setTicker(QSharedPointer<LogTicker>::create());
    } else {
      axis->setTicker(QSharedPointer<Ticker>::create());
      axis->ticker()->setTickCount(5);
    }
  };
  set(plot_->xAxis, figure_.x);
  set(plot_->yAxis, figure_.y);
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
  if (marked_.series >= 0)
    mark({});
  else if (end_room_ > 0 || !figure_.y.categories.empty())
    build();  // names of lines stand by pixels, and so does where a title is cut
}

void Chart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) build();
}

}  // namespace ipsi::ui
