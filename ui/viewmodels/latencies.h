// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <array>
#include <deque>
#include <map>
#include <vector>

namespace ipsi::ui {

/// How long the window takes to answer, measured while it is used: what Diagnostics shows.
///
/// A thing that was asked for is `ready` with the moment of the asking; it counts when the window is painted next.
class Latencies : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  static constexpr int kBins = 12;  ///< below 1, 2, 4 .. 1024 ms, and above
  struct Row {
    QString what;
    int n = 0;                                ///< of the newest kKept
    double median = 0, p95 = 0, longest = 0;  ///< ms
    std::array<int, kBins> bins{};
  };
  static constexpr std::size_t kKept = 20000;  ///< of each kind: a long day of rating

  /// Nanoseconds of a clock that only goes forward.
  [[nodiscard]] static qint64 now();

  void ready(const QString& what, qint64 asked);
  void painted(qint64 at = now());  ///< the window has shown what was ready
  void add(const QString& what, double ms);
  void clear();
  /// In the order in which they came up first.
  [[nodiscard]] std::vector<Row> rows() const;
  /// Upper edge of a bin in ms; infinity for the last.
  [[nodiscard]] static double edge(int bin);

 signals:
  void changed();

 private:
  struct Waiting {
    QString what;
    qint64 asked;
  };
  std::vector<Waiting> waiting_;
  std::vector<QString> order_;
  std::map<QString, std::deque<double>> samples_;
};

}  // namespace ipsi::ui
