// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "core/study/model.h"
#include "core/table/table.h"
#include "ui/viewmodels/qc_risk.h"
#include "ui/viewmodels/qc_state.h"

namespace ipsi::ui {

// The queue of QC as a pure function of the study and of what the rater asked for.

struct QcAsk {
  QcFilter filter = QcFilter::all;
  QcOrder order = QcOrder::risk;
  int region = -1;  ///< only this region; -1 all
  QString cohort;   ///< only this cohort; empty all
  QString subset = "all", rater;
  bool blind = false;
  std::uint64_t seed = 1;    ///< of random order and coded names
  std::set<QString> chosen;  ///< people picked elsewhere
  std::set<QString> later;   ///< "sub-01 left_putamen"
};

/// Holds on to a snapshot: a study that is written to while one lives is copied, so make it and let it go.
struct QcSource {
  std::shared_ptr<const study::Snapshot> snapshot;
  std::shared_ptr<const table::Table> table;
  std::function<const QcRisk::Regions*(const QString& person, const QString& session)> risk;
  std::function<bool(const QString& person, const QString& session)> has_scan;
};

/// People of the subset in the order asked for. Nobody is left out but by what was asked.
/// Risk order: the largest risk of the wanted regions first; where nothing is known the table's order, last.
/// Random order: by the coded names of `seed`, so that each rater's queue stays as it is. Assigned people with second
/// looks come at random, second looks in the later half.
/// `keep` (a person's id) stays in the queue whatever the filter says, so that nobody vanishes under the rater's hand.
[[nodiscard]] std::vector<QcPerson> qc_queue(const QcSource& source, const QcAsk& ask, const QString& keep = {});

/// Fills `rated` and `later`.
void count_flags(const QcSource& source, const QcAsk& ask, QcPerson& person);

/// What the rater of this place gave; nullptr for nothing.
[[nodiscard]] const study::Rating* own_rating(const study::Snapshot& snapshot, const QcPerson& person,
                                              const QString& rater, int region);
/// Theirs, else (unless others are hidden) what the study's rule decides.
[[nodiscard]] QcFlag shown_flag(const QcSource& source, const QcPerson& person, const QString& rater, int region);

[[nodiscard]] QcFlag to_qc(study::Flag flag);
[[nodiscard]] study::Flag to_study(QcFlag flag);

}  // namespace ipsi::ui
