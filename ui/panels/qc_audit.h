// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QGridLayout>
#include <QScrollArea>
#include <QStackedWidget>
#include <QWidget>
#include <array>

#include "ui/plots/chart.h"
#include "ui/viewmodels/audit_model.h"
#include "ui/widgets/cells_table.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The page of those whom quality control leaves out, in place of QC's pictures: one sentence, figures, tables.
class QcAudit : public QWidget {
  Q_OBJECT

 public:
  explicit QcAudit(Context& context, QWidget* parent = nullptr);
  ~QcAudit() override;
  [[nodiscard]] AuditModel& model() { return model_; }

 signals:
  void closed();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  [[nodiscard]] QWidget* body();
  [[nodiscard]] QWidget* figurePane(int figure);
  [[nodiscard]] QWidget* cohortPane();
  void makeTable(QVBoxLayout* column);
  void render();
  void renderTable();
  void renderCohorts();
  void place();
  void addActions();
  void chooseExport(int figure);  ///< -1: the table

  Context& context_;
  AuditModel model_;
  bool dirty_ = true;  ///< changed while nobody looked
  bool wide_ = true;   ///< two figures beside each other
  PaneHeader* header_;
  QStackedWidget* stack_;
  ErrorCard* error_;
  EmptyState* empty_;
  Label *headline_, *none_, *spread_, *notes_, *methods_, *no_room_;
  QScrollArea* scroll_;
  QWidget* numbers_;
  std::array<Label*, 3> titles_{}, captions_{};
  std::array<Chart*, 3> charts_{};
  std::array<QWidget*, 3> figures_{};
  QWidget* cohorts_pane_;
  QGridLayout *upper_, *lower_;
  Segments* variable_ = nullptr;
  QHBoxLayout* variable_row_;
  CellsTable *table_, *cohorts_;
  QComboBox* region_;
};

}  // namespace ipsi::ui
