// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QGridLayout>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/plots/chart.h"
#include "ui/viewmodels/model_analysis.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The right side of Model, behind the chosen row: residuals and assumptions, who moves the estimate, the robust fit.
class ModelChecksPane : public Pane {
  Q_OBJECT

 public:
  explicit ModelChecksPane(ModelAnalysis& model, QWidget* parent = nullptr);
  void render();
  void setBack(bool shown);  ///< it stands in place of the table
  enum Page { residuals, influence, robust, sensitivity };
  void showPage(int page);
  [[nodiscard]] int page() const { return pages_->currentIndex(); }

 signals:
  void backWanted();

 private:
  [[nodiscard]] QWidget* residualsPage();
  [[nodiscard]] QWidget* influencePage();
  [[nodiscard]] QWidget* robustPage();
  [[nodiscard]] QWidget* sensitivityPage();
  void renderResiduals();
  void renderInfluence();
  void renderRobust();
  void renderSensitivity();
  void choose(const ModelPlot& plot, int series, int index);

  ModelAnalysis& model_;
  PaneHeader* header_;
  QPushButton* back_;
  Segments* choice_;
  QStackedWidget* pages_;
  Label* problem_;
  Chart *fitted_, *people_, *cohorts_, *spread_;
  Label *people_words_, *cohorts_words_, *spread_words_, *vif_, *no_cohorts_, *cohorts_title_;
  Chart *cooks_people_, *cooks_cohorts_, *without_;
  Label *influence_, *robust_;
  QGridLayout* pairs_;
  Chart *weights_people_, *weights_cohorts_, *choices_;
  Label *sentences_, *power_;
};

}  // namespace ipsi::ui
