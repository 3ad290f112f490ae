// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/theme.h"

#include <QFontDatabase>
#include <QFontMetrics>
#include <QStyleFactory>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/widgets/style.h"

namespace ipsi::ui {
namespace {

constexpr double kBodyPoints = 10.0;

// Kept outside Theme: one application has one look.
struct InForce {
  Theme theme = Theme::light_theme();
  int percent = 100;
};
InForce& in_force() {
  static InForce state;
  return state;
}

void set_shared(Theme& t) {
  t.outline_current = QColor("#4DE3FF");
  t.outline_other = QColor("#C9D3DC");
  t.lesion = QColor("#FFB000");
  t.slice_background = QColor("#000000");
  t.slice_label = QColor(0, 0, 0, 158);  // 62 %
  t.slice_text = QColor("#FFFFFF");
  t.flag_lesioned = QColor("#E69F00");
  t.flag_lesioned_mark = QColor("#1B1E23");
  t.primary_text = QColor("#FFFFFF");
  t.banner_text = QColor("#FFFFFF");
}

QPalette palette_of(const Theme& t) {
  QPalette p;
  for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled}) {
    const QColor text = group == QPalette::Disabled ? t.muted : t.text;
    p.setColor(group, QPalette::Window, t.window);
    p.setColor(group, QPalette::WindowText, text);
    p.setColor(group, QPalette::Base, t.surface);
    p.setColor(group, QPalette::AlternateBase, t.window);
    p.setColor(group, QPalette::Text, text);
    p.setColor(group, QPalette::Button, t.surface);
    p.setColor(group, QPalette::ButtonText, text);
    p.setColor(group, QPalette::BrightText, t.error_text);
    p.setColor(group, QPalette::ToolTipBase, t.raised);
    p.setColor(group, QPalette::ToolTipText, t.text);
    p.setColor(group, QPalette::Highlight, t.selection);
    p.setColor(group, QPalette::HighlightedText, text);
    p.setColor(group, QPalette::Link, t.accent);
    p.setColor(group, QPalette::LinkVisited, t.accent);
    p.setColor(group, QPalette::PlaceholderText, t.muted);
    p.setColor(group, QPalette::Light, t.raised);
    p.setColor(group, QPalette::Midlight, t.border);
    p.setColor(group, QPalette::Mid, t.control);
    p.setColor(group, QPalette::Dark, t.control);
    p.setColor(group, QPalette::Shadow, t.control);
  }
  return p;
}

/// What the desktop looked like before the first theme was set.
bool system_is_dark() {
  static const bool dark = [] {
    const QPalette p = QApplication::palette();
    return p.color(QPalette::Window).lightnessF() < p.color(QPalette::WindowText).lightnessF();
  }();
  return dark;
}

/// Painted tables need digits of one width; fonts without them give way to the fixed font.
bool equal_digits(const QFont& f) {
  const QFontMetricsF metrics(f);
  const double zero = metrics.horizontalAdvance(QLatin1Char('0'));
  for (char digit = '1'; digit <= '9'; ++digit)
    if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - zero) > 0.01) return false;
  return true;
}

double linear(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c) {
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

}  // namespace

Theme Theme::light_theme() {
  Theme t;
  set_shared(t);
  t.window = QColor("#F1F2F4"), t.surface = QColor("#FFFFFF"), t.raised = QColor("#FFFFFF");
  t.sunken = QColor("#E8EAED"), t.hover = QColor("#ECEEF1"), t.selection = QColor("#E6E7F7");
  t.border = QColor("#D6D9DE"), t.hair = QColor("#E9EBEE"), t.control = QColor("#767E8A");
  t.text = QColor("#1B1E23"), t.muted = QColor("#545C67");
  t.accent = QColor("#4549B0"), t.primary = QColor("#4549B0");
  t.warning_bg = QColor("#FFF3D9"), t.warning_text = QColor("#6E4A00");
  t.error_bg = QColor("#FBE9E4"), t.error_text = QColor("#A02C12");
  t.banner = QColor("#A8260F"), t.background3d = QColor("#FFFFFF");
  t.flag_ok = QColor("#0072B2"), t.flag_ok_mark = QColor("#FFFFFF");
  t.flag_lesioned_edge = QColor("#8A5800");
  t.flag_failed = QColor("#C64A00"), t.flag_failed_mark = QColor("#FFFFFF");
  t.flag_unrated = QColor("#747C88"), t.flag_suggested = QColor("#8A5800");
  t.plot_grid = QColor("#E3E6EA"), t.plot_line = QColor("#0072B2");
  return t;
}

