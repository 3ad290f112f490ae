// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <set>
#include <vector>

#include "ui/viewmodels/context.h"
#include "ui/viewmodels/import_rows.h"

namespace ipsi::ui {

/// Import: always a dry run first, worked out as a job; then one act that Undo takes back.
class ImportModel : public QObject {
  Q_OBJECT

 public:
  explicit ImportModel(Context& context, QObject* parent = nullptr);

  enum class Stage {
    idle,      ///< no sources
    running,   ///< the dry run is being worked out
    planned,   ///< `problems` and counts are there; nothing has been written
    stopped,   ///< cancelled; the sources are kept
    failed,    ///< a source cannot be used at all: `error`
    importing  ///< being written
  };
  struct Source {
    QString kind, path, name, detail, badge;  ///< "volumes", .., "LandRvolumes.csv", "834 lines, 18 columns", "dry run"
  };
  struct Count {
    QString key, label;
    long long n = 0;
    bool bad = false;
    QStringList ids;  ///< who they are
  };
  struct Question {
    QString id, title, why;
    struct Answer {
      QString text, value;
      bool chosen = false;
    };
    std::vector<Answer> answers;
  };
  enum class Filter { all, check, bad };
  struct State {
    Stage stage = Stage::idle;
    std::vector<Source> sources;
    double fraction = 0;
    QString step;  ///< "reading subjects, 12 s left"
    std::vector<Count> counts;
    std::vector<ProblemRow> problems;
    int version = 0;  ///< another list of problems
    Filter filter = Filter::all;
    std::array<int, 3> filter_counts{};  ///< all, check, blocked or error
    std::vector<int> shown;              ///< in `problems`
    int current = -1;                    ///< in `problems`
    Excerpt excerpt;
    QString opened_count;  ///< key of the count whose people are shown instead of the excerpt
    std::vector<ColumnRow> columns;
    int understood = 0;
    std::vector<Question> questions;
    bool can_import = false;
    QString import_text;  ///< "Import 812 of 828"
    QString blocked_why;  ///< why the button is off
    StudySession::Failure error;
    QString rows_text;  ///< "16,560 measurements, 828 people, .."
  };
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] bool active() const { return state_.stage != Stage::idle; }
  [[nodiscard]] const DryRun* run() const { return run_.get(); }

  /// Puts these sources in (one of a kind: a second replaces the first) and starts a dry run.
  void add(const std::vector<Shell::Offer>& offers);
  void remove(const QString& kind);
  void rerun();
  void stop();    ///< the dry run; its sources stay
  void cancel();  ///< leaves importing: sources and answers are forgotten
  void answer(const QString& question, const QString& value);
  void setFilter(Filter filter);
  void choose(int problem);  ///< index in `problems`
  void step(int by);         ///< among those shown
  void openCount(const QString& key);
  /// Writes. False with `error` when the study refuses; the dry run stays on the screen then.
  bool import();
  /// .json: everything of the dry run, as `ipsi study import --dry-run --json` prints it; else CSV, a line per problem.
  bool exportProblems(const QString& path);

 signals:
  void changed();
  void imported();

 private:
  void start();
  void take(Result<DryRun> run);
  void fill();
  void ask();
  void askDuplicates();
  void askScales();
  void showFilter();
  void fail(const Error& error);
  [[nodiscard]] ingest::Sources wanted() const;

  Context& context_;
  State state_;
  ingest::Sources sources_;  ///< with the answers given
  std::set<std::string> female_asked_;
  std::shared_ptr<const DryRun> run_;
  qint64 job_ = 0;
};

}  // namespace ipsi::ui
