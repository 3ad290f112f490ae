// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// One line of the Ctrl+K list.
struct PaletteEntry {
  enum class Kind { action, person, region };
  Kind kind = Kind::action;
  QString title, detail, shortcut;
  bool enabled = true;
  std::function<void()> run;
};

/// How well `words` (typed) fit `text`: < 0 = not at all; the smaller the better. Every word must occur; the start of
/// the text, then the start of a word, then the middle of one.
[[nodiscard]] int match_rank(const QString& typed, const QString& text);

/// What fits, best first: actions by text and words, people by id, regions by title and key. An empty query lists the
/// actions in the order they were added.
[[nodiscard]] std::vector<PaletteEntry> palette_entries(const Context& context, const QString& workspace,
                                                        const QString& query, int most = 60);

}  // namespace ipsi::ui
