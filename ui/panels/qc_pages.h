// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/panels/qc_panel.h"

namespace ipsi::ui {

/// The pages about raters and about those left out, in QC.
void addQcPages(QcPanel& panel, Context& context);

}  // namespace ipsi::ui
