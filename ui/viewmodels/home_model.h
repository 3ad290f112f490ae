// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <vector>

#include "ui/viewmodels/context.h"

namespace ipsi::ui {

/// The start page: the sample study, what was open before.
class HomeModel : public QObject {
  Q_OBJECT

 public:
  explicit HomeModel(Context& context, QObject* parent = nullptr);

  struct Recent {
    QString path, name, folder, when, note;  ///< when: "today", "yesterday", "12 Nov"
  };
  struct State {
    std::vector<Recent> recent;
    bool sample_there = false;  ///< made before
    bool making = false;
    double fraction = 0;
    QString step;  ///< "writing images, 40 s left"
  };
  [[nodiscard]] const State& state() const { return state_; }

  /// Makes the sample study where there is none, then emits `sampleReady`. A second call while it is made does nothing.
  void openSample();
  void cancelSample();
  void forget(const QString& path);
  /// Where the sample is kept: <data folder>/ipsi/sample.
  [[nodiscard]] static QString sampleFolder();

 signals:
  void changed();
  void sampleReady(const QString& study);

 private:
  void refresh();
  Context& context_;
  State state_;
  qint64 job_ = 0;
};

/// "today", "yesterday", "12 Nov", "12 Nov 2024"
[[nodiscard]] QString day_in_words(const QDateTime& time, const QDateTime& now);

}  // namespace ipsi::ui
