// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/study/analysis_table.h"
#include "core/study/model.h"
#include "core/study/shared_place.h"
#include "core/study/study.h"
#include "core/table/table.h"

namespace ipsi::ui {

/// The open study, shared by every view-model: the one place that reads and writes it on behalf of the window.
///
/// Holds an immutable snapshot in memory; an edit is applied to the file first (on disk when `apply` returns), then to
/// a new snapshot, then told by `changed`. Background work takes `snapshot()` and is never disturbed by later edits.
/// What another program writes into the same study arrives by the same signal within two seconds.
///
/// A study that several people rate on a shared drive (study/shared_place.h) is worked on as a copy on this machine;
/// what this rater says goes into an own file beside the study, what others say comes from theirs (SharedFolder).
class StudySession : public QObject {
  Q_OBJECT

 public:
  /// What an act touched, so that panels redo no more than they must.
  struct Change {
    std::int64_t act = 0;                ///< newest act; 0 while it is in memory only
    bool everything = false;             ///< more than ratings: imported, reloaded, settings
    bool marks = false;                  ///< settings that no number depends on: kept runs, "review later"
    std::vector<study::Rating> ratings;  ///< ratings as they are now (flag unrated where one was taken back)
  };

  explicit StudySession(QObject* parent = nullptr);
  ~StudySession() override;

  // -- opening -------------------------------------------------------------------------------------------------
  /// Falls back to read-only where the file cannot be written or another window holds it. On failure the study that
  /// was open stays open, and `lastError` and `failed` tell why. Emits `opened`.
  bool open(const std::filesystem::path& path);
  bool create(const std::filesystem::path& path);
  void close();
  [[nodiscard]] bool isOpen() const;
  [[nodiscard]] bool readOnly() const;
  [[nodiscard]] QString readOnlyReason() const;  ///< "another window has it open"; empty when writable
  [[nodiscard]] QString name() const;            ///< "demo.ipsi"
  [[nodiscard]] std::filesystem::path path() const;
  [[nodiscard]] std::filesystem::path scanRoot() const;  ///< the study file that relative paths of scans start from
  /// The file that holds what is shown: `path`, or the working copy of a shared study.
  [[nodiscard]] std::filesystem::path file() const;

  // -- reading -------------------------------------------------------------------------------------------------
  [[nodiscard]] std::shared_ptr<const study::Snapshot> snapshot() const;  ///< never null; empty when closed
  [[nodiscard]] std::shared_ptr<const table::Table> table() const;        ///< the analysis table; made on first use
  /// Counts up when anything but ratings and marks has changed: what depends on no flag may be kept until then.
  [[nodiscard]] int volumesVersion() const;
  [[nodiscard]] study::AnalysisOptions options() const;
  /// Absolute path of a scan of that kind; empty when there is none.
  [[nodiscard]] std::filesystem::path scanPath(const QString& person, const QString& session,
                                               const QString& kind) const;
  [[nodiscard]] bool blind() const;  ///< the study is rated blind, and this rater is not exempt (ingest/blinding.h)
  /// First session of a person; empty when unknown.
  [[nodiscard]] QString firstSession(const QString& person) const;

  // -- writing: all return false on failure with nothing changed, and `lastError` and `failed` tell why -------------
  bool apply(study::Request request);
  /// One act of kind "rate"; empty rater, session, time and scan_hash are filled in. When the disk refuses (full,
  /// read-only, held by another window) the flags are kept in memory, `problem` says "not saved" and writing is tried
  /// again every two seconds; true then too, for the flags are in effect. False: the study does not allow such a flag.
  /// `shown`: what the rater was shown beside each (ingest/suggestion_log.h), kept in the same act.
  bool rate(const std::vector<study::Rating>& ratings, const QString& summary,
            const std::vector<study::Measurement>& shown = {});
  /// `kinds` empty = whatever the rater did last; {"rate"} = flags only.
  bool undo(const QStringList& kinds = {});
  bool redo(const QStringList& kinds = {});
  [[nodiscard]] bool canUndo(const QStringList& kinds = {}) const;
  [[nodiscard]] bool canRedo(const QStringList& kinds = {}) const;
  [[nodiscard]] QString undoText(const QStringList& kinds = {}) const;  ///< what undo would take back, in words
  [[nodiscard]] QString rater() const;
  void setRater(const QString& rater);    ///< a shared study is opened anew: every rater has an own copy
  [[nodiscard]] QString savedAt() const;  ///< "14:02:11" of the last act on disk; empty before the first
  [[nodiscard]] QString problem() const;  ///< the banner's text; empty when all is well
  [[nodiscard]] int unsaved() const;      ///< flags that wait in memory
  bool retry();                           ///< try to write what waits; true when nothing waits any more
  [[nodiscard]] bool isShared() const;
  [[nodiscard]] QString sharedNote() const;     ///< "Shared: 2 raters"; empty when the study is not shared
  [[nodiscard]] QString sharedDetails() const;  ///< where the own file is, what is left out, line by line
  /// A copy of the study, with what waits in memory, under another name; it becomes the open study. Scans are then
  /// found by their absolute paths.
  bool saveElsewhere(const std::filesystem::path& path);

  struct Failure {
    QString what, where, mend;
  };
  [[nodiscard]] Failure lastError() const;

  // -- what the workspaces share ---------------------------------------------------------------------------------
  [[nodiscard]] QString subset() const;  ///< "all", "early", "subacute", "chronic"
  void setSubset(const QString& subset);
  [[nodiscard]] int subsetSize(const QString& subset) const;  ///< patients in it
  [[nodiscard]] QString person() const;
  [[nodiscard]] QString region() const;                            ///< "left_putamen"
  void select(const QString& person, const QString& region = {});  ///< an empty region keeps the one chosen
  /// People picked in a plot, for the queue of QC; none until somebody picks some.
  [[nodiscard]] QStringList chosen() const;
  void setChosen(const QStringList& people);
  struct Counts {
    int done = 0, left = 0;  ///< regions of patients at the first session with and without a flag
  };
  [[nodiscard]] Counts flagCounts() const;
  [[nodiscard]] QStringList people() const;  ///< ids in the order of the analysis table

 signals:
  void opened();  ///< another study, or none
  void changed(const ipsi::ui::StudySession::Change& change);
  void selected();  ///< person or region
  void subsetChanged();
  void chosenChanged();
  void raterChanged();
  void stateChanged();  ///< problem, savedAt, undo/redo
  void failed(const QString& what, const QString& where, const QString& mend);

 private:
  bool openShared(const study::SharedPlace& place);
  void tellOpened();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ipsi::ui
