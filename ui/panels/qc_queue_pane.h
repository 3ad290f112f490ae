// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/panels/qc_queue.h"
#include "ui/viewmodels/qc_model.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The left pane of QC: who is in the queue and in which order, the queue, and the way to the pages about raters.
class QcQueuePane : public Pane {
  Q_OBJECT

 public:
  explicit QcQueuePane(QcModel& model, QWidget* parent = nullptr);
  void render();
  [[nodiscard]] QcQueue* queue() { return queue_; }
  /// The keyboard is in a control that keeps Space, Tab and letters for itself.
  [[nodiscard]] bool isControl(const QWidget* widget) const;
  /// A page of the workspace that can be asked for here.
  void addPage(const QString& key, const QString& title);
  void setPage(const QString& key);  ///< that is shown; empty for rating

 signals:
  void done();  ///< something was chosen with the mouse: back to the pictures
  void pageWanted(const QString& key);

 private:
  void makeMenu();
  void fillMenu();
  QcModel& model_;
  Label *left_note_, *narrow_note_;
  QComboBox *who_, *order_;
  QPushButton *more_, *clear_;
  QMenu* menu_;
  QWidget* narrow_;
  QVBoxLayout* pages_;
  std::vector<std::pair<QString, QPushButton*>> page_buttons_;
  QcQueue* queue_;
};

}  // namespace ipsi::ui
