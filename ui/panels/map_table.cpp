// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/map_table.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace ipsi::ui {
namespace {

constexpr int kSide = 12, kSwatch = 18, kColumnGap = 10, kInterval = 96;

bool left_half(const MapModel::Row& row) {
  return kRegions[static_cast<std::size_t>(row.region)].side == Side::left;
}

QColor colour_of(render::Rgb c) {
  return {c.r, c.g, c.b};
}

}  // namespace

void paintSwatch(QPainter& painter, const QRectF& rect, render::Look look, render::Rgb colour, int beyond) {
  using render::Look;
  const Theme& theme = Theme::current();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  const QRectF box = rect.adjusted(0.5, 0.5, -0.5, -0.5);
  if (look != Look::excluded) painter.fillRect(rect, colour_of(colour));
  if (look == Look::untested) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipRect(rect);
    painter.setPen(QPen(colour_of(render::kHatch), 1));
    for (double x = rect.left() - rect.height(); x < rect.right(); x += 5.0)
      painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()));
    painter.setClipping(false);
  }
  QPen pen(look == Look::significant ? theme.text : colour_of(render::kThinEdge), 1);
  if (look == Look::excluded) pen.setDashPattern({3, 2});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(box);
  if (beyond != 0) {
    painter.setRenderHint(QPainter::Antialiasing);
    const double size = std::min(rect.height(), rect.width()) * 0.3, at = beyond > 0 ? size : -size;
    QPainterPath arrow(rect.center() + QPointF(at, 0));
    arrow.lineTo(rect.center() + QPointF(-at * 0.7, -size));
    arrow.lineTo(rect.center() + QPointF(-at * 0.7, size));
    arrow.closeSubpath();
    painter.fillPath(arrow, theme.flag_ok_mark.lightness() > 128 ? theme.flag_ok_mark : theme.text);
  }
  painter.restore();
}

MapTable::MapTable(QWidget* parent) : QWidget(parent) {
  setObjectName("map.table");
  setAccessibleName(tr("Regions of the chosen analysis"));
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MapTable::setState(const MapModel& model) {
  const auto* analysis = model.analysis();
  rows_ = analysis != nullptr ? analysis->rows : std::vector<MapModel::Row>{};
  halves_ = model.state().halves;
  reach_ = 0.0;
  for (const auto& row : rows_)
    for (const double end : {row.low, row.high})
      if (std::isfinite(end)) reach_ = std::max(reach_, std::abs(end));
  if (reach_ <= 0.0) reach_ = 1.0;
  updateGeometry();
  setRow(model.state().row);
  update();
}

void MapTable::setRow(int row) {
  row_ = row;
  setAccessibleDescription(row >= 0 && row < static_cast<int>(rows_.size()) ? words(row) : QString());
  update();
}

int MapTable::line() const {
  return std::max(scaled(24), QFontMetrics(ui::font(TextRole::body)).height() + 6);
}

QSize MapTable::sizeHint() const {
  return {scaled(300), line() * (1 + 2 + 12) + 4};
}

QRect MapTable::rowRect(int row) const {
  if (row < 0 || row >= static_cast<int>(rows_.size())) return {};
  const bool first = left_half(rows_[static_cast<std::size_t>(row)]);
  return {0, line() * (1 + row + (first ? 1 : 2)), width(), line()};
}

int MapTable::rowAt(const QPoint& at) const {
  for (int r = 0; r < static_cast<int>(rows_.size()); ++r)
    if (rowRect(r).contains(at)) return r;
  return -1;
}

/// From the right: each column as wide as its widest number.
std::vector<MapTable::Column> MapTable::columns() const {
  const QFontMetrics bold(ui::font(TextRole::strong));
  const std::array<std::pair<QString, QString>, 4> shapes{std::pair{tr("N"), QString("0000")},
                                                          {QString(QChar(0x03B2)), minusSign() + "0.00"},
                                                          {tr("d"), minusSign() + "0.00"},
                                                          {tr("p"), QString("<0.000")}};
  std::vector<Column> out;
  const QRect interval = intervalArea({0, 0, width(), 1});
  int right = interval.isEmpty() ? width() - kSide : interval.left() - kColumnGap;
  for (std::size_t c = shapes.size(); c-- > 0;) {
    out.insert(out.begin(), {shapes[c].first, right});
    right -= std::max(bold.horizontalAdvance(shapes[c].second), bold.horizontalAdvance(shapes[c].first)) + kColumnGap;
  }
  return out;
}

QRect MapTable::intervalArea(const QRect& row) const {
  const int wide = scaled(kInterval);
  if (width() < scaled(420)) return {};
  return {width() - kSide - wide, row.top(), wide, row.height()};
}

/// On an axis that all rows share: square and filled where significant, an open ring where not.
void MapTable::paintInterval(QPainter& painter, const MapModel::Row& row, const QRect& area) const {
  const Theme& t = Theme::current();
  const auto place = [&](double value) { return area.center().x() + 0.5 * (area.width() - 8) * value / reach_; };
  const double y = area.center().y() + 0.5;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(t.control, 1));
  painter.drawLine(QPointF(place(0), area.top()), QPointF(place(0), area.bottom()));
  painter.setPen(QPen(t.text, 1.2));
  painter.drawLine(QPointF(place(row.low), y), QPointF(place(row.high), y));
  if (row.significant()) {
    painter.fillRect(QRectF(place(row.beta) - 3.5, y - 3.5, 7, 7), t.text);
  } else {
    painter.setBrush(t.surface);
    painter.drawEllipse(QPointF(place(row.beta), y), 3, 3);
  }
  painter.restore();
}

