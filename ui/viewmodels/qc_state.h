// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <array>
#include <bitset>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/render/scan.h"
#include "ui/viewmodels/qc_numbers.h"

namespace ipsi::ui {

// What the QC workspace shows, as plain values.

enum class QcFlag { unrated, ok, lesioned, failed };
/// "ok", "lesioned", "failed", "unrated".
[[nodiscard]] QString qc_word(QcFlag flag);

/// Who is in the queue. Kept by number in the settings: add at the end.
enum class QcFilter {
  all,
  unrated,
  with_scan,
  chosen,  ///< in a plot of Explore
  later,
  mine,       ///< assigned to this rater
  suggested,  ///< with a suggestion that was not followed or not decided
  lesioned,   ///< with a region flagged so
  failed,
  commented,
  disagree,     ///< raters differ: decided here for all of them
  calibration,  ///< with gold answers
};
inline constexpr int kQcFilters = 12;
enum class QcOrder { risk, table, random };
/// When a suggestion is seen.
enum class QcSuggest { before, after, never };

using QcRegions = std::bitset<kRegions.size()>;

/// A place in the queue: a person, or another look at one.
struct QcPerson {
  QString id, session, cohort, side;
  QString name;           ///< the id, or what stands for it where the rater is blind
  QString rater;          ///< in whose name flags are given here; empty: the session's rater
  bool own_only = false;  ///< flags of others are not shown
  QcRegions wanted;       ///< regions the queue asks for
  int rated = 0;          ///< of the wanted ones, those with a flag
  int later = 0;          ///< regions to come back to
  bool scan = false;      ///< the study names an image
  double risk = std::numeric_limits<double>::quiet_NaN();  ///< largest of the wanted regions
  QString reason;                                          ///< what speaks against that region, in words
  std::size_t row = 0;                                     ///< of the analysis table
  [[nodiscard]] int of() const { return static_cast<int>(wanted.count()); }
  [[nodiscard]] bool done() const { return rated == of(); }
};

struct QcTile {
  QString title;                  ///< "Putamen"
  QcFlag flag = QcFlag::unrated;  ///< this rater's, else what the study's rule decides
  QcNumbers numbers;
  double overlap = std::numeric_limits<double>::quiet_NaN();     ///< share of the region in the lesion
  double lesion_mm3 = std::numeric_limits<double>::quiet_NaN();  ///< of the region in the lesion
  QString comment;                                               ///< this rater's
  bool later = false;                                            ///< this rater wants to come back to it
  bool wanted = true;                                            ///< the queue asks for it
  double risk = std::numeric_limits<double>::quiet_NaN();
  QStringList reasons;                 ///< most telling first
  QcFlag suggested = QcFlag::unrated;  ///< to be shown now; unrated: nothing
  QString why;                         ///< "overlap 31 % of the region, 1,240 mm3"
  QStringList others;                  ///< "B: lesioned", once they may be seen
};

struct QcEventLine {
  QString time, text;  ///< "14:02:09", "unrated to lesioned"
  QString rater;
};

struct QcState {
  bool open = false;
  QcFilter filter = QcFilter::all;
  QcOrder order_by = QcOrder::risk;
  QcSuggest suggest = QcSuggest::before;
  int only_region = -1;  ///< the queue asks for this region alone
  QString only_cohort;
  QStringList cohorts;  ///< there are; empty for who is blind
  bool blind = false;
  bool across = false;  ///< one region over people: a flag goes on to the next person
  std::vector<QcPerson> queue;
  int queue_version = 0;           ///< another list of people, not only other counts
  int current = -1;                ///< in `queue`
  int chosen = 0;                  ///< people that were chosen for the queue elsewhere
  int left = 0;                    ///< people of the queue with a wanted region without a flag
  bool risk_known = false;         ///< from tables at least
  bool images_known = false;       ///< and from images
  int region = -1;                 ///< index in kRegions
  QString region_title;            ///< "Left putamen"
  std::array<int, 12> order{};     ///< regions row by row: first column, second column
  std::array<QString, 2> columns;  ///< "Ipsilesional (L)" or "Left", ..
  std::array<QcTile, 12> tiles;    ///< by index in kRegions
  int rated = 0;
  QString last;  ///< last decision, or what Space did
  QcFlag last_flag = QcFlag::unrated;
  bool can_undo = false;
  std::vector<QcEventLine> history;  ///< of the current region, newest first
  std::shared_ptr<const render::Scan> scan;
  bool waiting = false;                          ///< the scan is being read; the old picture may stay
  QString message;                               ///< why there is no scan
  std::shared_ptr<const render::Cortex> cortex;  ///< once wanted and read; empty where there are no surfaces
};

}  // namespace ipsi::ui
