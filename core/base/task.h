// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace ipsi {

/// Progress and cancellation of one piece of long work, handed down by value.
///
/// A default Task reports to nobody and is never cancelled. Copies and parts share the cancel flag, so
/// `cancel()` on any of them stops all. Safe to use from several threads at once.
class Task {
 public:
  /// Receives the done fraction of the whole work, 0..1, and what is being done now.
  using Listener = std::function<void(double fraction, const std::string& what)>;

  Task();
  explicit Task(Listener listener);

  /// Report that `fraction` (0..1) of this part is done.
  void progress(double fraction, const std::string& what = {}) const;
  [[nodiscard]] bool cancelled() const;
  void cancel() const;

  /// The stretch [low, high] of this task as a task of its own.
  [[nodiscard]] Task part(double low, double high) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  double low_ = 0.0;
  double high_ = 1.0;
};

}  // namespace ipsi
