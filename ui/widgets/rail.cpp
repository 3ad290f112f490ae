// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/rail.h"

#include <QEvent>

namespace ipsi::ui {

RailItem::RailItem(const QString& icon_name, const QString& text, QWidget* parent)
    : QAbstractButton(parent), icon_(icon_name) {
  setText(text);
  setCheckable(true);
  setAutoExclusive(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(text);
}

QSize RailItem::sizeHint() const {
  return {scaled(68), scaled(52)};
}

void RailItem::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF box = QRectF(rect()).adjusted(6, 1, -6, -1);
  if (isChecked() || underMouse() || isDown()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(isChecked() || isDown() ? t.selection : t.hover);
    painter.drawRoundedRect(box, 6, 6);
  }
  if (isChecked()) painter.fillRect(QRect(0, 4, 3, height() - 8), t.accent);
  const int size = scaled(20);
  const int top = (height() - size - scaled(18)) / 2;
  paintIcon(painter, QRectF((width() - size) / 2.0, top, size, size), icon_, isChecked() ? t.accent : t.muted);
  QFont f = ui::font(TextRole::tiny);
  if (isChecked()) f.setWeight(QFont::DemiBold);
  painter.setFont(f);
  painter.setPen(isChecked() ? t.text : t.muted);
  painter.drawText(QRectF(0, top + size, width(), scaled(20)), Qt::AlignCenter, text());
}

void RailItem::enterEvent(QEnterEvent*) {
  update();
}
void RailItem::leaveEvent(QEvent*) {
  update();
}

Rail::Rail(QWidget* parent) : Pane(&Theme::window, Qt::RightEdge, parent) {
  setObjectName("shell.rail");
  column_ = new QVBoxLayout(this);
  column_->setContentsMargins(0, 6, 0, 6);
  column_->setSpacing(2);
  column_->addStretch(1);
}

RailItem* Rail::add(const QString& key, const QString& icon_name, const QString& text, const QString& shortcut) {
  auto* item = new RailItem(icon_name, text, this);
  item->setObjectName("rail." + key);
  if (!shortcut.isEmpty()) item->setToolTip(text + "  " + shortcut);
  column_->insertWidget(static_cast<int>(items_.size()), item);
  items_.emplace_back(key, item);
  connect(item, &QAbstractButton::clicked, this, [this, key] { emit chosen(key); });
  return item;
}

void Rail::setCurrent(const QString& key) {
  for (auto& [name, item] : items_) {
    item->setAutoExclusive(false);
    item->setChecked(name == key);
    item->setAutoExclusive(true);
  }
}

FieldButton::FieldButton(const QString& icon_name, bool arrow, QWidget* parent)
    : QAbstractButton(parent), icon_(icon_name), arrow_(arrow) {
  setFocusPolicy(Qt::StrongFocus);
}

void FieldButton::setTexts(const QString& text, const QString& note, const QString& key_cap) {
  setText(text);
  note_ = note;
  key_ = key_cap;
  setAccessibleName(note.isEmpty() ? text : text + ", " + note);
  update();
}

void FieldButton::setMuted(bool muted) {
  muted_ = muted;
  update();
}

QSize FieldButton::sizeHint() const {
  return {scaled(268), scaled(28)};
}

void FieldButton::paintEvent(QPaintEvent*) {
  const Theme& t = Theme::current();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(isEnabled() ? t.control : t.border, 1));
  painter.setBrush(isDown() ? t.selection : underMouse() && isEnabled() ? t.hover : t.surface);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
  paintIcon(painter, QRectF(8, (height() - scaled(15)) / 2.0, scaled(15), scaled(15)), icon_, t.muted);
  int left = scaled(15) + 15, right = width() - 8;
  if (arrow_) {
    paintIcon(painter, QRectF(right - scaled(13), (height() - scaled(13)) / 2.0, scaled(13), scaled(13)), "down",
              t.muted);
    right -= scaled(13) + 5;
  }
  if (!key_.isEmpty()) {
    right -= keyCapWidth(key_);
    paintKeyCap(painter, right, height() / 2, key_);
    right -= 8;
  }
  if (!note_.isEmpty()) {
    const QFont small = ui::font(TextRole::small);
    const int wide = QFontMetrics(small).horizontalAdvance(note_);
    painter.setFont(small);
    painter.setPen(t.muted);
    painter.drawText(QRect(right - wide, 0, wide, height()), Qt::AlignVCenter | Qt::AlignRight, note_);
    right -= wide + 8;
  }
  painter.setFont(ui::font(TextRole::body));
  painter.setPen(muted_ || !isEnabled() ? t.muted : t.text);
  painter.drawText(QRect(left, 0, right - left, height()), Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(text(), Qt::ElideRight, right - left));
}

void FieldButton::enterEvent(QEnterEvent*) {
  update();
}
void FieldButton::leaveEvent(QEvent*) {
  update();
}

}  // namespace ipsi::ui
