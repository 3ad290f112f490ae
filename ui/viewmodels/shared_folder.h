// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>

#include "core/study/shared_session.h"

namespace ipsi::ui {

/// Keeps a working copy and its share in step, in a thread of its own that may wait for the share as long as it takes:
/// at once after a decision (`wake`), and every two seconds for what others do.
class SharedFolder : public QObject {
  Q_OBJECT

 public:
  explicit SharedFolder(study::SharedSession session, QObject* parent = nullptr);
  /// Sends what is left, but waits no longer than two seconds for the share; the rest goes out next time.
  ~SharedFolder() override;

  void wake();
  struct State {
    int unsent = 0;
    QString problem;    ///< why the share could not be used
    QStringList notes;  ///< files and lines that are left out
    QStringList raters;
    bool looked = false;  ///< at least once
  };
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const study::SharedPlace& place() const { return place_; }

 signals:
  void changed();  ///< the state, or what is in the working copy

 private:
  struct Worker;
  study::SharedPlace place_;
  State state_;
  std::shared_ptr<Worker> worker_;  ///< outlives this while the share keeps it waiting
};

}  // namespace ipsi::ui
