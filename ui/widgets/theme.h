// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QColor>
#include <QFont>
#include <QIcon>
#include <QPainter>
#include <QPalette>
#include <QString>

namespace ipsi::ui {

enum class ThemeChoice { system, light, dark };

/// Every colour, size and font of the window; no colour literal stands elsewhere. Values: docs/user/looks.md.
struct Theme {
  bool dark = false;
  QColor window, surface, raised, sunken, hover, selection, border, hair, control, text, muted, accent, primary,
      primary_text, warning_bg, warning_text, error_bg, error_text, banner, banner_text, background3d;
  QColor flag_ok, flag_ok_mark, flag_lesioned, flag_lesioned_edge, flag_lesioned_mark, flag_failed, flag_failed_mark,
      flag_unrated, flag_suggested;
  QColor plot_grid, plot_line;                       ///< grid under data; the fit
  QColor outline_current, outline_other, lesion;     ///< overlays on a scan, the same in both themes
  QColor slice_background, slice_label, slice_text;  ///< black behind scans, the label's ground, its letters
  [[nodiscard]] QColor category(int index) const;    ///< Okabe-Ito

  static Theme light_theme();
  static Theme dark_theme();
  /// The one in force. Widgets repaint on QEvent::PaletteChange.
  static const Theme& current();
  /// Sets style, palette, font and style sheet of the application. `text_percent` 90..150.
  static void apply(ThemeChoice choice, int text_percent);
  static int text_percent();
};

/// Fonts from QApplication::font(): page heading, pane title, body, small, tiny, fixed.
enum class TextRole { heading, count, title, title_strong, body, strong, small, tiny, fixed, number };
[[nodiscard]] QFont font(TextRole role);
/// `pixels` of the design at 100 % text, grown with the text (never below the design's size).
[[nodiscard]] int scaled(int pixels);

/// An icon of resources/icons by name ("qc", "undo"), tinted with the text colour (muted when disabled) of the theme in
/// force when it is painted: nothing to do when the theme changes.
[[nodiscard]] QIcon icon(const QString& name);
/// The same, always in the colour that `colour` of the theme has: icon("run", &Theme::primary_text).
[[nodiscard]] QIcon icon(const QString& name, QColor Theme::*colour);
void paintIcon(QPainter& painter, const QRectF& rect, const QString& name, const QColor& colour);
/// Names of all shipped icons.
[[nodiscard]] QStringList iconNames();

/// Flag symbols of design/README: painted on a 20-unit grid into `rect`.
enum class FlagSymbol { unrated, ok, lesioned, failed, suggested_lesioned, suggested_failed, later };
void paintFlag(QPainter& painter, const QRectF& rect, FlagSymbol symbol);

/// A number as the window writes it: minus sign of the font, fixed decimals, thousands with commas; NaN is an en dash.
[[nodiscard]] QString formatNumber(double value, int decimals);
[[nodiscard]] QString formatP(double p);  ///< "<0.001", "0.016"
/// The sign that stands for minus: U+2212 where the font has it, else an en dash; never a hyphen.
[[nodiscard]] QString minusSign();

/// Contrast of two colours as of WCAG 2.1: (L1 + 0.05) / (L2 + 0.05), 1..21.
[[nodiscard]] double contrast(const QColor& a, const QColor& b);

}  // namespace ipsi::ui
