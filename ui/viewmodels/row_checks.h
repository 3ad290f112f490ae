// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <map>
#include <memory>
#include <vector>

#include "core/engine/region_model.h"
#include "ui/viewmodels/context.h"
#include "ui/viewmodels/model_plot.h"

namespace ipsi::engine {
class Live;
struct ModelChecks;
}  // namespace ipsi::engine

namespace ipsi::ui {

/// What lies behind the chosen row of Model: do the residuals look as the model supposes, who moves the estimate, and
/// what does a robust fit say. Worked out in the background for the row that is looked at; the robust estimates for
/// all rows of the analysis.
class RowChecks : public QObject {
  Q_OBJECT

 public:
  explicit RowChecks(Context& context, QObject* parent = nullptr);
  ~RowChecks() override;

  /// A number with the line that says how to read it.
  struct Reading {
    QString title, value, how;
    bool warn = false;
  };
  struct Pair {
    QString title;
    double classical = 0.0, robust = 0.0;
  };
  struct State {
    bool working = false;  ///< what is shown belongs to the row before, or there is nothing yet
    QString problem;       ///< why there is nothing to show
    std::vector<Reading> people, spread, cohorts, columns;  ///< under the plot they belong to; VIF
    ModelPlot scale_location;
    QString influence;  ///< "21 of 404 people and 2 of 16 cohorts move the estimates more than ..."
    ModelPlot cooks_people, cooks_cohorts, without;
    QString robust;  ///< "The robust fit agrees: ..."
    bool differs = false;
    std::vector<Pair> pairs;
    ModelPlot weights_people, weights_cohorts;
    bool trying = false;    ///< other choices are being fitted
    QStringList sentences;  ///< what other choices say, a line each
    ModelPlot choices;      ///< the estimate under each
  };
  [[nodiscard]] const State& state() const { return state_; }
  /// The robust estimate of a row of the chosen analysis; null while it is not known, or where there is none.
  [[nodiscard]] const engine::RobustRow* robust(int row) const;
  /// What a report has beside each row of the chosen analysis, as far as it is known.
  [[nodiscard]] std::vector<engine::Beside> beside() const;

  void wantSensitivity(bool wanted);  ///< some fifty fits a row: only while somebody looks at them
  void setActive(bool active);        ///< nothing is worked out while nobody looks

 signals:
  void changed();

 private:
  void follow();
  void readBeside();
  void readRow();
  void readSensitivity();
  void show(const engine::ModelChecks& checks);

  Context& context_;
  State state_;
  bool active_ = false, sensitivity_ = false, tried_ = false;
  std::shared_ptr<const engine::Live> live_;      ///< what `beside_` was worked out on
  std::map<std::size_t, engine::Beside> beside_;  ///< by place in live->fitted()
  std::shared_ptr<const engine::Live> row_of_;    ///< what the row's checks were worked out on
  int analysis_ = -1, row_ = -1;
};

}  // namespace ipsi::ui
