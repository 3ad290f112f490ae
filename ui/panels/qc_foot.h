// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QPushButton>
#include <array>

#include "ui/viewmodels/qc_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// Under the pictures: flag and suggestion of the current region, its comment, its history, the last decision.
class QcFoot : public QWidget {
  Q_OBJECT

 public:
  explicit QcFoot(QcModel& model, QWidget* parent = nullptr);
  void render();
  [[nodiscard]] QLineEdit* comment() { return comment_; }
  /// The comment's field asks why a whole person fails: Enter does it, Esc leaves all as it was.
  void askWhy(bool ask);
  void beginComment();
  void leaveComment();  ///< nothing saved
  void setUndoKey(const QString& key) { undo_key_->setKey(key); }

 signals:
  void done();  ///< the keyboard goes back to the pictures

 private:
  [[nodiscard]] QLayout* flagColumn();
  [[nodiscard]] QLayout* historyColumn();
  void renderHistory();
  QcModel& model_;
  bool asking_why_ = false;
  QString shown_place_;
  Label* history_more_;
  ElidedLabel *flag_text_, *risk_, *last_;
  std::array<ElidedLabel*, 2> history_{};
  FlagIcon *flag_icon_, *last_icon_;
  QLineEdit* comment_;
  QPushButton* undo_;
  KeyCap* undo_key_;
};

}  // namespace ipsi::ui
