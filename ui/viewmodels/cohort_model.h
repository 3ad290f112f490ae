// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "core/table/table.h"
#include "ui/viewmodels/context.h"
#include "ui/viewmodels/qc_model.h"

namespace ipsi::ui {

/// All patients of the subset in a few plots of one region, and who of them is chosen. The choice is by person: it
/// stays while region, score and subset change.
class CohortModel : public QObject {
  Q_OBJECT

 public:
  explicit CohortModel(Context& context, QObject* parent = nullptr);

  struct Person {
    QString id, cohort;
    double volume = table::kMissing;     ///< mm3
    double score = table::kMissing;      ///< fraction of maximum
    double lesion_ml = table::kMissing;  ///< of the analysis table
    QcFlag flag = QcFlag::unrated;       ///< of the region, as the models use it
    QString out;                         ///< why the person is in no analysis; empty: is in
    bool chosen = false;
  };
  struct Axis {
    double low = 0.0, high = 1.0;  ///< of what is painted; for a logarithm its exponents
    std::vector<double> ticks;     ///< as values
    bool logarithmic = false;
  };
  struct Bin {
    double low = 0.0, high = 0.0;  ///< low <= volume < high, the last one with its end
    int n = 0, chosen = 0;
  };
  /// People with the same fate in the region's model, by lesion volume.
  struct Fate {
    QString title;  ///< "ok", "failed", "not analysed"
    QcFlag flag = QcFlag::unrated;
    bool analysed = true;
    int n = 0;                        ///< patients
    int chosen = 0;                   ///< of them
    int unknown = 0;                  ///< without a lesion volume, or with one of 0: not drawn
    double median = table::kMissing;  ///< mL, of those drawn
  };
  struct State {
    bool open = false;
    int region = 0;
    QString region_title;  ///< "Left putamen"
    QStringList scores;    ///< "Primary score", then tests
    int score = 0;
    QStringList cohorts;
    int cohort = -1;                             ///< the one that stands out
    std::vector<Person> people;                  ///< patients of the subset, in table order
    std::vector<int> fate;                       ///< of each person, in `fates`
    int version = 0;                             ///< other people, values or axes: not only another choice
    int current = -1;                            ///< the session's person, in `people`
    int no_volume = 0, no_score = 0, drawn = 0;  ///< of the scatter; who lacks both counts as without volume
    Axis volume, score_axis, lesion;
    std::vector<Bin> bins;
    int most = 0;  ///< in a bin
    std::vector<Fate> fates;
    std::vector<int> chosen;   ///< in `people`
    int chosen_elsewhere = 0;  ///< chosen, but not in this subset
  };
  [[nodiscard]] const State& state() const { return state_; }

  enum class Brush { replace, add, remove };
  void setActive(bool active);
  void chooseRegion(int region);
  void chooseScore(int score);
  void chooseCohort(int cohort);
  void choosePerson(int index);  ///< the session's person
  void beginBrush();             ///< `brush` counts from the choice as it is now
  void brush(const std::vector<int>& people, Brush how);
  void cancelBrush();  ///< as it was at `beginBrush`
  void clearBrush();
  void openInQc();  ///< the chosen become QC's queue

 signals:
  void changed();

 private:
  void refresh();
  void refreshAxes();
  void refreshFates();
  void refreshChosen();
  [[nodiscard]] std::string scoreColumn() const;

  Context& context_;
  StudySession& session_;
  State state_;
  bool active_ = false, stale_ = true;
  QString score_;   ///< test; empty = primary
  QString cohort_;  ///< by hand; empty = the person's
  std::set<QString> chosen_, before_;
};

}  // namespace ipsi::ui
