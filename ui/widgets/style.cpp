// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/style.h"

#include <QAbstractButton>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QStyleFactory>
#include <QStyleOption>
#include <QTextEdit>

namespace ipsi::ui {
namespace {

constexpr int kRingMargin = 3;  // 1 px of gap and 2 px of ring
constexpr double kRingWidth = 2.0;

bool wants_ring(const QWidget* widget) {
  return widget->property("focusRing").toBool() || qobject_cast<const QAbstractButton*>(widget) != nullptr ||
         qobject_cast<const QLineEdit*>(widget) != nullptr || qobject_cast<const QComboBox*>(widget) != nullptr ||
         qobject_cast<const QAbstractSpinBox*>(widget) != nullptr ||
         qobject_cast<const QAbstractSlider*>(widget) != nullptr;
}

}  // namespace

Style::Style() : QProxyStyle(QStyleFactory::create("Fusion")) {}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                          const QWidget* widget) const {
  if (element == PE_FrameFocusRect) return;  // the ring outside says it
  QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                        const QWidget* widget) const {
  if (element != CE_FocusFrame) {
    QProxyStyle::drawControl(element, option, painter, widget);
    return;
  }
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(QPen(Theme::current().accent, kRingWidth));
  painter->setBrush(Qt::NoBrush);
  painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), 6, 6);
  painter->restore();
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  switch (metric) {
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin: return kRingMargin;
    case PM_SplitterWidth: return 1;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                     QStyleHintReturn* result) const {
  if (hint == SH_FocusFrame_AboveWidget) return 1;
  if (hint == SH_FocusFrame_Mask) {
    if (auto* mask = qstyleoption_cast<QStyleHintReturnMask*>(result)) {
      const QRect& all = option->rect;
      mask->region = QRegion(all) - QRegion(all.adjusted(kRingMargin, kRingMargin, -kRingMargin, -kRingMargin));
      return 1;
    }
  }
  if (hint == SH_Widget_Animation_Duration) return 0;
  if (hint == SH_ComboBox_Popup) return 0;
  return QProxyStyle::styleHint(hint, option, widget, result);
}

FocusRing::FocusRing(QObject* parent) : QObject(parent) {
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { follow(now); });
}

void FocusRing::follow(QWidget* now) {
  if (now == nullptr || !wants_ring(now)) {
    if (frame_) frame_->setWidget(nullptr);
    return;
  }
  if (!frame_) frame_ = new QFocusFrame(now->window());
  frame_->setWidget(now);
}

QString style_sheet(const Theme& t) {
  QFile file(":/style/ipsi.qss");
  if (!file.open(QIODevice::ReadOnly)) return {};
  QString sheet = QString::fromUtf8(file.readAll());
  const auto set = [&sheet](const char* token, const QColor& colour) {
    sheet.replace(QLatin1String("@") + QLatin1String(token) + QLatin1String("@"), colour.name());
  };
  set("window", t.window), set("surface", t.surface), set("raised", t.raised), set("sunken", t.sunken);
  set("hover", t.hover), set("selection", t.selection), set("border", t.border), set("hair", t.hair);
  set("control", t.control), set("text", t.text), set("muted", t.muted), set("accent", t.accent);
  set("primary", t.primary), set("primary_text", t.primary_text), set("banner", t.banner);
  set("banner_text", t.banner_text), set("error_text", t.error_text);
  sheet.replace("@theme@", t.dark ? "dark" : "light");
  // A style sheet's heights do not follow the font, which grows to 150 %.
  const int line = QFontMetrics(font(TextRole::body)).height();
  sheet.replace("@field_height@", QString::number(std::max(20, line + 1)));
  sheet.replace("@button_height@", QString::number(std::max(18, line - 1)));
  return sheet;
}

}  // namespace ipsi::ui
