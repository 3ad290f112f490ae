// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <vector>

// What the benches of the real window share: keys, waiting, and times printed as quantiles.
namespace ipsi::bench {

inline double ms_since(const QElapsedTimer& clock) {
  return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

inline double memory_mb() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

class Figures {
 public:
  void add(double ms) { ms_.push_back(ms); }
  void print(const char* what, const char* asked) {
    if (ms_.empty()) return;
    std::sort(ms_.begin(), ms_.end());
    const auto at = [&](double q) { return ms_[static_cast<std::size_t>(q * static_cast<double>(ms_.size() - 1))]; };
    std::printf("%-58s p50 %7.2f  p95 %7.2f  max %8.2f ms  n %4zu   asked %s\n", what, at(0.5), at(0.95), at(1.0),
                ms_.size(), asked);
    std::fflush(stdout);
  }
  [[nodiscard]] std::size_t above(double limit) const {
    return static_cast<std::size_t>(std::count_if(ms_.begin(), ms_.end(), [&](double ms) { return ms > limit; }));
  }
  [[nodiscard]] std::size_t size() const { return ms_.size(); }

 private:
  std::vector<double> ms_;
};

inline void settle() {
  for (int i = 0; i < 3; ++i) QApplication::processEvents();
}

inline bool until(const std::function<bool()>& done, int seconds = 60) {
  QElapsedTimer clock;
  clock.start();
  while (!done() && clock.elapsed() < 1000LL * seconds) QApplication::processEvents(QEventLoop::AllEvents, 1);
  if (!done()) std::printf("  gave up waiting\n");
  return done();
}

inline void key(QWidget* target, int code, const QString& text) {
  QKeyEvent press(QEvent::KeyPress, code, Qt::NoModifier, text),
      release(QEvent::KeyRelease, code, Qt::NoModifier, text);
  QApplication::sendEvent(target, &press);
  QApplication::sendEvent(target, &release);
}

}  // namespace ipsi::bench
