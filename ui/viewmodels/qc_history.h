// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <map>
#include <utility>
#include <vector>

#include "ui/viewmodels/context.h"
#include "ui/viewmodels/qc_state.h"

namespace ipsi::ui {

/// What happened to each region, read from the study's log in the background.
class QcHistory : public QObject {
  Q_OBJECT

 public:
  explicit QcHistory(Context& context, QObject* parent = nullptr) : QObject(parent), context_(context) {}

  void clear();
  void read();  ///< what is new in the log
  /// Newest first; `only` names the one rater whose words may be seen, empty all.
  [[nodiscard]] std::vector<QcEventLine> of(const QString& person, const QString& region, const QString& only) const;

 signals:
  void changed();

 private:
  Context& context_;
  std::map<std::pair<std::string, std::string>, std::vector<QcEvent>> events_;
  std::int64_t read_ = 0;  ///< newest act that is in `events_`
};

}  // namespace ipsi::ui
