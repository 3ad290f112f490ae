// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/jobs.h"

#include <QTimer>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

namespace ipsi::ui {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kTellEvery = 100;      // ms between progress signals
constexpr double kGuessFrom = 0.02;  // fraction done before a guess at the time left is worth showing
constexpr int kWaitAtEnd = 1000;     // ms

/// What a worker and the GUI thread both see of one job.
struct Shared {
  std::atomic<double> fraction{0.0};
  std::atomic<bool> started{false};
  std::mutex mutex;  // of `what` and `since`
  std::string what;
  Clock::time_point since{};
};

struct Entry {
  qint64 id = 0;
  Jobs::Options options;
  QPointer<QObject> receiver;
  bool has_receiver = false;
  Task task;
  std::shared_ptr<Shared> shared;
  bool stopping = false, dropped = false, failed = false;
  QString error;
};

}  // namespace

/// The workers outlive Jobs when they do not stop in time, so all they touch is owned jointly.
struct Pool {
  std::mutex mutex;
  std::condition_variable wake, ended;
  std::array<std::deque<std::function<void()>>, 2> queues;  // by lane
  bool closing = false;
  int alive = 0;

  void work(std::size_t lane) {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return closing || !queues[lane].empty(); });
      if (closing) break;
      auto job = std::move(queues[lane].front());
      queues[lane].pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
    --alive;
    ended.notify_all();
  }
};

struct Jobs::Impl {
  std::map<qint64, Entry> jobs;
  qint64 next = 1;
  std::shared_ptr<Pool> pool = std::make_shared<Pool>();
  QTimer tick;
  /// Tells workers whether Jobs is still there to take results.
  struct Mailbox {
    std::mutex mutex;
    Jobs* owner = nullptr;
  };
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
};

Jobs::Jobs(QObject* parent, int threads) : QObject(parent), impl_(std::make_unique<Impl>()) {
  impl_->mailbox->owner = this;
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  const int many = std::max(2, threads > 0 ? threads : processors);
  const std::array<int, 2> count{many, std::max(2, many / 2)};
  for (std::size_t lane = 0; lane < count.size(); ++lane)
    for (int i = 0; i < count[lane]; ++i) {
      ++impl_->pool->alive;
      std::thread([pool = impl_->pool, lane] { pool->work(lane); }).detach();
    }
  impl_->tick.setInterval(kTellEvery);
  connect(&impl_->tick, &QTimer::timeout, this, [this] {
    if (idle()) impl_->tick.stop();
    emit changed();
  });
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(impl_->mailbox->mutex);
    impl_->mailbox->owner = nullptr;
  }
  shutDown(kWaitAtEnd);
}

bool Jobs::shutDown(int milliseconds) {
  for (auto& [id, entry] : impl_->jobs) entry.task.cancel();
  auto& pool = *impl_->pool;
  std::unique_lock lock(pool.mutex);
  pool.closing = true;
  for (auto& queue : pool.queues) queue.clear();
  pool.wake.notify_all();
  return pool.ended.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return pool.alive == 0; });
}

