// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStackedWidget>
#include <QWidget>

#include "ui/panels/study_list.h"
#include "ui/viewmodels/raters_model.h"
#include "ui/viewmodels/rating_exchange.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

class RatersPart;

/// The page of several raters, in place of QC's pictures: a list of what there is at the left, one part of it beside.
class QcRaters : public QWidget {
  Q_OBJECT

 public:
  explicit QcRaters(Context& context, QWidget* parent = nullptr);
  ~QcRaters() override;

  enum Part { raters, assignment, agreement, disputes, rules, files };
  void showPart(int part);
  [[nodiscard]] RatersModel& model() { return model_; }
  [[nodiscard]] RatingExchange& exchange() { return exchange_; }

 signals:
  void closed();
  void adjudicate();   ///< QC's queue of what raters disagree on, rated as "consensus"
  void queueWanted();  ///< the people just chosen, in QC's queue

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void render();
  void renderList();
  void place();
  void addActions();

  Context& context_;
  RatersModel model_;
  RatingExchange exchange_;
  std::vector<RatersPart*> parts_;
  int part_ = 0;
  bool dirty_ = true;  ///< changed while nobody looked
  PaneHeader* header_;
  Pane* side_;
  StudyList* list_;
  QStackedWidget *stack_, *pages_;
  ErrorCard* error_;
  EmptyState* empty_;
};

}  // namespace ipsi::ui
