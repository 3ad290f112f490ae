// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

#include "core/base/error.h"

namespace ipsi::gui {

/// What `ipsi-desktop` was asked to do (cli.md, "The desktop").
struct Options {
  QString study, workspace, subject, theme, screenshot;
  QSize size;
  QStringList actions;  ///< to trigger first
  int text_percent = 0;
  bool help = false, version = false;
};

/// @error Usage  names the argument and what is allowed
[[nodiscard]] Result<Options> parse_options(const QStringList& arguments);
[[nodiscard]] QString usage();

/// The program from its arguments to its exit code.
int run(int argc, char** argv);

}  // namespace ipsi::gui
