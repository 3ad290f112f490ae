// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QVariant>
#include <vector>

#include "ui/viewmodels/context.h"
#include "ui/viewmodels/model_formula.h"
#include "ui/viewmodels/model_plot.h"
#include "ui/viewmodels/model_runs.h"
#include "ui/viewmodels/row_checks.h"

namespace ipsi::engine {
class Live;
struct Analysis;
}  // namespace ipsi::engine

namespace ipsi::ui {

/// The Model workspace: the question as a form and a formula, the rows of the chosen analysis, what lies behind one
/// row. The models themselves are the context's LiveModels.
class ModelAnalysis : public QObject {
  Q_OBJECT

 public:
  explicit ModelAnalysis(Context& context, QObject* parent = nullptr);
  ~ModelAnalysis() override;

  struct Choice {
    QString column, title;
  };
  /// A declared option of the analysis (engine::analysis_options).
  struct Option {
    QString key, title, help;
    std::vector<Choice> choices;  ///< value and its words; empty for a number
    double low = 0, high = 0;     ///< of a number
    QVariant value;
  };
  /// A row of results.csv; numbers are NaN where the model failed.
  struct Row {
    QString side, structure, title;  ///< "ipsi", "putamen", "Putamen"
    int n = 0, cohorts = 0;
    double df = 0, beta = 0, low = 0, high = 0, se = 0, t = 0, p = 0, p_adjusted = 0, d = 0;
    bool significant = false, usable = false;
    double vif = 0, lrt_p = 0;
    double robust = 0;     ///< beta of the robust fit; NaN while it is not known
    bool differs = false;  ///< from the classical fit by more than half its standard error
    bool moved = false;    ///< fitted anew by the last flag
    double was = 0;        ///< beta before it; NaN when it did not move
    QString failure, notes;
  };
  /// One analysis of those alive, as a column of regions x subgroups.
  struct Column {
    QString title;
    int people = 0;  ///< the largest n
    std::vector<Row> rows;
  };
  struct LeftOut {
    QString title;
    QString flag;  ///< "lesioned", "failed", "unrated" or ""
    int n = 0;
  };
  using Plot = ModelPlot;
  struct State {
    bool open = false, working = false;
    bool nobody = false;        ///< a study without patients
    QString what, where, mend;  ///< why nothing could be fitted; empty when all is well
    QString title, note;        ///< "Chronic, sensorimotor behaviour", "up to 404 people, 22 cohorts"
    ModelFormula formula;
    int places = 2;         ///< decimals of estimates
    QString unit;           ///< of the outcome, short: "z", "mm³"
    QString text, problem;  ///< the formula line, and what is wrong with it
    std::vector<Choice> predictors, covariates, groups, interactions;
    std::vector<Choice> ratings;  ///< whose flags count; the first, "", is as the study is set
    QString rating;
    std::vector<Option> options;
    std::vector<Column> columns;  ///< all analyses that are alive
    int current = 0;              ///< of `columns`
    std::vector<Row> rows;        ///< of the chosen analysis: ipsilesional first
    int selected = 0;
    QString correction;       ///< head of the column of corrected p: "p × 12"
    QString strong, summary;  ///< "3 of 12 regions", "below p 0.0042 (0.05 / 12), unrounded"
    QString robust;           ///< "Robust fit differs: caudate"; empty while it is not known or agrees
    QString live;             ///< what the last flag did: "Last flag: 2 fitted anew, 8 ms."; empty otherwise
    QString row_title, row_note;
    QString answer;  ///< what an interaction says of the row, in words; empty without one
    std::vector<LeftOut> left_out;
    QString cohort;  ///< coloured in the scatter
    int cohort_people = 0, other_cohorts = 0, other_people = 0;
    Plot partial, fitted, people, cohorts;
  };
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] ModelRuns& runs() { return runs_; }
  [[nodiscard]] RowChecks& checks() { return checks_; }
  /// A column of the analysis table for people: "Days since stroke".
  [[nodiscard]] static QString titleOf(const QString& column);

  void setPredictor(const QString& column);
  void setInteraction(const QString& column);  ///< "" = none
  void setCovariate(const QString& column, bool used);
  void setGroup(const QString& column);
  void setRatings(const QString& rule);  ///< "rater:A", "consensus", ..; "" = as the study is set
  void setOption(const QString& key, const QVariant& value);
  void setText(const QString& text);  ///< the formula line; the form follows when it can be read
  void select(int row);
  void chooseAnalysis(int column);
  void setCohort(const QString& cohort);
  /// Show somebody's region of the selected row in QC.
  void openScan(const QString& person);
  /// The table as results.csv writes it, tab-separated, numbers in full.
  [[nodiscard]] QString tsv() const;
  /// Run the analyses that are alive as `ipsi batch` would and write them: .csv the results, .xlsx all tables.
  void exportTo(const QString& path);

 signals:
  void changed();
  void exported(const QString& path, const QString& problem);  ///< problem empty when written

 private:
  void reset();
  void readChoices();
  void readRatings();
  void readModels();
  void readRows();
  void readRobust();
  void readSelected();
  void readScatter();
  void ask();
  [[nodiscard]] const engine::Live* live() const;

  Context& context_;
  State state_;
  ModelRuns runs_;
  RowChecks checks_;
  QStringList raters_;  ///< that `ratings` knows
};

}  // namespace ipsi::ui
