// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/qc_keys.h"

#include <QGuiApplication>

namespace ipsi::ui {
namespace {

/// The key a US board has where this one was pressed; 0 where the system does not tell. Codes: evdev + 8.
int key_by_place(const QKeyEvent& event) {
  static const bool told = QGuiApplication::platformName() == "xcb" || QGuiApplication::platformName() == "wayland";
  const quint32 code = event.nativeScanCode();
  if (!told || code < 10 || code > 61) return 0;
  if (code >= 10 && code <= 15) return Qt::Key_1 + static_cast<int>(code) - 10;
  switch (code) {
    case 23: return Qt::Key_Tab;
    case 24: return Qt::Key_Q;
    case 25: return Qt::Key_W;
    case 26: return Qt::Key_E;
    case 27: return Qt::Key_R;
    case 28: return Qt::Key_T;
    case 38: return Qt::Key_A;
    case 39: return Qt::Key_S;
    case 40: return Qt::Key_D;
    case 41: return Qt::Key_F;
    case 52: return Qt::Key_Z;
    case 54: return Qt::Key_C;
    case 57: return Qt::Key_N;
    default: return Qt::Key_unknown;
  }
}

}  // namespace

QcStroke qc_stroke(const QKeyEvent& event) {
  if ((event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) != 0) return {};
  if (event.text() == "?") return {QcKey::help};
  const bool shift = (event.modifiers() & Qt::ShiftModifier) != 0;
  const int place = key_by_place(event);
  const int key = place != 0 ? place : event.key();
  if (!shift && key >= Qt::Key_1 && key <= Qt::Key_6) return {QcKey::pair, key - Qt::Key_1};
  switch (key) {
    case Qt::Key_Space: return {shift ? QcKey::previous : QcKey::rest};
    case Qt::Key_W: return {QcKey::back, shift ? 5 : 1};
    case Qt::Key_E: return {QcKey::forward, shift ? 5 : 1};
    case Qt::Key_Z: return {shift ? QcKey::redo : QcKey::undo};
    default: break;
  }
  if (shift) return {};
  switch (key) {
    case Qt::Key_A: return {QcKey::ok};
    case Qt::Key_S: return {QcKey::lesioned};
    case Qt::Key_D: return {QcKey::failed};
    case Qt::Key_N: return {QcKey::skip};
    case Qt::Key_Tab: return {QcKey::side};
    case Qt::Key_R: return {QcKey::recentre};
    case Qt::Key_F: return {QcKey::overlay};
    case Qt::Key_Q: return {QcKey::hide};
    case Qt::Key_T: return {QcKey::lesion};
    case Qt::Key_C: return {QcKey::comment};
    default: return {};
  }
}

}  // namespace ipsi::ui
