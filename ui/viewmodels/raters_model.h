// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// Several raters: who they are, who looks at whom, how well they agree, where they do not, and whose word counts.
///
/// Worked out by a job on the study as it was, while somebody looks (`setShown`); the numbers are those of `ipsi qc`.
class RatersModel : public QObject {
  Q_OBJECT

 public:
  explicit RatersModel(Context& context, QObject* parent = nullptr);
  ~RatersModel() override;

  enum class Role { rater, again, adjudicator, gold };
  struct Rater {
    QString name;
    Role role = Role::rater;
    bool me = false;
    int people = 0, regions = 0, ok = 0, lesioned = 0, failed = 0;
    QString last;    ///< "20 Nov 14:02" of the newest flag; empty when files brought no time
    QString lifted;  ///< of a blind study: since when this rater sees who is rated; empty = blind
  };
  /// Numbers of `ingest::progress`.
  struct Share {
    QString rater;
    int people = 0, done = 0, begun = 0, again = 0, again_done = 0;
  };
  struct Plan {
    QStringList raters;
    bool split = true;
    double overlap = 0.15, repeats = 0.1;
    quint64 seed = 1;
  };
  /// Against gold answers; shares NaN without any.
  struct Score {
    QString rater;
    int n = 0, correct = 0, to_leave = 0, found = 0, to_keep = 0, kept = 0;
    double share = 0, low = 0, high = 0;
  };
  struct Coefficient {
    double value = 0, low = 0, high = 0;  ///< 95 % interval over people; NaN = not defined
  };
  struct AgreementRow {
    QString group, title;  ///< "Regions", "Left putamen"; the first row is of everything
    int n = 0, people = 0, once = 0;
    Coefficient percent, kappa, ac1;
    std::vector<double> shares;  ///< of ratings, by category
    QString note;                ///< where kappa misleads
  };
  struct Comparison {
    QString title;  ///< "A and B"
    bool cohen = false;
    std::vector<AgreementRow> rows;
  };
  struct Dispute {
    QString person;  ///< a coded name while the rater is blind
    QString id, region, title;
    QString flags;        ///< "A ok, B lesioned"; empty where it is to be hidden
    QString adjudicated;  ///< empty while open
    bool matters = false;
  };
  struct Conflict {
    QString person, title, rater;
    QString counts, counts_time, older, older_time;
  };
  struct Rule {
    QString key, title, help;
    bool used = false;
    int decided = 0, left_out = 0, differ = 0, taken_in = 0, taken_out = 0;  ///< study::RuleEffect
  };
  struct State {
    bool open = false, working = false, read_only = false;
    QString what, where, mend;  ///< why there are no numbers; empty when all is well
    QString me;                 ///< who rates in this window
    bool blind = false;         ///< the study is rated blind
    bool me_blind = false;      ///< and so is this rater
    std::vector<Rater> raters;
    int first_looks = 0;  ///< of these, raters proper
    int patients = 0;
    bool assigned = false;
    Plan plan;  ///< as stored, or a proposal
    std::vector<Share> shares;
    int shared = 0;                     ///< people whom several rate
    QString plan_problem;               ///< why the last plan was refused
    int calibration = 0, answered = 0;  ///< people chosen for gold answers; of these with all twelve
    std::vector<Score> scores;
    bool kept = false;       ///< agreement on kept or left out, instead of on three flags
    QStringList categories;  ///< of AgreementRow::shares
    std::vector<Comparison> comparisons;
    int comparison = 0;
    std::vector<Dispute> disputes;
    int open_disputes = 0, open_matter = 0;
    bool show_flags = false;
    std::vector<Conflict> conflicts;
    std::vector<Rule> rules;
    QString rule;  ///< in force: "consensus", "rater:A"
  };
  [[nodiscard]] const State& state() const { return state_; }

  void setShown(bool shown);  ///< nothing is worked out for nobody
  void retry();

  void setRater(const QString& name);
  /// What a name means where it has a meaning of its own; empty for a rater like any other.
  [[nodiscard]] static QString meaningOf(const QString& name);
  void setBlind(bool on);  ///< the study
  void setMeBlind(bool on);
  /// One act; false with `plan_problem` when refused.
  bool assign(const Plan& plan);
  void chooseCalibration(int people);  ///< one act; they are then the people chosen for the queue
  void queueCalibration();             ///< put them in the queue again
  void setKept(bool kept);
  void compare(int comparison);
  void setShowFlags(bool shown);
  void settle(int conflict, bool older);
  bool setRule(const QString& rule);
  /// The reliability table as the command line writes it, tab-separated.
  [[nodiscard]] QString reliability() const;

 signals:
  void changed();
  void queueWanted();  ///< people were chosen for the queue of QC

 private:
  struct Numbers;
  void refresh();
  void take(std::shared_ptr<const Numbers> numbers);
  void readSmall();
  bool write(study::Request request, const QString& done);

  Context& context_;
  State state_;
  std::shared_ptr<const Numbers> numbers_;
  bool shown_ = false, stale_ = true;
};

}  // namespace ipsi::ui
