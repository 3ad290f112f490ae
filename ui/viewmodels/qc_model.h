// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <array>
#include <memory>
#include <set>
#include <vector>

#include "core/render/scan_cache.h"
#include "ui/viewmodels/context.h"
#include "ui/viewmodels/pace.h"
#include "ui/viewmodels/qc_history.h"
#include "ui/viewmodels/qc_queue_list.h"
#include "ui/viewmodels/qc_risk.h"
#include "ui/viewmodels/qc_state.h"

namespace ipsi::ui {

/// Rating: a queue of people, twelve regions each, one of them current.
///
/// A flag is on disk when `flag` returns (StudySession::rate); then the next region without a flag is current, after
/// the last one the next person. Scans of neighbours in the queue are loaded ahead; risk and suggestions come from the
/// background, are shown or hidden as the rater wants, and never set a flag.
class QcModel : public QObject {
  Q_OBJECT

 public:
  explicit QcModel(Context& context, QObject* parent = nullptr);
  ~QcModel() override;

  using State = QcState;
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const QcPerson* person() const;
  [[nodiscard]] const QcRisk& risk() const { return risk_; }

  /// Somebody of the queue as a tile of the mosaic shows them: the current region.
  [[nodiscard]] QcTile glance(int index) const;

  // -- who and where -------------------------------------------------------------------------------------------
  void setFilter(QcFilter filter);
  void setOrder(QcOrder order);
  void setOnlyRegion(int region);  ///< -1: all twelve
  void setOnlyCohort(const QString& cohort);
  void setSuggest(QcSuggest when);
  /// One region over many people: a flag goes on to the next person, and no scans are read until it is off again.
  void setAcross(bool across);
  void choosePerson(int index);  ///< of the queue
  void chooseRegion(int region);
  void choosePair(int structure);  ///< 0..5; the side stays
  void otherSide();
  void nextPerson();      ///< N
  void previousPerson();  ///< Shift+Space
  /// The next region of the queue with a suggestion and no flag; where there is none, the one of the largest risk.
  void nextSuggestion();

  // -- flags -----------------------------------------------------------------------------------------------------
  void flag(QcFlag flag);
  /// Regions without a flag and without a suggestion become ok, then the next person; a flag that is there stays.
  /// Regions that were never looked at are asked for once: the second press takes them.
  void acceptRest();
  /// All twelve failed, with the reason as their comment; then the next person. One act, one undo.
  void failPerson(const QString& reason);
  /// Mark the region to come back to, or take the mark off; then on to the next without a flag.
  void toggleLater();
  void undo();  ///< of this rater, across people; goes where it happened
  void redo();
  void saveComment(const QString& text);

  /// A workspace nobody sees follows who is selected but reads no scans.
  void setShown(bool shown);

  /// Read FreeSurfer's surfaces of whoever is shown, from now on.
  void wantSurfaces(bool wanted);

  void waitForScans() const { cache_->wait(); }  ///< for tests and benches

 signals:
  void changed();

 private:
  class Hold;
  void onOpened();
  void onChanged(const StudySession::Change& change);
  void onSelected();
  void onChosen();
  void onRisk();
  void rebuildQueue();
  [[nodiscard]] QcAsk ask() const;
  [[nodiscard]] QcSource source() const;
  void readCohorts();
  [[nodiscard]] int firstOpen() const;
  void countLeft();
  void goTo(int index, int region);
  bool goToPerson(const QString& id, int region);
  void step(int by, bool unrated_only);
  void advance(int from_region);
  void advanceAcross();
  void acceptAcross();
  [[nodiscard]] int arrival() const;
  void refreshPerson();
  void fillTile(QcTile& tile, std::size_t region, const QcPerson& person, const QcSource& from) const;
  void refreshLast();
  void refreshHistory();
  void readLater();
  void readSurfaces();
  void watchPace();
  [[nodiscard]] QString laterKey() const;
  void lookAtScan();
  void onScan(const render::ScanPaths& paths, const render::ScanCache::Loaded& scan);
  void takeScan(std::shared_ptr<const render::Scan> scan);
  [[nodiscard]] render::ScanPaths pathsOf(const QcPerson& person) const;
  [[nodiscard]] const study::Rating* own(const QcPerson& person, int region) const;
  [[nodiscard]] int firstUnrated(int after) const;
  void noteSeen();
  bool rate(const std::vector<int>& regions, QcFlag flag, const QString& summary);
  [[nodiscard]] std::vector<study::Measurement> shownWith(const std::vector<study::Rating>& ratings) const;

  Context& context_;
  StudySession& session_;
  State state_;
  QcRisk risk_;
  QcHistory history_;
  int holds_ = 0;
  bool travelling_ = false;  ///< undo or redo: go where the ratings changed
  bool rated_here_ = false;  ///< the queue's head stays as it is from the first flag on
  bool placed_ = false;      ///< somebody went somewhere: do not move them to the top of the queue
  bool shown_ = true, scan_stale_ = false;
  bool surfaces_ = false;
  bool unseen_allowed_ = false;
  QString unseen_asked_;  ///< person for whom Space was pressed without a picture
  QString seen_of_;       ///< the place in the queue that `seen_` is about
  QcRegions seen_;        ///< regions that were current, with a picture, and the other of their pair
  RegionNorms norms_;
  int norms_version_ = -1;
  render::ScanPaths wanted_;
  qint64 asked_ = 0;        ///< when this person was gone to; 0 once the scan was there
  bool from_disk_ = false;  ///< it had to be waited for
  std::array<double, 12> overlap_{};
  std::set<QString> later_;  ///< "sub-01 left_putamen"
  Pace pace_;
  QElapsedTimer clock_, region_clock_;
  std::unique_ptr<render::ScanCache> cache_;  ///< the last member: its threads end first
};

}  // namespace ipsi::ui
