// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeyEvent>

namespace ipsi::ui {

/// What a key of the one-hand keyboard does.
enum class QcKey {
  none,
  ok,
  lesioned,
  failed,
  rest,
  previous,
  skip,
  pair,
  side,
  back,
  forward,
  recentre,
  overlay,
  hide,
  lesion,
  undo,
  redo,
  comment,
  help
};
struct QcStroke {
  QcKey key = QcKey::none;
  int number = 0;  ///< pair: 0..5; back and forward: slices
};

/// By the key's place on the board where the system tells it (X11, Wayland), so that the hand lies the same on every
/// layout; else by its letter. Keys with Ctrl, Alt or Meta do nothing here.
[[nodiscard]] QcStroke qc_stroke(const QKeyEvent& event);

}  // namespace ipsi::ui
