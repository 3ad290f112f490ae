// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/shared_folder.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "ui/viewmodels/text.h"

namespace ipsi::ui {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(2);
constexpr auto kLastWait = std::chrono::seconds(2);

SharedFolder::State told(const study::SharedSession::State& state) {
  SharedFolder::State out;
  out.unsent = state.unsent;
  out.problem = text_of(state.problem);
  for (const auto& note : state.notes) out.notes << text_of(note);
  for (const auto& rater : state.raters) out.raters << text_of(rater);
  out.looked = true;
  return out;
}

}  // namespace

struct SharedFolder::Worker {
  explicit Worker(study::SharedSession given) : session(std::move(given)) {}

  std::optional<study::SharedSession> session;  // of the thread alone once it runs
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false, stop = false, ended = false;
  SharedFolder* receiver = nullptr;  // nullptr once nobody listens
  bool unseen = false;               // an act came into the copy, and the receiver has not looked yet

  void tellOfAct() {
    const std::scoped_lock lock(mutex);
    if (receiver == nullptr || std::exchange(unseen, true)) return;
    QMetaObject::invokeMethod(
        receiver,
        [to = receiver] {
          {
            const std::scoped_lock now(to->worker_->mutex);
            to->worker_->unseen = false;
          }
          emit to->changed();
        },
        Qt::QueuedConnection);
  }

  void run() {
    for (bool last = false; !last;) {
      {
        const std::scoped_lock lock(mutex);
        last = stop;
        woken = false;
      }
      const auto state = session->round([this] { tellOfAct(); });
      std::unique_lock lock(mutex);
      if (receiver != nullptr)
        QMetaObject::invokeMethod(
            receiver,
            [to = receiver, state = told(state)] {
              to->state_ = state;
              emit to->changed();
            },
            Qt::QueuedConnection);
      if (!last) changed.wait_for(lock, kLookEvery, [this] { return woken || stop; });
    }
    session.reset();  // the lock of this machine is free from here on
    const std::scoped_lock lock(mutex);
    ended = true;
    changed.notify_all();
  }
};

SharedFolder::SharedFolder(study::SharedSession session, QObject* parent)
    : QObject(parent), place_(session.place()), worker_(std::make_shared<Worker>(std::move(session))) {
  worker_->receiver = this;
  state_.raters << text_of(place_.rater);
  std::thread([worker = worker_] { worker->run(); }).detach();
}

SharedFolder::~SharedFolder() {
  std::unique_lock lock(worker_->mutex);
  worker_->receiver = nullptr;
  worker_->stop = true;
  worker_->changed.notify_all();
  worker_->changed.wait_for(lock, kLastWait, [this] { return worker_->ended; });
}

void SharedFolder::wake() {
  const std::scoped_lock lock(worker_->mutex);
  worker_->woken = true;
  worker_->changed.notify_all();
}

}  // namespace ipsi::ui