QString MapTable::words(int row) const {
  const auto& r = rows_[static_cast<std::size_t>(row)];
  const QString side = halves_[left_half(r) ? 0 : 1];
  if (std::isnan(r.beta)) return tr("%1 %2: not fitted. %3").arg(side, r.title.toLower(), r.notes);
  QString out = tr("%1 %2: N %3, \u03b2 %4, d %5, p %6")
                    .arg(side, r.title.toLower(), formatNumber(r.n, 0), formatNumber(r.beta, 2), formatNumber(r.d, 2),
                         formatP(r.p));
  if (r.significant()) out += tr(", significant");
  if (r.beyond) out += tr(", outside the colour limits");
  return r.notes.isEmpty() ? out : out + ". " + r.notes;
}

void MapTable::paintRow(QPainter& painter, int row) const {
  const Theme& t = Theme::current();
  const auto& r = rows_[static_cast<std::size_t>(row)];
  const QRect area = rowRect(row);
  const bool current = row == row_;
  if (current)
    painter.fillRect(area, t.selection);
  else if (row == hover_)
    painter.fillRect(area, t.hover);
  if (current) painter.fillRect(area.left(), area.top(), 3, area.height(), t.accent);
  painter.fillRect(area.left(), area.bottom(), area.width(), 1, t.hair);
  const QRectF swatch(kSide, area.top() + (area.height() - 14) / 2, kSwatch, 14);
  paintSwatch(painter, swatch, r.look, r.colour, r.beyond ? (r.beta > 0 ? 1 : -1) : 0);
  const bool strong = r.significant();
  const QFont words = ui::font(strong ? TextRole::strong : TextRole::body);
  const auto shown = columns();
  const int left = kSide + kSwatch + 7;
  const QFontMetrics metrics(words);
  const int room = shown.front().right - QFontMetrics(ui::font(TextRole::body)).horizontalAdvance("000") - 6 - left;
  QString title = r.title;
  if (QFontMetrics(ui::font(TextRole::strong)).horizontalAdvance(title) > room) {  // alike on both sides
    if (title == tr("Lateral ventricle")) title = tr("Lat. ventricle");
    if (title == tr("Nucleus accumbens")) title = tr("Accumbens");
  }
  painter.setFont(words);
  painter.setPen(t.text);
  painter.drawText(QRect(left, area.top(), room, area.height()), Qt::AlignVCenter,
                   metrics.elidedText(title, Qt::ElideRight, room));
  if (std::isnan(r.beta)) {
    painter.setFont(ui::font(TextRole::small));
    painter.setPen(t.muted);
    const int from = left + metrics.horizontalAdvance(title) + 12, wide = width() - kSide - from;
    painter.drawText(
        QRect(from, area.top(), wide, area.height()), Qt::AlignVCenter | Qt::AlignRight,
        painter.fontMetrics().elidedText(r.notes.isEmpty() ? tr("not fitted") : r.notes, Qt::ElideRight, wide));
    return;
  }
  if (const QRect interval = intervalArea(area); !interval.isEmpty()) paintInterval(painter, r, interval);
  const std::array<QString, 4> cells{formatNumber(r.n, 0), formatNumber(r.beta, 2), formatNumber(r.d, 2), formatP(r.p)};
  for (std::size_t c = 0; c < shown.size(); ++c) {
    const bool marked = strong && (c == 1 || c == 3);  // the estimate and what makes it significant
    painter.setFont(ui::font(marked ? TextRole::strong : TextRole::body));
    painter.drawText(QRect(0, area.top(), shown[c].right, area.height()), Qt::AlignRight | Qt::AlignVCenter, cells[c]);
  }
}