Theme Theme::dark_theme() {
  Theme t;
  set_shared(t);
  t.dark = true;
  t.window = QColor("#131519"), t.surface = QColor("#1A1D22"), t.raised = QColor("#23272E");
  t.sunken = QColor("#0D0F12"), t.hover = QColor("#282C34"), t.selection = QColor("#2B2E4B");
  t.border = QColor("#2E333B"), t.hair = QColor("#262A31"), t.control = QColor("#78818F");
  t.text = QColor("#E3E6EA"), t.muted = QColor("#9CA5B1");
  t.accent = QColor("#A9AEF4"), t.primary = QColor("#575CC2");
  t.warning_bg = QColor("#33290F"), t.warning_text = QColor("#F2C55C");
  t.error_bg = QColor("#3A1A12"), t.error_text = QColor("#FF9A7A");
  t.banner = QColor("#B3301A"), t.background3d = QColor("#24272C");
  t.flag_ok = QColor("#56B4E9"), t.flag_ok_mark = QColor("#0D0F12");
  t.flag_lesioned_edge = QColor("#FFC34D");
  t.flag_failed = QColor("#F0703A"), t.flag_failed_mark = QColor("#0D0F12");
  t.flag_unrated = QColor("#8A93A0"), t.flag_suggested = QColor("#FFC34D");
  t.plot_grid = t.border, t.plot_line = QColor("#56B4E9");
  return t;
}

QColor Theme::category(int index) const {
  static const std::array<const char*, 8> kOkabeIto{"#0072B2", "#E69F00", "#009E73", "#CC79A7",
                                                    "#56B4E9", "#D55E00", "#F0E442", "#000000"};
  const auto i = static_cast<std::size_t>(index < 0 ? 0 : index % static_cast<int>(kOkabeIto.size()));
  return i == 7 && dark ? text : QColor(kOkabeIto[i]);
}

const Theme& Theme::current() {
  return in_force().theme;
}
int Theme::text_percent() {
  return in_force().percent;
}

void Theme::apply(ThemeChoice choice, int text_percent) {
  const bool dark = choice == ThemeChoice::dark || (choice == ThemeChoice::system && system_is_dark());
  static bool styled = false;
  if (!styled) {
    (void)system_is_dark();  // asked before our own palette hides the answer
    QApplication::setStyle(new Style);
    styled = true;
  }
  auto& state = in_force();
  state.theme = dark ? dark_theme() : light_theme();
  state.percent = std::clamp(text_percent, 90, 150);
  QFont body = QApplication::font();
  body.setPointSizeF(kBodyPoints * state.percent / 100.0);
  QApplication::setFont(body);
  QApplication::setPalette(palette_of(state.theme));
  qApp->setStyleSheet(style_sheet(state.theme));
}

QFont font(TextRole role) {
  QFont f = QApplication::font();
  const double size = f.pointSizeF();
  switch (role) {
    case TextRole::heading: f.setPointSizeF(size * 1.8), f.setWeight(QFont::DemiBold); break;
    case TextRole::count: f.setPointSizeF(size * 1.7), f.setWeight(QFont::DemiBold); break;
    case TextRole::title: f.setPointSizeF(size * 1.1); break;
    case TextRole::title_strong: f.setPointSizeF(size * 1.1), f.setWeight(QFont::DemiBold); break;
    case TextRole::body: break;
    case TextRole::strong: f.setWeight(QFont::DemiBold); break;
    case TextRole::small: f.setPointSizeF(std::max(8.0, size * 0.9)); break;
    case TextRole::tiny: f.setPointSizeF(std::max(8.0, size * 0.85)); break;
    case TextRole::fixed:
      f = QFontDatabase::systemFont(QFontDatabase::FixedFont);
      f.setPointSizeF(size * 0.85);
      break;
    case TextRole::number:
      if (!equal_digits(f)) {
        f = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        f.setPointSizeF(size);
      }
      break;
  }
  return f;
}

int scaled(int pixels) {
  return std::max(pixels, static_cast<int>(std::lround(pixels * in_force().percent / 100.0)));
}

double contrast(const QColor& a, const QColor& b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QString minusSign() {
  const bool has = QFontMetrics(QApplication::font()).inFont(QChar(0x2212));
  return QString(has ? QChar(0x2212) : QChar(0x2013));
}

QString formatNumber(double value, int decimals) {
  if (std::isnan(value)) return QString(QChar(0x2013));
  if (std::isinf(value)) return (value < 0 ? minusSign() : QString()) + QChar(0x221E);
  QString digits = QString::number(std::abs(value), 'f', std::max(0, decimals));
  const bool zero = digits.toDouble() == 0.0;  // no "-0.00"
  const auto point = digits.indexOf('.');
  for (auto i = (point < 0 ? digits.size() : point) - 3; i > 0; i -= 3) digits.insert(i, ',');
  return value < 0 && !zero ? minusSign() + digits : digits;
}

QString formatP(double p) {
  if (std::isnan(p)) return formatNumber(p, 3);
  return p < 0.001 ? QStringLiteral("<0.001") : formatNumber(p, 3);
}

}  // namespace ipsi::ui