qint64 Jobs::startUntyped(Options options, std::function<Delivery(const Task&)> run, QObject* receiver) {
  if (!options.key.isEmpty()) cancelKey(options.key);
  const qint64 id = impl_->next++;
  auto shared = std::make_shared<Shared>();
  Entry entry;
  entry.id = id;
  entry.receiver = receiver;
  entry.has_receiver = receiver != nullptr;
  entry.shared = shared;
  entry.task = Task([shared](double fraction, const std::string& what) {
    shared->fraction = fraction;
    const std::lock_guard lock(shared->mutex);
    if (!what.empty()) shared->what = what;
  });
  const auto lane = static_cast<std::size_t>(options.lane);
  entry.options = std::move(options);
  const Task task = entry.task;
  impl_->jobs.emplace(id, std::move(entry));

  auto job = [id, task, shared, run = std::move(run), mailbox = impl_->mailbox] {
    {
      const std::lock_guard lock(shared->mutex);
      shared->since = Clock::now();
    }
    shared->started = true;
    Delivery delivery;
    try {
      delivery = run(task);
    } catch (const std::exception& fault) {  // a worker must not take the window down with it
      delivery.error = std::make_shared<Error>(
          Error{Code::Environment, std::string("the job stopped: ") + fault.what(), "", "try again with less"});
    }
    const std::lock_guard lock(mailbox->mutex);
    if (mailbox->owner == nullptr) return;
    Jobs* owner = mailbox->owner;
    QMetaObject::invokeMethod(
        owner, [owner, id, delivery] { owner->take(id, delivery); }, Qt::QueuedConnection);
  };
  {
    const std::lock_guard lock(impl_->pool->mutex);
    impl_->pool->queues[lane].push_back(std::move(job));
  }
  impl_->pool->wake.notify_all();
  if (!impl_->tick.isActive()) impl_->tick.start();
  emit changed();
  return id;
}

void Jobs::take(qint64 id, const Delivery& delivery) {
  const auto found = impl_->jobs.find(id);
  if (found == impl_->jobs.end()) return;
  const Entry entry = found->second;
  const bool cancelled = delivery.error && delivery.error->code == Code::Cancelled;
  if (delivery.error && !cancelled && !entry.dropped && !entry.options.quiet) {
    found->second.failed = true;
    found->second.error = QString::fromStdString(to_line(*delivery.error));
  } else {
    impl_->jobs.erase(found);
  }
  const bool wanted = !entry.dropped && (!entry.has_receiver || entry.receiver != nullptr);
  if (wanted && delivery.deliver) delivery.deliver();
  emit finished(id);
  emit changed();
}

void Jobs::cancel(qint64 id) {
  const auto found = impl_->jobs.find(id);
  if (found == impl_->jobs.end() || found->second.failed) return;
  found->second.stopping = true;
  found->second.task.cancel();
  emit changed();
}

void Jobs::cancelKey(const QString& key) {
  for (auto& [id, entry] : impl_->jobs) {
    if (entry.options.key != key || entry.failed) continue;
    entry.dropped = true;
    entry.stopping = true;
    entry.task.cancel();
  }
}

void Jobs::cancelAll() {
  for (auto& [id, entry] : impl_->jobs) {
    entry.stopping = true;
    entry.task.cancel();
  }
  emit changed();
}

void Jobs::dismiss(qint64 id) {
  const auto found = impl_->jobs.find(id);
  if (found == impl_->jobs.end() || !found->second.failed) return;
  impl_->jobs.erase(found);
  emit changed();
}

std::vector<Jobs::Job> Jobs::list(bool quiet) const {
  std::vector<Job> out;
  for (const auto& [id, entry] : impl_->jobs) {
    if (entry.options.quiet && !quiet) continue;
    Job job;
    job.id = id;
    job.title = entry.options.title;
    job.quiet = entry.options.quiet;
    job.fraction = entry.shared->fraction;
    job.error = entry.error;
    const bool started = entry.shared->started;
    job.state = entry.failed     ? State::failed
                : entry.stopping ? State::stopping
                : started        ? State::running
                                 : State::waiting;
    if (started) {
      const std::lock_guard lock(entry.shared->mutex);
      job.what = QString::fromStdString(entry.shared->what);
      job.seconds = std::chrono::duration<double>(Clock::now() - entry.shared->since).count();
      if (job.fraction > kGuessFrom) job.seconds_left = job.seconds * (1.0 - job.fraction) / job.fraction;
    }
    out.push_back(std::move(job));
  }
  return out;
}

int Jobs::running(bool quiet) const {
  return static_cast<int>(std::count_if(impl_->jobs.begin(), impl_->jobs.end(), [&](const auto& item) {
    return !item.second.failed && (quiet || !item.second.options.quiet);
  }));
}

bool Jobs::idle() const {
  return running(true) == 0;
}

}  // namespace ipsi::ui
