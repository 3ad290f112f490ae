// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/model_table.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {

constexpr int kPad = 12;                                                          // px left and right
constexpr int kWidths[] = {136, 38, 30, 40, 46, 46, 48, 52, 52, 48, 66, 44, 56};  // px at 100 % text
constexpr int kColumns = 13, kIntervals = 13, kRobust = 10;
constexpr int kFirstAfterIntervals = 5;
constexpr int kLeastIntervals = 100;  // px at 100 % text, with the room around them

}  // namespace

ModelTable::ModelTable(QWidget* parent) : QWidget(parent) {
  setObjectName("model.table");
  setFocusPolicy(Qt::StrongFocus);
  setProperty("focusRing", true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Twelve regions"));
}

void ModelTable::setState(const ModelAnalysis::State& state) {
  rows_ = state.rows;
  selected_ = state.selected;
  correction_ = state.correction;
  places_ = state.places;
  readAxis();
  if (selected_ < static_cast<int>(rows_.size())) {
    const auto& row = rows_[static_cast<std::size_t>(selected_)];
    setAccessibleDescription(row.failure.isEmpty()
                                 ? tr("%1: beta %2, p %3").arg(state.row_title, cell(selected_, 4), cell(selected_, 7))
                                 : state.row_title + ": " + row.failure);
  }
  updateGeometry();
  update();
}

void ModelTable::readAxis() {
  double low = 0, high = 0;
  for (const auto& row : rows_) {
    if (!row.usable || !std::isfinite(row.low) || !std::isfinite(row.high)) continue;
    low = std::min(low, row.low);
    high = std::max(high, row.high);
  }
  if (!(high > low)) low = -1, high = 1;
  const double rough = (high - low) / 3.0, power = std::pow(10.0, std::floor(std::log10(rough)));
  const double unit = rough / power;
  step_ = power * (unit < 1.5 ? 1 : unit < 3.5 ? 2 : unit < 7.5 ? 5 : 10);
  const double pad = 0.05 * (high - low);
  low_ = low - pad;
  high_ = high + pad;
}

QString ModelTable::cell(int r, int column) const {
  const auto& row = rows_[static_cast<std::size_t>(r)];
  switch (column) {
    case 0: return row.title;
    case 1: return formatNumber(row.n, 0);
    case 2: return formatNumber(row.cohorts, 0);
    case 3: return formatNumber(row.df, 0);
    case 4: return formatNumber(row.beta, places_);
    case 5: return formatNumber(row.se, places_);
    case 6: return formatNumber(row.t, 2);
    case 7: return formatP(row.p);
    case 8: return formatP(row.p_adjusted);
    case 9: return formatNumber(row.d, 2);
    case kRobust:
      if (!std::isfinite(row.robust)) return {};
      return (row.differs ? QString::fromUtf8("≠ ") : QString()) + formatNumber(row.robust, places_);
    case 11: return formatNumber(row.vif, 2);
    default: return formatP(row.lrt_p);
  }
}

QStringList ModelTable::heads() const {
  return {tr("Region"),   "N",   "G",        "df", QString::fromUtf8("β"), "SE", "t", "p", correction_, "d",
          tr("robust β"), "VIF", tr("LRT p")};
}

QString ModelTable::html() const {
  const QStringList heads = this->heads();
  QString out = "<table border=\"1\" cellspacing=\"0\" cellpadding=\"4\"><tr>";
  for (const QString& head : heads) out += "<th>" + head.toHtmlEscaped() + "</th>";
  out += "<th>95 % CI</th></tr>";
  QString side;
  for (int r = 0; r < static_cast<int>(rows_.size()); ++r) {
    const auto& row = rows_[static_cast<std::size_t>(r)];
    if (row.side != side) {
      side = row.side;
      out += "<tr><td colspan=\"14\"><i>" + (side == "ipsi" ? tr("Ipsilesional") : tr("Contralesional")) +
             "</i></td></tr>";
    }
    out += "<tr>";
    for (int c = 0; c < kColumns; ++c) {
      const QString text = cell(r, c).toHtmlEscaped();
      out += row.significant ? "<td><b>" + text + "</b></td>" : "<td>" + text + "</td>";
    }
    out += "<td>" +
           (row.failure.isEmpty() ? formatNumber(row.low, places_) + ", " + formatNumber(row.high, places_)
                                  : row.failure.toHtmlEscaped()) +
           "</td></tr>";
  }
  return out + "</table>";
}

int ModelTable::lineHeight() const {
  return std::max(scaled(23), QFontMetrics(ui::font(TextRole::body)).height() + 4);
}

int ModelTable::headHeight() const {
  return std::max(scaled(38), 2 * QFontMetrics(ui::font(TextRole::small)).height() + 6);
}

QSize ModelTable::sizeHint() const {
  return {scaled(676), headHeight() + 14 * lineHeight() + 1};
}

QSize ModelTable::minimumSizeHint() const {
  return {scaled(420), headHeight() + 14 * lineHeight() + 1};
}

/// Columns that have to give way, the least missed first, until the rest fits with its intervals.
bool ModelTable::hidden(int column) const {
  constexpr int kGiveWay[] = {12, 11, kRobust, 8, 5, 3, 6, 9};
  int needed = 2 * kPad + scaled(kLeastIntervals);
  for (const int w : kWidths) needed += scaled(w);
  for (const int c : kGiveWay) {
    if (needed <= width()) return false;
    if (c == column) return true;
    needed -= scaled(kWidths[c]);
  }
  return false;
}

ModelTable::Span ModelTable::span(int column) const {
  int fixed = 2 * kPad;
  for (int c = 0; c < kColumns; ++c) fixed += hidden(c) ? 0 : scaled(kWidths[c]);
  const int intervals = std::max(scaled(60), width() - fixed);
  int left = kPad;
  for (int c = 0; c < kColumns; ++c) {
    if (hidden(c) && c != kFirstAfterIntervals) {
      if (c == column) return {left, left};
      continue;
    }
    if (c == kFirstAfterIntervals) {
      if (column == kIntervals) return {left + 26, left + intervals - 14};
      left += intervals;
    }
    const int wide = hidden(c) ? 0 : scaled(kWidths[c]);
    if (c == column) return {left, left + wide};
    left += wide;
  }
  return {};
}

double ModelTable::toPixel(double beta) const {
  const Span s = span(kIntervals);
  return s.left + (beta - low_) / (high_ - low_) * (s.right - s.left);
}

QRect ModelTable::rowRect(int row) const {
  const auto at = static_cast<std::size_t>(row);
  int bands = 0;
  for (std::size_t i = 0; i <= at && i < rows_.size(); ++i)
    if (i == 0 || rows_[i].side != rows_[i - 1].side) ++bands;
  return {0, headHeight() + (row + bands) * lineHeight(), width(), lineHeight()};
}

void ModelTable::paintHead(QPainter& painter) const {
  const Theme& t = Theme::current();
  const QStringList heads = this->heads();
  QFont strong = ui::font(TextRole::small);
  strong.setBold(true);
  painter.setFont(strong);
  painter.setPen(t.muted);
  const int tall = headHeight();
  for (int c = 0; c < kColumns; ++c) {
    if (hidden(c)) continue;
    const Span s = span(c);
    painter.drawText(QRect(s.left, 0, s.right - s.left, tall),
                     Qt::AlignVCenter | (c == 0 ? Qt::AlignLeft : Qt::AlignRight), heads[c]);
  }
  const Span s = span(kIntervals);
  painter.drawText(QRect(s.left, 2, s.right - s.left, tall / 2), Qt::AlignCenter, tr("95 % CI"));
  painter.setFont(ui::font(TextRole::tiny));
  for (double at = std::ceil(low_ / step_) * step_; at <= high_; at += step_) {
    const double value = std::abs(at) < 1e-9 * step_ ? 0.0 : at;
    const int decimals = step_ < 0.1 ? 2 : step_ < 1 ? 1 : 0;
    painter.drawText(QRectF(toPixel(value) - 40, tall / 2.0, 80, tall / 2.0 - 2), Qt::AlignCenter,
                     formatNumber(value, decimals));
  }
}

void ModelTable::paintInterval(QPainter& painter, int r, const QRect& rect) const {
  const auto& row = rows_[static_cast<std::size_t>(r)];
  const Theme& t = Theme::current();
  painter.setPen(QPen(t.border, 1));
  painter.drawLine(QPointF(toPixel(0) + 0.5, rect.top()), QPointF(toPixel(0) + 0.5, rect.bottom() + 1));
  if (!row.usable || !std::isfinite(row.low) || !std::isfinite(row.high)) return;
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor colour = row.significant ? t.text : t.muted;
  const double middle = rect.top() + rect.height() / 2.0;
  painter.setPen(QPen(colour, row.significant ? 2 : 1.3));
  painter.drawLine(QPointF(toPixel(row.low), middle), QPointF(toPixel(row.high), middle));
  if (row.moved && std::isfinite(row.was) && row.was != row.beta) {
    painter.setPen(QPen(t.accent, 1.5));
    painter.drawLine(QPointF(toPixel(row.was), middle - 6), QPointF(toPixel(row.was), middle + 6));
    painter.setPen(QPen(colour, 1.3));
  }
  const QPointF at(toPixel(row.beta), middle);
  painter.setPen(QPen(colour, 1.3));
  if (row.significant) {
    painter.fillRect(QRectF(at - QPointF(4, 4), QSizeF(8, 8)), colour);
  } else {
    painter.setBrush(r == selected_ ? t.selection : t.surface);
    painter.drawEllipse(at, 3.2, 3.2);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

void ModelTable::paintRow(QPainter& painter, int r) const {
  const auto& row = rows_[static_cast<std::size_t>(r)];
  const Theme& t = Theme::current();
  const QRect rect = rowRect(r);
  if (r == selected_) {
    painter.fillRect(rect, t.selection);
    painter.fillRect(QRect(0, rect.top(), 3, rect.height()), t.accent);
  } else if (row.moved) {
    painter.fillRect(rect, t.hover);
  }
  painter.fillRect(QRect(0, rect.bottom(), width(), 1), t.hair);
  const bool failed = !row.failure.isEmpty();
  for (int c = 0; c < kColumns; ++c) {
    if (failed && c > 2) break;
    if (hidden(c)) continue;
    const bool bold = (row.significant && (c == 0 || c == 4 || c == 7 || c == 8)) || (c == kRobust && row.differs);
    painter.setFont(ui::font(bold ? TextRole::strong : TextRole::body));
    painter.setPen(t.text);
    const Span s = span(c);
    painter.drawText(QRect(s.left, rect.top(), s.right - s.left, rect.height()),
                     Qt::AlignVCenter | (c == 0 ? Qt::AlignLeft : Qt::AlignRight), cell(r, c));
  }
  if (failed) {
    const int left = span(2).right + scaled(14), room = width() - kPad - left;
    const int icon = scaled(14);
    paintIcon(painter, QRectF(left, rect.top() + (rect.height() - icon) / 2.0, icon, icon), "warning", t.warning_text);
    painter.setFont(ui::font(TextRole::body));
    painter.setPen(t.muted);
    painter.drawText(QRect(left + icon + 6, rect.top(), room - icon - 6, rect.height()), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(row.failure, Qt::ElideRight, room - icon - 6));
    return;
  }
  paintInterval(painter, r, rect);
}

void ModelTable::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.fillRect(rect(), t.surface);
  if (rows_.empty()) return;
  paintHead(painter);
  for (int r = 0; r < static_cast<int>(rows_.size()); ++r) {
    const auto at = static_cast<std::size_t>(r);
    if (r == 0 || rows_[at].side != rows_[at - 1].side) {
      const QRect band = rowRect(r).translated(0, -lineHeight());
      painter.fillRect(band, t.window);
      painter.fillRect(QRect(0, band.top(), width(), 1), t.border);
      painter.fillRect(QRect(0, band.bottom(), width(), 1), t.hair);
      painter.setFont(ui::font(TextRole::strong));
      painter.setPen(t.text);
      painter.drawText(band.adjusted(kPad, 0, 0, 0), Qt::AlignVCenter,
                       rows_[at].side == "ipsi" ? tr("Ipsilesional") : tr("Contralesional"));
    }
    paintRow(painter, r);
  }
}

void ModelTable::mousePressEvent(QMouseEvent* event) {
  for (int r = 0; r < static_cast<int>(rows_.size()); ++r)
    if (rowRect(r).contains(event->position().toPoint())) emit chosen(r);
}

void ModelTable::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(rows_.size()) - 1;
  if (last < 0) return QWidget::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Up: emit chosen(std::max(0, selected_ - 1)); break;
    case Qt::Key_Down: emit chosen(std::min(last, selected_ + 1)); break;
    case Qt::Key_Home: emit chosen(0); break;
    case Qt::Key_End: emit chosen(last); break;
    default: QWidget::keyPressEvent(event);
  }
}

bool ModelTable::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    auto* help = static_cast<QHelpEvent*>(event);
    for (int r = 0; r < static_cast<int>(rows_.size()); ++r)
      if (rowRect(r).contains(help->pos())) {
        const auto& row = rows_[static_cast<std::size_t>(r)];
        QString tip = row.notes.isEmpty() ? row.failure : row.notes;
        if (row.moved && std::isfinite(row.was))
          tip += tr("\nBefore the last flag: %1").arg(formatNumber(row.was, places_ + 2));
        QToolTip::showText(help->globalPos(), tip, this);
        return true;
      }
  }
  return QWidget::event(event);
}

void ModelTable::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
    updateGeometry();
    update();
  }
}

}  // namespace ipsi::ui
