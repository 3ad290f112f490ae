// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QFontMetrics>
#include <QLabel>
#include <QPushButton>
#include <QStringList>
#include <QWidget>

#include "ui/widgets/controls.h"

namespace ipsi::test {

/// Texts of visible labels and push buttons that do not fit their widget, and controls that stand out of the window.
[[nodiscard]] inline QStringList clipped(const QWidget& window) {
  QStringList out;
  for (const auto* label : window.findChildren<QLabel*>()) {
    if (!label->isVisible() || label->text().isEmpty() || qobject_cast<const ui::ElidedLabel*>(label) != nullptr)
      continue;
    const int room = label->contentsRect().width() + 1;
    const bool wide = !label->wordWrap() && QFontMetrics(label->font()).horizontalAdvance(label->text()) > room;
    const bool tall = label->wordWrap() && label->heightForWidth(label->width()) > label->height() + 1;
    if (wide || tall) out << QString("label '%1' (%2 px)").arg(label->text()).arg(label->width());
  }
  for (const auto* button : window.findChildren<QPushButton*>())
    if (button->isVisible() && !button->text().isEmpty() && button->sizeHint().width() > button->width() + 1)
      out << QString("button '%1' (%2 of %3 px)")
                 .arg(button->text())
                 .arg(button->width())
                 .arg(button->sizeHint().width());
  for (const auto* button : window.findChildren<QAbstractButton*>()) {
    if (!button->isVisible() || button->visibleRegion().isEmpty()) continue;  // scrolled away
    const QRect place(button->mapTo(&window, QPoint()), button->size());
    if (place.left() < 0 || place.right() > window.width())
      out << QString("button '%1' stands out of the window").arg(button->text());
  }
  return out;
}

}  // namespace ipsi::test
