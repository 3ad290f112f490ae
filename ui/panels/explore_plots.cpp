// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/explore_plots.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/panels/qc_tiles.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kOpen = 2.6, kFilled = 3.3;  // px, radius
constexpr int kMostColours = 8;               // cohorts that can be told apart by colour
constexpr double kLeastLesionMl = 0.01;       // smaller ones stand here
constexpr double kGolden = 0.618034;

/// A person by the shape of the region's flag: disc ok or unrated, diamond lesioned, square failed.
void paint_person(QPainter& painter, const QPointF& at, QcFlag flag, double radius) {
  if (flag == QcFlag::lesioned)
    painter.drawPolygon(QPolygonF({at + QPointF(0, -radius - 0.8), at + QPointF(radius + 0.8, 0),
                                   at + QPointF(0, radius + 0.8), at + QPointF(-radius - 0.8, 0)}));
  else if (flag == QcFlag::failed)
    painter.drawRect(QRectF(at.x() - radius + 0.3, at.y() - radius + 0.3, 2 * radius - 0.6, 2 * radius - 0.6));
  else
    painter.drawEllipse(at, radius, radius);
}

QColor colour_of_cohort(int index) {
  const Theme& t = Theme::current();
  return index == 0 ? t.plot_line : t.category(index);  // the first blue is too dark on dark
}

void pen_chosen(QPainter& painter) {
  const Theme& t = Theme::current();
  painter.setPen(QPen(t.surface, 0.8));
  painter.setBrush(t.plot_line);
}

}  // namespace

// ---- scatter -------------------------------------------------------------------------------------------------------

ScatterPlot::ScatterPlot(QWidget* parent) : BrushPlot(parent) {
  setObjectName("cohort.scatter");
  setAccessibleName(tr("Volume of the region against score"));
}

QRectF ScatterPlot::areaOf() const {
  return areaFor(size(), QFontMetrics(ui::font(TextRole::small)).horizontalAdvance("00,000"));
}

void ScatterPlot::layOut(std::vector<QPointF>& places) const {
  const auto& s = state();
  for (std::size_t i = 0; i < s.people.size(); ++i) {
    const auto& p = s.people[i];
    if (!std::isnan(p.volume) && !std::isnan(p.score)) places[i] = map(p.score, p.volume, s.score_axis, s.volume);
  }
}

void ScatterPlot::paintGround(QPainter& painter) const {
  const Theme& t = Theme::current();
  const auto& s = state();
  const QString score = s.score < s.scores.size() ? s.scores[s.score] : QString();
  paintVerticalAxis(painter, s.volume, tr("%1, mm\u00b3").arg(s.region_title));
  paintHorizontalAxis(painter, s.score_axis, tr("%1, fraction of maximum").arg(score));
  const bool coloured = s.cohorts.size() <= kMostColours;
  QColor grey = t.muted;
  grey.setAlphaF(0.75F);
  for (const bool apart : {false, true})  // those that stand out on top
    for (std::size_t i = 0; i < s.people.size(); ++i) {
      const auto& p = s.people[i];
      const QPointF at = places()[i];
      const int cohort = static_cast<int>(s.cohorts.indexOf(p.cohort));
      if (std::isnan(at.x()) || (cohort == s.cohort) != apart) continue;
      painter.setPen(QPen(apart ? t.flag_lesioned_edge : coloured ? colour_of_cohort(cohort) : grey, 1.0));
      painter.setBrush(apart ? QBrush(t.category(1)) : QBrush(Qt::NoBrush));
      paint_person(painter, at, p.flag, apart ? kFilled : kOpen);
    }
}

void ScatterPlot::paintChosen(QPainter& painter) const {
  const auto& s = state();
  pen_chosen(painter);
  for (const int i : s.chosen) {
    const auto at = static_cast<std::size_t>(i);
    if (!std::isnan(places()[at].x())) paint_person(painter, places()[at], s.people[at].flag, kFilled + 0.4);
  }
}

// ---- histogram -----------------------------------------------------------------------------------------------------

