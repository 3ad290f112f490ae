// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/viewmodels/qc_model.h"

namespace ipsi::ui {

/// Everything inside is told by one `changed`. Inside QcModel only.
class QcModel::Hold {
 public:
  explicit Hold(QcModel& model) : model_(model) { ++model_.holds_; }
  ~Hold() {
    if (--model_.holds_ == 0) emit model_.changed();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  QcModel& model_;
};

}  // namespace ipsi::ui
