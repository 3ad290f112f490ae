// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/panels/explore_plots.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr double kReach = 8.0;  // px from a point that still count as on it
constexpr double kDrag = 4.0;   // px before a press becomes a brush
constexpr int kTick = 4;

/// Even-odd rule; a point on the left or upper edge is inside.
bool contains(const QPolygonF& outline, const QPointF& p) {
  bool in = false;
  const auto n = outline.size();
  for (qsizetype i = 0, j = n - 1; i < n; j = i++) {
    const QPointF &a = outline[i], &b = outline[j];
    if ((a.y() > p.y()) == (b.y() > p.y())) continue;
    if (p.x() < (b.x() - a.x()) * (p.y() - a.y()) / (b.y() - a.y()) + a.x()) in = !in;
  }
  return in;
}

bool drawn(const QPointF& place) {
  return !std::isnan(place.x());
}

}  // namespace

BrushPlot::BrushPlot(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize BrushPlot::minimumSizeHint() const {
  const int small = QFontMetrics(ui::font(TextRole::small)).height();
  return {160, 5 * small + 60};
}

void BrushPlot::setState(const CohortModel::State& state) {
  const bool others = state.version != state_.version || state.people.size() != state_.people.size();
  if (others) {
    fresh_ = false;
    marked_ = anchor_ = -1;
  }
  state_ = state;
  update();
}

const std::vector<QPointF>& BrushPlot::places() const {
  prepare();
  return places_;
}

void BrushPlot::prepare() const {
  if (fresh_ && ground_.devicePixelRatio() == devicePixelRatioF()) return;
  places_.assign(state_.people.size(), QPointF(table::kMissing, table::kMissing));
  area_ = areaOf();
  layOut(places_);
  fresh_ = true;
  ground_ = QPixmap(size() * devicePixelRatioF());
  ground_.setDevicePixelRatio(devicePixelRatioF());
  ground_.fill(Theme::current().surface);
  QPainter painter(&ground_);
  painter.setRenderHint(QPainter::Antialiasing);
  paintGround(painter);
}

// ---- axes ----------------------------------------------------------------------------------------------------------

QPointF BrushPlot::map(double x, double y, const CohortModel::Axis& h, const CohortModel::Axis& v) const {
  return {area_.left() + (x - h.low) / (h.high - h.low) * area_.width(),
          area_.bottom() - (y - v.low) / (v.high - v.low) * area_.height()};
}

QRectF BrushPlot::areaFor(const QSize& size, int labels) {
  const int small = QFontMetrics(ui::font(TextRole::small)).height();
  const int left = labels + small + 12, bottom = 2 * small + kTick + 6;
  return QRectF(left, 10, std::max(20, size.width() - left - 14), std::max(20, size.height() - 10 - bottom));
}

void BrushPlot::paintHorizontalAxis(QPainter& painter, const CohortModel::Axis& axis, const QString& title) const {
  const Theme& t = Theme::current();
  const QFontMetrics small(ui::font(TextRole::small));
  painter.setFont(ui::font(TextRole::small));
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(t.control);
  const double y = std::round(area_.bottom());
  painter.drawLine(QPointF(area_.left(), y), QPointF(area_.right(), y));
  double last = -1e9;
  const int decimals = !axis.ticks.empty() && axis.ticks.back() - axis.ticks.front() < 3.0 && !axis.logarithmic ? 1 : 0;
  for (const double tick : axis.ticks) {
    const double at = axis.logarithmic ? std::log10(tick) : tick;
    const double x = std::round(area_.left() + (at - axis.low) / (axis.high - axis.low) * area_.width());
    const QString words = axis.logarithmic && tick < 1.0 ? formatNumber(tick, static_cast<int>(std::lround(-at)))
                                                         : formatNumber(tick, decimals);
    const double half = small.horizontalAdvance(words) / 2.0 + 4.0;
    painter.setPen(t.control);
    painter.drawLine(QPointF(x, y), QPointF(x, y + kTick));
    if (x - half < last) continue;
    last = x + half;
    painter.setPen(t.muted);
    painter.drawText(QRectF(x - 60, y + kTick + 1, 120, small.height()), Qt::AlignHCenter | Qt::AlignTop, words);
  }
  painter.setPen(t.text);
  painter.drawText(QRectF(0, y + kTick + small.height() + 2, width(), small.height() + 2),
                   Qt::AlignHCenter | Qt::AlignTop, small.elidedText(title, Qt::ElideRight, width()));
  painter.setRenderHint(QPainter::Antialiasing);
}

void BrushPlot::paintVerticalAxis(QPainter& painter, const CohortModel::Axis& axis, const QString& title) const {
  const Theme& t = Theme::current();
  const QFontMetrics small(ui::font(TextRole::small));
  painter.setFont(ui::font(TextRole::small));
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (const double tick : axis.ticks) {
    const double y = std::round(area_.bottom() - (tick - axis.low) / (axis.high - axis.low) * area_.height());
    if (y < area_.top() - 1 || y > area_.bottom() + 1) continue;
    painter.setPen(t.plot_grid);
    painter.drawLine(QPointF(area_.left(), y), QPointF(area_.right(), y));
    painter.setPen(t.muted);
    painter.drawText(QRectF(0, y - 20, area_.left() - 6, 40), Qt::AlignRight | Qt::AlignVCenter, formatNumber(tick, 0));
  }
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(t.text);
  painter.save();
  painter.translate(small.height() * 0.55, area_.center().y());
  painter.rotate(-90);
  const int room = static_cast<int>(area_.height()) + 20;
  painter.drawText(QRectF(-room / 2.0, -small.height() / 2.0 - 1, room, small.height() + 2), Qt::AlignCenter,
                   small.elidedText(title, Qt::ElideRight, room));
  painter.restore();
}

// ---- painting ------------------------------------------------------------------------------------------------------

void BrushPlot::paintEvent(QPaintEvent*) {
  prepare();
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.drawPixmap(0, 0, ground_);
  painter.setRenderHint(QPainter::Antialiasing);
  paintChosen(painter);
  const auto ring = [&](int person, const QColor& colour, double radius) {
    if (person < 0 || person >= static_cast<int>(places_.size())) return;
    const QPointF& at = places_[static_cast<std::size_t>(person)];
    if (!drawn(at)) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(t.surface, 4));
    painter.drawEllipse(at, radius, radius);
    painter.setPen(QPen(colour, 2));
    painter.drawEllipse(at, radius, radius);
  };
  ring(state_.current, t.text, 6.0);
  if (hasFocus()) ring(marked_, t.accent, 8.0);
  if (!brushing_ || outline_.size() < 2) return;
  QColor fill = t.accent;
  fill.setAlphaF(0.12F);
  painter.setPen(QPen(t.accent, 1));
  painter.setBrush(fill);
  painter.drawPolygon(outline_);
}

