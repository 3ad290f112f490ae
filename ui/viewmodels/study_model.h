// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <string>
#include <utility>
#include <vector>

#include "core/ingest/health.h"
#include "core/ingest/rescale.h"
#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// What is in the study: its sources, the state of its data, who is left out where, and the scales of its scores.
class StudyModel : public QObject {
  Q_OBJECT

 public:
  explicit StudyModel(Context& context, QObject* parent = nullptr);

  using People = std::vector<std::pair<std::string, std::string>>;  ///< id and reason
  struct Source {
    QString title, detail, icon;
    QString badge;  ///< "828 people"
  };
  struct Step {
    QString label, detail;
    long long n = 0, out = 0;
  };
  struct Scale {
    QString test, min, max, direction, unit, note;
    long long n = 0, people = 0, out_of_range = 0, without = 0;  ///< without: no fraction
    QString range;                                               ///< "4 to 66" of the raw values
    QString cohorts;                                             ///< "22"
    bool editable = false;
    double max_value = 0;
    bool high = true;
  };
  struct State {
    bool open = false, read_only = false;
    QString read_only_why;
    bool empty = true;  ///< nobody in it
    std::vector<Source> sources;
    std::vector<ingest::HealthCheck> health;
    int concerns = 0;  ///< checks that found something
    std::vector<Step> flow;
    std::vector<Scale> scales;
    int scale = -1;  ///< chosen one
    QString scale_error;
    bool synthetic = false;
  };
  [[nodiscard]] const State& state() const { return state_; }

  [[nodiscard]] People leaving(int step) const;   ///< who leaves at this step, and why
  [[nodiscard]] People reaching(int step) const;  ///< who gets there
  [[nodiscard]] People outOfRange(int scale) const;
  void chooseScale(int scale);
  /// All scores of that scale with another maximum or direction, as one act. False with `scale_error` when refused.
  bool rescale(int scale, double max, bool high);

 signals:
  void changed();

 private:
  void rebuild();
  void findSources();
  Context& context_;
  State state_;
  std::vector<study::FlowStep> steps_;
  std::vector<ingest::ScaleInUse> scales_;
};

}  // namespace ipsi::ui