HistogramPlot::HistogramPlot(QWidget* parent) : BrushPlot(parent) {
  setObjectName("cohort.histogram");
  setAccessibleName(tr("How many people have which volume"));
}

CohortModel::Axis HistogramPlot::counts() const {
  CohortModel::Axis axis;
  axis.high = std::max(1.0, 1.06 * state().most);
  double step = 1.0;
  for (const double nice : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0}) {
    step = nice;
    if (axis.high / step <= 4.0) break;
  }
  for (double at = 0.0; at <= axis.high; at += step) axis.ticks.push_back(at);
  return axis;
}

QRectF HistogramPlot::areaOf() const {
  return areaFor(size(), QFontMetrics(ui::font(TextRole::small)).horizontalAdvance("000"));
}

QRectF HistogramPlot::bar(std::size_t bin, int n) const {
  const auto& b = state().bins[bin];
  const auto axis = counts();
  const QPointF top = map(b.low, n, state().volume, axis), bottom = map(b.high, 0.0, state().volume, axis);
  return QRectF(top, bottom).adjusted(0.5, 0, -0.5, 0);
}

int HistogramPlot::binOf(int person) const {
  const auto& s = state();
  const double v = s.people[static_cast<std::size_t>(person)].volume;
  if (s.bins.empty() || std::isnan(v)) return -1;
  const double step = s.bins.front().high - s.bins.front().low;
  return std::clamp(static_cast<int>(std::floor((v - s.bins.front().low) / step)), 0,
                    static_cast<int>(s.bins.size()) - 1);
}

/// Each person at the own volume, in the middle of the bar's height.
void HistogramPlot::layOut(std::vector<QPointF>& places) const {
  const auto& s = state();
  const auto axis = counts();
  for (std::size_t i = 0; i < s.people.size(); ++i) {
    const int bin = binOf(static_cast<int>(i));
    if (bin < 0) continue;
    places[i] = map(s.people[i].volume, 0.5 * s.bins[static_cast<std::size_t>(bin)].n, s.volume, axis);
  }
}

std::vector<int> HistogramPlot::inside(const QPolygonF& outline) const {
  const QRectF box = outline.boundingRect();
  std::vector<int> out;
  const auto& all = places();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].x() >= box.left() && all[i].x() <= box.right()) out.push_back(static_cast<int>(i));
  return out;
}

std::vector<int> HistogramPlot::reach(int from, int to) const {
  const int a = binOf(from), b = binOf(to);
  std::vector<int> out;
  for (int i = 0; i < static_cast<int>(state().people.size()); ++i) {
    const int bin = binOf(i);
    if (bin >= 0 && bin >= std::min(a, b) && bin <= std::max(a, b)) out.push_back(i);
  }
  return out;
}

int HistogramPlot::walk(int from, int dx, int) const {
  const auto first_in = [this](int bin) {
    for (int i = 0; i < static_cast<int>(state().people.size()); ++i)
      if (binOf(i) == bin) return i;
    return -1;
  };
  const int step = dx < 0 ? -1 : 1;
  for (int bin = from < 0 ? 0 : binOf(from) + step; bin >= 0 && bin < static_cast<int>(state().bins.size());
       bin += step)
    if (const int person = first_in(bin); person >= 0) return person;
  return from;
}

void HistogramPlot::paintGround(QPainter& painter) const {
  const auto& s = state();
  paintVerticalAxis(painter, counts(), tr("people"));
  painter.setRenderHint(QPainter::Antialiasing, false);
  QColor grey = Theme::current().muted;
  grey.setAlphaF(0.5F);
  for (std::size_t b = 0; b < s.bins.size(); ++b)
    if (s.bins[b].n > 0) painter.fillRect(bar(b, s.bins[b].n), grey);
  paintHorizontalAxis(painter, s.volume, tr("%1, mm\u00b3").arg(s.region_title));
}

void HistogramPlot::paintChosen(QPainter& painter) const {
  const auto& s = state();
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (std::size_t b = 0; b < s.bins.size(); ++b)
    if (s.bins[b].chosen > 0) painter.fillRect(bar(b, s.bins[b].chosen), Theme::current().plot_line);
  painter.setRenderHint(QPainter::Antialiasing);
}

