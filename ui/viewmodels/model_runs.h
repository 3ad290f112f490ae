// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::engine {
struct StoredRun;
}  // namespace ipsi::engine

namespace ipsi::ui {

/// Runs that somebody kept in the study, newest first; one of them may be held against the models as they are now.
class ModelRuns : public QObject {
  Q_OBJECT

 public:
  explicit ModelRuns(Context& context, QObject* parent = nullptr);
  ~ModelRuns() override;

  struct Run {
    QString key, name, time;  ///< time: "14:02", or "19 Nov" of another day
    QString question;         ///< the formula, for the tool tip
    bool stale = false;       ///< people, volumes or flags are not those it was made from
  };
  /// One region of the run beside the same region now. NaN where a side has no number.
  struct Row {
    QString side, title;
    int n_then = 0, n_now = 0;
    double beta_then = 0, beta_now = 0, p_then = 0, p_now = 0;
    bool significant_then = false, significant_now = false;
  };
  struct State {
    std::vector<Run> runs;
    QString problem;           ///< of a run that cannot be read
    int compared = -1;         ///< of `runs`; -1 = none
    QString then_title, note;  ///< "Chronic, consensus, kept 14:02"; whether the question is the same
    std::vector<Row> rows;
    int differ = 0;  ///< regions whose estimate is another
  };
  [[nodiscard]] const State& state() const { return state_; }

  /// Keep the chosen analysis as it is now. An empty name is made from subgroup, predictor and rule of the flags.
  void keep(const QString& name = {});
  void rename(int run, const QString& name);
  void remove(int run);
  void compare(int run);  ///< -1 ends it

 signals:
  void changed();

 private:
  void read();
  void readStale();
  void readComparison();
  bool write(const engine::StoredRun& run, const QString& summary);

  Context& context_;
  State state_;
  std::vector<engine::StoredRun> stored_;  ///< in the order of state_.runs
};

}  // namespace ipsi::ui
