// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFocusFrame>
#include <QPointer>
#include <QProxyStyle>

#include "ui/widgets/theme.h"

namespace ipsi::ui {

/// Fusion with the focus ring of design/README: 2 px of accent, 1 px outside the control.
class Style : public QProxyStyle {
  Q_OBJECT

 public:
  Style();
  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
  void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                   const QWidget* widget) const override;
  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                QStyleHintReturn* result) const override;
};

/// Keeps the ring around the control that has the keyboard. One for the application; make it after QApplication.
/// Own-painted widgets that want a ring: setProperty("focusRing", true).
class FocusRing : public QObject {
  Q_OBJECT

 public:
  explicit FocusRing(QObject* parent);

 private:
  void follow(QWidget* now);
  QPointer<QFocusFrame> frame_;
};

/// The one style sheet of the application, from the tokens.
[[nodiscard]] QString style_sheet(const Theme& theme);

}  // namespace ipsi::ui
