// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <functional>
#include <vector>

namespace ipsi::ui {

/// One thing the user can do. Everything that can be clicked is one of these, so that Ctrl+K finds it.
struct Action {
  QString id;         ///< "qc.flag.ok": unique
  QString text;       ///< "Flag the region ok"
  QString shortcut;   ///< portable text: "Ctrl+Shift+E", "A"; "" = none
  QString workspace;  ///< where it acts ("qc"); "" = everywhere
  std::function<void()> run;
  std::function<bool()> enabled;  ///< empty = always
  QString words;                  ///< further words it is found by
  /// false: the key is shown but the panel hears it itself (one-hand rating keys, which follow key positions).
  bool bind = true;
};

/// The registry of actions. Panels add theirs when they are made; the shell binds keys and shows the palette.
class Actions : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// Replaces an action of the same id. With `owner` it goes when the owner does.
  void add(Action action, QObject* owner = nullptr);
  void remove(const QString& id);
  [[nodiscard]] const std::vector<Action>& all() const { return actions_; }
  [[nodiscard]] const Action* find(const QString& id) const;
  [[nodiscard]] bool enabled(const QString& id) const;
  /// Runs it unless it is unknown or not enabled. True when it ran.
  bool trigger(const QString& id);

 signals:
  void changed();

 private:
  std::vector<Action> actions_;
};

}  // namespace ipsi::ui
