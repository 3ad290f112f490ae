// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/task.h"

namespace ipsi::ui {

/// Work off the GUI thread: progress, time left, cancel; the result is delivered on the GUI thread.
///
///     jobs.start<Fit>({.title = tr("Fit 12 models"), .key = "model.fit"},
///                     [snapshot](const Task& task) { return fit(*snapshot, task); },     // worker thread
///                     this, [this](Result<Fit> fit) { show(std::move(fit)); });          // GUI thread
///
/// `work` must hold all it needs by value (a snapshot), never a QObject. `done` is not called when `receiver` is gone
/// or when a later job of the same `key` has taken its place: stale results drop themselves.
class Jobs : public QObject {
  Q_OBJECT

 public:
  enum class Lane {
    normal,  ///< long work, several at a time
    live,    ///< what the rater waits for (refits, prefetch of the next person): threads of its own
  };
  struct Options {
    QString title;  ///< for the tray: "Leave one cohort out"
    QString key;    ///< a new job of the same key cancels and replaces the older one; "" = none
    Lane lane = Lane::normal;
    bool quiet = false;  ///< not in the tray (prefetch, refits below a second)
  };
  enum class State { waiting, running, stopping, done, failed };
  struct Job {
    qint64 id = 0;
    QString title, what;  ///< what: the step it is at
    State state = State::waiting;
    double fraction = 0.0;       ///< 0..1
    double seconds_left = -1.0;  ///< < 0: not known yet
    double seconds = 0.0;        ///< running time
    bool quiet = false;
    QString error;  ///< for failed: the error as one line
  };

  explicit Jobs(QObject* parent = nullptr, int threads = 0);  ///< 0 = processors, at least 2
  ~Jobs() override;                                           ///< cancels all and waits up to a second

  template <class T, class Work, class Done>
  qint64 start(Options options, Work work, QObject* receiver, Done done) {
    auto run = [work = std::move(work), done = std::move(done)](const Task& task) -> Delivery {
      auto result =
          std::make_shared<Result<T>>(task.cancelled() ? fail(Code::Cancelled, "stopped before it began") : work(task));
      Delivery delivery;
      if (!*result) delivery.error = std::make_shared<Error>(result->error());
      delivery.deliver = [result, done] { done(std::move(*result)); };
      return delivery;
    };
    return startUntyped(std::move(options), std::move(run), receiver);
  }

  void cancel(qint64 id);
  void cancelKey(const QString& key);
  void cancelAll();
  /// Forget a finished or failed job in the tray.
  void dismiss(qint64 id);
  /// Oldest first: running and waiting, and failed ones until dismissed. With `quiet` the quiet ones as well.
  [[nodiscard]] std::vector<Job> list(bool quiet = false) const;
  [[nodiscard]] int running(bool quiet = false) const;  ///< waiting, running or stopping
  [[nodiscard]] bool idle() const;                      ///< nothing at work at all, quiet jobs included
  /// Cancels all and waits for the workers. False when some did not stop in time; the process must end then.
  bool shutDown(int milliseconds);

 signals:
  void changed();            ///< at most every 100 ms for progress, at once for start and end
  void finished(qint64 id);  ///< after the result was delivered (or dropped)

 private:
  struct Delivery {
    std::function<void()> deliver;
    std::shared_ptr<Error> error;
  };
  qint64 startUntyped(Options options, std::function<Delivery(const Task&)> run, QObject* receiver);
  void take(qint64 id, const Delivery& delivery);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ipsi::ui
