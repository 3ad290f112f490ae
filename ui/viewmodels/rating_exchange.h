// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::ingest {
struct RatingPlan;
}  // namespace ipsi::ingest

namespace ipsi::ui {

/// Files of ratings: another rater's is read as a plan first and then imported as one act; the study's are written for
/// others. All of it equals `ipsi qc import` and `ipsi qc export`.
class RatingExchange : public QObject {
  Q_OBJECT

 public:
  explicit RatingExchange(Context& context, QObject* parent = nullptr);
  ~RatingExchange() override;

  enum class Stage { idle, reading, planned, failed };
  struct Problem {
    QString place;  ///< "b.tsv, line 7, flag"
    QString subject, what, mend;
    bool blocks = false;
  };
  struct Clash {
    QString where, counts, other;  ///< "Left putamen of sub-02, A", "lesioned, 2 May 10:00"
  };
  struct State {
    bool open = false, read_only = false;
    Stage stage = Stage::idle;
    QString path, file;  ///< file: its name
    QString rater;       ///< whose the flags will be
    QStringList raters;  ///< as the file names them
    bool renamed = false, replace = false;
    bool untimed = false;  ///< some rows contradict the study and say no time: `replace` would let them win
    long long rows = 0, added = 0, changed = 0, unchanged = 0, kept = 0;
    std::vector<Clash> clashes;
    std::vector<Problem> problems;
    int blocking = 0;
    bool can_import = false;
    QString what, where, mend;  ///< of a file that cannot be read at all
    QString written;            ///< the last file written
  };
  [[nodiscard]] const State& state() const { return state_; }

  /// Works out what importing would do. An empty rater is the one the file names, else its name without ending.
  void plan(const QString& path, const QString& rater = {});
  void setRater(const QString& rater);
  void setReplace(bool replace);
  void cancel();
  bool import();  ///< one act; false when the study refuses

  enum class Format { volumes_x, volumes_na, sheet, table, bids, matrix, reliability, reasons };
  [[nodiscard]] static QString fileName(Format format);  ///< that is usual for it
  void write(Format format, const QString& path);

 signals:
  void changed();
  void written(const QString& path, const QString& problem);  ///< problem empty when all is well

 private:
  void start();
  void take(const ingest::RatingPlan& plan);
  Context& context_;
  State state_;
  std::shared_ptr<const ingest::RatingPlan> plan_;
};

}  // namespace ipsi::ui
