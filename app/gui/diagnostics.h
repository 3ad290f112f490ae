// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QPushButton>
#include <QTimer>

#include "ui/viewmodels/context.h"
#include "ui/widgets/controls.h"

namespace ipsi::gui {

/// Notes when a key is pressed and when the window has painted its answer.
class KeyWatch : public QObject {
  Q_OBJECT

 public:
  KeyWatch(ui::Latencies& latencies, QWidget& window);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  ui::Latencies& latencies_;
  QWidget& window_;
};

/// Bars of how long the window took to answer, of each kind of question; and what to tell who is to help.
class Diagnostics : public QDialog {
  Q_OBJECT

 public:
  Diagnostics(ui::Context& context, QWidget* parent);
  /// All of it as text, for a report.
  [[nodiscard]] QString text() const;

 private:
  void render();
  ui::Context& context_;
  class Bars;
  Bars* bars_;
  ui::Label* facts_;
  QTimer soon_;
};

}  // namespace ipsi::gui
