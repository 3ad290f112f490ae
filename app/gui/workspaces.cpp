// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/workspaces.h"

namespace ipsi::gui {

std::vector<Workspace> workspaces() {
  // #include "ui/panels/qc_panel.h" above, and a line here, in this order:
  // {"study", "Study", "study", 1, [](ui::Context& c) -> QWidget* { return new ui::StudyPanel(c); }},
  // {"qc", "QC", "qc", 2, ..}, {"explore", "Explore", "explore", 3, ..}, {"model", "Model", "model", 4, ..},
  // {"map", "Map", "map", 5, ..}
  return {};
}

}  // namespace ipsi::gui