void BrushPlot::resizeEvent(QResizeEvent*) {
  fresh_ = false;
}

bool BrushPlot::event(QEvent* event) {
  switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::FontChange: fresh_ = false; break;
    case QEvent::ToolTip: {
      const auto* help = static_cast<QHelpEvent*>(event);
      const int person = personAt(help->pos());
      if (person >= 0)
        QToolTip::showText(help->globalPos(), words(person), this);
      else
        QToolTip::hideText();
      return true;
    }
    default: break;
  }
  return QWidget::event(event);
}

// ---- brushing ------------------------------------------------------------------------------------------------------

std::vector<int> BrushPlot::inside(const QPolygonF& outline) const {
  std::vector<int> out;
  const QRectF box = outline.boundingRect();
  const auto& all = places();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const QPointF& p = all[i];
    if (!drawn(p) || p.x() < box.left() || p.x() > box.right() || p.y() < box.top() || p.y() > box.bottom()) continue;
    if (contains(outline, p)) out.push_back(static_cast<int>(i));
  }
  return out;
}

int BrushPlot::personAt(const QPointF& at) const {
  int nearest = -1;
  double least = kReach * kReach;
  const auto& all = places();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!drawn(all[i])) continue;
    const QPointF away = all[i] - at;
    const double distance = QPointF::dotProduct(away, away);
    if (distance > least) continue;
    least = distance;
    nearest = static_cast<int>(i);
  }
  return nearest;
}

void BrushPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_ = event->position();
  pressing_ = true;
  brushing_ = false;
}

void BrushPlot::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (!pressing_) {
    setCursor(personAt(at) >= 0 ? Qt::PointingHandCursor : Qt::CrossCursor);
    return;
  }
  if (!brushing_) {
    if ((at - pressed_).manhattanLength() < kDrag) return;
    brushing_ = true;
    how_ = (event->modifiers() & Qt::ShiftModifier) != 0 ? CohortModel::Brush::add
           : (event->modifiers() & Qt::AltModifier) != 0 ? CohortModel::Brush::remove
                                                         : CohortModel::Brush::replace;
    outline_ = {pressed_};
    emit brushBegan();
  }
  if (tool_ == Tool::rectangle)
    outline_ = QPolygonF(QRectF(pressed_, at).normalized());
  else if (QLineF(outline_.back(), at).length() >= 2.0)
    outline_ << at;
  emit brushed(inside(outline_), how_);
  update();
}

