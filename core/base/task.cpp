// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/task.h"

#include <atomic>
#include <mutex>
#include <utility>

namespace ipsi {

struct Task::Shared {
  std::atomic<bool> cancelled{false};
  std::mutex mutex;  // one report at a time, whichever thread it comes from
  Listener listener;
};

Task::Task() : shared_(std::make_shared<Shared>()) {}

Task::Task(Listener listener) : shared_(std::make_shared<Shared>()) {
  shared_->listener = std::move(listener);
}

void Task::progress(double fraction, const std::string& what) const {
  if (!shared_->listener) return;
  const std::lock_guard lock(shared_->mutex);
  shared_->listener(low_ + (high_ - low_) * fraction, what);
}

bool Task::cancelled() const {
  return shared_->cancelled.load(std::memory_order_relaxed);
}

void Task::cancel() const {
  shared_->cancelled.store(true, std::memory_order_relaxed);
}

Task Task::part(double low, double high) const {
  Task t = *this;
  t.low_ = low_ + (high_ - low_) * low;
  t.high_ = low_ + (high_ - low_) * high;
  return t;
}

}  // namespace ipsi
