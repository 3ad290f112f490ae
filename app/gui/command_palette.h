// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QListView>
#include <QStandardItemModel>
#include <QWidget>
#include <vector>

#include "ui/viewmodels/palette.h"

namespace ipsi::gui {

/// Ctrl+K: everything that can be done, with its key, and every person and region. Esc closes.
class CommandPalette : public QWidget {
  Q_OBJECT

 public:
  CommandPalette(ui::Context& context, QWidget* parent);
  /// Opens under the top bar; `workspace` decides whose actions are listed.
  void open(const QString& workspace);
  [[nodiscard]] int count() const { return static_cast<int>(entries_.size()); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void refill();
  void place();
  void runCurrent();

  ui::Context& context_;
  QString workspace_;
  QLineEdit* typed_;
  QListView* list_;
  QStandardItemModel model_;
  std::vector<ui::PaletteEntry> entries_;
  QPointer<QWidget> before_;
};

}  // namespace ipsi::gui
