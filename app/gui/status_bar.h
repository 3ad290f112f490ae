// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include "ui/viewmodels/context.h"
#include "ui/widgets/controls.h"

namespace ipsi::gui {

/// The convention of sides as a badge with its sentence; a press changes it.
class ConventionBadge : public QAbstractButton {
  Q_OBJECT

 public:
  explicit ConventionBadge(ui::Settings& settings, QWidget* parent = nullptr);
  [[nodiscard]] QSize sizeHint() const override;
  /// In the map the picture's sides are those of the lesion.
  void setBySide(bool by_side);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void render();
  ui::Settings& settings_;
  bool by_side_ = false;
};

/// Convention, flags done and left, save state, memory: 26 high.
class StatusBar : public ui::Pane {
  Q_OBJECT

 public:
  explicit StatusBar(ui::Context& context, QWidget* parent = nullptr);
  void setBySide(bool by_side) { convention_->setBySide(by_side); }

 private:
  void render();
  void renderMemory();
  ui::Context& context_;
  ConventionBadge* convention_ = nullptr;
  ui::Label *done_, *left_, *shared_note_, *saved_, *memory_;
  QWidget *flags_, *shared_, *tick_;
  QTimer timer_;
};

/// Resident memory of this process in bytes.
[[nodiscard]] qint64 resident_bytes();

}  // namespace ipsi::gui
