// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <array>
#include <deque>
#include <vector>

namespace ipsi::ui {

/// How long the window took, kept for Help > Diagnostics: the last hundred of each kind. Filled by the window itself
/// while somebody works, so that a slow machine can be reported with numbers.
class Latencies : public QObject {
  Q_OBJECT

 public:
  enum class Kind { key, person, refit };  ///< key to picture; next person; flag to models
  static constexpr std::size_t kKept = 100;
  using QObject::QObject;

  void add(Kind kind, double milliseconds);
  struct Summary {
    std::size_t n = 0;
    double median = 0, p95 = 0, most = 0;  ///< ms; NaN without any
    std::vector<std::size_t> counts;       ///< by `edges`: below the first, .., at or above the last
  };
  /// Limits of the bars, ms.
  [[nodiscard]] static const std::vector<double>& edges();
  [[nodiscard]] Summary summary(Kind kind) const;
  /// All as text to paste into a report, a line each.
  [[nodiscard]] QString text() const;
  [[nodiscard]] static QString title(Kind kind);

 signals:
  void changed();

 private:
  std::array<std::deque<double>, 3> kept_;
};

}  // namespace ipsi::ui
