// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <map>
#include <vector>

#include "ui/panels/qc_keys.h"
#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The line of keys at the foot of QC: as many as fit, "all keys" always.
class QcKeyStrip : public Pane {
  Q_OBJECT

 public:
  explicit QcKeyStrip(QWidget* parent = nullptr);
  void setKeys(const QcKeymap& keys);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void fit();
  struct Item {
    QWidget* widget;
    std::vector<KeyCap*> caps;
    std::vector<QString> commands;  ///< whose keys the caps show
  };
  std::vector<Item> items_;
};

/// All keys over the workspace: what each does, for which hand; press one to give it another key.
class QcKeyMap : public Pane {
  Q_OBJECT

 public:
  explicit QcKeyMap(QWidget* parent);
  void setKeys(const QcKeymap& keys);
  /// Waits for the new key of a command; "" = none.
  [[nodiscard]] QString waiting() const { return waiting_; }

 signals:
  void keysChanged(const ipsi::ui::QcKeymap& keys);  ///< by the user
  void closed();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void render();
  void wait(const QString& command);
  void take(const QKeyEvent& event);

  QcKeymap keys_;
  QString waiting_;
  Segments* hand_;
  QPushButton* reset_;
  Label* hint_;
  std::map<QString, QPushButton*> buttons_;
};

}  // namespace ipsi::ui
