// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QVBoxLayout>
#include <vector>

#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// One workspace in the rail: icon over word; the current one with a bar at the window's edge.
class RailItem : public QAbstractButton {
  Q_OBJECT

 public:
  RailItem(const QString& icon_name, const QString& text, QWidget* parent = nullptr);
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QString icon_;
};

/// The column of workspaces at the left edge, 68 wide.
class Rail : public Pane {
  Q_OBJECT

 public:
  explicit Rail(QWidget* parent = nullptr);
  RailItem* add(const QString& key, const QString& icon_name, const QString& text, const QString& shortcut);
  void setCurrent(const QString& key);

 signals:
  void chosen(const QString& key);

 private:
  std::vector<std::pair<QString, RailItem*>> items_;
  QVBoxLayout* column_;
};

/// A field-looking button of the top bar: icon, text, muted note or key cap, arrow. Opens something when pressed.
class FieldButton : public QAbstractButton {
  Q_OBJECT

 public:
  FieldButton(const QString& icon_name, bool arrow, QWidget* parent = nullptr);
  void setTexts(const QString& text, const QString& note, const QString& key_cap = {});
  void setMuted(bool muted);  ///< the text is a placeholder
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QString note() const { return note_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QString icon_, note_, key_;
  bool arrow_, muted_ = false;
};

}  // namespace ipsi::ui
