// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/map_scale.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/panels/map_table.h"
#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kThick = 12, kArrow = 9, kWidest = 520;

QColor colour_of(render::Rgb c) {
  return {c.r, c.g, c.b};
}

/// As many decimals as the ticks need.
int decimals_of(double step) {
  for (int d = 0; d < 6; ++d)
    if (std::abs(step * std::pow(10.0, d) - std::round(step * std::pow(10.0, d))) < 1e-6) return d;
  return 6;
}

/// "Nucleus accumbens" as "Ac", "Lateral ventricle" as "LV".
QString short_name(const QString& title) {
  const QStringList words = title.split(' ');
  if (title.startsWith("Lateral")) return "LV";
  return words.back().left(1).toUpper() + words.back().mid(1, 1);
}

}  // namespace

MapBar::MapBar(QWidget* parent) : QWidget(parent) {
  setObjectName("map.bar");
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MapBar::setState(const MapModel& model) {
  there_ = model.analysis() != nullptr;
  scale_ = model.scale();
  quantity_ = model.state().quantity;
  marks_.clear();
  below_ = above_ = false;
  for (const auto& analysis : model.state().analyses)
    for (const auto& row : analysis.rows) {
      below_ = below_ || (row.beyond && row.beta < 0);
      above_ = above_ || (row.beyond && row.beta > 0);
    }
  if (there_)
    for (const auto& row : model.analysis()->rows)
      if (row.significant()) marks_.push_back(row.beta);
  setAccessibleName(
      tr("Colour scale: %1, from %2 to %3").arg(quantity_, formatNumber(scale_.low, 2), formatNumber(scale_.high, 2)));
  update();
}

QSize MapBar::sizeHint() const {
  const int line = QFontMetrics(ui::font(TextRole::small)).height();
  return {kWidest, 2 * line + kThick + 14};
}

void MapBar::paintEvent(QPaintEvent*) {
  if (!there_) return;
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setFont(ui::font(TextRole::small));
  const QFontMetrics metrics = painter.fontMetrics();
  const int wide = std::min(width() - 2 * (kArrow + 16), kWidest), left = (width() - wide) / 2;
  painter.setPen(t.text);
  painter.drawText(QRect(0, 0, width(), metrics.height()), Qt::AlignHCenter,
                   metrics.elidedText(quantity_, Qt::ElideRight, width()));
  const int top = metrics.height() + 5;
  for (int x = 0; x < wide; ++x) {
    const double part = (x + 0.5) / wide;
    painter.fillRect(left + x, top, 1, kThick, colour_of(scale_.map->at(part)));
  }
  painter.setRenderHint(QPainter::Antialiasing);
  const auto arrow = [&](double from, double tip, render::Rgb colour) {
    QPainterPath path(QPointF(from, top));
    path.lineTo(tip, top + kThick / 2.0);
    path.lineTo(from, top + kThick);
    path.closeSubpath();
    painter.fillPath(path, colour_of(colour));
  };
  if (below_) arrow(left - 1, left - 1 - kArrow, scale_.map->entries.front());
  if (above_) arrow(left + wide + 1, left + wide + 1 + kArrow, scale_.map->entries.back());
  const auto place = [&](double value) { return left + wide * (value - scale_.low) / (scale_.high - scale_.low); };
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (const double mark : marks_) {
    const double x = std::clamp(place(mark), double(left), double(left + wide));
    painter.setPen(QPen(t.text, 1.5));
    painter.drawLine(QPointF(x, top - 2), QPointF(x, top + kThick + 2));
  }
  // Six even steps where they need no more decimals than the limit, else eight, else four.
  const auto longer = [&](int n) { return decimals_of(2 * scale_.high / n) > std::max(1, decimals_of(scale_.high)); };
  const int steps = !longer(6) ? 6 : !longer(8) ? 8 : 4;
  const double step = (scale_.high - scale_.low) / steps;
  const int digits = std::max(1, decimals_of(step));
  const bool tight = metrics.horizontalAdvance(formatNumber(scale_.low, digits)) + 8 > wide / steps;
  for (int i = 0; i <= steps; ++i) {
    const double value = scale_.low + step * i, x = place(value);
    painter.setPen(QPen(t.control, 1));
    painter.drawLine(QPointF(x, top + kThick), QPointF(x, top + kThick + 4));
    if (tight && i % 2 != 0) continue;
    const QString label = formatNumber(std::abs(value) < 1e-12 ? 0.0 : value, digits);
    const int half = metrics.horizontalAdvance(label) / 2;
    painter.setPen(t.muted);
    painter.drawText(QPointF(x - half, top + kThick + 5 + metrics.ascent()), label);
  }
}

MapLegend::MapLegend(QWidget* parent) : QWidget(parent) {
  setObjectName("map.legend");
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void MapLegend::setState(const MapModel& model) {
  lines_.clear();
  if (const auto* now = model.analysis()) {
    const auto& map = *model.scale().map;
    full_ = map.at(0.82);
    muted_ = render::fill_of({render::Look::not_significant, full_});
    const QString limit = QString::number(model.state().significant_p, 'g', 2);
    lines_ = {{render::Look::significant, tr("p below %1, solid").arg(limit), now->significant},
              {render::Look::not_significant, tr("not significant, muted"), now->muted},
              {render::Look::untested, tr("not tested"), now->untested},
              {render::Look::excluded, tr("excluded"), now->excluded}};
  }
  QStringList words;
  for (const Line& line : lines_) words << QString("%1: %2").arg(line.words).arg(line.count);
  setAccessibleName(words.join(", "));
  updateGeometry();
  update();
}

QSize MapLegend::sizeHint() const {
  const QFontMetrics metrics(ui::font(TextRole::small));
  return {28 + metrics.horizontalAdvance(tr("not significant, muted")) + 44, 4 * (metrics.height() + 5)};
}

void MapLegend::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  const QFontMetrics metrics(ui::font(TextRole::small));
  const int tall = metrics.height() + 5;
  int words_wide = 0;
  for (const Line& line : lines_) words_wide = std::max(words_wide, metrics.horizontalAdvance(line.words));
  int y = 0;
  for (const Line& line : lines_) {
    const render::Rgb colour = line.look == render::Look::significant       ? full_
                               : line.look == render::Look::not_significant ? muted_
                                                                            : render::kUntestedFill;
    paintSwatch(painter, QRectF(0, y + (tall - 12) / 2, 18, 12), line.look, colour);
    painter.setPen(t.text);
    painter.setFont(ui::font(TextRole::small));
    painter.drawText(QRect(28, y, words_wide + 4, tall), Qt::AlignVCenter, line.words);
    painter.setFont(ui::font(TextRole::strong));
    painter.drawText(QRect(28 + words_wide + 12, y, 28, tall), Qt::AlignVCenter, QString::number(line.count));
    y += tall;
  }
}

MapStrip::MapStrip(QWidget* parent) : QWidget(parent) {
  setObjectName("map.strip");
  setAccessibleName(tr("Analyses on the same scale"));
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MapStrip::setState(const MapModel& model) {
  analyses_ = model.state().analyses;
  halves_ = model.state().halves;
  current_ = model.state().current;
  setAccessibleDescription(current_ < static_cast<int>(analyses_.size()) ? words(current_) : QString());
  updateGeometry();
  update();
}

QSize MapStrip::sizeHint() const {
  const int line = QFontMetrics(ui::font(TextRole::body)).height();
  const int small = QFontMetrics(ui::font(TextRole::tiny)).height();
  return {600, line + 2 * scaled(18) + small + 20};
}

QRect MapStrip::cardRect(int analysis) const {
  constexpr int kGap = 8;
  const int n = std::max(1, static_cast<int>(analyses_.size()));
  const int wide = std::min((width() - kGap * (n - 1)) / n, scaled(260));
  return {analysis * (wide + kGap), 0, wide, height()};
}

int MapStrip::cardAt(const QPoint& at) const {
  for (int a = 0; a < static_cast<int>(analyses_.size()); ++a)
    if (cardRect(a).contains(at)) return a;
  return -1;
}

QString MapStrip::words(int analysis) const {
  const auto& a = analyses_[static_cast<std::size_t>(analysis)];
  return tr("%1: %2 of %3 regions significant, N %4 to %5")
      .arg(a.title)
      .arg(a.significant)
      .arg(a.rows.size())
      .arg(a.least)
      .arg(a.most);
}

void MapStrip::paintCard(QPainter& painter, int analysis) const {
  const Theme& t = Theme::current();
  const auto& a = analyses_[static_cast<std::size_t>(analysis)];
  const bool current = analysis == current_;
  const QRectF card = QRectF(cardRect(analysis)).adjusted(1, 1, -1, -1);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(current ? t.primary : t.border, current ? 2 : 1));
  painter.setBrush(analysis == hover_ && !current ? t.hover : t.surface);
  painter.drawRoundedRect(card, 6, 6);
  const QFontMetrics body(ui::font(TextRole::body)), tiny(ui::font(TextRole::tiny)), small(ui::font(TextRole::small));
  const int left = static_cast<int>(card.left()) + 8, right = static_cast<int>(card.right()) - 8, top = 5;
  const QString count = formatNumber(a.most, 0);
  const int room = right - left - small.horizontalAdvance(count) - 6;
  QFont title = ui::font(TextRole::body);
  for (const TextRole role : {TextRole::body, TextRole::small, TextRole::tiny}) {
    title = ui::font(role);
    if (current) title.setWeight(QFont::DemiBold);
    if (QFontMetrics(title).horizontalAdvance(a.brief) <= room) break;
  }
  painter.setFont(title);
  painter.setPen(t.text);
  painter.drawText(QRect(left, top, room, body.height()), Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(a.brief, Qt::ElideRight, room));
  painter.setFont(ui::font(TextRole::small));
  painter.setPen(t.muted);
  painter.drawText(QRect(left, top, right - left, body.height()), Qt::AlignRight | Qt::AlignVCenter, count);
  const int gutter = tiny.horizontalAdvance("W") + 4, tall = scaled(18), first = top + body.height() + 4;
  const double wide = (right - left - gutter + 2) / 6.0;
  painter.setFont(ui::font(TextRole::tiny));
  for (int half = 0; half < 2; ++half)
    painter.drawText(QRect(left, first + half * tall, gutter, tall - 2), Qt::AlignVCenter,
                     halves_[static_cast<std::size_t>(half)].left(1));
  for (std::size_t r = 0; r < a.rows.size(); ++r) {
    const auto& row = a.rows[r];
    const bool left_half = kRegions[static_cast<std::size_t>(row.region)].side == Side::left;
    const double x = left + gutter + wide * (row.region / 2);
    const QRectF cell(std::round(x), first + (left_half ? 0 : tall), std::round(wide) - 2, tall - 2);
    paintSwatch(painter, cell, row.look, row.colour, row.beyond ? (row.beta > 0 ? 1 : -1) : 0);
    if (!left_half || wide < tiny.horizontalAdvance("Pu") + 3) continue;
    painter.setPen(t.muted);
    painter.setFont(ui::font(TextRole::tiny));
    painter.drawText(QRectF(x - 4, first + 2 * tall, wide + 6, tiny.height()), Qt::AlignCenter, short_name(row.title));
  }
}

void MapStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  for (int a = 0; a < static_cast<int>(analyses_.size()); ++a) paintCard(painter, a);
}

void MapStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (const int a = cardAt(event->position().toPoint()); a >= 0) emit chosen(a);
}

void MapStrip::mouseMoveEvent(QMouseEvent* event) {
  const int a = cardAt(event->position().toPoint());
  if (a == hover_) return;
  hover_ = a;
  update();
}

void MapStrip::leaveEvent(QEvent*) {
  hover_ = -1;
  update();
}

void MapStrip::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(analyses_.size()) - 1;
  switch (event->key()) {
    case Qt::Key_Left: emit chosen(std::max(0, current_ - 1)); return;
    case Qt::Key_Right: emit chosen(std::min(last, current_ + 1)); return;
    case Qt::Key_Home: emit chosen(0); return;
    case Qt::Key_End: emit chosen(last); return;
    default: QWidget::keyPressEvent(event);
  }
}

bool MapStrip::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int a = cardAt(help->pos());
    QToolTip::showText(help->globalPos(), a >= 0 ? words(a) : QString(), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace ipsi::ui
