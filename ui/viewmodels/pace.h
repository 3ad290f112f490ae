// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>
#include <deque>

namespace ipsi::ui {

/// Watches how a rater goes: flags that follow each other too fast to have been looked at, and hours without a break.
///
/// Hints, never stops: twenty flags in a row each less than 0.4 s after the one before say "fast" once, and again only
/// after the rater has slowed down; a break is proposed after 45 minutes without a pause of five (off by default).
class Pace {
 public:
  enum class Hint { none, fast, rest };
  static constexpr qint64 kFastMs = 400, kPauseMs = 5 * 60 * 1000, kBreakMs = 45 * 60 * 1000;
  static constexpr int kFastFlags = 20;

  void setBreaks(bool on) { breaks_ = on; }
  [[nodiscard]] bool breaks() const { return breaks_; }
  /// A flag was set at `now` (any clock that only goes forward, ms).
  [[nodiscard]] Hint flagged(qint64 now);
  /// Of the latest flags that had one before them, at most the last twenty; NaN without any.
  [[nodiscard]] double secondsAFlag() const;

 private:
  bool breaks_ = false, told_fast_ = false;
  qint64 last_ = -1, working_since_ = -1;
  int fast_ = 0;
  std::deque<qint64> gaps_;
};

}  // namespace ipsi::ui
