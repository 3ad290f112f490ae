// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::gui {

/// A workspace of the rail. `make` is called when it is first shown; Ctrl+1.. follow `number`.
struct Workspace {
  QString key, title, icon;
  int number = 0;  ///< place in ux.md's order, so that Ctrl+2 is QC for good
  std::function<QWidget*(ui::Context&)> make;
};

/// Those that exist, in the order of the rail. A new workspace is one line in workspaces.cpp.
[[nodiscard]] std::vector<Workspace> workspaces();

}  // namespace ipsi::gui
