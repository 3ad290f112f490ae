// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/study_list.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "ui/widgets/theme.h"

namespace ipsi::ui {
namespace {
constexpr int kPad = 12;
int icon_size() {
  return scaled(14);
}
}  // namespace

StudyList::StudyList(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StudyList::setRows(std::vector<Row> rows, bool clickable) {
  rows_ = std::move(rows);
  clickable_ = clickable;
  key_ = std::min(key_, static_cast<int>(rows_.size()) - 1);
  setFocusPolicy(clickable && !rows_.empty() ? Qt::StrongFocus : Qt::NoFocus);
  setProperty("focusRing", clickable);
  QStringList words;
  for (const auto& row : rows_) words << QString("%1 %2 %3").arg(row.title, row.detail, row.badge).simplified();
  setAccessibleDescription(words.join('\n'));
  updateGeometry();
  update();
}

int StudyList::heightOf(const Row& row) const {
  const int body = QFontMetrics(ui::font(TextRole::body)).height(),
            small = QFontMetrics(ui::font(TextRole::small)).height();
  return row.detail.isEmpty() ? std::max(24, body + 7) : body + small + 13;
}

QSize StudyList::sizeHint() const {
  int height = 0;
  for (const auto& row : rows_) height += heightOf(row);
  return {scaled(200), height};
}

QRect StudyList::rowRect(int row) const {
  int y = 0;
  for (int i = 0; i < row && i < static_cast<int>(rows_.size()); ++i) y += heightOf(rows_[static_cast<std::size_t>(i)]);
  return row < 0 || row >= static_cast<int>(rows_.size())
             ? QRect()
             : QRect(0, y, width(), heightOf(rows_[static_cast<std::size_t>(row)]));
}

int StudyList::at(int y) const {
  for (int i = 0; i < static_cast<int>(rows_.size()); ++i)
    if (rowRect(i).contains(1, y)) return i;
  return -1;
}

void StudyList::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  const QFontMetrics body(ui::font(TextRole::body)), small(ui::font(TextRole::small));
  const bool icons = std::any_of(rows_.begin(), rows_.end(), [](const Row& row) { return !row.icon.isEmpty(); });
  const int icon = icon_size(), indent = icons ? icon + 10 : 0;
  for (int i = 0; i < static_cast<int>(rows_.size()); ++i) {
    const Row& row = rows_[static_cast<std::size_t>(i)];
    const QRect rect = rowRect(i);
    const bool open = clickable_ && !row.muted;
    const bool current = row.current || (hasFocus() && i == key_);
    if (current)
      painter.fillRect(rect, t.selection);
    else if (open && i == hovered_)
      painter.fillRect(rect, t.hover);
    if (row.current) painter.fillRect(0, rect.top(), 3, rect.height(), t.accent);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool two = !row.detail.isEmpty();
    const QColor ink = row.warn ? t.warning_text : t.muted;
    if (!row.icon.isEmpty())
      paintIcon(painter, QRectF(kPad, rect.center().y() - icon / 2.0 + 0.5, icon, icon), row.icon, ink);
    painter.setFont(ui::font(row.warn ? TextRole::strong : TextRole::small));
    const int badge = row.badge.isEmpty() ? 0 : painter.fontMetrics().horizontalAdvance(row.badge) + 8;
    painter.setPen(row.warn ? t.warning_text : row.muted ? t.muted : t.text);
    painter.drawText(rect.adjusted(0, 0, -kPad, 0), Qt::AlignRight | Qt::AlignVCenter, row.badge);
    const QRect inside = rect.adjusted(kPad + indent, two ? 6 : 0, -kPad - badge, two ? -6 : 0);
    painter.setFont(ui::font(row.current && two ? TextRole::strong : TextRole::body));
    painter.setPen(row.muted ? t.muted : t.text);
    const QRect first = two ? QRect(inside.left(), inside.top(), inside.width(), body.height()) : inside;
    painter.drawText(
        first, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(row.title, two ? Qt::ElideMiddle : Qt::ElideRight, inside.width()));
    if (two) {
      painter.setFont(ui::font(TextRole::small));
      painter.setPen(t.muted);
      painter.drawText(QRect(inside.left(), first.bottom() + 1, inside.width(), small.height()),
                       Qt::AlignLeft | Qt::AlignVCenter, small.elidedText(row.detail, Qt::ElideRight, inside.width()));
      painter.fillRect(0, rect.bottom(), width(), 1, t.hair);
    }
  }
}

void StudyList::mousePressEvent(QMouseEvent* event) {
  const int row = at(event->pos().y());
  if (!clickable_ || row < 0 || rows_[static_cast<std::size_t>(row)].muted) return;
  key_ = row;
  emit chosen(row);
}

void StudyList::mouseMoveEvent(QMouseEvent* event) {
  const int row = at(event->pos().y());
  if (row == hovered_) return;
  hovered_ = row;
  const bool open = clickable_ && row >= 0 && !rows_[static_cast<std::size_t>(row)].muted;
  setCursor(open ? Qt::PointingHandCursor : Qt::ArrowCursor);
  setToolTip(row < 0 ? QString()
                     : rows_[static_cast<std::size_t>(row)].title +
                           (rows_[static_cast<std::size_t>(row)].detail.isEmpty()
                                ? ""
                                : "\n" + rows_[static_cast<std::size_t>(row)].detail));
  update();
}

void StudyList::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

void StudyList::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(rows_.size()) - 1;
  switch (event->key()) {
    case Qt::Key_Down: key_ = std::min(key_ + 1, last); break;
    case Qt::Key_Up: key_ = std::max(key_ - 1, 0); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (key_ >= 0 && !rows_[static_cast<std::size_t>(key_)].muted) emit chosen(key_);
      break;
    case Qt::Key_Delete:
      if (key_ >= 0) emit removeWanted(key_);
      break;
    default: QWidget::keyPressEvent(event); return;
  }
  update();
}

void StudyList::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) updateGeometry();
  QWidget::changeEvent(event);
}

}  // namespace ipsi::ui
