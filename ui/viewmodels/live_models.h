// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QVariantMap>
#include <memory>
#include <vector>

#include "ui/viewmodels/jobs.h"
#include "ui/viewmodels/study_session.h"

namespace ipsi::engine {
class Live;
struct Analysis;
}  // namespace ipsi::engine

namespace ipsi::ui {

/// The models that are alive: one question asked of twelve regions in each subgroup. Model and Map show them; a flag
/// set in QC moves them.
///
/// Fits run in the background on the table as it was. After a flag only the models that hold the person's region are
/// fitted again (at most one for each analysis and side of the flag). The values of before stay until the new ones are
/// there; results that come late are dropped. Nothing is fitted before `wake`.
class LiveModels : public QObject {
  Q_OBJECT

 public:
  LiveModels(StudySession& session, Jobs& jobs, QObject* parent = nullptr);
  ~LiveModels() override;

  /// What is asked; the subgroups come by themselves.
  struct Question {
    QString predictor = "primary_score", interaction;
    QStringList covariates{"age", "icv", "sex"};
    QString random = "cohort";
    QVariantMap options;  ///< of engine::analysis_options; one that is absent has its default
    QString ratings;  ///< whose flags count: "rater:A", "consensus", .. (study/raters.h); empty = as the study is set
    friend bool operator==(const Question&, const Question&) = default;
  };
  struct State {
    bool open = false;                           ///< a study is open
    bool nobody = false;                         ///< it holds no patient yet: nothing to fit, and nothing wrong
    bool working = false;                        ///< fits are under way
    QString what, where, mend;                   ///< why nothing could be fitted; empty when all is well
    std::shared_ptr<const engine::Live> live;    ///< null before the first fit, and after a failure
    int current = 0;                             ///< the analysis chosen, index into live->analyses()
    int row = 0;                                 ///< the region chosen: model within the analysis, ipsilesional first
    std::vector<std::size_t> moved;              ///< models (of live->fitted()) that the last flag moved
    std::shared_ptr<const engine::Live> before;  ///< what they were moved from; null after a new question
    double milliseconds = 0.0;                   ///< from the flag or question to these values
    int generation = 0;                          ///< grows with each new `live`
  };
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Question& question() const { return question_; }

  /// Fit, if nothing is fitted yet: called by whoever shows the models first.
  void wake();
  void ask(const Question& question);
  /// The analysis table that such a rule gives; empty = the session's. Null, and why, where there is no such rater.
  [[nodiscard]] Result<std::shared_ptr<const table::Table>> peopleBy(const QString& ratings) const;
  /// Choose an analysis; its subgroup becomes the session's where it is one of the filter's.
  void choose(int analysis);
  void chooseRow(int row);
  /// The chosen row's region in a person, "left_putamen"; empty where the person has no such side.
  [[nodiscard]] QString regionOf(const QString& person) const;

 signals:
  void changed();     ///< fits, working, failures, the chosen analysis
  void rowChanged();  ///< another region was chosen

 private:
  void reset();
  void refit(bool flags_only);
  void onChanged(const StudySession::Change& change);
  void fail(const Error& error);
  [[nodiscard]] std::vector<engine::Analysis> analyses() const;
  void follow();

  StudySession& session_;
  Jobs& jobs_;
  State state_;
  Question question_;
  std::shared_ptr<const table::Table> ruled_;  ///< people by question_.ratings, where it names a rule; made when needed
  bool awake_ = false;
};

}  // namespace ipsi::ui