void MapTable::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  const int tall = line();
  QFont head = ui::font(TextRole::small);
  head.setWeight(QFont::DemiBold);
  painter.setFont(head);
  painter.setPen(t.muted);
  painter.drawText(QRect(kSide, 0, width() - kSide, tall), Qt::AlignVCenter, tr("Region"));
  for (const Column& column : columns())
    painter.drawText(QRect(0, 0, column.right, tall), Qt::AlignRight | Qt::AlignVCenter, column.head);
  if (const QRect interval = intervalArea({0, 0, width(), tall}); !interval.isEmpty())
    painter.drawText(interval, Qt::AlignCenter, tr("95 % CI"));
  painter.fillRect(0, tall - 1, width(), 1, t.border);
  if (rows_.empty()) return;
  for (int half = 0; half < 2; ++half) {
    const int count = static_cast<int>(std::count_if(rows_.begin(), rows_.end(), left_half));
    const QRect band(0, half == 0 ? tall : tall * (2 + count), width(), tall);
    painter.fillRect(band, t.window);
    painter.fillRect(0, band.bottom(), width(), 1, t.hair);
    painter.setFont(ui::font(TextRole::strong));
    painter.setPen(t.text);
    painter.drawText(band.adjusted(kSide, 0, 0, 0), Qt::AlignVCenter, halves_[static_cast<std::size_t>(half)]);
  }
  for (int r = 0; r < static_cast<int>(rows_.size()); ++r) paintRow(painter, r);
}

void MapTable::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (const int row = rowAt(event->position().toPoint()); row >= 0) emit chosen(row);
}

void MapTable::mouseMoveEvent(QMouseEvent* event) {
  const int row = rowAt(event->position().toPoint());
  if (row == hover_) return;
  hover_ = row;
  update();
}

void MapTable::leaveEvent(QEvent*) {
  hover_ = -1;
  update();
}

void MapTable::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(rows_.size()) - 1;
  if (event->matches(QKeySequence::Copy)) {
    emit copyWanted();
    return;
  }
  int row = row_;
  switch (event->key()) {
    case Qt::Key_Up: row = row_ - 1; break;
    case Qt::Key_Down: row = row_ + 1; break;
    case Qt::Key_Home: row = 0; break;
    case Qt::Key_End: row = last; break;
    default: QWidget::keyPressEvent(event); return;
  }
  if (last >= 0) emit chosen(std::clamp(row, 0, last));
}

void MapTable::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) updateGeometry();
  QWidget::changeEvent(event);
}

bool MapTable::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = rowAt(help->pos());
    QToolTip::showText(help->globalPos(), row >= 0 ? words(row) : QString(), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace ipsi::ui
