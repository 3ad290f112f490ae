// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "ui/viewmodels/shell.h"

namespace ipsi::ui {

/// What files dropped on the window are, and what would be done with them.
struct Dropped {
  QString title;                     ///< "LandRvolumes.csv is a table of volumes"
  QString detail;                    ///< "834 lines, 18 columns. A dry run shows what it would change first."
  QString study;                     ///< a study to open; then nothing else counts
  std::vector<Shell::Offer> offers;  ///< to import; empty = nothing can be done with it, and `detail` says why
};

/// Looks at names and the first lines only: fast enough for a drag that hovers.
[[nodiscard]] Dropped classify_dropped(const QStringList& paths);

}  // namespace ipsi::ui
