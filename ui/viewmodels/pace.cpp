// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/pace.h"

#include <limits>
#include <numeric>

namespace ipsi::ui {

Pace::Hint Pace::flagged(qint64 now) {
  const bool first = last_ < 0;
  const qint64 gap = first ? 0 : now - last_;
  last_ = now;
  if (first || gap >= kPauseMs) {
    working_since_ = now;
    fast_ = 0;
    told_fast_ = false;
    gaps_.clear();
    return Hint::none;
  }
  gaps_.push_back(gap);
  if (gaps_.size() > kFastFlags) gaps_.pop_front();
  fast_ = gap < kFastMs ? fast_ + 1 : 0;
  if (fast_ == 0) told_fast_ = false;
  if (fast_ >= kFastFlags - 1 && !told_fast_) {  // twenty flags have nineteen gaps
    told_fast_ = true;
    return Hint::fast;
  }
  if (breaks_ && now - working_since_ >= kBreakMs) {
    working_since_ = now;  // proposed again after as long
    return Hint::rest;
  }
  return Hint::none;
}

double Pace::secondsAFlag() const {
  if (gaps_.empty()) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(std::accumulate(gaps_.begin(), gaps_.end(), qint64{0})) / 1e3 /
         static_cast<double>(gaps_.size());
}

}  // namespace ipsi::ui
