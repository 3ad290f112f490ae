// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/render/scan_cache.h"
#include "core/render/scan_scene.h"
#include "ui/viewmodels/context.h"
#include "ui/viewmodels/qc_model.h"
#include "ui/viewmodels/qc_numbers.h"

namespace ipsi::ui {

/// One person of the study: pictures, twelve regions against the study, lesion, scores over sessions.
///
/// Works only while it is `active`: a workspace nobody sees reads no scans and keeps none.
class ExploreModel : public QObject {
  Q_OBJECT

 public:
  explicit ExploreModel(Context& context, QObject* parent = nullptr);
  ~ExploreModel() override;

  static constexpr double kZLimit = 4.0;                  ///< of the colours
  static constexpr double kStrikingZ = 2.5;               ///< from here on z is bold
  [[nodiscard]] static std::uint32_t colourOf(double z);  ///< 0xRRGGBB

  struct Region {
    QString title;                  ///< "Putamen"
    QcFlag flag = QcFlag::unrated;  ///< what the study's rule decides: what the models use
    QcNumbers numbers;
    double overlap = table::kMissing;      ///< share of the region in the lesion
    double overlap_mm3 = table::kMissing;  ///< region inside the lesion
    double distance_mm = table::kMissing;  ///< to the lesion, as it was measured when the mask was imported
  };
  struct Visit {
    QString session;
    double days = table::kMissing;
  };
  struct ScorePoint {
    double days = table::kMissing, fraction = table::kMissing, raw = table::kMissing, max = table::kMissing;
  };
  struct ScoreLine {
    QString test;
    std::vector<ScorePoint> points;  ///< by days
    bool low_is_better = false;
  };
  struct State {
    bool open = false;
    bool any = false;   ///< the study has people; known also while nobody looks
    int people = 0;     ///< of the subset
    int position = -1;  ///< of the person among them; -1: outside the subset
    QString id, cohort, group, sex, side;
    double age = table::kMissing, days = table::kMissing;
    double lesion_ml = table::kMissing;  ///< of the analysis table
    std::vector<Visit> visits;           ///< sessions in time order
    int visit = -1;                      ///< the one that is shown
    std::array<Region, 12> regions;      ///< order of kRegions
    std::array<int, 12> order{};         ///< first side from thalamus to ventricle, then the other
    std::array<QString, 2> sides;        ///< "Ipsilesional (L)" ..
    int region = 0;                      ///< current one
    int lesioned = 0, failed = 0, unrated = 0;
    int z_low = 0, z_high = 0;  ///< fewest and most patients behind a z
    bool z_by_icv = false;
    /// z of the patients whose region is ok, for the dots; `dots_version` counts up when they change.
    std::array<std::vector<float>, 12> dots;
    int dots_version = 0;
    bool mask = false;                    ///< a lesion mask is known
    double lesion_mm3 = table::kMissing;  ///< of the mask
    std::vector<ScoreLine> scores;
    int undated = 0;  ///< scores at a session without a day: not drawn
    std::shared_ptr<const render::Scan> scan;
    bool waiting = false;
    QString message;  ///< why there is no scan
    QString problem;  ///< labels or lesion that could not be read
    std::shared_ptr<const render::ScanModel> model;
    QString model_message;  ///< why there are no surfaces, or that they are being made
  };
  [[nodiscard]] const State& state() const { return state_; }

  void setActive(bool active);
  void step(int by);  ///< people of the subset, in table order
  void chooseVisit(int index);
  void chooseRegion(int region);

  void waitForScans() const { cache_->wait(); }  ///< for tests and benches
  [[nodiscard]] std::size_t cachedBytes() const { return cache_->bytes(); }

 signals:
  void changed();

 private:
  void onOpened();
  void refreshAll();     ///< table, people, norms
  void refreshPerson();  ///< the row, its scores and pictures
  void refreshNumbers();
  void refreshFacts(const table::Table& table, std::size_t row);
  void refreshScores();
  void refreshOverlap();
  void lookAtScan();
  void takeScan(std::shared_ptr<const render::Scan> scan);
  void onScan(const render::ScanPaths& paths, const render::ScanCache::Loaded& scan);
  void makeModel();
  [[nodiscard]] render::ScanPaths pathsOf(const QString& person, const QString& session) const;

  Context& context_;
  StudySession& session_;
  State state_;
  bool active_ = false, stale_ = true;
  std::vector<std::size_t> rows_;  ///< of the subset
  RegionNorms norms_;
  int norms_table_ = -1;  ///< StudySession::volumesVersion they are of
  QString shown_;         ///< person the pictures belong to
  render::ScanPaths wanted_;
  std::unique_ptr<render::ScanCache> cache_;  ///< the last member: its threads end first
};

}  // namespace ipsi::ui
