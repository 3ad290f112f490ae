// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/viewmodels/latencies.h"

#include <QStringList>
#include <algorithm>
#include <limits>

namespace ipsi::ui {

void Latencies::add(Kind kind, double milliseconds) {
  auto& kept = kept_[static_cast<std::size_t>(kind)];
  kept.push_back(milliseconds);
  if (kept.size() > kKept) kept.pop_front();
  emit changed();
}

const std::vector<double>& Latencies::edges() {
  static const std::vector<double> edges{4, 8, 16, 50, 100, 150, 300};
  return edges;
}

Latencies::Summary Latencies::summary(Kind kind) const {
  const auto& kept = kept_[static_cast<std::size_t>(kind)];
  Summary out;
  out.n = kept.size();
  out.counts.assign(edges().size() + 1, 0);
  out.median = out.p95 = out.most = std::numeric_limits<double>::quiet_NaN();
  if (kept.empty()) return out;
  std::vector<double> sorted(kept.begin(), kept.end());
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
  };
  out.median = at(0.5);
  out.p95 = at(0.95);
  out.most = sorted.back();
  for (const double ms : sorted)
    ++out.counts[static_cast<std::size_t>(std::upper_bound(edges().begin(), edges().end(), ms) - edges().begin())];
  return out;
}

QString Latencies::title(Kind kind) {
  switch (kind) {
    case Kind::key: return tr("Key to picture");
    case Kind::person: return tr("Next person");
    case Kind::refit: break;
  }
  return tr("Flag to models");
}

QString Latencies::text() const {
  QStringList lines;
  for (const Kind kind : {Kind::key, Kind::person, Kind::refit}) {
    const Summary s = summary(kind);
    lines << (s.n == 0 ? tr("%1: none yet").arg(title(kind))
                       : tr("%1: median %2 ms, p95 %3 ms, longest %4 ms, n %5")
                             .arg(title(kind))
                             .arg(s.median, 0, 'f', 1)
                             .arg(s.p95, 0, 'f', 1)
                             .arg(s.most, 0, 'f', 1)
                             .arg(s.n));
  }
  return lines.join('\n');
}

}  // namespace ipsi::ui
