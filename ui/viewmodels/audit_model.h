// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "core/spec/figure.h"
#include "ui/viewmodels/context.h"

namespace ipsi::spec {
struct ResultSet;
}  // namespace ipsi::spec

namespace ipsi::ui {

/// Who leaves by quality control, and how they differ from those who stay: `ipsi qc audit` in the window. Worked out by
/// a job on the study as it was, while somebody looks (`setShown`).
class AuditModel : public QObject {
  Q_OBJECT

 public:
  explicit AuditModel(Context& context, QObject* parent = nullptr);
  ~AuditModel() override;

  struct Variable {
    QString key, title;  ///< "lesion_volume", "Lesion volume"
    QString unit;        ///< of the medians: "mL"
    int decimals = 1;
  };
  /// A region and a variable; NaN where it is not defined.
  struct Row {
    QString group, title;  ///< "Ipsilesional", "Putamen"
    int left_out = 0, kept = 0, missing = 0, unrated = 0;
    double middle_out = 0, middle_kept = 0;        ///< medians in `unit`; of the side the share on the right
    double d = 0, d_low = 0, d_high = 0;           ///< standardised difference
    double odds = 0, odds_low = 0, odds_high = 0;  ///< of leaving, per SD
    double p = 0, p_adjusted = 0;
    bool strong = false;  ///< p_adjusted below 0.05
  };
  struct Cohort {
    QString name;
    int n = 0, left_out = 0;
    double share = 0;
  };
  struct State {
    bool open = false, working = false;
    bool nobody_left = false;   ///< no region is left out
    QString what, where, mend;  ///< why there are no numbers
    int people = 0;
    QString rule;      ///< "consensus": whose flags these are
    QString headline;  ///< the strongest difference, in words and numbers
    std::vector<Variable> variables;
    int variable = 0;
    std::vector<Row> rows;                             ///< of the chosen variable
    std::vector<std::pair<QString, QString>> regions;  ///< key ("ipsi putamen") and title, for the cohorts
    int region = 0;
    std::vector<Cohort> cohorts;        ///< of the chosen region, the largest share first
    QString spread;                     ///< "Cramér's V 0.21, chi-square 41.2 (27), p 0.039"
    std::vector<spec::Figure> figures;  ///< share left out by lesion volume: ipsi, contra; standardised differences
    QStringList findings;
    QString methods;
  };
  [[nodiscard]] const State& state() const { return state_; }

  void setShown(bool shown);
  void retry();
  void chooseVariable(int variable);
  void chooseRegion(int region);
  /// A table of the audit ("audit", "audit_cohorts", "audit_volume") in full, tab-separated.
  [[nodiscard]] QString tsv(const QString& table) const;
  /// The ending says what: .tsv or .csv the table of all regions and variables, .svg, .pdf, .png the figure.
  void exportTo(const QString& path, int figure = 0);

 signals:
  void changed();
  void exported(const QString& path, const QString& problem);  ///< problem empty when written

 private:
  void refresh();
  void readRows();
  void readCohorts();
  void readHeadline();

  Context& context_;
  State state_;
  std::shared_ptr<const spec::ResultSet> result_;
  bool shown_ = false, stale_ = true;
};

}  // namespace ipsi::ui
