// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/ingest/risk.h"
#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// Risk and suggestion of every region of the open study, in the background: from tables at once, from images as soon
/// as all of them are measured. Measured images are kept (ingest/image_features.h), so a second time is quick.
class QcRisk : public QObject {
  Q_OBJECT

 public:
  explicit QcRisk(Context& context, QObject* parent = nullptr);

  using Regions = std::array<ingest::RegionRisk, kRegions.size()>;
  /// nullptr where nothing is known yet.
  [[nodiscard]] const Regions* of(const QString& person, const QString& session) const;
  struct State {
    bool tables = false, images = false;  ///< what `of` is made of
    QString problem;                      ///< why images could not be measured; empty when they could
  };
  [[nodiscard]] const State& state() const { return state_; }

  /// Nothing is computed before somebody wants it; false lets what is under way finish.
  void want(bool wanted);

 signals:
  void changed();

 private:
  void begin();
  void measure();
  struct Known {
    std::map<std::pair<std::string, std::string>, Regions> rows;
  };
  void take(Known known, bool images);

  Context& context_;
  State state_;
  Known known_;
  bool wanted_ = false;
  int version_ = -1;  ///< StudySession::volumesVersion that `known_` is of, or is being made of
};

}  // namespace ipsi::ui
