// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

namespace ipsi::ui {

/// A pane's content that is taller than its place: scrolls up and down, as wide as the pane, on the pane's ground.
[[nodiscard]] QScrollArea* scroller(QWidget* inner);

}  // namespace ipsi::ui
