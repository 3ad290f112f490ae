// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProgressBar>
#include <QWidget>
#include <map>

#include "ui/viewmodels/jobs.h"
#include "ui/widgets/controls.h"

namespace ipsi::gui {

/// The list of jobs under the Jobs button: what, how far, time left, Cancel; failures with their error.
class JobTray : public QWidget {
  Q_OBJECT

 public:
  JobTray(ui::Jobs& jobs, QWidget* parent);
  void toggle(const QWidget* under);

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Row {
    QWidget* box = nullptr;
    ui::ElidedLabel *title = nullptr, *what = nullptr;
    ui::Label* time = nullptr;
    QProgressBar* bar = nullptr;
    QPushButton* button = nullptr;
  };
  void render();
  void place();
  Row& row(qint64 id);

  ui::Jobs& jobs_;
  std::map<qint64, Row> rows_;
  ui::Label* none_;
};

/// "5 s left", "2 min left", "" when unknown.
[[nodiscard]] QString time_left(double seconds);

}  // namespace ipsi::gui