void BrushPlot::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !pressing_) return;
  pressing_ = false;
  if (brushing_) {
    brushing_ = false;
    outline_.clear();
    update();
    return;
  }
  const int person = personAt(event->position());
  if (person >= 0)
    emit personClicked(person);
  else if (event->modifiers() == Qt::NoModifier)
    emit cleared();
}

void BrushPlot::mouseDoubleClickEvent(QMouseEvent* event) {
  if (const int person = personAt(event->position()); person >= 0) emit personOpened(person);
}

// ---- keys ----------------------------------------------------------------------------------------------------------

int BrushPlot::walk(int from, int dx, int dy) const {
  const auto& all = places();
  const auto key = [&](std::size_t i) {
    return dx != 0 ? std::pair(all[i].x(), all[i].y()) : std::pair(-all[i].y(), all[i].x());
  };
  const bool forward = dx > 0 || dy > 0;
  int best = -1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!drawn(all[i]) || static_cast<int>(i) == from) continue;
    if (from >= 0) {
      const auto here = std::pair(key(static_cast<std::size_t>(from)), from), there = std::pair(key(i), int(i));
      if (forward ? there <= here : there >= here) continue;
    }
    if (best < 0) {
      best = static_cast<int>(i);
      continue;
    }
    const auto a = std::pair(key(i), int(i)), b = std::pair(key(static_cast<std::size_t>(best)), best);
    const bool nearer = from < 0 || forward ? a < b : b < a;
    if (nearer) best = static_cast<int>(i);
  }
  return best >= 0 ? best : from;
}

std::vector<int> BrushPlot::reach(int from, int to) const {
  if (from == to) return {from};
  const auto& all = places();
  const double a = all[static_cast<std::size_t>(from)].x(), b = all[static_cast<std::size_t>(to)].x();
  std::vector<int> out;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (drawn(all[i]) && all[i].x() >= std::min(a, b) && all[i].x() <= std::max(a, b))
      out.push_back(static_cast<int>(i));
  return out;
}

QString BrushPlot::words(int person) const {
  const auto& p = state_.people[static_cast<std::size_t>(person)];
  QStringList lines{tr("%1, cohort %2").arg(p.id, p.cohort)};
  lines << tr("%1: %2 mm\u00b3, %3").arg(state_.region_title, formatNumber(p.volume, 0), qc_word(p.flag));
  lines << tr("score %1, lesion %2 mL").arg(formatNumber(p.score, 2), formatNumber(p.lesion_ml, 1));
  if (!p.out.isEmpty()) lines << tr("not analysed: %1").arg(p.out);
  return lines.join('\n');
}

void BrushPlot::mark(int person, bool extend) {
  if (person < 0) return;
  if (!extend || anchor_ < 0) anchor_ = extend && marked_ >= 0 ? marked_ : person;
  marked_ = person;
  setAccessibleDescription(words(person));
  if (extend) {
    emit brushBegan();
    emit brushed(reach(anchor_, marked_), CohortModel::Brush::replace);
  }
  update();
}

void BrushPlot::keyPressEvent(QKeyEvent* event) {
  const bool extend = (event->modifiers() & Qt::ShiftModifier) != 0;
  const auto go = [&](int dx, int dy) { mark(walk(marked_, dx, dy), extend); };
  switch (event->key()) {
    case Qt::Key_Left: go(-1, 0); return;
    case Qt::Key_Right: go(1, 0); return;
    case Qt::Key_Up: go(0, 1); return;
    case Qt::Key_Down: go(0, -1); return;
    case Qt::Key_Space:
      if (marked_ < 0) return;
      emit brushBegan();
      emit brushed(reach(marked_, marked_), state_.people[static_cast<std::size_t>(marked_)].chosen
                                                ? CohortModel::Brush::remove
                                                : CohortModel::Brush::add);
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (marked_ >= 0) emit personOpened(marked_);
      return;
    case Qt::Key_Escape:
      if (brushing_) {
        brushing_ = pressing_ = false;
        outline_.clear();
        emit brushCancelled();
      } else {
        emit cleared();
      }
      update();
      return;
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace ipsi::ui
