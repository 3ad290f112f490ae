// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/render/scan_cache.h"
#include "ui/viewmodels/context.h"
#include "ui/viewmodels/pace.h"
#include "ui/viewmodels/qc_numbers.h"

namespace ipsi::ui {

enum class QcFlag { unrated, ok, lesioned, failed };
enum class QcFilter { all, unrated, with_scan, chosen, later };

/// Rating: a queue of people, twelve regions each, one of them current.
///
/// A flag is on disk when `flag` returns (StudySession::rate); then the next region without a flag is current, after
/// the last one the next person. Scans of neighbours in the queue are loaded ahead.
class QcModel : public QObject {
  Q_OBJECT

 public:
  explicit QcModel(Context& context, QObject* parent = nullptr);
  ~QcModel() override;

  struct Person {
    QString id, session, cohort, side;
    int rated = 0;        ///< regions with a flag, of 12
    int later = 0;        ///< regions to come back to
    bool scan = false;    ///< the study names an image
    std::size_t row = 0;  ///< of the analysis table
  };
  struct Tile {
    QString title;                  ///< "Putamen"
    QcFlag flag = QcFlag::unrated;  ///< this rater's, else what the study's rule decides
    QcNumbers numbers;
    double overlap = 0.0;  ///< share of the region in the lesion, NaN where not known
    QString comment;       ///< this rater's
    bool later = false;    ///< this rater wants to come back to it
  };
  struct Event {
    QString time, text;  ///< "14:02:09", "unrated to lesioned"
    QString rater;
  };
  struct State {
    bool open = false;
    QcFilter filter = QcFilter::all;
    std::vector<Person> queue;
    int queue_version = 0;           ///< another list of people, not only other counts
    int current = -1;                ///< in `queue`
    int chosen = 0;                  ///< people that were chosen for the queue elsewhere
    int left = 0;                    ///< people of the subset with a region without a flag
    int region = -1;                 ///< index in kRegions
    QString region_title;            ///< "Left putamen"
    std::array<int, 12> order{};     ///< regions row by row: first column, second column
    std::array<QString, 2> columns;  ///< "Ipsilesional (L)" or "Left", ..
    std::array<Tile, 12> tiles;      ///< by index in kRegions
    int rated = 0;
    QString last;  ///< last decision, or what Space did
    QcFlag last_flag = QcFlag::unrated;
    bool can_undo = false;
    std::vector<Event> history;  ///< of the current region, newest first
    std::shared_ptr<const render::Scan> scan;
    bool waiting = false;                          ///< the scan is being read; the old picture may stay
    QString message;                               ///< why there is no scan
    std::shared_ptr<const render::Cortex> cortex;  ///< once wanted and read; empty where there are no surfaces
  };
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Person* person() const;

  // -- where ---------------------------------------------------------------------------------------------------
  void setFilter(QcFilter filter);
  void choosePerson(int index);  ///< of the queue
  void chooseRegion(int region);
  void choosePair(int structure);  ///< 0..5; the side stays
  void otherSide();
  void nextPerson();      ///< N
  void previousPerson();  ///< Shift+Space

  // -- flags -----------------------------------------------------------------------------------------------------
  void flag(QcFlag flag);
  /// Regions without a flag become ok, then the next person; a flag that is there stays. Regions that were not shown
  /// are asked for once: the second press takes them.
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
  void rebuildQueue();
  [[nodiscard]] bool isWanted(const Person& person, const std::set<QString>& chosen) const;
  void count(Person& person) const;
  void countLeft();
  void goTo(int index, int region);
  bool goToPerson(const QString& id, int region);
  void step(int by, bool unrated_only);
  void refreshPerson();
  void refreshLast();
  void refreshHistory();
  void readHistory();
  void readLater();
  void readSurfaces();
  void watchPace();
  [[nodiscard]] QString laterKey() const;
  void lookAtScan();
  void onScan(const render::ScanPaths& paths, const render::ScanCache::Loaded& scan);
  void takeScan(std::shared_ptr<const render::Scan> scan);
  [[nodiscard]] render::ScanPaths pathsOf(const Person& person) const;
  [[nodiscard]] const study::Rating* own(const Person& person, int region) const;
  [[nodiscard]] QcFlag shown(const Person& person, int region) const;
  [[nodiscard]] int firstUnrated(int after) const;
  [[nodiscard]] bool seen() const;
  bool rate(const std::vector<int>& regions, QcFlag flag, const QString& summary);

  Context& context_;
  StudySession& session_;
  State state_;
  int holds_ = 0;
  bool dirty_ = false;
  bool travelling_ = false;  ///< undo or redo: go where the ratings changed
  bool shown_ = true, scan_stale_ = false;
  bool surfaces_ = false;
  bool unseen_allowed_ = false;
  QString unseen_asked_;  ///< person for whom Space was pressed without a picture
  render::ScanPaths wanted_;
  std::array<double, 12> overlap_{};
  std::set<QString> later_;  ///< "sub-01 left_putamen"
  Pace pace_;
  QElapsedTimer clock_;
  std::map<std::pair<std::string, std::string>, std::vector<QcEvent>> events_;
  std::int64_t events_read_ = 0;
  std::unique_ptr<render::ScanCache> cache_;  ///< the last member: its threads end first
};

/// "ok", "lesioned", "failed", "unrated".
[[nodiscard]] QString qc_word(QcFlag flag);

}  // namespace ipsi::ui
