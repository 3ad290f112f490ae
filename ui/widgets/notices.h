// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>
#include <functional>

#include "ui/widgets/controls.h"

namespace ipsi::ui {

/// The red bar under the top bar that stays until its cause is gone: "Not saved", and what can be done.
class Banner : public QWidget {
  Q_OBJECT

 public:
  explicit Banner(QWidget* parent = nullptr);
  /// An empty `title` hides it. An empty `action` leaves the button out.
  void show(const QString& title, const QString& text, const QString& action = {});

 signals:
  void pressed();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  ElidedLabel* text_;
  Label* title_;
  QPushButton* action_;
};

/// A short message at the bottom centre of its parent: 6 s, stays while the pointer is on it, one action.
class Toast : public QWidget {
  Q_OBJECT

 public:
  explicit Toast(QWidget* parent);
  void show(const QString& text, const QString& action = {}, const QString& key = {}, std::function<void()> run = {});
  [[nodiscard]] QString text() const { return text_->text(); }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  void place();
  ElidedLabel* text_;
  QPushButton* action_;
  KeyCap* key_;
  std::function<void()> run_;
  QTimer timer_;
};

/// A question inside the window, as a bar under the top bar: no modal dialog. Buttons left to right; Esc = the last.
class QuestionBar : public QWidget {
  Q_OBJECT

 public:
  explicit QuestionBar(QWidget* parent = nullptr);
  struct Answer {
    QString text;
    std::function<void()> run;
  };
  void ask(const QString& title, const QString& text, std::vector<Answer> answers);
  void dismiss();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void answer(std::size_t index);
  Label* title_;
  Label* text_;
  QWidget* buttons_;
  std::vector<Answer> answers_;
};

}  // namespace ipsi::ui