// ---- in and out ----------------------------------------------------------------------------------------------------

FatePlot::FatePlot(QWidget* parent) : BrushPlot(parent) {
  setObjectName("cohort.fates");
  setAccessibleName(tr("Lesion volume of those in the model and those out"));
}

std::vector<std::size_t> FatePlot::rows() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < state().fates.size(); ++i)
    if (state().fates[i].n > 0) out.push_back(i);
  return out;
}

QString FatePlot::label(const CohortModel::Fate& fate) const {
  return QString("%1 %2").arg(fate.title, formatNumber(fate.n, 0));
}

QRectF FatePlot::areaOf() const {
  const QFontMetrics small(ui::font(TextRole::small));
  int wide = 0;
  for (const std::size_t row : rows()) wide = std::max(wide, small.horizontalAdvance(label(state().fates[row])));
  return areaFor(size(), std::max(0, wide + 22 - small.height()));
}

void FatePlot::layOut(std::vector<QPointF>& places) const {
  const auto& s = state();
  const auto shown = rows();
  const double tall = area().height() / std::max<double>(1.0, static_cast<double>(shown.size()));
  double place = 0.25;
  for (std::size_t i = 0; i < s.people.size(); ++i) {
    const auto row = std::find(shown.begin(), shown.end(), static_cast<std::size_t>(s.fate[i])) - shown.begin();
    place += kGolden;
    place -= std::floor(place);
    if (!(s.people[i].lesion_ml > 0.0)) continue;
    const double x = map(std::log10(std::max(s.people[i].lesion_ml, kLeastLesionMl)), 0.0, s.lesion, {}).x();
    places[i] = {x, area().top() + tall * (static_cast<double>(row) + 0.5 + 0.72 * (place - 0.5))};
  }
}

void FatePlot::paintGround(QPainter& painter) const {
  const Theme& t = Theme::current();
  const auto& s = state();
  const QFontMetrics small(ui::font(TextRole::small));
  const auto shown = rows();
  const double tall = area().height() / std::max<double>(1.0, static_cast<double>(shown.size()));
  QColor grey = t.muted;
  grey.setAlphaF(0.6F);
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const auto& fate = s.fates[shown[k]];
    const double middle = area().top() + tall * (static_cast<double>(k) + 0.5);
    if (k > 0)
      painter.fillRect(QRectF(0, std::round(area().top() + tall * static_cast<double>(k)), area().right(), 1), t.hair);
    const int flag = 14;
    if (fate.analysed) paintFlag(painter, QRectF(4, middle - flag / 2.0, flag, flag), qc_symbol(fate.flag));
    painter.setPen(t.text);
    painter.setFont(ui::font(TextRole::small));
    painter.drawText(QRectF(22, middle - small.height(), area().left() - 22, 2 * small.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, label(fate));
  }
  painter.setPen(QPen(grey, 1.0));
  painter.setBrush(Qt::NoBrush);
  for (const QPointF& at : places())
    if (!std::isnan(at.x())) painter.drawEllipse(at, 2.0, 2.0);
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const double median = s.fates[shown[k]].median;
    if (std::isnan(median)) continue;
    const double x = map(std::log10(std::max(median, kLeastLesionMl)), 0.0, s.lesion, {}).x(),
                 top = area().top() + tall * static_cast<double>(k);
    painter.setPen(QPen(t.surface, 5));
    painter.drawLine(QPointF(x, top + 0.12 * tall), QPointF(x, top + 0.88 * tall));
    painter.setPen(QPen(t.text, 2));
    painter.drawLine(QPointF(x, top + 0.12 * tall), QPointF(x, top + 0.88 * tall));
  }
  paintHorizontalAxis(painter, s.lesion, tr("lesion volume, mL; line: median"));
}

void FatePlot::paintChosen(QPainter& painter) const {
  pen_chosen(painter);
  for (const int i : state().chosen) {
    const QPointF at = places()[static_cast<std::size_t>(i)];
    if (!std::isnan(at.x())) painter.drawEllipse(at, 3.0, 3.0);
  }
}

}  // namespace ipsi::ui
