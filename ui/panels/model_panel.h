// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QGridLayout>
#include <QStackedWidget>

#include "ui/panels/method_panel.h"
#include "ui/panels/model_checks_pane.h"
#include "ui/panels/model_form.h"
#include "ui/panels/model_runs_list.h"
#include "ui/panels/model_table.h"
#include "ui/plots/chart.h"
#include "ui/widgets/cells_table.h"

namespace ipsi::ui {

/// The Model workspace: form, twelve regions, the selected row's data and its fit.
class ModelPanel : public QWidget {
  Q_OBJECT

 public:
  explicit ModelPanel(Context& context, QWidget* parent = nullptr);
  [[nodiscard]] ModelAnalysis& model() { return model_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void render();
  void place();
  void renderLegend();
  void renderRow();
  void renderSideBySide();
  void renderComparison();
  void addActions();
  void showKind(int kind);
  [[nodiscard]] QWidget* kindSwitch(int kind);
  void chooseExport();
  void copyTable();
  void choosePoint(const ModelAnalysis::Plot& plot, int series, int index);
  [[nodiscard]] QWidget* left();
  [[nodiscard]] QWidget* middle();
  [[nodiscard]] QWidget* tables();
  [[nodiscard]] QWidget* scatter();

  Context& context_;
  ModelAnalysis model_;
  ModelForm* form_;
  PaneHeader *header_, *row_header_;
  QPushButton *copy_, *export_;
  ModelRunsList* runs_;
  QStackedWidget *whole_, *tables_;
  MethodPanel* own_;
  CellsTable *side_by_side_, *comparison_;
  QPushButton* fit_;
  ModelChecksPane* checks_;
  bool dirty_ = false;     ///< changed while another workspace was shown: a rater does not wait for it
  bool all_ = false;       ///< all analyses side by side
  bool narrow_ = false;    ///< no room for the fit beside the table: it takes its place when asked for
  bool show_fit_ = false;  ///< asked for
  ModelTable* table_;
  QStackedWidget* stack_;
  ErrorCard* error_;
  EmptyState* empty_;
  Label *strong_, *scatter_failure_, *answer_;
  ElidedLabel* summary_;
  QWidget *legend_, *scatter_box_, *left_, *middle_, *right_;
  Chart* partial_;
};

}  // namespace ipsi::ui
