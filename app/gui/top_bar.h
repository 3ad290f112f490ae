// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/viewmodels/context.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/rail.h"

namespace ipsi::gui {

/// Study name, subgroup filter, search, jobs, undo, theme: 44 high.
class TopBar : public ui::Pane {
  Q_OBJECT

 public:
  explicit TopBar(ui::Context& context, QWidget* parent = nullptr);
  [[nodiscard]] QWidget* jobsButton() const { return jobs_; }

 signals:
  void searchWanted();
  void jobsWanted();

 private:
  void render();
  void renderJobs();
  void showSubsets();
  void showLooks();

  ui::Context& context_;
  ui::ElidedLabel* name_;
  ui::Badge* read_only_;
  ui::FieldButton *filter_, *search_;
  QPushButton *jobs_, *undo_, *theme_;
};

/// "Chronic, 180 d or more"
[[nodiscard]] QString subset_title(const QString& subset);

}  // namespace ipsi::gui
