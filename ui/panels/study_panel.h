// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QMenu>
#include <QStackedWidget>
#include <QWidget>

#include "ui/panels/study_flow.h"
#include "ui/panels/study_import.h"
#include "ui/panels/study_list.h"
#include "ui/panels/study_scores.h"
#include "ui/panels/study_table.h"
#include "ui/viewmodels/import_model.h"
#include "ui/viewmodels/people_model.h"
#include "ui/viewmodels/study_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// What is in the study: sources and import, cohorts and people, scales of scores, health of the data, the flow.
class StudyPanel : public QWidget {
  Q_OBJECT

 public:
  explicit StudyPanel(Context& context, QWidget* parent = nullptr);
  ~StudyPanel() override;

  [[nodiscard]] ImportModel& importModel() { return import_; }
  [[nodiscard]] PeopleModel& peopleModel() { return people_; }
  [[nodiscard]] StudyModel& studyModel() { return study_; }

 protected:
  void focusInEvent(QFocusEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  enum class Page { table, scores };
  QWidget* sidePane();
  QWidget* tablePane();
  QWidget* rightPane();
  QWidget* emptyPane();
  void addActions();
  void render();
  void place();
  void renderSide();
  void renderTable();
  void takeOffers();
  void choose(const QString& kind);
  void showFlow(int step, bool out);
  void showHealth(int check);
  void showPage(int segment);
  void showFile(const QString& path);

  Context& context_;
  ImportModel import_;
  PeopleModel people_;
  StudyModel study_;
  Page page_ = Page::table;

  QMenu* add_menu_;
  QPushButton* add_;
  StudyList *sources_, *health_;
  QWidget *health_box_, *import_note_, *side_, *right_, *chip_;
  PaneHeader *health_head_, *flow_head_;
  EmptyState* empty_;
  QStackedWidget *centre_, *pages_, *right_stack_;
  Segments* view_;
  QLineEdit* filter_;
  Label *note_, *filter_error_, *synthetic_;
  ElidedLabel *chip_text_, *no_room_;
  StudyTable* table_;
  StudyScores* scores_;
  StudyFlow* flow_;
  StudyImport* import_panel_;
  StudyColumns* columns_;
};

}  // namespace ipsi::ui
