// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>

#include "ui/viewmodels/model_runs.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The runs that were kept, newest first: Return or a click compares one with the models as they are now, F2 renames,
/// Delete removes (with undo).
class ModelRunsList : public QWidget {
  Q_OBJECT

 public:
  explicit ModelRunsList(ModelRuns& runs, QWidget* parent = nullptr);
  void render();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  ModelRuns& runs_;
  QListWidget* list_;
  Label *hint_, *problem_;
  QPushButton* keep_;
  bool filling_ = false;
};

}  // namespace ipsi::ui
