// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QComboBox>
#include <QTableView>
#include <array>

#include "ui/panels/explore_plots.h"
#include "ui/viewmodels/cohort_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The people that were chosen by brushing, a row each.
class ChosenPeople : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;
  void setState(const CohortModel::State& state);
  [[nodiscard]] int person(int row) const;  ///< in the state's people
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<int> chosen_;
  std::vector<CohortModel::Person> people_;  ///< of `chosen_`
};

/// The cohort tab: scatter, histogram and who is out, brushed together; the chosen in a list and on to QC.
class ExploreCohort : public QWidget {
  Q_OBJECT

 public:
  explicit ExploreCohort(Context& context, QWidget* parent = nullptr);
  [[nodiscard]] CohortModel& model() { return model_; }
  void setActive(bool active) { model_.setActive(active); }
  void focusFirst();

 signals:
  void personWanted();  ///< show the session's person

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] QWidget* plotsPane();
  [[nodiscard]] QWidget* headRow();
  [[nodiscard]] QWidget* chosenPane();
  void connectPlot(BrushPlot* plot);
  void addActions();
  void render();
  void renderNotes();
  void copyChosen() const;
  void fit();
  void setTool(int tool);

  Context& context_;
  CohortModel model_;
  Segments *tabs_ = nullptr, *tools_ = nullptr;
  QComboBox *region_ = nullptr, *score_ = nullptr, *cohort_ = nullptr;
  ElidedLabel *scatter_note_ = nullptr, *histogram_note_ = nullptr, *fates_note_ = nullptr, *chosen_note_ = nullptr;
  ScatterPlot* scatter_ = nullptr;
  HistogramPlot* histogram_ = nullptr;
  FatePlot* fates_ = nullptr;
  std::array<BrushPlot*, 3> plots_{};
  QWidget* side_ = nullptr;
  Label* hint_ = nullptr;
  QTableView* list_ = nullptr;
  ChosenPeople* chosen_ = nullptr;
  QPushButton *qc_ = nullptr, *clear_ = nullptr;
};

}  // namespace ipsi::ui
