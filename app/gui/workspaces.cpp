// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/workspaces.h"

#include "ui/panels/explore_panel.h"
#include "ui/panels/map_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/qc_pages.h"
#include "ui/panels/study_panel.h"

namespace ipsi::gui {

std::vector<Workspace> workspaces() {
  // In the order of the rail: study 1, qc 2, explore 3, model 4, map 5, meta 6, learn 7. One not built is not here.
  return {
      {"study", "Study", "study", 1, [](ui::Context& c) -> QWidget* { return new ui::StudyPanel(c); }},
      {"qc", "QC", "qc", 2,
       [](ui::Context& c) -> QWidget* {
         auto* panel = new ui::QcPanel(c);
         ui::addQcPages(*panel, c);
         return panel;
       }},
      {"explore", "Explore", "explore", 3, [](ui::Context& c) -> QWidget* { return new ui::ExplorePanel(c); }},
      {"model", "Model", "model", 4, [](ui::Context& c) -> QWidget* { return new ui::ModelPanel(c); }},
      {"map", "Map", "map", 5, [](ui::Context& c) -> QWidget* { return new ui::MapPanel(c); }},
  };
}

}  // namespace ipsi::gui
